package instance

import (
	"context"

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
