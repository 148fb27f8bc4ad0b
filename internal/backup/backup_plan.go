package backup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	_, diags := tfkit.CheckPlanState(kindName, req, "id")
	resp.Diagnostics.Append(diags...)
}
