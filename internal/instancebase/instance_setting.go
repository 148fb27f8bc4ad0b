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
	r.importAs(ctx, "instance_id", req, resp)
}
