package instancebase

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// createInstance makes the instance and waits until it is ready. save is called once, as soon as the server has accepted the
// creation: it must put the id into the state, before anything can go wrong. ctx carries the time-out.
func createInstance(ctx context.Context, c *trove.Client, kind string, r trove.CreateRequest, save func(*trove.Instance) diag.Diagnostics) (*trove.Instance, diag.Diagnostics) {
	created, settle, err := submitCreate(ctx, c, r)
	if err != nil {
		return nil, diag.Diagnostics{createError(kind, r, err)}
	}
	var ready *trove.Instance
	defer func() { settle(ready != nil) }()
	diags := Warnings(kind, created)
	diags.Append(save(created)...)
	if diags.HasError() {
		return nil, diags
	}
	const tainted = "The instance exists and is in the state, marked as tainted: the next apply deletes it and makes a new one. " +
		"Where the instance has recovered by itself, `terraform untaint` keeps it."
	if r.Topology != nil {
		if err := c.CheckTopology(ctx, created, *r.Topology); err != nil {
			diags.Append(APIError("create", displayName(kind, created), err, tainted))
			return nil, diags
		}
	}
	i, err := c.WaitReady(ctx, created.ID)
	if err != nil {
		diags.Append(APIError("create", displayName(kind, created), err, tainted))
		return nil, diags
	}
	ready = i
	return ready, diags
}

// submitCreate sends the creation, and finds out whether to found or to join where that was left open. settle must be called
// with whether the instance became ready.
func submitCreate(ctx context.Context, c *trove.Client, r trove.CreateRequest) (created *trove.Instance, settle func(ready bool), err error) {
	settle = func(bool) {}
	if r.Topology == nil || !r.Topology.Undecided() {
		created, err = c.Create(ctx, r)
		return created, settle, err
	}
	created, founded, err := c.CreateMember(ctx, r)
	if founded != nil {
		settle = founded
	}
	return created, settle, err
}

// createError blames the attribute where the kind of error tells it.
func createError(kind string, r trove.CreateRequest, err error) diag.Diagnostic {
	const nothing = "Nothing was created."
	kind += " " + r.Name
	var source *trove.SourceError
	var lost *trove.LostError
	var ambiguous *trove.AmbiguousError
	cluster := ""
	if r.Topology != nil {
		cluster = r.Topology.Cluster()
	}
	switch {
	case cluster != "" && errors.Is(err, trove.ErrConflict):
		return APIErrorAt(path.Root("join"), "create", kind, fmt.Errorf("join is false, and %s exists already: %w", cluster, err),
			"Leave join out, and the provider finds out that it has to join. "+nothing)
	case cluster != "" && errors.Is(err, trove.ErrNotFound):
		return APIErrorAt(path.Root("join"), "create", kind, fmt.Errorf("there is no active %s in this project to join: %w", cluster, err),
			"A set or cluster is founded by a member that may be elected, by a node with an endpoint_snitch, or by a master, whose join is left out or false. "+nothing)
	case errors.As(err, &source) && errors.Is(err, trove.ErrNotFound):
		return APIErrorAt(path.Root("replica_of"), "create", kind, fmt.Errorf("replica_of names %s, and there is no such instance in this project and region", source.ID), nothing)
	case errors.As(err, &source):
		return APIErrorAt(path.Root("replica_of"), "create", kind, err, nothing)
	case errors.As(err, &lost), errors.As(err, &ambiguous), trove.OutcomeUnknown(err):
		return APIError("create", kind, err, "")
	}
	return APIError("create", kind, err, nothing)
}

// readInstance shows the instance; nil without an error means that it is gone, which is no error: it only leaves the state.
func readInstance(ctx context.Context, c *trove.Client, kind string, m *Model) (*trove.Instance, diag.Diagnostics) {
	i, err := c.Instance(ctx, m.ID.ValueString())
	if errors.Is(err, trove.ErrNotFound) || err == nil && i.Status == trove.StatusDeleted {
		return nil, nil
	}
	if err != nil {
		return nil, diag.Diagnostics{APIError("read", m.displayName(kind), err, "")}
	}
	return i, nil
}

// updateInstance makes the instance what the plan says, attribute by attribute: Trove takes one change at a time, and each is
// waited for. It returns the instance as it stands afterwards: ready, or waiting for a restart.
func updateInstance(ctx context.Context, c *trove.Client, kind string, state, plan *Model) (*trove.Instance, diag.Diagnostics) {
	changes, diags := updateSteps(ctx, c, state, plan)
	if diags.HasError() {
		return nil, diags
	}
	if plan.restartsIfNeeded() && (len(changes) > 0 || restartPending(state, plan)) {
		// First, since Trove refuses some changes before it and forgets over others that the restart is still to come.
		changes = append([]updateStep{plan.restartStep(c, state.ID.ValueString())}, changes...)
	}
	for _, change := range changes {
		if err := change.apply(ctx); err != nil {
			diags.Append(APIErrorAt(change.at, change.verb, state.displayName(kind), err,
				"Changes that were made before this one stay; the next plan shows what is left to do."))
			return nil, diags
		}
	}
	wait := c.WaitSettled
	if len(changes) == 0 {
		wait = c.Instance // what only the state holds can be changed whatever has become of the instance
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
		diags.AddAttributeWarning(path.Root("configuration_id"), "A restart is needed", fmt.Sprintf(
			"Settings of the configuration group of %s take effect only after a restart, and other changes are refused until then. "+
				"Restart it when it suits you: openstack database instance restart %s", displayName(kind, i), i.ID))
	}
	return i, diags
}

// updateStep is one step from the state to the plan.
type updateStep struct {
	at    path.Path
	verb  string
	apply func(context.Context) error
}

// updateSteps lists the steps from state to plan, the quick ones first.
func updateSteps(ctx context.Context, c *trove.Client, state, plan *Model) ([]updateStep, diag.Diagnostics) {
	var steps []updateStep
	id := state.ID.ValueString()
	step := func(attribute, verb string, apply func(context.Context) error) {
		steps = append(steps, updateStep{at: path.Root(attribute), verb: verb, apply: apply})
	}
	ready := func(_ *trove.Instance, err error) error { return err }

	if !plan.Name.Equal(state.Name) {
		step("name", "rename", func(ctx context.Context) error { return c.Rename(ctx, id, plan.Name.ValueString()) })
	}
	wanted, diags := plan.access(ctx)
	if !plan.Access.Equal(state.Access) {
		step("access", "change the access of", func(ctx context.Context) error { return ready(c.SetAccess(ctx, id, wanted)) })
	}
	if Known(plan.FlavorID) && !plan.FlavorID.Equal(state.FlavorID) {
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
	if Known(want.Size) && !want.Size.Equal(have.Size) {
		step("volume", "grow the volume of", func(ctx context.Context) error { return ready(c.ResizeVolume(ctx, id, want.Size.ValueInt64())) })
	}
	haveDatastore, d := state.datastore(ctx)
	diags.Append(d...)
	wantDatastore, d := plan.datastore(ctx)
	diags.Append(d...)
	if Known(wantDatastore.Version) && !wantDatastore.Version.Equal(haveDatastore.Version) {
		named, err := resolveDatastore(ctx, c, wantDatastore)
		if err != nil {
			diags.Append(datastoreError(err))
		}
		step("datastore", "upgrade", func(ctx context.Context) error { return ready(c.Upgrade(ctx, id, named.Version)) })
	}
	// Last, since an instance that has to be restarted for it takes no other change.
	if !plan.ConfigurationID.Equal(state.ConfigurationID) {
		step("configuration_id", "change the configuration of", func(ctx context.Context) error {
			return ready(c.SetConfiguration(ctx, id, plan.ConfigurationID.ValueString(), plan.restartsIfNeeded()))
		})
	}
	return steps, diags
}

// deleteInstance deletes the instance and waits until it is gone.
func deleteInstance(ctx context.Context, c *trove.Client, kind string, m *Model) diag.Diagnostics {
	if err := c.Remove(ctx, m.ID.ValueString()); err != nil {
		return diag.Diagnostics{APIError("delete", m.displayName(kind), err, "The instance stays in the state: the next destroy tries again.")}
	}
	return nil
}

// protectionError refuses to delete what deletion_protection guards.
func protectionError(kind string, m *Model) diag.Diagnostic {
	if !m.DeletionProtection.ValueBool() {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_protection"), "Unable to delete "+m.displayName(kind),
		"It is protected by deletion_protection. To delete or replace it, set deletion_protection = false, apply, and try again.")
}

// displayName is how messages call an instance: MySQL replica orders-2 (<id>).
func displayName(kind string, i *trove.Instance) string {
	if i.Name == "" { // an import knows the id alone
		return fmt.Sprintf("%s %s", kind, i.ID)
	}
	return fmt.Sprintf("%s %s (%s)", kind, i.Name, i.ID)
}

// displayName is name of the instance that a model stands for.
func (m *Model) displayName(kind string) string {
	return displayName(kind, &trove.Instance{ID: m.ID.ValueString(), Name: m.Name.ValueString()})
}
