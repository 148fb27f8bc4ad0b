package datastoreversion

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ConfigValidators implements resource.ResourceWithConfigValidators: the server prefers the id of an image to its tags.
func (r *Resource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{resourcevalidator.ExactlyOneOf(path.MatchRoot("image_id"), path.MatchRoot("image_tags"))}
}

// ModifyPlan implements resource.ResourceWithModifyPlan: the server refuses a default version that is not active, but only after it has
// made the version.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	identified, diags := tfkit.CheckPlanState(kindName, req, "id")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[model](ctx, req)
	resp.Diagnostics.Append(diags...)
	if plan != nil {
		resp.Diagnostics.Append(checkParameters(ctx, plan)...)
	}
	if resp.Diagnostics.HasError() || plan == nil || !tfkit.Known(plan.Active) || plan.Active.ValueBool() {
		return
	}
	if plan.IsDefault.ValueBool() && (state == nil || !plan.Active.Equal(state.Active) || !plan.IsDefault.Equal(state.IsDefault)) {
		resp.Diagnostics.AddAttributeError(path.Root("is_default"), "Invalid default version",
			"is_default is true and active is false: a version that is not active cannot be the default. Set active = true, or is_default = false.")
	}
}
