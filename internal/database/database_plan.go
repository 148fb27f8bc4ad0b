package database

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	identified, diags := tfkit.CheckPlanState(kindName, req, "instance_id", "name")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[model](ctx, req)
	resp.Diagnostics.Append(diags...)
	moved := state != nil && plan != nil && !resp.Diagnostics.HasError() && r.moved(ctx, state, plan, resp)
	if plan != nil && (state == nil || moved) && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.CheckGuestInstance(ctx, kindName, "databases", &plan.GuestObjectModel, plan.checks()...)...)
	}
	if resp.Diagnostics.HasError() || state == nil || plan == nil || moved || !state.Name.Equal(plan.Name) {
		return
	}
	for name, values := range map[string][2]types.String{"character_set": {state.CharacterSet, plan.CharacterSet}, "collate": {state.Collate, plan.Collate}} {
		if values[0].IsNull() && !values[1].IsNull() {
			resp.Diagnostics.AddAttributeWarning(path.Root(name), "The database is not changed", "Trove neither returns the "+name+
				" of a database nor changes it: the value is only stored in the state. If the database has another one, change it in SQL, "+
				"which keeps its data.")
		}
	}
}

// moved reports that the database is replaced because its instance changes. Within the replication set only the state changes.
func (r *Resource) moved(ctx context.Context, state, plan *model, resp *resource.ModifyPlanResponse) bool {
	return r.PlanInstanceChange(ctx, instancebase.InstanceChange{
		Kind: kindName, DisplayName: state.DisplayName(), Region: state.Region, From: state.InstanceID, To: plan.InstanceID,
		ID:    plan.InstanceID.ValueString() + "/" + plan.Name.ValueString(),
		Loses: "The apply drops " + state.DisplayName() + " with all its data, and creates an empty one.",
		Keep:  "To keep the data, keep instance_id, or copy the data to another resource trove_database first.",
	}, resp)
}
