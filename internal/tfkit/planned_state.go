// Package tfkit holds what terraform-plugin-framework lacks, and is independent of any service: how planned values are kept after an apply,
// resource identity, import, lists, moved states, and attributes, plan modifiers and validators that resources share.
package tfkit

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// KeepPlanned returns the state after a creation or a change. Known values of the plan are kept, including null; unknown ones are those of
// result, which is what the server returned; values that neither knows are null. Terraform accepts nothing else from an apply; other values
// at the server are drift, which the next refresh takes over.
func KeepPlanned(plan, result tftypes.Value) (tftypes.Value, error) {
	switch {
	case plan.IsFullyKnown():
		return plan, nil
	case !plan.IsKnown():
		return nullUnknown(result)
	}
	switch typ := plan.Type(); {
	case typ.Is(tftypes.Object{}), typ.Is(tftypes.Map{}):
		return keepMembers(plan, result)
	case typ.Is(tftypes.List{}), typ.Is(tftypes.Tuple{}):
		return keepElements(plan, result)
	case result.IsKnown() && !result.IsNull():
		return nullUnknown(result) // nothing identifies the elements of a set
	}
	return nullUnknown(plan)
}

// keepMembers is KeepPlanned for the attributes of an object and for the entries of a map. The plan decides which entries exist.
func keepMembers(plan, result tftypes.Value) (tftypes.Value, error) {
	var planned, returned map[string]tftypes.Value
	if err := plan.As(&planned); err != nil {
		return plan, err
	}
	if result.IsKnown() && !result.IsNull() {
		if err := result.As(&returned); err != nil {
			return plan, err
		}
	}
	kept := make(map[string]tftypes.Value, len(planned))
	for name, p := range planned {
		var err error
		if r, ok := returned[name]; ok {
			kept[name], err = KeepPlanned(p, r)
		} else {
			kept[name], err = nullUnknown(p)
		}
		if err != nil {
			return plan, fmt.Errorf("%s: %w", name, err)
		}
	}
	return newValue(plan.Type(), kept)
}

// keepElements is KeepPlanned for the elements of a list or a tuple; one of another length has other elements.
func keepElements(plan, result tftypes.Value) (tftypes.Value, error) {
	var planned, returned []tftypes.Value
	if err := plan.As(&planned); err != nil {
		return plan, err
	}
	if result.IsKnown() && !result.IsNull() {
		if err := result.As(&returned); err != nil {
			return plan, err
		}
	}
	kept := make([]tftypes.Value, len(planned))
	for i, p := range planned {
		var err error
		if len(returned) == len(planned) {
			kept[i], err = KeepPlanned(p, returned[i])
		} else {
			kept[i], err = nullUnknown(p)
		}
		if err != nil {
			return plan, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return newValue(plan.Type(), kept)
}

// nullUnknown replaces all unknown values by null.
func nullUnknown(v tftypes.Value) (tftypes.Value, error) {
	return tftypes.Transform(v, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
}

// newValue is tftypes.NewValue with an error instead of a panic.
func newValue(typ tftypes.Type, v any) (tftypes.Value, error) {
	if err := tftypes.ValidateValue(typ, v); err != nil {
		return tftypes.NewValue(typ, nil), err
	}
	return tftypes.NewValue(typ, v), nil
}

// SavePlanned puts a model into the state after a creation or a change, as KeepPlanned describes, and its identity into the identity. It is
// also used for the first save of a creation, before all values are known.
func SavePlanned(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity, model any) diag.Diagnostics {
	diags := state.Set(ctx, model)
	if diags.HasError() {
		return diags
	}
	kept, err := KeepPlanned(plan.Raw, state.Raw)
	if err != nil {
		diags.AddError("Unable to save the state", "The plan and what the server returned could not be combined: "+Sentence(err.Error()))
		return diags
	}
	returned := *state
	state.Raw = kept
	diags.Append(SetIdentity(ctx, identity, state)...)
	if _, ok := identity.Schema.GetAttributes()["region"]; ok && !diags.HasError() {
		diags.Append(identifyRegion(ctx, identity, &returned)...)
	}
	return diags
}

// identifyRegion sets in an identity the region that a resource was created in if the plan has "", which counts as absent.
func identifyRegion(ctx context.Context, identity *tfsdk.ResourceIdentity, returned *tfsdk.State) diag.Diagnostics {
	at := path.Root("region")
	var have, made types.String
	diags := identity.GetAttribute(ctx, at, &have)
	if have.IsNull() || have.ValueString() != "" || diags.HasError() {
		return diags
	}
	diags.Append(returned.GetAttribute(ctx, at, &made)...)
	return append(diags, identity.SetAttribute(ctx, at, made)...)
}

// StateSaver puts a model into the state that an operation returns.
type StateSaver func(ctx context.Context, model any) diag.Diagnostics

// NewPlannedSaver makes a StateSaver that saves as SavePlanned does.
func NewPlannedSaver(plan tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity) StateSaver {
	return func(ctx context.Context, model any) diag.Diagnostics {
		return SavePlanned(ctx, plan, state, identity, model)
	}
}
