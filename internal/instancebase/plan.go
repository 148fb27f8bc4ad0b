package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// PlanInstance reads the state and the plan, and checks what all instances share. ok reports that there is a planned instance without an
// error, for the kind's own checks; state is nil for a creation.
func PlanInstance[M any, P interface {
	*M
	ResourceModel
}](ctx context.Context, r *Resource, kind string, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (state, plan P, ok bool) {
	identified, diags := tfkit.CheckPlanState(kind, req, "id")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return nil, nil, false
	}
	have, want, diags := tfkit.StateAndPlan[M](ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return nil, nil, false
	}
	var before, after *Model
	if state = P(have); state != nil {
		before = state.Shared()
	}
	if plan = P(want); plan != nil {
		after = plan.Shared()
	}
	if before != nil && after != nil && r.Configured() {
		kept, err := r.suppressAliasDiff(ctx, req, before, after, resp)
		if err != nil {
			resp.Diagnostics.Append(PlanCheckError(ctx, kind, err)...)
		}
		if kept {
			want = new(M)
			resp.Diagnostics.Append(resp.Plan.Get(ctx, want)...)
			plan = P(want)
			after = plan.Shared()
		}
		if resp.Diagnostics.HasError() {
			return nil, nil, false
		}
	}
	r.checkPlan(ctx, kind, before, after, resp)
	if before != nil && after != nil && !restartPending(before, after) && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tfkit.KeepComputed(req.State.Raw, resp)...)
	}
	if member, clustered := any(state).(ClusterMember); clustered && state != nil && plan == nil && !resp.Diagnostics.HasError() {
		r.planDestruction(ctx, member, resp)
	}
	if _, clustered := any(state).(ClusterMember); !clustered && !resp.Diagnostics.HasError() {
		switch {
		case plan == nil:
			resp.Diagnostics.Append(r.PlanDeletion(ctx, kind, before.Region, resp)...)
		case state == nil: // possibly to replace one that is deleted
			resp.Diagnostics.Append(r.PlanDeletion(ctx, kind, after.Region, resp)...)
		}
	}
	if plan != nil && r.Configured() && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.resolvePlannedDatastore(ctx, kind, after)...)
		size, diags := after.VolumeSize(ctx)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(r.PlanUse(ctx, "instance", after.Name, after.Region, cluster.Use{Instances: 1, VolumeGB: size}, before == nil)...)
	}
	return state, plan, plan != nil && !resp.Diagnostics.HasError()
}

// checkPlan reports what is known to fail at plan time: a volume that is to shrink, or an unsuitable flavor, datastore version or
// configuration group. state is nil for a creation, plan is nil for a destruction. It modifies the plan if a change affects other
// attributes.
func (r *Resource) checkPlan(ctx context.Context, kind string, state, plan *Model, resp *resource.ModifyPlanResponse) {
	if plan == nil {
		return
	}
	if state != nil {
		resp.Diagnostics.Append(checkVolume(ctx, state, plan)...)
		if !plan.Access.Equal(state.Access) {
			// Opening or closing an instance to the public adds or removes an address.
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("addresses"), types.ListUnknown(addressType))...)
		}
		resp.Diagnostics.Append(planRestart(ctx, kind, state, plan, resp)...)
		r.planDetachment(ctx, state, plan)
	}
	if !r.Configured() {
		return
	}
	c, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	for _, check := range []func(context.Context, *operation.Client, *Model, *Model) (diag.Diagnostics, error){checkFlavor, checkDatastore, checkConfiguration, warnOfRestart} {
		diags, err := check(ctx, c, state, plan)
		resp.Diagnostics.Append(diags...)
		if err == nil {
			continue
		}
		if d := PlanCheckError(ctx, kind, err); d != nil {
			resp.Diagnostics.Append(d...)
			return // the other checks would fail the same way
		}
	}
}

// suppressAliasDiff keeps flavor and datastore of the state in the plan if the configuration only writes them differently: for example by
// name, if an import has read the id. If nothing else changes, the plan is then empty.
func (r *Resource) suppressAliasDiff(ctx context.Context, req resource.ModifyPlanRequest, state, plan *Model, resp *resource.ModifyPlanResponse) (kept bool, err error) {
	c, diags := r.Client(ctx, plan.Region)
	if diags.HasError() {
		return false, nil // the checks of the plan report it
	}
	if tfkit.Known(plan.FlavorID) && tfkit.Known(state.FlavorID) && !plan.FlavorID.Equal(state.FlavorID) {
		same, err := c.SameFlavor(ctx, plan.FlavorID.ValueString(), state.FlavorID.ValueString())
		if err != nil {
			return false, err
		}
		if same {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("flavor_id"), state.FlavorID)...)
			kept = true
		}
	}
	var written types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("datastore"), &written)...)
	datastore, d, err := SuppressDatastoreAliasDiff(ctx, c, state.Datastore, plan.Datastore, written)
	resp.Diagnostics.Append(d...)
	if err != nil || resp.Diagnostics.HasError() {
		return false, err
	}
	if !datastore.Equal(plan.Datastore) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("datastore"), datastore)...)
		kept = true
	}
	if kept {
		resp.Diagnostics.Append(tfkit.SuppressUnchangedPlan(req, resp))
	}
	return kept, nil
}

// resolvePlannedDatastore replaces the ids in a planned datastore by names, for the rules of the topology. The plan itself does not change.
func (r *Resource) resolvePlannedDatastore(ctx context.Context, kind string, plan *Model) diag.Diagnostics {
	written, diags := plan.datastore(ctx)
	if diags.HasError() || !trove.IsID(written.Type.ValueString()) && !trove.IsID(written.Version.ValueString()) {
		return diags
	}
	c, d := r.Client(ctx, plan.Region)
	if diags.Append(d...); diags.HasError() {
		return diags
	}
	named, err := resolveDatastore(ctx, c, written)
	if _, ok := DatastoreLookupDiagnostic(err); ok {
		return diags // the check of the datastore has reported it, or the instance has a version that is no longer offered
	}
	if err != nil {
		return append(diags, PlanCheckError(ctx, kind, err)...)
	}
	attributes := plan.Datastore.Attributes()
	attributes["type"] = types.StringValue(named.Type)
	if tfkit.Known(written.Version) {
		attributes["version"] = types.StringValue(named.Version)
	}
	plan.Datastore = types.ObjectValueMust(datastoreType, attributes)
	return diags
}

// SuppressDatastoreAliasDiff returns the planned datastore with type and version as in the state if the plan only writes them differently.
// written is the configured datastore.
func SuppressDatastoreAliasDiff(ctx context.Context, c *operation.Client, state, plan, written types.Object) (types.Object, diag.Diagnostics, error) {
	if !tfkit.Known(state) || !tfkit.Known(plan) || plan.Equal(state) {
		return plan, nil, nil
	}
	have, diags := tfkit.ObjectAs[Datastore](ctx, state)
	want, d := tfkit.ObjectAs[Datastore](ctx, plan)
	diags.Append(d...)
	config, d := tfkit.ObjectAs[Datastore](ctx, written)
	diags.Append(d...)
	if diags.HasError() || !tfkit.Known(want.Type) || !tfkit.Known(have.Type) {
		return plan, diags, nil
	}
	same, err := c.SameDatastore(ctx, want.Type.ValueString(), have.Type.ValueString())
	if err != nil || !same {
		return plan, diags, err
	}
	switch {
	case config.Version.IsNull():
		want.Version = have.Version // the type, written differently, has hidden that the version stays
	case tfkit.Known(want.Version) && tfkit.Known(have.Version):
		same, err := c.SameVersion(ctx, have.Type.ValueString(), want.Version.ValueString(), have.Version.ValueString())
		if err != nil {
			return plan, diags, err
		}
		if same {
			want.Version = have.Version
		}
	}
	return types.ObjectValueMust(datastoreType, map[string]attr.Value{"type": have.Type, "version": want.Version}), diags, nil
}
