package couchbase

import (
	"context"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// NewRebalanceAction is trove_couchbase_rebalance.
var NewRebalanceAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_couchbase_rebalance",
	Description: "Moves the data of a Couchbase node to the other nodes, removes the node from its cluster (`couchbase.rebalance`), and waits " +
		"until that is done. The instance stays as a standalone server. If it is managed by a `trove_couchbase_node`, the next plan replaces " +
		"it. Without actions, as on OpenTofu, remove the node from the configuration: it is rebalanced and then deleted.",
	Instance: "The id of the node to remove from its cluster.",
	Verb:     "rebalance away", Kind: "Couchbase node",
	Namespace: topology.NamespaceCouchbase,
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		before, err := c.Block(ctx, i)
		if err != nil {
			return err
		}
		tell("Moving the data of %s (%s) to the other nodes of %s.", i.Name, i.ID, before.Couchbase.ClusterName)
		leaving, err := c.RemoveMember(ctx, operation.RemoveMemberRequest{ID: i.ID, Keep: true})
		leaving.Done(err == nil)
		if err != nil {
			return err
		}
		if leaving.Broken != nil {
			return leaving.Broken
		}
		after, err := c.Instance(ctx, i.ID)
		if err != nil {
			return err
		}
		block, err := c.Block(ctx, after)
		if err != nil {
			return err
		}
		if block.Couchbase != nil {
			return fmt.Errorf("instance %s is the only node of cluster %s, so there is no other node for its data", i.ID, block.Couchbase.ClusterName)
		}
		tell("%s (%s) was removed from %s, and is standalone.", i.Name, i.ID, before.Couchbase.ClusterName)
		return nil
	},
})
