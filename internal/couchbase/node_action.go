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
	Description: "Moves the data of a Couchbase node to the others and takes it out of its cluster (`couchbase.rebalance`), and waits for the end. The instance stays, " +
		"standing alone; where it is a `trove_couchbase_node`, the next plan replaces it. Without actions, as on OpenTofu, taking the node out of the " +
		"configuration rebalances and then deletes it.",
	Instance: "The id of the node that is to leave its cluster.",
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
			return fmt.Errorf("instance %s is the only node of cluster %s, so its data has nowhere to go", i.ID, block.Couchbase.ClusterName)
		}
		tell("%s (%s) has left %s, and stands alone.", i.Name, i.ID, before.Couchbase.ClusterName)
		return nil
	},
})
