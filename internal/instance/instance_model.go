package instance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// model is the model of trove_instance.
type model struct {
	instancebase.Model
	Locality    types.String `tfsdk:"locality"`
	RestoreFrom types.String `tfsdk:"restore_from"`
}

// ToAPI waits for the backup to restore.
func (m *model) ToAPI(ctx context.Context, client *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
	request, diags := m.ToCreateRequest(ctx, client)
	request.Locality = m.Locality.ValueString()
	if diags.HasError() || m.RestoreFrom.IsNull() {
		return request, diags
	}
	id := m.RestoreFrom.ValueString()
	if _, err := client.WaitBackup(ctx, id); err != nil {
		diags.Append(instancebase.APIErrorAt(path.Root("restore_from"), "restore", "backup "+id, err, "Nothing was created."))
	}
	request.RestorePoint = &trove.RestorePoint{Backup: id}
	return request, diags
}
