package tfkit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ProviderSideOnly marks, among the plan modifiers of an attribute, that the attribute is not sent to the server: changing only such
// attributes changes nothing there. It modifies nothing by itself: KeepComputed looks for it.
type ProviderSideOnly struct{ marker }

// UnknownOnServerChange marks a computed attribute that the server may change whenever something else changes, such as a status. It
// modifies nothing by itself: the framework makes the attribute unknown on every change, and KeepComputed undoes that.
type UnknownOnServerChange struct{ marker }

// marker is a plan modifier that modifies nothing.
type marker struct{}

var (
	_ planmodifier.Bool   = ProviderSideOnly{}
	_ planmodifier.Object = ProviderSideOnly{}
	_ planmodifier.String = ProviderSideOnly{}
	_ planmodifier.String = UnknownOnServerChange{}
)

// Description implements planmodifier.Describer.
func (marker) Description(context.Context) string { return "" }

// MarkdownDescription implements planmodifier.Describer.
func (marker) MarkdownDescription(context.Context) string { return "" }

// PlanModifyBool implements planmodifier.Bool.
func (marker) PlanModifyBool(context.Context, planmodifier.BoolRequest, *planmodifier.BoolResponse) {}

// PlanModifyObject implements planmodifier.Object.
func (marker) PlanModifyObject(context.Context, planmodifier.ObjectRequest, *planmodifier.ObjectResponse) {
}

// PlanModifyString implements planmodifier.String.
func (marker) PlanModifyString(context.Context, planmodifier.StringRequest, *planmodifier.StringResponse) {
}

// KeepComputed restores what the framework makes unknown on every change, as UnknownOnServerChange describes, if the change sends nothing
// to the server: if only ProviderSideOnly attributes change.
func KeepComputed(state tftypes.Value, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	var prior, planned map[string]tftypes.Value
	err := state.As(&prior)
	if err == nil {
		err = resp.Plan.Raw.As(&planned)
	}
	var computed []string
	for name, attribute := range resp.Plan.Schema.GetAttributes() {
		switch {
		case marked[UnknownOnServerChange](attribute):
			computed = append(computed, name)
		case marked[ProviderSideOnly](attribute):
		case err == nil && !planned[name].Equal(prior[name]):
			return nil
		}
	}
	kept := resp.Plan.Raw
	if err == nil {
		for _, name := range computed {
			planned[name] = prior[name]
		}
		kept, err = newValue(resp.Plan.Raw.Type(), planned)
	}
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to compare plan and state", Sentence(err.Error()))}
	}
	resp.Plan.Raw = kept
	return nil
}

// marked reports whether an attribute has the marker M among its plan modifiers.
func marked[M any](attribute any) bool {
	switch a := attribute.(type) {
	case interface{ StringPlanModifiers() []planmodifier.String }:
		return contains[M](a.StringPlanModifiers())
	case interface{ BoolPlanModifiers() []planmodifier.Bool }:
		return contains[M](a.BoolPlanModifiers())
	case interface{ ObjectPlanModifiers() []planmodifier.Object }:
		return contains[M](a.ObjectPlanModifiers())
	}
	return false
}

func contains[M, T any](modifiers []T) bool {
	for _, m := range modifiers {
		if _, ok := any(m).(M); ok {
			return true
		}
	}
	return false
}
