package user

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// ModifyPlan implements resource.ResourceWithModifyPlan: if the plan sends the password, it must be set.
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
	moved := state != nil && r.moved(ctx, state, plan, resp)
	resp.Diagnostics.Append(r.checkValues(ctx, req, state, plan, moved)...)
	made := state == nil || moved || !state.Region.Equal(plan.Region)
	if !made && changesAccount(state, plan) {
		made = !r.planRename(ctx, state, plan, resp)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if made || !plan.PasswordVersion.IsNull() && !plan.PasswordVersion.Equal(state.PasswordVersion) {
		_, diags = password(ctx, req.Config)
		resp.Diagnostics.Append(diags...)
	}
}

// checkValues checks what is sent against the datastore of the instance, as far as that is known.
func (r *Resource) checkValues(ctx context.Context, req resource.ModifyPlanRequest, state, plan *model, moved bool) diag.Diagnostics {
	var secret types.String
	diags := req.Config.GetAttribute(ctx, path.Root("password_wo"), &secret)
	var grants []string
	for _, name := range plan.Databases.Elements() {
		if text, ok := name.(types.String); ok && !text.IsUnknown() {
			grants = append(grants, text.ValueString())
		}
	}
	checks := plan.checks(secret.ValueString(), grants)
	if state == nil || moved || changesAccount(state, plan) {
		checks = append(checks, instancebase.GuestCheck{
			At: path.Root("name"), What: "user name", Doubt: "Not every Trove accepts this user name",
			Rule: func(datastore string) error { return longName(datastore, plan.Name.ValueString()) },
		})
	}
	if state == nil || moved {
		return append(diags, r.CheckGuestInstance(ctx, kindName, "users", &plan.GuestObjectModel, checks...)...)
	}
	if changesAccount(state, plan) || !plan.Databases.Equal(state.Databases) || !plan.PasswordVersion.Equal(state.PasswordVersion) {
		return append(diags, r.CheckGuestChange(ctx, kindName, &plan.GuestObjectModel, checks...)...)
	}
	return diags
}

// longName refuses a name that some releases do not accept.
func longName(datastore, name string) error {
	if !guestrules.IsLongUserName(datastore, name) {
		return nil
	}
	return fmt.Errorf("up to release 26, Trove's own rules for MySQL and MariaDB allow %d characters: up to release 22 the server refuses a longer name, "+
		"and later its guest agents silently do not create the user, and the apply ends with a timeout. PostgreSQL is not affected", guestrules.OldMaxUserName)
}

// moved reports that the user is replaced because its instance changes. Within the replication set only the state changes.
func (r *Resource) moved(ctx context.Context, state, plan *model, resp *resource.ModifyPlanResponse) bool {
	return r.PlanInstanceChange(ctx, instancebase.InstanceChange{
		Kind: kindName, DisplayName: state.DisplayName(), Region: state.Region, From: state.InstanceID, To: plan.InstanceID,
		ID:    plan.InstanceID.ValueString() + "/" + state.account().String(), // planRename handles another one
		Loses: "The apply deletes " + state.DisplayName() + " with its password and grants, and whoever uses it is locked out there.",
		Keep:  "To keep it, keep instance_id, and add another resource trove_user for the other instance.",
	}, resp)
}
