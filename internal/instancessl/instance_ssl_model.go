package instancessl

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// model is the model of trove_instance_ssl.
type model struct {
	instancebase.GuestObjectModel
	Mode          types.String `tfsdk:"mode"`
	ContainerRef  types.String `tfsdk:"container_ref"`
	PasswordRef   types.String `tfsdk:"password_ref"`
	RestartPolicy types.String `tfsdk:"restart_policy"`
	CommonName    types.String `tfsdk:"common_name"`
	ExpiresAt     types.String `tfsdk:"expires_at"`
	Certificate   types.String `tfsdk:"certificate"`
}

// DisplayName implements instancebase.ObjectModel.
func (m *model) DisplayName() string { return "SSL of instance " + m.InstanceID.ValueString() }

// ToAPI returns the request for the plan.
func (m *model) ToAPI() trove.SSLChange {
	return trove.SSLChange{Mode: m.Mode.ValueString(), Container: m.ContainerRef.ValueString(), Password: m.PasswordRef.ValueString()}
}

// setComputed fills in what the configuration leaves to the provider, and what the server returns; nil means that this is not known.
func (m *model) setComputed(client *operation.Client, shown *trove.SSL) {
	m.SetComputed(client, "")
	m.ID = m.InstanceID
	if m.RestartPolicy.IsNull() {
		m.RestartPolicy = instancebase.DefaultRestartPolicy()
	}
	if shown != nil {
		m.CommonName, m.ExpiresAt, m.Certificate = types.StringNull(), types.StringNull(), types.StringNull()
		if c := shown.Certificate; c != nil {
			m.CommonName, m.ExpiresAt, m.Certificate = tfkit.StringOrNull(c.CommonName), tfkit.StringOrNull(c.Expires), tfkit.StringOrNull(c.PEM)
		}
	}
	m.forgetUnknown()
}

// refresh takes over what the server returns. It does not return the container: if its certificate is not the one that the server has now,
// as after a rollback, the container is not in use.
func (m *model) refresh(client *operation.Client, shown *trove.SSL) {
	was := m.Certificate.ValueString()
	m.Mode = types.StringValue(shown.Mode)
	m.setComputed(client, shown)
	if was != "" && was != m.Certificate.ValueString() {
		m.ContainerRef = types.StringNull()
	}
}

// forgetUnknown sets to null what the server has not returned.
func (m *model) forgetUnknown() {
	for _, text := range []*types.String{&m.CommonName, &m.ExpiresAt, &m.Certificate} {
		if text.IsUnknown() {
			*text = types.StringNull()
		}
	}
}
