// Package backupstrategy holds trove_backup_strategy: into which container backups go.
package backupstrategy

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const kindName = "backup strategy"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_backup_strategy.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_strategy"
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.setID(client.Region())
	err := client.CreateBackupStrategy(ctx, plan.ToAPI(), func() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
		if resp.Private != nil {
			resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
		}
	})
	if err != nil {
		resp.Diagnostics.Append(instancebase.WithinCreateError(plan.displayName(), "trove_backup_strategy.NAME", plan.ID.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(plan.readBack(ctx, client)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	}
}

// readBack takes over what the server has made of the plan.
func (m *model) readBack(ctx context.Context, client *operation.Client) diag.Diagnostics {
	found, err := client.BackupStrategyOf(ctx, m.InstanceID.ValueString())
	if err == nil && found == nil {
		err = errors.New("the server does not list it")
	}
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read", m.displayName(), err, "The strategy is in the state.")}
	}
	m.FromAPI(found, client.Region())
	return nil
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
	state.identify()
	found, err := client.BackupStrategyOf(ctx, state.InstanceID.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.Append(instancebase.APIError("read", state.displayName(), err, ""))
		return
	case found == nil:
		r.ReadGone(ctx, client, kindName, state.displayName(), req, resp)
		return
	}
	state.FromAPI(found, client.Region())
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
	if resp.Private != nil {
		resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
	}
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "id")...)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.SetBackupStrategy(ctx, plan.ToAPI(), func() {}); err != nil {
		resp.Diagnostics.Append(instancebase.APIError("change", plan.displayName(), err, "The next plan shows what the server has."))
		return
	}
	resp.Diagnostics.Append(plan.readBack(ctx, client)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	}
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
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Private != nil {
		resp.Diagnostics.Append(instancebase.RefuseOtherProject(ctx, client, "delete", state.displayName(), req.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	state.identify()
	if err := client.RemoveBackupStrategy(ctx, state.InstanceID.ValueString()); err != nil {
		resp.Diagnostics.Append(instancebase.APIError("delete", state.displayName(), err, "It stays in the state."))
	}
}
