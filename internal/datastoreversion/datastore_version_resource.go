package datastoreversion

import (
	"cmp"
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "datastore version"

var kind = instancebase.ObjectKind{Name: kindName, IdentifiedBy: []string{"id"}, NoProject: true}

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
	resp.ResourceBehavior.MutableIdentity = true // a version whose creation was not seen gets its id when it is found
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	r.CreateObject(ctx, kind, &plan, req, resp, func(ctx context.Context, client *operation.Client, save func()) diag.Diagnostics {
		asked, diags := plan.ToAPI(ctx)
		if diags.HasError() {
			return diags
		}
		err := client.CreateDatastoreVersion(ctx, asked, func(made *trove.ManagedVersion) {
			diags.Append(plan.FromAPI(ctx, made, client.Region())...)
			if made.ID == "" {
				plan.ID = plan.unseenID()
			}
			save()
		})
		if err == nil {
			err = plan.applyParameters(ctx, client, &diags)
		}
		if err != nil {
			return append(diags, instancebase.APIError("create", plan.DisplayName(), err, afterCreation(err, !resp.State.Raw.IsNull())))
		}
		return append(diags, plan.readBack(ctx, client)...)
	})
}

// afterCreation says what became of a creation that failed, and what to do next.
func afterCreation(err error, saved bool) string {
	const byID = "to manage it, import it by its id, which `openstack datastore version list` shows: terraform import trove_datastore_version.NAME ID"
	var exists *operation.ExistsError
	var unseen *operation.UnseenVersionError
	switch {
	case errors.As(err, &unseen):
		return "It may exist, so it is in the state, marked as tainted: the next apply looks for it, deletes it and creates it again. To keep it, run: " +
			"terraform untaint trove_datastore_version.NAME"
	case saved:
		return "It was created and is in the state, marked as tainted: the next apply replaces it. To keep it, run: terraform untaint trove_datastore_version.NAME"
	case errors.As(err, &exists):
		return "Nothing was changed; " + byID
	case errors.Is(err, openstack.ErrNotFound):
		return "Nothing was created. Check image_id or image_tags: the server looks for the image with its own user."
	}
	return instancebase.AdministratorsOnly(err)
}

// applyParameters sets the parameters of the version, if they are managed.
func (m *model) applyParameters(ctx context.Context, client *operation.Client, diags *diag.Diagnostics) error {
	wanted, managed, d := m.parameters(ctx)
	if diags.Append(d...); !managed || d.HasError() {
		return nil
	}
	return client.SetParameters(ctx, m.ID.ValueString(), wanted)
}

// readBack takes over the version as the server has set it.
func (m *model) readBack(ctx context.Context, client *operation.Client) diag.Diagnostics {
	found, err := client.ManagedVersion(ctx, m.ID.ValueString())
	if err == nil && found == nil {
		err = errors.New("the server does not list it")
	}
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read", m.DisplayName(), err, "The version is in the state.")}
	}
	return m.FromAPI(ctx, found, client.Region())
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	r.ReadObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (bool, error) {
		found, err := state.find(ctx, client)
		if err != nil || found == nil {
			return false, err
		}
		resp.Diagnostics.Append(state.FromAPI(ctx, found, client.Region())...)
		if state.Parameters.IsNull() {
			return true, nil
		}
		parameters, err := client.ManagedParameters(ctx, found.ID)
		if err == nil {
			resp.Diagnostics.Append(state.setParameters(ctx, parameters)...)
		}
		return true, err
	})
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan model
	r.UpdateObject(ctx, kind, &state, &plan, req, resp, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		change, diags := plan.changeFrom(ctx, &state)
		if diags.HasError() {
			return diags
		}
		found, err := state.find(ctx, client)
		if err == nil && found == nil {
			err = errors.New("the server has no such version any more")
		}
		if err == nil {
			plan.ID = types.StringValue(found.ID)
			err = client.ChangeDatastoreVersion(ctx, plan.Type.ValueString(), found.ID, change)
		}
		if err == nil && !plan.Parameters.Equal(state.Parameters) {
			err = plan.applyParameters(ctx, client, &diags)
		}
		if err != nil {
			next := cmp.Or(instancebase.AdministratorsOnly(err), "The next plan shows what the server has.")
			return append(diags, instancebase.APIError("change", plan.DisplayName(), err, next))
		}
		return append(diags, plan.readBack(ctx, client)...)
	})
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	r.DeleteObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		found, err := state.find(ctx, client)
		if err == nil && found != nil {
			err = client.RemoveDatastoreVersion(ctx, found.ID)
		}
		if err == nil {
			return nil
		}
		next := instancebase.AdministratorsOnly(err)
		if errors.Is(err, openstack.ErrBadRequest) {
			next = "It stays in the state. Nothing of any project may be of this version. To keep new instances from using it, set active = false."
		}
		return diag.Diagnostics{instancebase.APIError("delete", state.DisplayName(), err, next)}
	})
}
