package instancessl

import (
	"context"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// NewRollbackAction is trove_rollback_instance_ssl.
var NewRollbackAction = instancebase.NewAction(instancebase.ActionSpec{
	TypeName: "_rollback_instance_ssl",
	Description: "Takes one instance back to the SSL that it had before the last change. For emergencies: Trove goes back one change, on this instance alone, also if it " +
		"is a replica, and does not look at the key manager. MySQL and MariaDB must be restarted after it. If a `trove_instance_ssl` manages the instance, " +
		"the next plan shows the difference and sets the SSL of the configuration again; of a replica that was rolled back alone, it shows nothing. Without actions, as on OpenTofu, run `openstack database ssl rollback`.",
	Instance: "The id of the instance.",
	Verb:     "roll back the SSL of", Kind: "instance",
	Do: func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(string, ...any)) error {
		now, result, err := c.RollBackSSL(ctx, i.ID)
		if err != nil {
			return err
		}
		tell("The SSL of %s (%s) was rolled back: it is in mode %s.", i.Name, i.ID, now.Mode)
		if result.RestartRequired {
			tell("Restart %s (%s) for it.", i.Name, i.ID)
		}
		return nil
	},
})
