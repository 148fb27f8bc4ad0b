package instance

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
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
		"remove that resource from the state and from the configuration first. Without actions, as on OpenTofu, set `deletion_policy = \"leave\"` for the member and " +
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

// NewLogAction is trove_instance_log.
var NewLogAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_instance_log",
	Description: "Publishes a log of an instance to the object store (Swift), or enables or disables it. Some databases start to write a log only after a " +
		"restart: its status is then `Restart Required`. The data source `trove_instance_logs` lists the logs and shows where the text is. Without " +
		"actions, as on OpenTofu, run `openstack database log set`.",
	Instance: "The id of the instance.",
	Verb:     "change a log of", Kind: "instance",
	Own: map[string]schema.StringAttribute{
		"name": {MarkdownDescription: "The name of the log, such as `slow_query`.", Required: true, Validators: []validator.String{tfkit.NotEmpty{}}},
		"operation": {
			MarkdownDescription: "`publish` stores what has been written since the last time, and enables the log if it is disabled. `enable` and " +
				"`disable` start and stop the writing; only logs of type `USER` can be disabled.",
			Required:   true,
			Validators: []validator.String{stringvalidator.OneOf(string(trove.LogPublish), string(trove.LogEnable), string(trove.LogDisable))},
		},
	},
	DoWith: func(ctx context.Context, c *operation.Client, i *trove.Instance, own map[string]string, tell func(string, ...any)) error {
		after, err := c.ChangeLog(ctx, i.ID, own["name"], trove.LogChange(own["operation"]))
		if err != nil {
			return err
		}
		tell("The log %s of %s (%s) is in status %s.", after.Name, i.Name, i.ID, after.Status)
		if after.Container != "" {
			tell("%d bytes are published in container %s, under %s.", after.Published, after.Container, after.Prefix)
		}
		return nil
	},
})
