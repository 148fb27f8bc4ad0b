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
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "database"

var kind = instancebase.ObjectKind{Name: kindName, IdentifiedBy: []string{"instance_id", "name"}, Guest: true}

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
	r.CreateObject(ctx, kind, &plan, req, resp, func(ctx context.Context, client *operation.Client, save func()) diag.Diagnostics {
		instance := plan.InstanceID.ValueString()
		diags := instancebase.CheckGuestValues(ctx, client, kindName, instance, plan.checks()...)
		if diags.HasError() {
			return diags
		}
		plan.SetComputed(client, plan.Name.ValueString())
		wanted := trove.Database{Name: plan.Name.ValueString(), CharacterSet: plan.CharacterSet.ValueString(), Collate: plan.Collate.ValueString()}
		if err := client.CreateDatabase(ctx, instance, wanted, save); err != nil {
			diags.Append(instancebase.GuestCreateError(ctx, client, "databases", instance, plan.DisplayName(), "trove_database.NAME", plan.ID.ValueString(), err))
		}
		return diags
	})
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	r.ReadObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (bool, error) {
		state.SetComputed(client, state.Name.ValueString())
		return client.HasDatabase(ctx, state.InstanceID.ValueString(), state.Name.ValueString())
	})
}

// Update implements resource.Resource. Only attributes that are not sent to the server change in place.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan model
	r.UpdateObject(ctx, kind, &state, &plan, req, resp, func(_ context.Context, client *operation.Client) diag.Diagnostics {
		plan.SetComputed(client, plan.Name.ValueString())
		return nil
	})
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	r.DeleteObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (diags diag.Diagnostics) {
		if err := client.RemoveDatabase(ctx, state.InstanceID.ValueString(), state.Name.ValueString()); err != nil {
			diags.Append(instancebase.GuestDeleteError(state.DisplayName(), err))
		}
		return diags
	})
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
