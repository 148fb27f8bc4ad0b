package quota

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// model is the model of trove_quota.
type model struct {
	ID        types.String `tfsdk:"id"`
	ProjectID types.String `tfsdk:"project_id"`
	Instances types.Int64  `tfsdk:"instances"`
	VolumeGB  types.Int64  `tfsdk:"volume_gb"`
	Backups   types.Int64  `tfsdk:"backups"`
	RAM       types.Int64  `tfsdk:"ram"`
	Region    types.String `tfsdk:"region"`
}

// Limits implements instancebase.ObjectModel.
func (m *model) Limits() (region types.String, limits timeouts.Value) { return m.Region, limits }

// DisplayName implements instancebase.ObjectModel.
func (m *model) DisplayName() string { return "quotas of project " + m.ProjectID.ValueString() }

// limits returns the quotas with their names.
func (m *model) limits() map[string]*types.Int64 {
	return map[string]*types.Int64{"instances": &m.Instances, "volume_gb": &m.VolumeGB, "backups": &m.Backups, "ram": &m.RAM}
}

// ToAPI returns the request for the plan. Unknown quotas are not changed.
func (m *model) ToAPI() trove.Quotas {
	wanted := func(limit types.Int64) *int64 {
		if !tfkit.Known(limit) {
			return nil
		}
		return limit.ValueInt64Pointer()
	}
	return trove.Quotas{Instances: wanted(m.Instances), VolumeGB: wanted(m.VolumeGB), Backups: wanted(m.Backups), RAM: wanted(m.RAM)}
}

// forgetUnknown sets to null what the server has not returned yet.
func (m *model) forgetUnknown() {
	for _, limit := range m.limits() {
		if limit.IsUnknown() {
			*limit = types.Int64Null()
		}
	}
}

// setID fills in the id, which is the project's.
func (m *model) setID(region string) {
	m.ID, m.Region = m.ProjectID, tfkit.SettleRegion(m.Region, region)
}

// FromAPI takes over what the server returns.
func (m *model) FromAPI(q *trove.Quotas, region string) {
	m.Instances, m.VolumeGB = types.Int64PointerValue(q.Instances), types.Int64PointerValue(q.VolumeGB)
	m.Backups, m.RAM = types.Int64PointerValue(q.Backups), types.Int64PointerValue(q.RAM)
	m.setID(region)
}

// describe lists the quotas for a message.
func (m *model) describe() string {
	var all []string
	for _, name := range []string{"instances", "volume_gb", "backups", "ram"} {
		if limit := m.limits()[name]; !limit.IsNull() {
			all = append(all, fmt.Sprintf("%s = %d", name, limit.ValueInt64()))
		}
	}
	return strings.Join(all, ", ")
}
