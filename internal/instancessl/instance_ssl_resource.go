// Package instancessl holds trove_instance_ssl: the encryption of the connections to an instance.
package instancessl

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "SSL"

var kind = instancebase.ObjectKind{Name: kindName, IdentifiedBy: []string{"instance_id"}, Guest: true, DeleteVerb: "disable"}

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_instance_ssl.
type Resource struct {
	instancebase.InstanceSettingResource
}

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
	r.CreateObject(ctx, kind, &plan, req, resp, func(ctx context.Context, client *operation.Client, save func()) (diags diag.Diagnostics) {
		plan.setComputed(client, nil)
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
			return diag.Diagnostics{instancebase.APIError("enable", plan.DisplayName(), err, consequence)}
		}
		diags.Append(restartAdvice(&plan, result)...)
		return append(diags, plan.readBack(ctx, client)...)
	})
}

// restartAdvice warns if the databases need a restart that nobody has made.
func restartAdvice(m *model, result operation.SSLResult) (diags diag.Diagnostics) {
	if result.RestartRequired && len(result.Restarted) == 0 && !instancebase.RestartsIfNeeded(m.RestartPolicy) {
		diags.AddWarning("SSL changes with the next restart", "Instance "+m.InstanceID.ValueString()+" and its replicas must be restarted before the change of SSL takes "+
			"effect: the source first, then one replica after the other. Trove does not go on showing that. Run: openstack database instance restart "+
			"INSTANCE, or set restart_policy = \"if_needed\", with which the provider restarts them.")
	}
	return diags
}

// readBack takes over what the server returns.
func (m *model) readBack(ctx context.Context, client *operation.Client) diag.Diagnostics {
	found, err := client.SSLOf(ctx, m.InstanceID.ValueString())
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read", m.DisplayName(), err, "The change was made.")}
	}
	m.setComputed(client, found)
	return nil
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	r.ReadObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (bool, error) {
		found, err := client.SSLOf(ctx, state.InstanceID.ValueString())
		if err != nil || !found.Enabled() {
			return false, err
		}
		state.refresh(client, found)
		return true, nil
	})
}

// Update implements resource.Resource. Enabling SSL again renews the certificate and changes the mode.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan model
	r.UpdateObject(ctx, kind, &state, &plan, req, resp, func(ctx context.Context, client *operation.Client) (diags diag.Diagnostics) {
		if plan.ToAPI() != state.ToAPI() {
			result, err := client.EnableSSL(ctx, plan.InstanceID.ValueString(), plan.ToAPI(), true, instancebase.RestartsIfNeeded(plan.RestartPolicy), func() {})
			if err != nil {
				return diag.Diagnostics{instancebase.APIError("change", plan.DisplayName(), err, "The state keeps the old values, so that the next apply tries again. To go "+
					"back to what was before an accepted change: the action trove_rollback_instance_ssl.")}
			}
			diags.Append(restartAdvice(&plan, result)...)
		}
		diags.Append(plan.readBack(ctx, client)...)
		plan.forgetUnknown()
		return diags
	})
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	r.DeleteObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		result, err := client.DisableSSL(ctx, state.InstanceID.ValueString(), instancebase.RestartsIfNeeded(state.RestartPolicy))
		var cannot *trove.NotOfferedError
		switch {
		case errors.As(err, &cannot):
			return diag.Diagnostics{diag.NewWarningDiagnostic("SSL stays enabled", "The "+state.DisplayName()+" was not disabled, and the resource was only removed from the "+
				"state: "+cannot.Error()+". The instance keeps its mode and its certificate as long as it lives.")}
		case err != nil:
			return diag.Diagnostics{instancebase.APIError("disable", state.DisplayName(), err, "It stays in the state.")}
		}
		return restartAdvice(&state, result)
	})
}
