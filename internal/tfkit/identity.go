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

// IdentitySchema is the identity of a resource by these attributes of its state, all of them strings, which together tell it
// from all others of its type in a region. The region stands beside them; an import may leave it to the provider.
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

// SaveState puts a model into the state as it is, as a refresh does, and what identifies it into the identity. After a
// creation or a change it is SavePlanned.
func SaveState(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity, model any) diag.Diagnostics {
	return append(state.Set(ctx, model), SetIdentity(ctx, identity, state)...)
}

// RemoveState takes what is gone out of the state. Terraform older than 1.12 keeps no identity, and the framework requires one even
// of what is gone.
func RemoveState(ctx context.Context, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(SetIdentity(ctx, resp.Identity, &resp.State)...)
	resp.State.RemoveResource(ctx)
}

// SetIdentity makes the identity that of the state. One that has been set keeps its region: it must not change, though the
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

// overwriteIdentity makes the identity that of the state, whatever it was.
func overwriteIdentity(ctx context.Context, to *tfsdk.ResourceIdentity, state *tfsdk.State) diag.Diagnostics {
	var diags diag.Diagnostics
	for name := range to.Schema.GetAttributes() {
		var now types.String
		diags.Append(state.GetAttribute(ctx, path.Root(name), &now)...)
		diags.Append(to.SetAttribute(ctx, path.Root(name), now)...)
	}
	return diags
}
