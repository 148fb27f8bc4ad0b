package instancessl

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ModifyPlan implements resource.ResourceWithModifyPlan: only the source of a set has SSL of its own.
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
		resp.Diagnostics.Append(r.CheckGuestSource(ctx, kindName, "SSL settings", &plan.GuestObjectModel)...)
	}
	if state != nil && (moved || plan.ToAPI() != state.ToAPI()) {
		for _, shown := range []string{"common_name", "expires_at", "certificate"} {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(shown), types.StringUnknown())...)
		}
	}
}

// moved reports that the resource is replaced because its instance changes. Within the replication set only the state changes.
func (r *Resource) moved(ctx context.Context, state, plan *model, resp *resource.ModifyPlanResponse) bool {
	return r.PlanInstanceChange(ctx, instancebase.InstanceChange{
		Kind: kindName, DisplayName: state.DisplayName(), Region: state.Region, From: state.InstanceID, To: plan.InstanceID,
		ID:    plan.InstanceID.ValueString(),
		Loses: "The apply disables " + state.DisplayName() + ": clients that require it cannot connect there any more.",
		Keep:  "To keep it, keep instance_id, and add another resource trove_instance_ssl for the other instance.",
	}, resp)
}
