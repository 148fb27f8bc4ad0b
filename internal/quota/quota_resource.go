// Package quota holds trove_quota: what a project may use.
package quota

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const kindName = "quota"

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

// Create implements resource.Resource. A project always has quotas: they are changed.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	asked := plan
	plan.setID(client.Region())
	plan.forgetUnknown()
	err := client.SetQuotas(ctx, plan.ProjectID.ValueString(), asked.ToAPI(), func() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	})
	if err != nil {
		next := instancebase.AdministratorsOnly(err)
		if !resp.State.Raw.IsNull() {
			next = "The quotas may have changed, so they are in the state, marked as tainted: the next apply sets them again."
		}
		resp.Diagnostics.Append(instancebase.APIError("change", plan.displayName(), err, next))
		return
	}
	resp.Diagnostics.Append(plan.readBack(ctx, client)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	}
}

// readBack takes over what the server has made of the plan.
func (m *model) readBack(ctx context.Context, client *operation.Client) diag.Diagnostics {
	found, err := client.Quotas(ctx, m.ProjectID.ValueString())
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read", m.displayName(), err, "The quotas were set, and are in the state.")}
	}
	m.FromAPI(found, client.Region())
	return nil
}

// Read implements resource.Resource. A project always has quotas, so they are never gone.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kindName, req.State.Raw, "id")...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	state.ProjectID = state.ID // an import knows the id alone
	found, err := client.Quotas(ctx, state.ProjectID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("read", state.displayName(), err, ""))
		return
	}
	state.FromAPI(found, client.Region())
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
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
	if err := client.SetQuotas(ctx, plan.ProjectID.ValueString(), plan.ToAPI(), func() {}); err != nil {
		next := instancebase.AdministratorsOnly(err)
		if next == "" {
			next = "The next plan shows what the server has."
		}
		resp.Diagnostics.Append(instancebase.APIError("change", plan.displayName(), err, next))
		return
	}
	resp.Diagnostics.Append(plan.readBack(ctx, client)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	}
}

// Delete implements resource.Resource. The API can set quotas and not take them back.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	unidentified, diags := tfkit.Unidentified(kindName, req.State.Raw, "id")
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.AddWarning("The quotas stay as they are", "Trove cannot set the quotas of a project back to their defaults. Project "+state.ID.ValueString()+
		" keeps "+state.describe()+"; the resource was only removed from the state. To change them: openstack database quota update "+state.ID.ValueString()+
		" RESOURCE LIMIT")
}
