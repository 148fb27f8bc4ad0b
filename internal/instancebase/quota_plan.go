package instancebase

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// PlanUse counts how much of the project's quota a planned resource uses, together with all others of the plan, including those that do not
// change. If the plan creates something and the total is more than the project's limit, it warns once for each quota. Two resources of one
// kind and name count as one, since Terraform plans each replaced resource twice. Limits that cannot be read are ignored.
func (r *Resource) PlanUse(ctx context.Context, kind string, name, region types.String, u cluster.Use, create bool) diag.Diagnostics {
	if !r.Configured() || !tfkit.Known(name) {
		return nil
	}
	client, diags := r.Client(ctx, region)
	registry := r.connection.Client.Registry()
	if diags.HasError() || registry.Applying() {
		return nil // the checks of the plan report it
	}
	total, creates := registry.PlanUse(client.Session(), kind+"/"+name.ValueString(), u, create)
	if !creates {
		return nil
	}
	limits, err := client.PlannedLimits(ctx)
	if err != nil {
		tflog.Debug(ctx, "the limits of the project are not known", map[string]any{"error": err.Error()})
		return nil
	}
	for _, quota := range []struct {
		name      string
		what      string
		have      int64
		most      *int64
		attribute string
	}{
		{"instances", "instances", total.Instances, limits.Instances, "max_instances"},
		{"volumes", "GB of volumes", total.VolumeGB, limits.VolumeGB, "max_volumes"},
		{"backups", "backups", total.Backups, limits.Backups, "max_backups"},
	} {
		if quota.most == nil || *quota.most < 0 || quota.have <= *quota.most || !registry.SayOnce(client.Session(), quota.name) {
			continue
		}
		diags.AddWarning("The project's quota of "+quota.name+" is too small", fmt.Sprintf(
			"With what this plan creates, the configuration has at least %d %s, and the project is limited to %d (%s): the server will refuse the "+
				"rest. Ask for a higher quota, or create fewer. The server does not return the usage, so other resources of the project are not counted.",
			quota.have, quota.what, *quota.most, quota.attribute))
	}
	return diags
}
