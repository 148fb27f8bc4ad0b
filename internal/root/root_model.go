package root

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
)

// model is the model of trove_root. Password is null unless it is read from the configuration.
type model struct {
	instancebase.GuestObjectModel
	Name            types.String `tfsdk:"name"`
	Password        types.String `tfsdk:"password_wo"`
	PasswordVersion types.Int64  `tfsdk:"password_wo_version"`
}

// DisplayName implements instancebase.ObjectModel.
func (m *model) DisplayName() string { return "root on instance " + m.InstanceID.ValueString() }

// setComputed fills in what the configuration leaves to the provider: an instance has one root, so its id is the instance's.
func (m *model) setComputed(client *operation.Client) {
	m.SetComputed(client, "")
	m.ID, m.Name = m.InstanceID, types.StringValue(rootName)
}

// password reads the write-only attribute, which is only in the configuration; it must be set.
func password(ctx context.Context, config tfsdk.Config) (string, diag.Diagnostics) {
	var value types.String
	diags := config.GetAttribute(ctx, path.Root("password_wo"), &value)
	if !diags.HasError() && value.IsNull() {
		diags.AddAttributeError(path.Root("password_wo"), "Missing password",
			"password_wo is null, but a password is required to enable root and when password_wo_version changes. Set password_wo. The provider "+
				"does not let the server choose one, because it could then be read only from the state.")
	}
	return value.ValueString(), diags
}
