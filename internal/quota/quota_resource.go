// Package quota holds trove_quota: how much a project may use.
package quota

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
)

const kindName = "quota"

var kind = instancebase.ObjectKind{Name: kindName, IdentifiedBy: []string{"id"}, NoProject: true}

var (
	_ resource.ResourceWithConfigure        = (*Resource)(nil)
	_ resource.ResourceWithIdentity         = (*Resource)(nil)
	_ resource.ResourceWithImportState      = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan       = (*Resource)(nil)
	_ resource.ResourceWithConfigValidators = (*Resource)(nil)
)

// Resource is trove_quota.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_quota"
}

// Create implements resource.Resource. A project always has quotas, so it changes them.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	r.CreateObject(ctx, kind, &plan, req, resp, func(ctx context.Context, client *operation.Client, save func()) diag.Diagnostics {
		asked := plan
		plan.setID(client.Region())
		plan.forgetUnknown()
		if err := client.SetQuotas(ctx, plan.ProjectID.ValueString(), asked.ToAPI(), save); err != nil {
			next := instancebase.AdministratorsOnly(err)
			if !resp.State.Raw.IsNull() {
				next = "The quotas may have changed, so they are in the state, marked as tainted: the next apply sets them again."
			}
			return diag.Diagnostics{instancebase.APIError("change", plan.DisplayName(), err, next)}
		}
		return plan.readBack(ctx, client)
	})
}

// readBack takes over the quotas as the server has set them.
func (m *model) readBack(ctx context.Context, client *operation.Client) diag.Diagnostics {
	found, err := client.Quotas(ctx, m.ProjectID.ValueString())
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read", m.DisplayName(), err, "The quotas were set, and are in the state.")}
	}
	m.FromAPI(found, client.Region())
	return nil
}

// Read implements resource.Resource. A project always has quotas, so they are never gone.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	r.ReadObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (bool, error) {
		state.ProjectID = state.ID // an import knows only the id
		found, err := client.Quotas(ctx, state.ProjectID.ValueString())
		if err == nil {
			state.FromAPI(found, client.Region())
		}
		return true, err
	})
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan model
	r.UpdateObject(ctx, kind, &state, &plan, req, resp, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		if err := client.SetQuotas(ctx, plan.ProjectID.ValueString(), plan.ToAPI(), func() {}); err != nil {
			next := cmp.Or(instancebase.AdministratorsOnly(err), "The next plan shows what the server has.")
			return diag.Diagnostics{instancebase.APIError("change", plan.DisplayName(), err, next)}
		}
		return plan.readBack(ctx, client)
	})
}

// Delete implements resource.Resource. The API can set quotas but not unset them.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	r.DeleteObject(ctx, kind, &state, req, resp, func(context.Context, *operation.Client) diag.Diagnostics {
		id := state.ID.ValueString()
		return diag.Diagnostics{diag.NewWarningDiagnostic("The quotas stay as they are", "Trove cannot set the quotas of a project back to their defaults. Project "+id+
			" keeps "+state.describe()+"; the resource was only removed from the state. To change them: openstack database quota update "+id+" RESOURCE LIMIT")}
	})
}
