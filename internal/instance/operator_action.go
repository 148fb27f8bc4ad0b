package instance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// forOperators is text that the pages of these actions share.
const forOperators = " For operators: Trove allows it only to users with the role `admin`, who can name an instance of any project. "

// NewResetStatusAction is trove_reset_status.
var NewResetStatusAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_reset_status",
	Description: "Resets the status of an instance (`reset_status`): Trove clears its task, and sets its running backups to failed. " +
		"Use it for an instance that is stuck in a status such as `PROMOTE`, or in `ERROR` after a failed promotion. It stops no work and repairs " +
		"nothing, so use it only if no work is running. The action waits up to two minutes for the guest agent to report." + forOperators +
		"Without actions, as on OpenTofu, run `openstack database instance reset status`.",
	Instance: "The id of the instance whose status to reset.",
	Verb:     "reset the status of", Kind: "instance",
	Admin: true,
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		tell("Resetting the status of %s (%s), which is %s.", i.Name, i.ID, i.Condition())
		after, err := c.ResetStatus(ctx, i.ID)
		if err == nil {
			tell("The status of %s (%s) was reset, and is %s.", i.Name, i.ID, after.Condition())
		}
		return err
	},
})

// NewRebootAction is trove_reboot_instance.
var NewRebootAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_reboot_instance",
	Description: "Reboots the server of an instance, with the operating system, and waits until the instance is ready. Trove accepts it in every " +
		"status, even if the guest agent no longer reports. To restart only the database, use `trove_restart_instance`." + forOperators +
		"Without actions, as on OpenTofu, run `openstack database instance reboot`.",
	Instance: "The id of the instance to reboot.",
	Verb:     "reboot", Kind: "instance",
	Admin: true,
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		tell("Rebooting %s (%s), which is %s.", i.Name, i.ID, i.Condition())
		after, err := c.Reboot(ctx, i.ID)
		if err == nil {
			tell("%s (%s) was rebooted, and is %s.", i.Name, i.ID, after.Condition())
		}
		return err
	},
})

// NewMigrateAction is trove_migrate_instance.
var NewMigrateAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_migrate_instance",
	Description: "Migrates the server of an instance to another host of the compute service, and waits until the instance is ready there. The database is down " +
		"during the migration. The action has no effect if the instance is on that host already." + forOperators +
		"Without actions, as on OpenTofu, send `migrate` to `/mgmt/instances/ID/action`, as shown below.",
	Instance: "The id of the instance to migrate.",
	Verb:     "migrate", Kind: "instance",
	Admin: true,
	Own: map[string]schema.StringAttribute{
		"host": {MarkdownDescription: "The host to migrate to. If omitted, the compute service chooses one.", Optional: true, Validators: []validator.String{tfkit.NotEmpty{}}},
	},
	DoWith: func(ctx context.Context, c *operation.Client, i *trove.Instance, own map[string]string, tell func(string, ...any)) error {
		tell("Migrating %s (%s), which is %s.", i.Name, i.ID, i.Condition())
		from, to, err := c.Migrate(ctx, i.ID, own["host"])
		switch {
		case err != nil:
		case from == to:
			tell("%s (%s) is on host %s already: nothing was changed.", i.Name, i.ID, to)
		default:
			tell("%s (%s) was migrated from host %s to host %s.", i.Name, i.ID, from, to)
		}
		return err
	},
})
