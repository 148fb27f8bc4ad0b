package couchbase

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

// nodeModel is the model of trove_couchbase_node.
type nodeModel struct {
	instancebase.Model
	instancebase.Membership
	ClusterName types.String `tfsdk:"cluster_name"`
	Join        types.Bool   `tfsdk:"join"`
}

// block returns what is known in the wire's form.
func (m *nodeModel) block() *topology.Couchbase {
	return &topology.Couchbase{ClusterName: m.ClusterName.ValueString(), Join: tfkit.IfKnown(m.Join, m.Join.ValueBoolPointer())}
}

// Cluster implements instancebase.ClusterMember.
func (m *nodeModel) Cluster() string { return topology.Topology{Couchbase: m.block()}.Cluster() }

// PlannedBlock implements instancebase.ClusterMember.
func (m *nodeModel) PlannedBlock(bool) topology.Topology {
	return topology.Topology{Couchbase: m.block()}
}

// FromAPI implements instancebase.ResourceModel.
func (m *nodeModel) FromAPI(ctx context.Context, client *operation.Client, i *trove.Instance) diag.Diagnostics {
	diags := m.Model.FromAPI(ctx, client, i)
	m.SetDefaults()
	shown, err := client.Block(ctx, i)
	switch {
	case err != nil:
		diags.Append(instancebase.APIError("read the cluster of", nodeKindName+" "+i.ID, err, ""))
	case shown.Couchbase == nil:
		diags.Append(m.LeftClusterWarning(path.Root("cluster_name"), nodeKindName, "cluster "+m.ClusterName.ValueString()))
		m.ClusterName = types.StringNull()
	default:
		m.ClusterName = types.StringValue(shown.Couchbase.ClusterName)
	}
	return diags
}
