package user

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ModifyPlan implements resource.ResourceWithModifyPlan: where the plan sends the password there must be one.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	identified, diags := tfkit.CheckPlanState(kindName, req, "instance_id", "name", "host")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[model](ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || plan == nil {
		return
	}
	if state == nil || !state.InstanceID.Equal(plan.InstanceID) {
		resp.Diagnostics.Append(r.CheckGuestInstance(ctx, kindName, "users", &plan.GuestObjectModel)...)
	}
	made := state == nil || !state.InstanceID.Equal(plan.InstanceID) || !state.Name.Equal(plan.Name) || !state.Host.Equal(plan.Host) || !state.Region.Equal(plan.Region)
	if made || !plan.PasswordVersion.IsNull() && !plan.PasswordVersion.Equal(state.PasswordVersion) {
		_, diags = password(ctx, req.Config)
		resp.Diagnostics.Append(diags...)
	}
}
