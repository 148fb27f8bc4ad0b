// Package root holds trove_root: the administrative user of the database within an instance.
package root

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
)

// kindName is the word for the resource in messages, and rootName the name of the user in the database server.
const (
	kindName = "administrative user"
	rootName = "root"
)

var kind = instancebase.ObjectKind{Name: kindName, IdentifiedBy: []string{"instance_id"}, Guest: true, DeleteVerb: "disable"}

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_root.
type Resource struct {
	instancebase.InstanceSettingResource
}

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
	r.CreateObject(ctx, kind, &plan, req, resp, func(ctx context.Context, client *operation.Client, save func()) diag.Diagnostics {
		secret, diags := password(ctx, req.Config)
		if diags.HasError() {
			return diags
		}
		plan.setComputed(client)
		if err := client.EnableRoot(ctx, plan.InstanceID.ValueString(), secret, save); err != nil {
			consequence := "Nothing was changed."
			if !resp.State.Raw.IsNull() {
				consequence = "Root may be enabled, so it is in the state, marked as tainted: the next apply disables it and enables it again."
			}
			diags.Append(instancebase.APIError("enable", plan.DisplayName(), err, consequence))
		}
		return diags
	})
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	r.ReadObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (bool, error) {
		enabled, err := client.RootOn(ctx, state.InstanceID.ValueString())
		if err == nil {
			state.setComputed(client)
		}
		return enabled, err
	})
}

// Update implements resource.Resource. Only the password is changed at the server.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan model
	r.UpdateObject(ctx, kind, &state, &plan, req, resp, func(ctx context.Context, client *operation.Client) (diags diag.Diagnostics) {
		plan.setComputed(client)
		if plan.PasswordVersion.IsNull() || plan.PasswordVersion.Equal(state.PasswordVersion) {
			return nil
		}
		secret, diags := password(ctx, req.Config)
		if diags.HasError() {
			return diags
		}
		if err := client.SetRootPassword(ctx, plan.InstanceID.ValueString(), secret); err != nil {
			diags.Append(instancebase.APIErrorAt(path.Root("password_wo"), "change the password of", plan.DisplayName(), err,
				"The state keeps the old password_wo_version, so that the next apply tries again."))
		}
		return diags
	})
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	r.DeleteObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (diags diag.Diagnostics) {
		if err := client.DisableRoot(ctx, state.InstanceID.ValueString()); err != nil {
			diags.Append(instancebase.APIError("disable", state.DisplayName(), err, "It stays in the state."))
		}
		return diags
	})
}
