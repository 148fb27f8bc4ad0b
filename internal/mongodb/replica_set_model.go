package mongodb

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// replicaSetModel is one trove_mongodb_replica_set.
type replicaSetModel struct {
	ID       types.String   `tfsdk:"id"`
	Name     types.String   `tfsdk:"name"`
	Region   types.String   `tfsdk:"region"`
	Members  types.Map      `tfsdk:"members"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// settingsModel is one entry of members.
type settingsModel struct {
	Priority           types.Float64 `tfsdk:"priority"`
	Hidden             types.Bool    `tfsdk:"hidden"`
	SecondaryDelaySecs types.Int64   `tfsdk:"secondary_delay_secs"`
	Votes              types.Int64   `tfsdk:"votes"`
	Hostname           types.String  `tfsdk:"hostname"`
}

var settingsType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"priority": types.Float64Type, "hidden": types.BoolType, "secondary_delay_secs": types.Int64Type, "votes": types.Int64Type, "hostname": types.StringType,
}}

// unknownSettings is an entry that is not known as a whole.
var unknownSettings = settingsModel{
	Priority: types.Float64Unknown(), Hidden: types.BoolUnknown(), SecondaryDelaySecs: types.Int64Unknown(), Votes: types.Int64Unknown(), Hostname: types.StringUnknown(),
}

// members are the entries by instance id; none while the map is not known.
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
			settings = unknownSettings
		}
		members[id] = settings
	}
	return members, diags
}

// FromAPI takes over what the server shows of the settings that the state holds.
func (m *replicaSetModel) FromAPI(ctx context.Context, members map[string]settingsModel, shown map[string]topology.MongoDB) diag.Diagnostics {
	for id, s := range members {
		block, ok := shown[id]
		if !ok {
			delete(members, id)
			continue
		}
		s.Priority = held(s.Priority, block.Priority, types.Float64Value)
		s.Hidden = held(s.Hidden, block.Hidden, types.BoolValue)
		s.SecondaryDelaySecs = held(s.SecondaryDelaySecs, block.SlaveDelay, types.Int64Value)
		s.Votes = held(s.Votes, block.Votes, types.Int64Value)
		s.Hostname = held(s.Hostname, block.Hostname, types.StringValue)
		members[id] = s
	}
	value, diags := types.MapValueFrom(ctx, settingsType, members)
	m.Members = value
	return diags
}

// SetComputed fills in what is computed.
func (m *replicaSetModel) SetComputed(region string) {
	m.ID = m.Name
	m.Region = tfkit.SettleRegion(m.Region, region)
}

// held is what the server shows of a setting that the state holds; one that it does not hold is somebody else's.
func held[T any, V attr.Value](have V, shown *T, value func(T) V) V {
	if have.IsNull() || shown == nil {
		return have
	}
	return value(*shown)
}

// shownSettings are all settings that the server shows.
func shownSettings(m topology.MongoDB) settingsModel {
	return settingsModel{
		Priority: types.Float64PointerValue(m.Priority), Hidden: types.BoolPointerValue(m.Hidden), SecondaryDelaySecs: types.Int64PointerValue(m.SlaveDelay),
		Votes: types.Int64PointerValue(m.Votes), Hostname: types.StringPointerValue(m.Hostname),
	}
}

// settings are those that are known.
func (s settingsModel) settings() topology.MemberSettings {
	return topology.MemberSettings{
		Priority:   tfkit.IfKnown(s.Priority, s.Priority.ValueFloat64Pointer()),
		Hidden:     tfkit.IfKnown(s.Hidden, s.Hidden.ValueBoolPointer()),
		SlaveDelay: tfkit.IfKnown(s.SecondaryDelaySecs, s.SecondaryDelaySecs.ValueInt64Pointer()),
		Votes:      tfkit.IfKnown(s.Votes, s.Votes.ValueInt64Pointer()),
		Hostname:   tfkit.IfKnown(s.Hostname, s.Hostname.ValueStringPointer()),
	}
}

func ids(members map[string]settingsModel) []string { return slices.Sorted(maps.Keys(members)) }
