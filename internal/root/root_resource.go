// Package root holds trove_root: the administrative user of the database within an instance.
package root

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// kindName is what messages call it, and rootName what the database does.
const (
	kindName = "administrative user"
	rootName = "root"
)

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_root.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_root"
	resp.ResourceBehavior.MutableIdentity = true // instance_id may change within a replication set
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Create, instancebase.GuestTimeout, &resp.Diagnostics)
	defer cancel()
	secret, diags := password(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.setComputed(client)
	err := client.EnableRoot(ctx, plan.InstanceID.ValueString(), secret, func() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
		if resp.Private != nil {
			resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
		}
	})
	if err != nil {
		consequence := "Nothing was changed."
		if !resp.State.Raw.IsNull() {
			consequence = "Root may be enabled, so it is in the state, marked as tainted: the next apply disables it and enables it again."
		}
		resp.Diagnostics.Append(instancebase.Unprotect(ctx, &resp.State)...)
		resp.Diagnostics.Append(instancebase.APIError("enable", plan.displayName(), err, consequence))
	}
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kindName, req.State.Raw, "instance_id")...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, ctx, cancel := r.BeginRead(ctx, state.Region, state.Timeouts.Read, instancebase.GuestReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	enabled, err := client.RootOn(ctx, state.InstanceID.ValueString())
	gone := err == nil && !enabled
	if err != nil {
		var diags diag.Diagnostics
		gone, diags = instancebase.GuestReadError(state.displayName(), err)
		resp.Diagnostics.Append(diags...)
	}
	if gone {
		r.ReadGone(ctx, client, kindName, state.displayName(), req, resp)
		return
	}
	if err == nil {
		state.setComputed(client)
	}
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
	if err == nil && resp.Private != nil {
		resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
	}
}

// Update implements resource.Resource. Only the password changes at the server.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "instance_id")...)
	var state, plan model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Update, instancebase.GuestTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.PasswordVersion.IsNull() && !plan.PasswordVersion.Equal(state.PasswordVersion) {
		secret, diags := password(ctx, req.Config)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		if err := client.SetRootPassword(ctx, plan.InstanceID.ValueString(), secret); err != nil {
			resp.Diagnostics.Append(instancebase.APIErrorAt(path.Root("password_wo"), "change the password of", plan.displayName(), err,
				"The state keeps the old password_wo_version, so that the next apply tries again."))
			return
		}
	}
	plan.setComputed(client)
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	unidentified, diags := tfkit.Unidentified(kindName, req.State.Raw, "instance_id")
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
		resp.Diagnostics.Append(instancebase.RefuseOtherProject(ctx, client, "disable", state.displayName(), req.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.DisableRoot(ctx, state.InstanceID.ValueString()); err != nil {
		resp.Diagnostics.Append(instancebase.APIError("disable", state.displayName(), err, "It stays in the state."))
	}
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"instance_id": {Description: "The id of the instance.", RequiredForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by the id of the instance, or by identity.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, "root", req, func(id string) (map[string]string, error) {
		return map[string]string{"instance_id": id}, tfkit.CheckID(id)
	})
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.Import(ctx, asked, req, resp)
	}
}
