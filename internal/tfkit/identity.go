package tfkit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// IdentitySchema returns the identity of a resource by these attributes of its state, all of them strings, which together identify it among
// all others of its type in a region. The region is added; an import may leave it to the provider.
func IdentitySchema(attributes map[string]identityschema.StringAttribute) identityschema.Schema {
	s := identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"region": identityschema.StringAttribute{Description: "The region. If omitted, the provider's region is used.", OptionalForImport: true},
	}}
	for name, a := range attributes {
		s.Attributes[name] = a
	}
	return s
}

// IDIdentitySchema is IdentitySchema for a resource that the server gives an id.
func IDIdentitySchema() identityschema.Schema {
	return IdentitySchema(map[string]identityschema.StringAttribute{
		"id": {Description: "The id, as assigned by the server.", RequiredForImport: true},
	})
}

// SaveState puts a model into the state as it is, as a refresh does, and its identity into the identity. Use SavePlanned after a creation
// or a change.
func SaveState(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity, model any) diag.Diagnostics {
	return append(state.Set(ctx, model), SetIdentity(ctx, identity, state)...)
}

// RemoveState removes a resource that is gone from the state. Terraform before 1.12 keeps no identity, and the framework requires one even
// then.
func RemoveState(ctx context.Context, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(SetIdentity(ctx, resp.Identity, &resp.State)...)
	resp.State.RemoveResource(ctx)
}

// SetIdentity sets the identity to that of the state. An identity that is already set keeps its region: it must not change, though the
// provider may have been given a region since.
func SetIdentity(ctx context.Context, to *tfsdk.ResourceIdentity, state *tfsdk.State) diag.Diagnostics {
	var diags diag.Diagnostics
	same := !to.Raw.IsFullyNull()
	for name := range to.Schema.GetAttributes() {
		var have, now types.String
		diags.Append(state.GetAttribute(ctx, path.Root(name), &now)...)
		diags.Append(to.GetAttribute(ctx, path.Root(name), &have)...)
		same = same && (name == "region" || have.Equal(now))
	}
	if same || diags.HasError() {
		return diags
	}
	return append(diags, overwriteIdentity(ctx, to, state)...)
}

// overwriteIdentity sets the identity to that of the state, whatever it was.
func overwriteIdentity(ctx context.Context, to *tfsdk.ResourceIdentity, state *tfsdk.State) diag.Diagnostics {
	var diags diag.Diagnostics
	for name := range to.Schema.GetAttributes() {
		var now types.String
		diags.Append(state.GetAttribute(ctx, path.Root(name), &now)...)
		diags.Append(to.SetAttribute(ctx, path.Root(name), now)...)
	}
	return diags
}
