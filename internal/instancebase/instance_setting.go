package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// InstanceSettingResource is embedded by a resource that each instance has one of: the id of the instance identifies it.
type InstanceSettingResource struct{ Resource }

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *InstanceSettingResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"instance_id": {Description: "The id of the instance.", RequiredForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by the id of the instance, or by identity.
func (r *InstanceSettingResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, "the resource", req, func(id string) (map[string]string, error) {
		return map[string]string{"instance_id": id}, tfkit.CheckID(id)
	})
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.Import(ctx, asked, req, resp)
	}
}
