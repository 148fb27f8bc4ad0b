package instancebase

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// protectionAttribute is the name of the attribute that DeletionProtectionAttribute returns.
const protectionAttribute = "deletion_protection"

// DeletionProtectionAttribute is deletion_protection, the same for all resources that hold data or settings; kind is the resource that it
// protects.
func DeletionProtectionAttribute(kind string) schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: "If `true`, every plan that destroys or replaces the " + kind + " returns an error, and no part of it is applied. To destroy the " + kind +
			", first apply `false` with no other change. Default `false`. Provider-side setting, not sent to Trove: it does not stop others from deleting the " + kind +
			". The provider cannot detect `-replace` and `replace_triggered_by` at plan time: to refuse these too, set `lifecycle { prevent_destroy = true }`.",
		Optional:      true,
		Computed:      true,
		Default:       booldefault.StaticBool(false),
		PlanModifiers: []planmodifier.Bool{tfkit.ProviderSideOnly{}},
	}
}

// EndPlan ends the plan of one resource. It is deferred at the beginning of a ModifyPlan, since a kind may find out late that a change
// replaces. It refuses to destroy or replace what deletion_protection protects. If a creation is planned only because an object was deleted
// outside of Terraform, its errors become warnings, so that everything else can still be planned or destroyed.
func (r *Resource) EndPlan(ctx context.Context, kind string, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	refuseProtected(ctx, kind, req, resp)
	if req.State.Raw.IsNull() && !resp.Plan.Raw.IsNull() && resp.Diagnostics.HasError() && r.hasGone(ctx, kind, resp.Plan.GetAttribute) {
		resp.Diagnostics = onlyWarn(resp.Diagnostics)
	}
}

// refuseProtected refuses a plan that destroys or replaces what deletion_protection protects.
func refuseProtected(ctx context.Context, kind string, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || resp.Diagnostics.HasError() {
		return // Terraform shows the first reason why nothing is planned
	}
	if resp.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(ProtectedFromDeletion(ctx, kind, req.State)...)
		return
	}
	what, diags := protected(ctx, kind, req.State, resp.Plan.GetAttribute)
	resp.Diagnostics.Append(diags...)
	if what == "" || resp.Diagnostics.HasError() {
		return
	}
	replaced, diags := tfkit.ReplacedBy(ctx, req, resp)
	resp.Diagnostics.Append(diags...)
	if len(replaced) == 0 || diags.HasError() {
		return
	}
	names := make([]string, len(replaced))
	for i, p := range replaced {
		names[i] = p.String()
	}
	changed := strings.Join(names, ", ")
	resp.Diagnostics.AddAttributeError(replaced[0], "Unable to replace "+what, fmt.Sprintf(
		"It is protected by deletion_protection, and this change would replace it: %s. Nothing was changed. Undo the change. Or, to replace it, first apply "+
			"deletion_protection = false with no other change, and then this change.", changed))
}

// ProtectedFromDeletion refuses to delete what deletion_protection protects.
func ProtectedFromDeletion(ctx context.Context, kind string, state tfsdk.State) diag.Diagnostics {
	what, diags := protected(ctx, kind, state, state.GetAttribute)
	if what == "" || diags.HasError() {
		return diags
	}
	diags.AddAttributeError(path.Root(protectionAttribute), "Unable to delete "+what,
		"It is protected by deletion_protection. To delete or replace it, set deletion_protection = false, apply, and try again.")
	return diags
}

// protected returns the name in messages of what a state protects; "" if it is not protected. If the state has no value, as after a move
// from another provider without a refresh, planned decides: nobody has removed the protection.
func protected(ctx context.Context, kind string, state tfsdk.State, planned func(context.Context, path.Path, any) diag.Diagnostics) (what string, diags diag.Diagnostics) {
	var is types.Bool
	var id, name types.String
	diags = state.GetAttribute(ctx, path.Root(protectionAttribute), &is)
	if is.IsNull() {
		diags.Append(planned(ctx, path.Root(protectionAttribute), &is)...)
	}
	diags.Append(state.GetAttribute(ctx, path.Root("id"), &id)...)
	if _, named := state.Schema.GetAttributes()["name"]; named {
		diags.Append(state.GetAttribute(ctx, path.Root("name"), &name)...)
	}
	if !is.ValueBool() {
		return "", diags
	}
	if name.ValueString() == "" {
		return kind + " " + id.ValueString(), diags
	}
	return fmt.Sprintf("%s %s (%s)", kind, name.ValueString(), id.ValueString()), diags
}

// Unprotect leaves a new object unprotected until it exists: protection would only keep the next apply from replacing a failed one.
func Unprotect(ctx context.Context, state *tfsdk.State) diag.Diagnostics {
	if state.Raw.IsNull() {
		return nil
	}
	return state.SetAttribute(ctx, path.Root(protectionAttribute), false)
}
