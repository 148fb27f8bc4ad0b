package cassandra

import (
	"context"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// NewDrainAction is trove_cassandra_drain_node.
var NewDrainAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_cassandra_drain_node",
	Description: "Flushes a Cassandra node and stops it from accepting writes (`cassandra.drain_node`), for example before maintenance, and " +
		"waits until that is done. It moves no data, and a restart undoes it. `trove_cassandra_node` drains a node by itself before it deletes " +
		"the node. Without actions, as on OpenTofu, use the API call below, or `nodetool drain` on the node.",
	Instance: "The id of the node to drain.",
	Verb:     "drain", Kind: "Cassandra node",
	Namespace: topology.NamespaceCassandra,
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		tell("Draining %s (%s), which is in status %s.", i.Name, i.ID, i.Status)
		_, err := c.Drain(ctx, i.ID)
		if err == nil {
			tell("%s (%s) is flushed, and accepts no writes until it is restarted.", i.Name, i.ID)
		}
		return err
	},
})
