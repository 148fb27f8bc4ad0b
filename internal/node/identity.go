package node

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// identity tells one instance from all others that a provider may reach.
type identity struct {
	ID     types.String `tfsdk:"id"`
	Region types.String `tfsdk:"region"`
}

// IdentitySchema is the identity of every kind of instance: its id, and its region, which an import may leave to the provider.
func IdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id":     identityschema.StringAttribute{Description: "The id of the instance.", RequiredForImport: true},
		"region": identityschema.StringAttribute{Description: "The region of the instance; the provider's region where it is left out.", OptionalForImport: true},
	}}
}

// identify sets an identity that has not been set. One that has been stays as it is: it must not change, though the provider
// may have been given a region since. to is nil for a kind without an identity.
func identify(ctx context.Context, to *tfsdk.ResourceIdentity, m *Model) diag.Diagnostics {
	if to == nil {
		return nil
	}
	if !to.Raw.IsFullyNull() {
		var have identity
		diags := to.Get(ctx, &have)
		if diags.HasError() || have.ID.Equal(m.ID) && known(have.Region) {
			return diags
		}
	}
	return to.Set(ctx, identity{ID: m.ID, Region: m.Region})
}

// ImportState implements resource.ResourceWithImportState: by id, or by identity.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID != "" || req.Identity == nil {
		resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
		return
	}
	var asked identity
	resp.Diagnostics.Append(req.Identity.Get(ctx, &asked)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), asked.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), asked.Region)...)
}
