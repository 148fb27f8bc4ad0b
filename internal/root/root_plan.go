package root

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ModifyPlan implements resource.ResourceWithModifyPlan: if the plan sends the password, it must be set.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	identified, diags := tfkit.CheckPlanState(kindName, req, "instance_id")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[model](ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || plan == nil {
		return
	}
	moved := state != nil && r.moved(ctx, state, plan, resp)
	if state == nil || moved {
		resp.Diagnostics.Append(r.CheckGuestInstance(ctx, kindName, "administrative users", &plan.GuestObjectModel)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	made := state == nil || moved || !state.Region.Equal(plan.Region)
	if made || !plan.PasswordVersion.IsNull() && !plan.PasswordVersion.Equal(state.PasswordVersion) {
		_, diags = password(ctx, req.Config)
		resp.Diagnostics.Append(diags...)
	}
}

// moved reports that the resource is replaced because its instance changes. Within the replication set only the state changes.
func (r *Resource) moved(ctx context.Context, state, plan *model, resp *resource.ModifyPlanResponse) bool {
	return r.PlanInstanceChange(ctx, instancebase.InstanceChange{
		Kind: kindName, DisplayName: state.DisplayName(), Region: state.Region, From: state.InstanceID, To: plan.InstanceID,
		ID:    plan.InstanceID.ValueString(),
		Loses: "The apply disables " + state.DisplayName() + ", and whoever uses it is locked out there.",
		Keep:  "To keep it, keep instance_id, and add another resource trove_root for the other instance.",
	}, resp)
}
