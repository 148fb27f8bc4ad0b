package mongodb

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// replicaSetModel is the model of trove_mongodb_replica_set.
type replicaSetModel struct {
	ID       types.String   `tfsdk:"id"`
	Name     types.String   `tfsdk:"name"`
	Region   types.String   `tfsdk:"region"`
	Members  types.Map      `tfsdk:"members"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// members returns the entries by instance id; none while the map is not known.
func (m *replicaSetModel) members(ctx context.Context) (map[string]settingsModel, diag.Diagnostics) {
	if m.Members.IsNull() || m.Members.IsUnknown() {
		return nil, nil
	}
	members := map[string]settingsModel{}
	elements := map[string]types.Object{}
	diags := m.Members.ElementsAs(ctx, &elements, false)
	for id, o := range elements {
		settings, d := tfkit.ObjectAs[settingsModel](ctx, o)
		diags.Append(d...)
		if o.IsUnknown() {
			settings = unknownSettings()
		}
		members[id] = settings
	}
	return members, diags
}

// FromAPI takes over what the server returns for the settings that the state holds.
func (m *replicaSetModel) FromAPI(ctx context.Context, members map[string]settingsModel, shown map[string]topology.MongoDB) diag.Diagnostics {
	for id, s := range members {
		block, ok := shown[id]
		if !ok {
			delete(members, id)
			continue
		}
		s.fromAPI(block.Settings(), takeHeld)
		members[id] = s
	}
	value, diags := types.MapValueFrom(ctx, settingsType, members)
	m.Members = value
	return diags
}

// SetComputed fills in the computed attributes.
func (m *replicaSetModel) SetComputed(region string) {
	m.ID = m.Name
	m.Region = tfkit.SettleRegion(m.Region, region)
}

func ids(members map[string]settingsModel) []string { return slices.Sorted(maps.Keys(members)) }
