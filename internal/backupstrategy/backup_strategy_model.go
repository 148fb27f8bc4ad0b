package backupstrategy

import (
	"cmp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// projectID is the id of the project's strategy.
const projectID = "project"

// model is the model of trove_backup_strategy.
type model struct {
	ID         types.String `tfsdk:"id"`
	InstanceID types.String `tfsdk:"instance_id"`
	Container  types.String `tfsdk:"swift_container"`
	Backend    types.String `tfsdk:"backend"`
	Region     types.String `tfsdk:"region"`
}

// Limits implements instancebase.ObjectModel.
func (m *model) Limits() (region types.String, limits timeouts.Value) { return m.Region, limits }

// DisplayName implements instancebase.ObjectModel.
func (m *model) DisplayName() string { return kindName + " of " + m.ToAPI().Of() }

// ToAPI returns the request for the plan.
func (m *model) ToAPI() trove.BackupStrategy {
	return trove.BackupStrategy{InstanceID: m.InstanceID.ValueString(), Container: m.Container.ValueString()}
}

// identify finds out from the id of an import what the strategy is for.
func (m *model) identify() {
	if id := m.ID.ValueString(); id != projectID && m.InstanceID.IsNull() {
		m.InstanceID = tfkit.StringOrNull(id)
	}
}

// setID fills in the id, which the provider makes up.
func (m *model) setID(region string) {
	m.ID = types.StringValue(cmp.Or(m.InstanceID.ValueString(), projectID))
	m.Region = tfkit.SettleRegion(m.Region, region)
}

// FromAPI takes over what the server returns.
func (m *model) FromAPI(s *trove.BackupStrategy, region string) {
	m.InstanceID, m.Container, m.Backend = tfkit.StringOrNull(s.InstanceID), types.StringValue(s.Container), tfkit.StringOrNull(s.Backend)
	m.setID(region)
}
