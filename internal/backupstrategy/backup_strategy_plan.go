package backupstrategy

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ModifyPlan implements resource.ResourceWithModifyPlan: the server accepts a strategy for an instance that does not exist.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	identified, diags := tfkit.CheckPlanState(kindName, req, "id")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[model](ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || plan == nil || !r.Configured() || !tfkit.Known(plan.InstanceID) || state != nil && state.InstanceID.Equal(plan.InstanceID) {
		return
	}
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	id := plan.InstanceID.ValueString()
	if _, err := client.Planned(ctx, id); err != nil {
		if missing := instancebase.MissingInstance(err, id); missing != "" {
			resp.Diagnostics.AddAttributeError(path.Root("instance_id"), "Unknown instance", missing)
			return
		}
		resp.Diagnostics.Append(instancebase.PlanCheckError(ctx, kindName, err)...)
	}
}
