package cassandra

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// nodeModel is the model of trove_cassandra_node.
type nodeModel struct {
	instancebase.Model
	instancebase.Membership
	ClusterName    types.String `tfsdk:"cluster_name"`
	NumTokens      types.Int64  `tfsdk:"num_tokens"`
	IsSeed         types.Bool   `tfsdk:"is_seed"`
	EndpointSnitch types.String `tfsdk:"endpoint_snitch"`
	AutoBootstrap  types.Bool   `tfsdk:"auto_bootstrap"`
	SeedProvider   types.String `tfsdk:"seed_provider"`
	Join           types.Bool   `tfsdk:"join"`
	DataCenter     types.String `tfsdk:"data_center"`
	Rack           types.String `tfsdk:"rack"`
}

// own returns the attributes by the wire's fields, which have the same names.
func (m *nodeModel) own() map[string]attr.Value {
	return map[string]attr.Value{
		"cluster_name": m.ClusterName, "num_tokens": m.NumTokens, "is_seed": m.IsSeed, "endpoint_snitch": m.EndpointSnitch,
		"auto_bootstrap": m.AutoBootstrap, "seed_provider": m.SeedProvider, "join": m.Join,
	}
}

// Cluster implements instancebase.ClusterMember.
func (m *nodeModel) Cluster() string { return topology.Topology{Cassandra: m.block()}.Cluster() }

// block returns what is known in the wire's form.
func (m *nodeModel) block() *topology.Cassandra {
	return &topology.Cassandra{
		ClusterName:    m.ClusterName.ValueString(),
		NumTokens:      tfkit.IfKnown(m.NumTokens, m.NumTokens.ValueInt64Pointer()),
		IsSeed:         tfkit.IfKnown(m.IsSeed, m.IsSeed.ValueBoolPointer()),
		EndpointSnitch: tfkit.IfKnown(m.EndpointSnitch, m.EndpointSnitch.ValueStringPointer()),
		AutoBootstrap:  tfkit.IfKnown(m.AutoBootstrap, m.AutoBootstrap.ValueBoolPointer()),
		SeedProvider:   tfkit.IfKnown(m.SeedProvider, m.SeedProvider.ValueStringPointer()),
		Join:           tfkit.IfKnown(m.Join, m.Join.ValueBoolPointer()),
	}
}

// PlannedBlock implements instancebase.ClusterMember.
func (m *nodeModel) PlannedBlock(created bool) topology.Topology {
	block := m.block()
	if created && m.EndpointSnitch.IsUnknown() {
		later := topology.KnownLater
		block.EndpointSnitch = &later
	}
	return topology.Topology{Cassandra: block}
}

// FromAPI implements instancebase.ResourceModel.
func (m *nodeModel) FromAPI(ctx context.Context, client *operation.Client, i *trove.Instance) diag.Diagnostics {
	diags := m.Model.FromAPI(ctx, client, i)
	m.SetDefaults()
	shown, err := client.Block(ctx, i)
	if err != nil {
		diags.Append(instancebase.APIError("read the cluster of", nodeKindName+" "+i.ID, err, ""))
		return diags
	}
	block := shown.Cassandra
	if block == nil {
		diags.Append(m.LeftClusterWarning(path.Root("cluster_name"), nodeKindName, "cluster "+m.ClusterName.ValueString()))
		m.ClusterName = types.StringNull()
		block = &topology.Cassandra{}
	} else {
		m.ClusterName = types.StringValue(block.ClusterName)
	}
	m.NumTokens = tfkit.KeepUnlessReturned(m.NumTokens, block.NumTokens, types.Int64Value, types.Int64Null)
	m.IsSeed = tfkit.KeepUnlessReturned(m.IsSeed, block.IsSeed, types.BoolValue, types.BoolNull)
	m.EndpointSnitch = tfkit.KeepUnlessReturned(m.EndpointSnitch, block.EndpointSnitch, types.StringValue, types.StringNull)
	m.AutoBootstrap = tfkit.KeepUnlessReturned(m.AutoBootstrap, block.AutoBootstrap, types.BoolValue, types.BoolNull)
	m.SeedProvider = tfkit.KeepUnlessReturned(m.SeedProvider, block.SeedProvider, types.StringValue, types.StringNull)
	m.DataCenter = tfkit.KeepUnlessReturned(m.DataCenter, shownText(block.DataCenter), types.StringValue, types.StringNull)
	m.Rack = tfkit.KeepUnlessReturned(m.Rack, shownText(block.Rack), types.StringValue, types.StringNull)
	return diags
}

// shownText returns a pointer to the text, or nil if the server returns nothing.
func shownText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
