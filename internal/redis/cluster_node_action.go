package redis

import (
	"context"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// NewFailoverAction is trove_redis_cluster_failover.
var NewFailoverAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_redis_cluster_failover",
	Description: "Makes a replica of a Redis Cluster the master of its shard; the old master becomes its replica (`redis_cluster.failover`). It " +
		"waits until that is done, and has no effect on a node that is a master. The plans of both nodes stay empty. Without actions, as on " +
		"OpenTofu, use the API call below, or `redis-cli CLUSTER FAILOVER` on the replica.",
	Instance: "The id of the replica to make a master.",
	Verb:     "fail over to", Kind: "Redis Cluster node",
	Namespace: topology.NamespaceRedisCluster,
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		block, err := c.Block(ctx, i)
		if err != nil {
			return err
		}
		if block.RedisCluster.SlaveOf == nil {
			tell("%s (%s) is a master of %s already: nothing was changed.", i.Name, i.ID, block.RedisCluster.ClusterName)
			return nil
		}
		master, err := c.Instance(ctx, *block.RedisCluster.SlaveOf)
		if err != nil {
			return err
		}
		tell("%s (%s) takes over from its master %s (%s).", i.Name, i.ID, master.Name, master.ID)
		if _, err := c.Failover(ctx, i.ID); err != nil {
			return err
		}
		tell("%s (%s) is a master, and %s (%s) its replica.", i.Name, i.ID, master.Name, master.ID)
		return nil
	},
})
