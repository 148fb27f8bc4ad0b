package tfkit

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// RequireIdentified refuses to read, plan or change a resource that the state does not identify, such as one that was edited by hand:
// without these attributes no request is possible. kind is the word for the resource in messages.
func RequireIdentified(verb, kind string, state tftypes.Value, attributes ...string) diag.Diagnostics {
	missing := firstMissing(state, attributes)
	if missing == "" {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(missing), "Unable to "+verb+" "+kind, fmt.Sprintf(
		"The state has no %s, so it does not identify any %s. Nothing was changed. Remove it from the state with `terraform state rm ADDRESS`, "+
			"and import the object with `terraform import`.", missing, kind))}
}

// Unidentified reports whether a state that is to be deleted lacks one of these attributes. Nothing can be deleted then, which the warning
// says.
func Unidentified(kind string, state tftypes.Value, attributes ...string) (bool, diag.Diagnostics) {
	missing := firstMissing(state, attributes)
	if missing == "" {
		return false, nil
	}
	return true, diag.Diagnostics{diag.NewWarningDiagnostic("Unable to delete "+kind, fmt.Sprintf(
		"The state has no %s, so it does not identify any %s. Nothing was deleted: it is only removed from the state. If the object exists, it "+
			"stays on the server.", missing, kind))}
}

// CheckPlanState is RequireIdentified for a plan. ok is false if there is nothing to plan, also for the destruction of a resource that the
// state does not identify; the deletion warns about that.
func CheckPlanState(kind string, req resource.ModifyPlanRequest, attributes ...string) (ok bool, diags diag.Diagnostics) {
	switch {
	case req.State.Raw.IsNull():
		return true, nil
	case req.Plan.Raw.IsNull():
		return firstMissing(req.State.Raw, attributes) == "", nil
	}
	diags = RequireIdentified("plan", kind, req.State.Raw, attributes...)
	return !diags.HasError(), diags
}

// firstMissing returns the first of these attributes that is null, unknown or empty; "" if the state has all of them.
func firstMissing(state tftypes.Value, attributes []string) string {
	var values map[string]tftypes.Value
	if !state.IsKnown() || state.IsNull() || state.As(&values) != nil {
		values = nil
	}
	for _, name := range attributes {
		v, ok := values[name]
		if !ok || v.IsNull() || !v.IsKnown() {
			return name
		}
		var text string
		if v.Type().Is(tftypes.String) && v.As(&text) == nil && text == "" {
			return name
		}
	}
	return ""
}
