package instancebase

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// identity is that of whatever the server has given an id.
type identity struct {
	ID     types.String `tfsdk:"id"`
	Region types.String `tfsdk:"region"`
}

// IdentitySchema is the identity of what these attributes of its state, all of them strings, tell from all others of its type in a
// region. The region stands beside them, and an import may leave it to the provider.
func IdentitySchema(attributes map[string]identityschema.StringAttribute) identityschema.Schema {
	s := identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"region": identityschema.StringAttribute{Description: "The region; the provider's where it is left out.", OptionalForImport: true},
	}}
	for name, a := range attributes {
		s.Attributes[name] = a
	}
	return s
}

// IdentitySchema implements resource.ResourceWithIdentity for what the server gives an id.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = IdentitySchema(map[string]identityschema.StringAttribute{
		"id": {Description: "The id that the server gave it.", RequiredForImport: true},
	})
}

// SaveState puts a model into the state, and what identifies it into the identity.
func SaveState(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity, model any) diag.Diagnostics {
	return append(state.Set(ctx, model), SetIdentity(ctx, identity, state)...)
}

// StateSaver is Keep into what an operation answers with.
type StateSaver func(ctx context.Context, model any) diag.Diagnostics

// NewStateSaver makes a Keeping of the state and the identity of an answer.
func NewStateSaver(state *tfsdk.State, identity *tfsdk.ResourceIdentity) StateSaver {
	return func(ctx context.Context, model any) diag.Diagnostics { return SaveState(ctx, state, identity, model) }
}

// RemoveState takes what is gone out of the state. Terraform older than 1.12 keeps no identity, and the framework asks for one even
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

// ImportRequest is what an import asks for: the attributes of the identity, "" for what it leaves out. parse reads what was typed in an
// import by id, as those attributes or others of the state, and says what is wrong with it.
func ImportRequest(ctx context.Context, kind string, req resource.ImportStateRequest, parse func(id string) (map[string]string, error)) (map[string]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	if req.ID != "" {
		asked, err := parse(req.ID)
		if err != nil {
			diags.AddError("Unable to import "+kind, fmt.Sprintf("The id is %q: %s", req.ID, Sentence(err.Error())))
		}
		return asked, diags
	}
	asked := map[string]string{}
	for name, a := range req.Identity.Schema.GetAttributes() {
		var v types.String
		diags.Append(req.Identity.GetAttribute(ctx, path.Root(name), &v)...)
		asked[name] = v.ValueString()
		if required, ok := a.(identityschema.StringAttribute); ok && required.RequiredForImport && asked[name] == "" {
			diags.AddError("Unable to import "+kind, fmt.Sprintf("The %s of the identity is empty.", name))
		}
	}
	return asked, diags
}

// Import puts what an import asks for into the state, for the read that follows to complete. Where it says no region, that is
// the provider's.
func (r *Resource) Import(ctx context.Context, asked map[string]string, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	client, diags := r.Client(StringOrNull(asked["region"]))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if asked["region"] == "" {
		asked["region"] = client.Region()
	}
	for name, value := range asked {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), StringOrNull(value))...)
	}
	if req.ID == "" && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(overwriteIdentity(ctx, resp.Identity, &resp.State)...)
	}
}

// ImportState implements resource.ResourceWithImportState for what the server gives an id.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := ImportRequest(ctx, "the resource", req, func(id string) (map[string]string, error) { return map[string]string{"id": id}, nil })
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.Import(ctx, asked, req, resp)
	}
}
