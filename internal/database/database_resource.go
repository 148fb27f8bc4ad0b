// Package database holds trove_database: a database within a MySQL, MariaDB or PostgreSQL instance.
package database

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "database"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
)

// Resource is trove_database.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_database"
	resp.ResourceBehavior.MutableIdentity = true // instance_id may change within a replication set
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Create, instancebase.GuestTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(instancebase.CheckGuestValues(ctx, client, kindName, plan.InstanceID.ValueString(), plan.checks()...)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.SetComputed(client, plan.Name.ValueString())
	wanted := trove.Database{Name: plan.Name.ValueString(), CharacterSet: plan.CharacterSet.ValueString(), Collate: plan.Collate.ValueString()}
	err := client.CreateDatabase(ctx, plan.InstanceID.ValueString(), wanted, func() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
		if resp.Private != nil {
			resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
		}
	})
	if err != nil {
		resp.Diagnostics.Append(instancebase.Unprotect(ctx, &resp.State)...)
		resp.Diagnostics.Append(instancebase.GuestCreateError(ctx, client, "databases", plan.InstanceID.ValueString(), plan.displayName(), "trove_database.NAME", plan.ID.ValueString(), err))
	}
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kindName, req.State.Raw, "instance_id", "name")...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, ctx, cancel := r.BeginRead(ctx, state.Region, state.Timeouts.Read, instancebase.GuestReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	there, err := client.HasDatabase(ctx, state.InstanceID.ValueString(), state.Name.ValueString())
	if err != nil {
		gone, diags := instancebase.GuestReadError(state.displayName(), err)
		resp.Diagnostics.Append(diags...)
		there = !gone
	}
	if !there {
		r.ReadGone(ctx, client, kindName, state.displayName(), req, resp)
		return
	}
	state.SetComputed(client, state.Name.ValueString())
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
	if resp.Private != nil {
		resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
	}
}

// Update implements resource.Resource. What changes in place is what only the state knows.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "instance_id", "name")...)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.SetComputed(client, plan.Name.ValueString())
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	unidentified, diags := tfkit.Unidentified(kindName, req.State.Raw, "instance_id", "name")
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(instancebase.ProtectedFromDeletion(ctx, kindName, req.State)...)
	client, ctx, cancel := r.Begin(ctx, state.Region, state.Timeouts.Delete, instancebase.GuestTimeout, &resp.Diagnostics)
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
	if err := client.RemoveDatabase(ctx, state.InstanceID.ValueString(), state.Name.ValueString()); err != nil {
		resp.Diagnostics.Append(instancebase.GuestDeleteError(state.displayName(), err))
	}
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"instance_id": {Description: "The id of the instance.", RequiredForImport: true},
		"name":        {Description: "The name of the database.", RequiredForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by instance_id/name, or by identity.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, "a database", req, func(id string) (map[string]string, error) {
		instance, name, ok := strings.Cut(id, "/")
		if !ok || instance == "" || name == "" {
			return nil, errors.New("a database is imported by instance_id/name")
		}
		return map[string]string{"instance_id": instance, "name": name}, errors.Join(tfkit.CheckID(instance), guestrules.CheckDatabaseName("", name))
	})
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.Import(ctx, asked, req, resp)
	}
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	type old struct{ ID string }
	return []resource.StateMover{instancebase.MoveFromOpenStack("openstack_db_database_v1", func(ctx context.Context, from old, state *tfsdk.State) diag.Diagnostics {
		_, _, diags := instancebase.MoveGuestObject(ctx, from.ID, state)
		return diags
	})}
}
