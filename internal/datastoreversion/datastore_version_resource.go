package datastoreversion

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "datastore version"

var (
	_ resource.ResourceWithConfigure        = (*Resource)(nil)
	_ resource.ResourceWithIdentity         = (*Resource)(nil)
	_ resource.ResourceWithImportState      = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan       = (*Resource)(nil)
	_ resource.ResourceWithConfigValidators = (*Resource)(nil)
)

// Resource is trove_datastore_version.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_datastore_version"
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
	asked, diags := plan.ToAPI(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	err := client.CreateDatastoreVersion(ctx, asked, func(made *trove.ManagedVersion) {
		resp.Diagnostics.Append(plan.FromAPI(ctx, made, client.Region())...)
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	})
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("create", plan.displayName(), err, afterCreation(err, !resp.State.Raw.IsNull())))
		return
	}
	resp.Diagnostics.Append(plan.readBack(ctx, client)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	}
}

// afterCreation says what has become of a creation that failed, and what to do next.
func afterCreation(err error, saved bool) string {
	const byID = "to manage it, import it by its id, which `openstack datastore version list` shows: terraform import trove_datastore_version.NAME ID"
	var exists *operation.ExistsError
	var unseen *operation.UnseenVersionError
	switch {
	case saved:
		return "It was created and is in the state, marked as tainted: the next apply replaces it. To keep it, run: terraform untaint trove_datastore_version.NAME"
	case errors.As(err, &exists):
		return "Nothing was changed; " + byID
	case errors.As(err, &unseen):
		return "It is not in the state. If it exists, " + byID
	case errors.Is(err, openstack.ErrNotFound):
		return "Nothing was created. Check image_id or image_tags: the server looks for the image with its own user."
	}
	return instancebase.AdministratorsOnly(err)
}

// readBack takes over what the server has made of the plan.
func (m *model) readBack(ctx context.Context, client *operation.Client) diag.Diagnostics {
	found, err := client.ManagedVersion(ctx, m.ID.ValueString())
	if err == nil && found == nil {
		err = errors.New("the server does not list it")
	}
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read", m.displayName(), err, "The version is in the state.")}
	}
	return m.FromAPI(ctx, found, client.Region())
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
	found, err := client.ManagedVersion(ctx, state.ID.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.Append(instancebase.APIError("read", state.displayName(), err, ""))
		return
	case found == nil:
		r.ReadGone(ctx, client, kindName, state.displayName(), req, resp)
		return
	}
	resp.Diagnostics.Append(state.FromAPI(ctx, found, client.Region())...)
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "id")...)
	var state, plan model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	change, diags := plan.changeFrom(ctx, &state)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.ChangeDatastoreVersion(ctx, plan.Type.ValueString(), state.ID.ValueString(), change); err != nil {
		next := instancebase.AdministratorsOnly(err)
		if next == "" {
			next = "The next plan shows what the server has."
		}
		resp.Diagnostics.Append(instancebase.APIError("change", plan.displayName(), err, next))
		return
	}
	plan.ID = state.ID
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
	if err := client.RemoveDatastoreVersion(ctx, state.ID.ValueString()); err != nil {
		next := instancebase.AdministratorsOnly(err)
		if errors.Is(err, openstack.ErrBadRequest) {
			next = "It stays in the state. Nothing of any project may be of this version. To keep new instances from using it, set active = false."
		}
		resp.Diagnostics.Append(instancebase.APIError("delete", state.displayName(), err, next))
	}
}
