package mongodb

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// memberModel is the model of trove_mongodb_member. Its hostname is instancebase.Model's.
type memberModel struct {
	instancebase.Model
	instancebase.Membership
	dataSettings
	ReplicaSet types.String `tfsdk:"replica_set"`
	Type       types.String `tfsdk:"type"`
	Join       types.Bool   `tfsdk:"join"`
}

// Cluster implements instancebase.ClusterMember.
func (m *memberModel) Cluster() string { return topology.Topology{MongoDB: m.block()}.Cluster() }

// block returns what is known in the wire's form.
func (m *memberModel) block() *topology.MongoDB {
	b := &topology.MongoDB{Type: topology.TypeMember, ReplSet: m.ReplicaSet.ValueString(), Join: tfkit.IfKnown(m.Join, m.Join.ValueBoolPointer())}
	if t := m.Type.ValueString(); t != "" {
		b.Type = t
	}
	return pointer(b.Apply(m.settings()))
}

// all returns the settings, including the hostname.
func (m *memberModel) all() settingsModel { return settingsModel{m.dataSettings, m.Hostname} }

// settings returns the known settings.
func (m *memberModel) settings() topology.MemberSettings { return m.all().settings() }

// changes returns the settings that differ between the plan and the state.
func (m *memberModel) changes(state *memberModel) topology.MemberSettings {
	return topology.MongoDB{}.Apply(state.settings()).Difference(m.settings())
}

// PlannedBlock implements instancebase.ClusterMember. A new member gets the server's default for what it omits.
func (m *memberModel) PlannedBlock(created bool) topology.Topology {
	block := m.block()
	if created {
		block = pointer(m.all().over(block.InForce()))
	}
	return topology.Topology{MongoDB: block}
}

// FromAPI implements instancebase.ResourceModel.
func (m *memberModel) FromAPI(ctx context.Context, client *operation.Client, i *trove.Instance) diag.Diagnostics {
	asked := m.Hostname
	diags := m.Model.FromAPI(ctx, client, i)
	m.SetDefaults()
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

// take fills in these settings; others keep their values.
func (m *memberModel) take(s topology.MemberSettings) {
	all := m.all()
	all.fromAPI(s, takeShown)
	m.dataSettings, m.Hostname = all.dataSettings, all.Hostname
}

func pointer[T any](v T) *T { return &v }
