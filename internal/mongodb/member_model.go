package mongodb

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// memberModel is one trove_mongodb_member. Its hostname is instancebase.Model's.
type memberModel struct {
	instancebase.Model
	ReplicaSet         types.String  `tfsdk:"replica_set"`
	Type               types.String  `tfsdk:"type"`
	Join               types.Bool    `tfsdk:"join"`
	Priority           types.Float64 `tfsdk:"priority"`
	Hidden             types.Bool    `tfsdk:"hidden"`
	SecondaryDelaySecs types.Int64   `tfsdk:"secondary_delay_secs"`
	Votes              types.Int64   `tfsdk:"votes"`
}

// Cluster implements instancebase.Clustered.
func (m *memberModel) Cluster() string { return topology.Topology{MongoDB: m.block()}.Cluster() }

// block is the wire's form of what is known.
func (m *memberModel) block() *topology.MongoDB {
	b := &topology.MongoDB{Type: topology.TypeMember, ReplSet: m.ReplicaSet.ValueString(), Join: tfkit.IfKnown(m.Join, m.Join.ValueBoolPointer())}
	if t := m.Type.ValueString(); t != "" {
		b.Type = t
	}
	return pointer(b.Apply(m.settings()))
}

// own names the settings that the configuration holds.
func (m *memberModel) own() []string {
	var names []string
	for field, v := range map[string]attr.Value{"priority": m.Priority, "hidden": m.Hidden, "slaveDelay": m.SecondaryDelaySecs, "votes": m.Votes, "hostname": m.Hostname} {
		if !v.IsNull() {
			names = append(names, attributes[field].String())
		}
	}
	slices.Sort(names)
	return names
}

// settings are those that are known.
func (m *memberModel) settings() topology.MemberSettings {
	return topology.MemberSettings{
		Priority:   tfkit.IfKnown(m.Priority, m.Priority.ValueFloat64Pointer()),
		Hidden:     tfkit.IfKnown(m.Hidden, m.Hidden.ValueBoolPointer()),
		SlaveDelay: tfkit.IfKnown(m.SecondaryDelaySecs, m.SecondaryDelaySecs.ValueInt64Pointer()),
		Votes:      tfkit.IfKnown(m.Votes, m.Votes.ValueInt64Pointer()),
		Hostname:   tfkit.IfKnown(m.Hostname, m.Hostname.ValueStringPointer()),
	}
}

// changes are the settings that the plan has otherwise than the state.
func (m *memberModel) changes(state *memberModel) topology.MemberSettings {
	return topology.MongoDB{}.Apply(state.settings()).Difference(m.settings())
}

// FromAPI implements instancebase.ResourceModel.
func (m *memberModel) FromAPI(ctx context.Context, client *trove.Client, i *trove.Instance) diag.Diagnostics {
	asked := m.Hostname
	diags := m.Model.FromAPI(ctx, client, i)
	if !asked.IsNull() && !asked.IsUnknown() {
		m.Hostname = asked
	}
	shown, err := client.Block(ctx, i)
	if err != nil {
		diags.Append(instancebase.APIError("read the replica set of", memberKindName+" "+i.ID, err, ""))
		return diags
	}
	block := shown.MongoDB
	if block == nil {
		diags.Append(m.LeftClusterWarning(path.Root("replica_set"), memberKindName, "replica set "+m.ReplicaSet.ValueString()))
		m.ReplicaSet = types.StringNull()
		block = &topology.MongoDB{Type: m.Type.ValueString()}
	} else {
		m.ReplicaSet = types.StringValue(block.ReplSet)
	}
	m.Type = types.StringValue(block.Type)
	m.take(block.Settings())
	return diags
}

// take fills in these settings; what is not among them stays.
func (m *memberModel) take(s topology.MemberSettings) {
	m.Priority = tfkit.KeepUnlessReturned(m.Priority, s.Priority, types.Float64Value, types.Float64Null)
	m.Hidden = tfkit.KeepUnlessReturned(m.Hidden, s.Hidden, types.BoolValue, types.BoolNull)
	m.SecondaryDelaySecs = tfkit.KeepUnlessReturned(m.SecondaryDelaySecs, s.SlaveDelay, types.Int64Value, types.Int64Null)
	m.Votes = tfkit.KeepUnlessReturned(m.Votes, s.Votes, types.Int64Value, types.Int64Null)
	if s.Hostname != nil {
		m.Hostname = types.StringValue(*s.Hostname)
	}
}

func pointer[T any](v T) *T { return &v }
