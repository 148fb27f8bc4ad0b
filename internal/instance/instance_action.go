package instance

import (
	"context"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// NewRestartAction is trove_restart_instance.
var NewRestartAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_restart_instance",
	Description: "Restarts the database of an instance (`restart`) and waits until the instance is ready. Use it for settings of a " +
		"configuration group that take effect only after a restart. Without actions, as on OpenTofu, set `restart_policy = \"if_needed\"` for " +
		"the instance, or run `openstack database instance restart`.",
	Instance: "The id of the instance to restart.",
	Verb:     "restart", Kind: "instance",
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		tell("Restarting %s (%s), which is in status %s.", i.Name, i.ID, i.Status)
		after, err := c.Restart(ctx, i.ID)
		if err == nil {
			tell("%s (%s) was restarted, and is in status %s.", i.Name, i.ID, after.Status)
		}
		return err
	},
})

// NewRemoveMemberAction is trove_remove_member.
var NewRemoveMemberAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_remove_member",
	Description: "Removes a member from its MongoDB replica set, Cassandra ring, Couchbase cluster or Redis Cluster (`mongodb.remove_member`, " +
		"`cassandra.drain_node` and `cassandra.remove_node`, `couchbase.rebalance`, `redis_cluster.remove_node`), and waits until the remaining " +
		"members no longer list it. The instance stays as a standalone server. If a resource for members manages it, the next plan replaces it: " +
		"remove that resource from the state first. Without actions, as on OpenTofu, set `deletion_policy = \"leave\"` for the member and " +
		"destroy the resource.",
	Instance: "The id of the member to remove from its set or cluster.",
	Verb:     "remove", Kind: "member",
	ClusterMember: true,
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		block, err := c.Block(ctx, i)
		if err != nil {
			return err
		}
		name := block.Cluster()
		tell("Removing %s (%s) from %s.", i.Name, i.ID, name)
		removed, err := c.RemoveMember(ctx, operation.RemoveMemberRequest{ID: i.ID, Keep: true})
		removed.Done(err == nil)
		switch {
		case err != nil:
			return err
		case removed.Broken != nil:
			return removed.Broken
		case removed.Last:
			return fmt.Errorf("instance %s (%s) is the last member of %s, which cannot leave", i.Name, i.ID, name)
		}
		tell("%s (%s) was removed from %s, and is standalone.", i.Name, i.ID, name)
		return nil
	},
})
