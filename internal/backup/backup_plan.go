package backup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	identified, diags := tfkit.CheckPlanState(kindName, req, "id")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[model](ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || plan == nil {
		return
	}
	resp.Diagnostics.Append(r.PlanUse(ctx, kindName, plan.Name, plan.Region, cluster.Use{Backups: 1}, state == nil)...)
	if state == nil {
		return
	}
	r.PlanInstanceChange(ctx, instancebase.InstanceChange{
		Kind: kindName, DisplayName: state.displayName(), Region: state.Region, From: state.InstanceID, To: plan.InstanceID,
		Loses:    "The apply deletes " + state.displayName() + ", and backs up the other instance as it is then.",
		Keep:     "To keep the backup, add instance_id to ignore_changes of its lifecycle block, and use another resource trove_backup for the other instance.",
		Outlives: true,
	}, resp)
}
