package redis

import (
	"context"

	"github.com/opentrove/terraform-provider-trove/internal/node"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// NewFailoverAction is trove_redis_cluster_failover.
var NewFailoverAction = node.NewAction(node.Verb{
	TypeName: "_redis_cluster_failover",
	Description: "Lets a replica of a Redis Cluster take over from its master, which becomes its replica (`redis_cluster.failover`), and waits for the end. Nothing " +
		"is done to a node that is a master. The plans of both stay empty. Without actions, as on OpenTofu, `redis-cli CLUSTER FAILOVER` on the " +
		"replica does the same.",
	Instance: "The id of the replica that is to become a master.",
	Verb:     "fail over to", Thing: "Redis Cluster node",
	Do: func(ctx context.Context, c *trove.Client, i *trove.Instance, tell func(string, ...any)) error {
		tell("%s (%s) takes over from its master.", i.Name, i.ID)
		_, err := c.Failover(ctx, i.ID)
		if err == nil {
			tell("%s (%s) is a master.", i.Name, i.ID)
		}
		return err
	},
})
