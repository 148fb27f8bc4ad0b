// Package backup holds trove_backup: a backup of an instance, which outlives it.
package backup

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const kindName = "backup"

// Default timeouts. Trove itself allows a day for a backup.
const (
	createTimeout = 4 * time.Hour
	deleteTimeout = 30 * time.Minute
)

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_backup.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup"
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	created, err := client.CreateBackup(ctx, plan.ToAPI())
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("create", kindName+" "+plan.Name.ValueString(), err, ""))
		return
	}
	resp.Diagnostics.Append(plan.FromAPI(created, client.Region())...)
	instancebase.SaveCreated(ctx, client, req, resp, &plan)
	if resp.Diagnostics.HasError() {
		return
	}
	done, err := client.WaitBackup(ctx, created.ID)
	if err != nil {
		resp.Diagnostics.Append(instancebase.Unprotect(ctx, &resp.State)...)
		resp.Diagnostics.Append(instancebase.APIError("create", plan.displayName(), err,
			"The backup is in the state, marked as tainted: the next apply deletes it and creates another. If it completes after all, "+
				"keep it with: terraform untaint trove_backup.NAME"))
		return
	}
	resp.Diagnostics.Append(instancebase.ReadBackErrors(kindName, instancebase.AfterCreation, plan.FromAPI(done, client.Region()), "The backup is in the state.")...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(plan.warnOfDriver(done)...)
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kindName, req.State.Raw, "id")...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	b, err := client.Backup(ctx, state.ID.ValueString())
	if errors.Is(err, openstack.ErrNotFound) {
		r.ReadGone(ctx, client, kindName, state.displayName(), req, resp)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("read", state.displayName(), err, ""))
		return
	}
	client.SetManaged(kindName, b.Name, b.ID)
	resp.Diagnostics.Append(state.FromAPI(b, client.Region())...)
	if resp.Diagnostics.HasError() {
		return
	}
	instancebase.SaveRead(ctx, client, resp, &state)
}

// Update implements resource.Resource. Only attributes that are not sent to the server change in place.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "id")...)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	_, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	unidentified, diags := tfkit.Unidentified(kindName, req.State.Raw, "id")
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(instancebase.ProtectedFromDeletion(ctx, kindName, req.State)...)
	client, ctx, cancel := r.Begin(ctx, state.Region, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Private != nil {
		resp.Diagnostics.Append(instancebase.RefuseOtherProject(ctx, client, "delete", state.displayName(), req.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.RemoveBackup(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(instancebase.APIError("delete", state.displayName(), err, "It stays in the state."))
	}
}
