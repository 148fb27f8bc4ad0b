// Package instancessl holds trove_instance_ssl: the encryption of the connections to an instance.
package instancessl

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const kindName = "SSL"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_instance_ssl.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_instance_ssl"
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
	plan.setComputed(client, nil)
	save := func() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
		if resp.Private != nil {
			resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
		}
	}
	result, err := client.EnableSSL(ctx, plan.InstanceID.ValueString(), plan.ToAPI(), false, instancebase.RestartsIfNeeded(plan.RestartPolicy), save)
	if err != nil {
		consequence := "Nothing was changed."
		var exists *operation.ExistsError
		switch {
		case errors.As(err, &exists):
			consequence += " To manage it, import it: terraform import trove_instance_ssl.NAME " + plan.InstanceID.ValueString()
		case !resp.State.Raw.IsNull():
			consequence = "SSL may be enabled, so it is in the state, marked as tainted: the next apply disables it and enables it again. To keep it, run: " +
				"terraform untaint trove_instance_ssl.NAME"
		}
		resp.Diagnostics.Append(instancebase.Unprotect(ctx, &resp.State)...)
		resp.Diagnostics.Append(instancebase.APIError("enable", plan.displayName(), err, consequence))
		return
	}
	resp.Diagnostics.Append(restartAdvice(&plan, result)...)
	resp.Diagnostics.Append(plan.readBack(ctx, client)...)
	if !resp.Diagnostics.HasError() {
		save()
	}
}

// restartAdvice warns where the databases are to be restarted, and nobody has done so.
func restartAdvice(m *model, result operation.SSLResult) (diags diag.Diagnostics) {
	if result.RestartRequired && len(result.Restarted) == 0 && !instancebase.RestartsIfNeeded(m.RestartPolicy) {
		diags.AddWarning("SSL changes with the next restart", "Instance "+m.InstanceID.ValueString()+" and its replicas must be restarted before the change of SSL takes "+
			"effect: the source first, then one replica after the other. Until then they may show RESTART_REQUIRED. Run: openstack database instance restart "+
			"INSTANCE, or set restart_policy = \"if_needed\", with which the provider restarts them.")
	}
	return diags
}

// readBack takes over what the server shows.
func (m *model) readBack(ctx context.Context, client *operation.Client) diag.Diagnostics {
	found, err := client.SSLOf(ctx, m.InstanceID.ValueString())
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read", m.displayName(), err, "The change was made.")}
	}
	m.setComputed(client, found)
	return nil
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
	found, err := client.SSLOf(ctx, state.InstanceID.ValueString())
	gone := err == nil && !found.Enabled()
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
		state.Mode = types.StringValue(found.Mode)
		state.setComputed(client, found)
	}
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
	if err == nil && resp.Private != nil {
		resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
	}
}

// Update implements resource.Resource. Enabling SSL again renews the certificate and changes the mode.
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
	if plan.ToAPI() != state.ToAPI() {
		result, err := client.EnableSSL(ctx, plan.InstanceID.ValueString(), plan.ToAPI(), true, instancebase.RestartsIfNeeded(plan.RestartPolicy), func() {})
		if err != nil {
			resp.Diagnostics.Append(instancebase.APIError("change", plan.displayName(), err, "The state keeps the old values, so that the next apply tries again. To go "+
				"back to what was before an accepted change: the action trove_rollback_instance_ssl."))
			return
		}
		resp.Diagnostics.Append(restartAdvice(&plan, result)...)
	}
	resp.Diagnostics.Append(plan.readBack(ctx, client)...)
	plan.forgetUnknown()
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
	result, err := client.DisableSSL(ctx, state.InstanceID.ValueString(), instancebase.RestartsIfNeeded(state.RestartPolicy))
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("disable", state.displayName(), err, "It stays in the state."))
		return
	}
	resp.Diagnostics.Append(restartAdvice(&state, result)...)
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"instance_id": {Description: "The id of the instance.", RequiredForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by the id of the instance, or by identity.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, "SSL", req, func(id string) (map[string]string, error) {
		return map[string]string{"instance_id": id}, tfkit.CheckID(id)
	})
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.Import(ctx, asked, req, resp)
	}
}
