package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// ReplaceOnceSet replaces the instance on a change of what the API may not return, but only from one known value to another:
// after an import the state knows none, and taking the attribute out says nothing about the instance.
type ReplaceOnceSet struct{}

var (
	_ planmodifier.String = ReplaceOnceSet{}
	_ planmodifier.Int64  = ReplaceOnceSet{}
	_ planmodifier.Bool   = ReplaceOnceSet{}
	_ planmodifier.List   = ReplaceOnceSet{}
)

// Description implements planmodifier.Describer.
func (ReplaceOnceSet) Description(context.Context) string { return "replaces once it was set" }

// MarkdownDescription implements planmodifier.Describer.
func (r ReplaceOnceSet) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (ReplaceOnceSet) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	resp.RequiresReplace = Replaces(req.StateValue, req.PlanValue)
}

// PlanModifyInt64 implements planmodifier.Int64.
func (ReplaceOnceSet) PlanModifyInt64(_ context.Context, req planmodifier.Int64Request, resp *planmodifier.Int64Response) {
	resp.RequiresReplace = Replaces(req.StateValue, req.PlanValue)
}

// PlanModifyBool implements planmodifier.Bool.
func (ReplaceOnceSet) PlanModifyBool(_ context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	resp.RequiresReplace = Replaces(req.StateValue, req.PlanValue)
}

// PlanModifyList implements planmodifier.List.
func (ReplaceOnceSet) PlanModifyList(_ context.Context, req planmodifier.ListRequest, resp *planmodifier.ListResponse) {
	resp.RequiresReplace = Replaces(req.StateValue, req.PlanValue)
}

// Replaces says whether ReplaceOnceSet replaces on this change.
func Replaces(have, want attr.Value) bool {
	return !have.IsNull() && !want.IsNull() && !want.Equal(have)
}
