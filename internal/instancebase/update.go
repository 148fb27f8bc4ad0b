package instancebase

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// UpdateInstance changes the instance to what the plan says. first is what the kind does before any of the shared changes, since those can
// be slow; it notes in the state what it has done, and may be nil. state and plan are empty models of the kind.
func (r *Resource) UpdateInstance(ctx context.Context, kind string, req resource.UpdateRequest, resp *resource.UpdateResponse, state, plan ResourceModel,
	first func(context.Context, *operation.Client) diag.Diagnostics,
) {
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kind, req.State.Raw, "id")...)
	shared := plan.Shared()
	client, ctx, cancel := r.Begin(ctx, shared.Region, shared.Timeouts.Update, UpdateTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if first != nil {
		resp.Diagnostics.Append(first(ctx, client)...)
		if resp.Diagnostics.HasError() {
			return
		}
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...) // what follows may fail
	}
	updated, diags := updateInstance(ctx, client, kind, state.Shared(), shared)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(ReadBackErrors(kind, AfterChange, plan.FromAPI(ctx, client, updated), "The change was made. The next plan shows the "+
		"current state.")...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, plan)...)
}

// updateInstance changes the instance to what the plan says, attribute by attribute: Trove takes one change at a time, and each is waited
// for. It returns the instance as it is afterwards: ready, or waiting for a restart.
func updateInstance(ctx context.Context, c *operation.Client, kind string, state, plan *Model) (*trove.Instance, diag.Diagnostics) {
	var diags diag.Diagnostics
	changes := updateSteps(ctx, c, state.displayName(kind), state, plan, &diags)
	if diags.HasError() {
		return nil, diags
	}
	if plan.restartsIfNeeded() && (len(changes) > 0 || restartPending(state, plan)) {
		// First, since Trove refuses some changes before it, and other changes make it forget the pending restart.
		changes = append([]updateStep{plan.restartStep(c, state.ID.ValueString())}, changes...)
	}
	for _, change := range changes {
		if err := change.apply(ctx); err != nil {
			diags.Append(APIErrorAt(change.at, change.verb, state.displayName(kind), err,
				"Changes that were made before this one remain. The next plan shows what is left to do."))
			return nil, diags
		}
	}
	wait := c.WaitSettled
	if len(changes) == 0 {
		wait = c.Instance // a change of only the state is possible whatever the status of the instance
	}
	i, err := wait(ctx, state.ID.ValueString())
	switch {
	case err != nil:
		diags.Append(APIError("update", state.displayName(kind), err, ""))
	case i.RestartRequired() && plan.restartsIfNeeded():
		last := plan.restartStep(c, i.ID)
		if i, err = c.RestartIfRequired(ctx, i.ID); err != nil {
			diags.Append(APIErrorAt(last.at, last.verb, state.displayName(kind), err, "Its configuration has been changed; the next apply tries the restart again."))
		}
	case i.RestartRequired():
		diags.AddAttributeWarning(path.Root("configuration_id"), "A restart is required", fmt.Sprintf(
			"Settings of the configuration group of %s take effect only after a restart, and other changes are refused until then. Restart it: "+
				"openstack database instance restart %s", displayName(kind, i), i.ID))
	}
	return i, diags
}

// updateStep is one step from the state to the plan.
type updateStep struct {
	at    path.Path
	verb  string
	apply func(context.Context) error
}

// updateSteps lists the steps from state to plan.
func updateSteps(ctx context.Context, c *operation.Client, displayName string, state, plan *Model, diags *diag.Diagnostics) []updateStep {
	var steps []updateStep
	id := state.ID.ValueString()
	keep := keepConfiguration(displayName, state, plan, diags)
	step := func(attribute, verb string, apply func(context.Context) error) {
		steps = append(steps, updateStep{at: path.Root(attribute), verb: verb, apply: apply})
	}
	ready := func(_ *trove.Instance, err error) error { return err }

	if tfkit.Known(plan.FlavorID) && !plan.FlavorID.Equal(state.FlavorID) {
		flavor, err := resolveFlavor(ctx, c, plan.FlavorID)
		if err != nil {
			diags.Append(flavorError(err))
		}
		step("flavor_id", "resize", func(ctx context.Context) error { return ready(c.ResizeFlavor(ctx, id, flavor)) })
	}
	have, d := state.volume(ctx)
	diags.Append(d...)
	want, d := plan.volume(ctx)
	diags.Append(d...)
	if tfkit.Known(want.Size) && !want.Size.Equal(have.Size) {
		step("volume", "grow the volume of", func(ctx context.Context) error { return ready(c.ResizeVolume(ctx, id, want.Size.ValueInt64())) })
	}
	haveDatastore, d := state.datastore(ctx)
	diags.Append(d...)
	wantDatastore, d := plan.datastore(ctx)
	diags.Append(d...)
	// Over the changes from here on a server may detach the group: they come next to the change of it.
	if tfkit.Known(wantDatastore.Version) && !wantDatastore.Version.Equal(haveDatastore.Version) {
		named, err := resolveDatastore(ctx, c, wantDatastore)
		if err != nil {
			diags.Append(datastoreError(err))
		}
		step("datastore", "upgrade", func(ctx context.Context) error { return ready(c.Upgrade(ctx, id, named.Version, keep)) })
	}
	wanted, d := plan.access(ctx)
	diags.Append(d...)
	if !plan.Access.Equal(state.Access) {
		step("access", "change the access of", func(ctx context.Context) error { return ready(c.SetAccess(ctx, id, wanted, keep)) })
	}
	if !plan.Name.Equal(state.Name) {
		step("name", "rename", func(ctx context.Context) error { return c.Rename(ctx, id, plan.Name.ValueString(), keep) })
	}
	// Last, since an instance that has to be restarted for it takes no other change.
	if !plan.ConfigurationID.Equal(state.ConfigurationID) {
		step("configuration_id", "change the configuration of", func(ctx context.Context) error {
			return ready(c.SetConfiguration(ctx, id, plan.ConfigurationID.ValueString(), plan.restartsIfNeeded()))
		})
	}
	return steps
}
