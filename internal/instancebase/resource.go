package instancebase

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Default time-outs. Trove itself allows an hour for building a replica, since it restores a backup for it.
const (
	CreateTimeout = 90 * time.Minute
	UpdateTimeout = 60 * time.Minute
	DeleteTimeout = 60 * time.Minute
)

// ResourceModel is a resource's model: a struct that embeds Model, which is one itself.
type ResourceModel interface {
	// Shared is the part that all instances have.
	Shared() *Model
	// FromAPI fills in what the server shows, the kind's own attributes included.
	FromAPI(ctx context.Context, c *trove.Client, i *trove.Instance) diag.Diagnostics
}

// Resource is embedded by every resource: it receives the connection, identifies and imports by id, and leads an instance through its
// life. A kind says what to create, what goes before a change, and how the instance leaves.
type Resource struct{ connection *Connection }

// Configure implements resource.ResourceWithConfigure. Terraform validates without a configured provider, so none is no
// error here.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &r.connection)...)
}

// Client is the client for a region; the provider's own where it is null or not known.
func (r *Resource) Client(region types.String) (*trove.Client, diag.Diagnostics) {
	return inRegion(r.connection, region)
}

// Configured says whether there is a provider configuration: not while Terraform only validates.
func (r *Resource) Configured() bool { return r.connection != nil }

// CreateInstance creates what request asks for. plan is the kind's empty model.
func (r *Resource) CreateInstance(ctx context.Context, kind string, req resource.CreateRequest, resp *resource.CreateResponse, plan ResourceModel,
	request func(context.Context, *trove.Client) (trove.CreateRequest, diag.Diagnostics),
) {
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	shared := plan.Shared()
	client, ctx, cancel := r.Begin(ctx, shared.Region, shared.Timeouts.Create, CreateTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	asked, diags := request(ctx, client)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	set := r.connection.building.enter(client.Region(), asked.Topology)
	created, diags := createInstance(ctx, client, kind, asked, func(i *trove.Instance) diag.Diagnostics {
		set.heard(i.Warnings)
		shared.SetCreated(i, client.Region())
		// Until the instance is there, protection would only keep the next apply from replacing what has failed.
		protection := shared.DeletionProtection
		defer func() { shared.DeletionProtection = protection }()
		shared.DeletionProtection = types.BoolValue(false)
		return append(setKnown(ctx, &resp.State, plan), SetIdentity(ctx, resp.Identity, &resp.State)...)
	})
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(set.leave(ctx, client, created)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if asked.ReplicaOf != "" {
		// Released Trove took flavor, volume and version from the source: what the plan wants otherwise is changed now.
		inherited := *shared
		resp.Diagnostics.Append(inherited.FromAPI(ctx, client, created)...)
		created, diags = updateInstance(ctx, client, kind, &inherited, shared)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(plan.FromAPI(ctx, client, created)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// setKnown puts a model into the state with null for all that is not known yet: the state may stay like that.
func setKnown(ctx context.Context, state *tfsdk.State, model any) diag.Diagnostics {
	diags := state.Set(ctx, model)
	known, err := tftypes.Transform(state.Raw, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		diags.AddError("Unable to keep the state", "What is not known yet could not be left out: "+err.Error())
		return diags
	}
	state.Raw = known
	return diags
}

// ReadInstance refreshes the state; an instance that is gone leaves it, and one that was imported must be of this kind. state is
// the kind's empty model.
func (r *Resource) ReadInstance(ctx context.Context, kind InstanceKind, req resource.ReadRequest, resp *resource.ReadResponse, state ResourceModel) {
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	client, diags := r.Client(state.Shared().Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, diags := readInstance(ctx, client, kind.Name, state.Shared())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if found == nil {
		RemoveState(ctx, resp)
		return
	}
	if state.Shared().Name.IsNull() { // an import knows the id alone
		resp.Diagnostics.Append(kind.checkImport(ctx, client, found)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	r.connection.managed.add(found.ID)
	resp.Diagnostics.Append(state.FromAPI(ctx, client, found)...)
	resp.Diagnostics.Append(SaveState(ctx, &resp.State, resp.Identity, state)...)
}

// UpdateInstance makes the instance what the plan says. first is what the kind does before any of the shared changes,
// since those can be slow; it notes in the state what it has done, and may be nil. state and plan are the kind's empty
// models.
func (r *Resource) UpdateInstance(ctx context.Context, kind string, req resource.UpdateRequest, resp *resource.UpdateResponse, state, plan ResourceModel,
	first func(context.Context, *trove.Client) diag.Diagnostics,
) {
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
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
	planned := *shared
	resp.Diagnostics.Append(plan.FromAPI(ctx, client, updated)...)
	shared.keepPlanned(&planned)
	resp.Diagnostics.Append(SaveState(ctx, &resp.State, resp.Identity, plan)...)
}

// DeleteInstance deletes the instance. leave is how the kind takes it out of its topology before that; it may be nil.
// state is the kind's empty model.
func (r *Resource) DeleteInstance(ctx context.Context, kind string, req resource.DeleteRequest, resp *resource.DeleteResponse, state ResourceModel,
	leave func(context.Context, *trove.Client) diag.Diagnostics,
) {
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	shared := state.Shared()
	client, ctx, cancel := r.Begin(ctx, shared.Region, shared.Timeouts.Delete, DeleteTimeout, &resp.Diagnostics)
	defer cancel()
	if d := protectionError(kind, shared); d != nil {
		resp.Diagnostics.Append(d)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if leave != nil {
		resp.Diagnostics.Append(leave(ctx, client)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(deleteInstance(ctx, client, kind, shared)...)
}

// Timeout reads a time-out from a model, in place of a default.
type Timeout func(ctx context.Context, fallback time.Duration) (time.Duration, diag.Diagnostics)

// Begin gives an operation its client and its time-out: timeout reads it from the model, fallback is its default. It
// reports what went wrong in diags; cancel is never nil.
func (r *Resource) Begin(ctx context.Context, region types.String, timeout Timeout, fallback time.Duration, diags *diag.Diagnostics,
) (*trove.Client, context.Context, context.CancelFunc) {
	limit, d := timeout(ctx, fallback)
	diags.Append(d...)
	client, d := r.Client(region)
	diags.Append(d...)
	ctx, cancel := context.WithTimeout(ctx, limit)
	return client, ctx, cancel
}
