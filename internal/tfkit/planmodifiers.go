package tfkit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// RequiresReplaceIfKnown replaces the resource when an attribute that the API may not return changes, but only from one known value to
// another: after an import the state has no value, and removing the attribute says nothing about the resource.
type RequiresReplaceIfKnown struct{}

var (
	_ planmodifier.String = RequiresReplaceIfKnown{}
	_ planmodifier.Int64  = RequiresReplaceIfKnown{}
	_ planmodifier.Bool   = RequiresReplaceIfKnown{}
	_ planmodifier.List   = RequiresReplaceIfKnown{}
)

// Description implements planmodifier.Describer.
func (RequiresReplaceIfKnown) Description(context.Context) string { return "replaces once it was set" }

// MarkdownDescription implements planmodifier.Describer.
func (r RequiresReplaceIfKnown) MarkdownDescription(ctx context.Context) string {
	return r.Description(ctx)
}

// PlanModifyString implements planmodifier.String.
func (RequiresReplaceIfKnown) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	resp.RequiresReplace = SetAndChanged(req.StateValue, req.PlanValue)
}

// PlanModifyInt64 implements planmodifier.Int64.
func (RequiresReplaceIfKnown) PlanModifyInt64(_ context.Context, req planmodifier.Int64Request, resp *planmodifier.Int64Response) {
	resp.RequiresReplace = SetAndChanged(req.StateValue, req.PlanValue)
}

// PlanModifyBool implements planmodifier.Bool.
func (RequiresReplaceIfKnown) PlanModifyBool(_ context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	resp.RequiresReplace = SetAndChanged(req.StateValue, req.PlanValue)
}

// PlanModifyList implements planmodifier.List.
func (RequiresReplaceIfKnown) PlanModifyList(_ context.Context, req planmodifier.ListRequest, resp *planmodifier.ListResponse) {
	resp.RequiresReplace = SetAndChanged(req.StateValue, req.PlanValue)
}

// SetAndChanged reports whether RequiresReplaceIfKnown replaces the resource for this change.
func SetAndChanged(have, want attr.Value) bool {
	return !have.IsNull() && !want.IsNull() && !want.Equal(have)
}
