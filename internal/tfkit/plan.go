package tfkit

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// StateAndPlan reads the state and the plan; state is nil for a creation, plan is nil for a destruction.
func StateAndPlan[M any](ctx context.Context, req resource.ModifyPlanRequest) (state, plan *M, diags diag.Diagnostics) {
	if !req.State.Raw.IsNull() {
		state = new(M)
		diags.Append(req.State.Get(ctx, state)...)
	}
	if !req.Plan.Raw.IsNull() {
		plan = new(M)
		diags.Append(req.Plan.Get(ctx, plan)...)
	}
	return state, plan, diags
}

// SuppressUnchangedPlan sets the plan to the state if they differ only in what the framework has made unknown, because something seemed to
// change.
func SuppressUnchangedPlan(req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) diag.Diagnostic {
	known, err := tftypes.Transform(resp.Plan.Raw, func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.IsKnown() {
			return v, nil
		}
		written, _, err := tftypes.WalkAttributePath(req.Config.Raw, at)
		if value, ok := written.(tftypes.Value); err == nil && ok && !value.IsNull() || err != nil && !errors.Is(err, tftypes.ErrInvalidStep) {
			return v, err
		}
		before, _, err := tftypes.WalkAttributePath(req.State.Raw, at)
		if value, ok := before.(tftypes.Value); err == nil && ok {
			return value, nil
		}
		return v, nil
	})
	if err != nil {
		return diag.NewErrorDiagnostic("Unable to compare plan and state", Sentence(err.Error()))
	}
	if known.Equal(req.State.Raw) {
		resp.Plan.Raw = req.State.Raw
	}
	return nil
}
