package instancebase

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// objectTimeout limits a change of an object, and a refresh of one that is not within an instance, if it has no timeout of its own.
const objectTimeout = GuestTimeout

// ObjectKind is a kind of object other than an instance, such as a user or the quotas of a project.
type ObjectKind struct {
	// Name is the word for it in messages.
	Name string
	// IdentifiedBy are the attributes that a state needs to identify an object.
	IdentifiedBy []string
	// Guest says that it is within an instance: it is deleted with the instance, and its state is kept while the database server is down.
	Guest bool
	// NoProject says that it does not belong to the project that the provider is signed in to.
	NoProject bool
	// DeleteVerb is the verb for a deletion; "" is "delete".
	DeleteVerb string
}

// ObjectModel is a pointer to the model of such an object.
type ObjectModel interface {
	// DisplayName returns the name of the object in messages.
	DisplayName() string
	// Limits returns the region and the timeouts, which are the zero value if the kind has none.
	Limits() (region types.String, limits timeouts.Value)
}

// CreateObject creates an object. plan is an empty model of the kind, which is read from the plan. create creates the object and calls save
// as soon as it may exist. The plan as create leaves it is saved at the end, unless there is an error.
func (r *Resource) CreateObject(ctx context.Context, kind ObjectKind, plan ObjectModel, req resource.CreateRequest, resp *resource.CreateResponse,
	create func(ctx context.Context, client *operation.Client, save func()) diag.Diagnostics,
) {
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	region, limits := plan.Limits()
	client, ctx, cancel := r.Begin(ctx, region, limits.Create, objectTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	save := func() {
		if kind.NoProject {
			resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, plan)...)
			return
		}
		SaveCreated(ctx, client, req, resp, plan)
	}
	resp.Diagnostics.Append(create(ctx, client, save)...)
	switch {
	case !resp.Diagnostics.HasError():
		save()
	case kind.Guest:
		resp.Diagnostics.Append(Unprotect(ctx, &resp.State)...)
	}
}

// ReadObject refreshes an object. state is an empty model of the kind, which read fills in; read reports whether the object exists.
func (r *Resource) ReadObject(ctx context.Context, kind ObjectKind, state ObjectModel, req resource.ReadRequest, resp *resource.ReadResponse,
	read func(ctx context.Context, client *operation.Client) (bool, error),
) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kind.Name, req.State.Raw, kind.IdentifiedBy...)...)
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	region, limits := state.Limits()
	client, ctx, cancel := r.BeginRead(ctx, region, limits.Read, kind.readTimeout(), &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	there, err := read(ctx, client)
	if err != nil {
		gone, diags := kind.readError(state.DisplayName(), err)
		resp.Diagnostics.Append(diags...)
		there = !gone
	}
	switch {
	case !there:
		r.ReadGone(ctx, client, kind.Name, state.DisplayName(), req, resp)
	case resp.Diagnostics.HasError():
	case err != nil, kind.NoProject:
		resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, state)...)
	default:
		SaveRead(ctx, client, resp, state)
	}
}

// UpdateObject changes an object. state and plan are empty models of the kind. The plan as change leaves it is saved, unless there is an
// error.
func (r *Resource) UpdateObject(ctx context.Context, kind ObjectKind, state, plan ObjectModel, req resource.UpdateRequest, resp *resource.UpdateResponse,
	change func(ctx context.Context, client *operation.Client) diag.Diagnostics,
) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kind.Name, req.State.Raw, kind.IdentifiedBy...)...)
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	region, limits := plan.Limits()
	client, ctx, cancel := r.Begin(ctx, region, limits.Update, objectTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(change(ctx, client)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, plan)...)
	}
}

// DeleteObject deletes an object. state is an empty model of the kind.
func (r *Resource) DeleteObject(ctx context.Context, kind ObjectKind, state ObjectModel, req resource.DeleteRequest, resp *resource.DeleteResponse,
	remove func(ctx context.Context, client *operation.Client) diag.Diagnostics,
) {
	unidentified, diags := tfkit.Unidentified(kind.Name, req.State.Raw, kind.IdentifiedBy...)
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	if kind.Guest {
		resp.Diagnostics.Append(ProtectedFromDeletion(ctx, kind.Name, req.State)...)
	}
	region, limits := state.Limits()
	client, ctx, cancel := r.Begin(ctx, region, limits.Delete, objectTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Private != nil {
		resp.Diagnostics.Append(RefuseOtherProject(ctx, client, cmp.Or(kind.DeleteVerb, "delete"), state.DisplayName(), req.Private)...)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(remove(ctx, client)...)
	}
}

func (k ObjectKind) readTimeout() time.Duration {
	if k.Guest {
		return GuestReadTimeout
	}
	return objectTimeout
}

func (k ObjectKind) readError(displayName string, err error) (gone bool, diags diag.Diagnostics) {
	if k.Guest {
		return GuestReadError(displayName, err)
	}
	return false, diag.Diagnostics{APIError("read", displayName, err, "")}
}
