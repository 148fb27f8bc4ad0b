package quota

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ConfigValidators implements resource.ResourceWithConfigValidators: a quota without any limit would do nothing.
func (r *Resource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{resourcevalidator.AtLeastOneOf(
		path.MatchRoot("instances"), path.MatchRoot("volume_gb"), path.MatchRoot("backups"), path.MatchRoot("ram"),
	)}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(_ context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	_, diags := tfkit.CheckPlanState(kindName, req, "id")
	resp.Diagnostics.Append(diags...)
}
