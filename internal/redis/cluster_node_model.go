package redis

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// clusterNodeModel is the model of trove_redis_cluster_node.
type clusterNodeModel struct {
	instancebase.Model
	instancebase.Membership
	ClusterName    types.String `tfsdk:"cluster_name"`
	ClusterTimeout types.Int64  `tfsdk:"cluster_timeout"`
	Join           types.Bool   `tfsdk:"join"`
	ReplicaOf      types.String `tfsdk:"replica_of"`
	Role           types.String `tfsdk:"role"`
	MasterID       types.String `tfsdk:"master_id"`
	ForceDestroy   types.Bool   `tfsdk:"force_destroy"`
}

// The roles of a node.
const (
	roleMaster  = "master"
	roleReplica = "replica"
)

// block returns what is known in the wire's form.
func (m *clusterNodeModel) block() *topology.RedisCluster {
	return &topology.RedisCluster{
		ClusterName:    m.ClusterName.ValueString(),
		ClusterTimeout: tfkit.IfKnown(m.ClusterTimeout, m.ClusterTimeout.ValueInt64Pointer()),
		Join:           tfkit.IfKnown(m.Join, m.Join.ValueBoolPointer()),
		SlaveOf:        tfkit.IfKnown(m.ReplicaOf, m.ReplicaOf.ValueStringPointer()),
	}
}

// Cluster implements instancebase.ClusterMember.
func (m *clusterNodeModel) Cluster() string {
	return topology.Topology{RedisCluster: m.block()}.Cluster()
}

// ForceDelete implements instancebase.FailoverMember.
func (m *clusterNodeModel) ForceDelete() bool { return m.ForceDestroy.ValueBool() }

// FailbackTo implements instancebase.FailoverMember: Terraform destroys the declared replica first, even if it has become the master.
func (m *clusterNodeModel) FailbackTo() string { return m.ReplicaOf.ValueString() }

// ToAPI returns the creation. A replica_of that has become a replica itself means the shard that it is in.
func (m *clusterNodeModel) ToAPI(ctx context.Context, client *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
	r, diags := m.ToCreateRequest(ctx, client)
	block := m.block()
	r.Topology = &topology.Topology{RedisCluster: block}
	if m.ReplicaOf.IsNull() {
		return r, diags
	}
	named, err := client.Instance(ctx, m.ReplicaOf.ValueString())
	var shown topology.Topology
	if err == nil {
		shown, err = client.Block(ctx, named)
	}
	if err != nil {
		diags.Append(instancebase.APIErrorAt(path.Root("replica_of"), "create", clusterNodeKindName, &operation.SourceError{ID: m.ReplicaOf.ValueString(), Cause: err}, "Nothing was created."))
		return r, diags
	}
	if shown.RedisCluster != nil && shown.RedisCluster.SlaveOf != nil {
		block.SlaveOf = shown.RedisCluster.SlaveOf
	}
	return r, diags
}

// PlannedBlock implements instancebase.ClusterMember.
func (m *clusterNodeModel) PlannedBlock(bool) topology.Topology {
	return topology.Topology{RedisCluster: m.block()}
}

// FromAPI implements instancebase.ResourceModel.
func (m *clusterNodeModel) FromAPI(ctx context.Context, client *operation.Client, i *trove.Instance) diag.Diagnostics {
	imported := m.Name.IsNull() // then only the id is known
	diags := m.Model.FromAPI(ctx, client, i)
	m.SetDefaults()
	if m.ForceDestroy.IsNull() {
		m.ForceDestroy = types.BoolValue(false)
	}
	shown, err := client.Block(ctx, i)
	if err != nil {
		diags.Append(instancebase.APIError("read the cluster of", clusterNodeKindName+" "+i.ID, err, ""))
		return diags
	}
	block := shown.RedisCluster
	if block == nil {
		diags.Append(m.LeftClusterWarning(path.Root("cluster_name"), clusterNodeKindName, "cluster "+m.ClusterName.ValueString()))
		m.ClusterName, m.Role, m.MasterID = types.StringNull(), types.StringNull(), types.StringNull()
		m.ClusterTimeout = tfkit.KeepUnlessReturned(m.ClusterTimeout, nil, types.Int64Value, types.Int64Null)
		return diags
	}
	m.ClusterName = types.StringValue(block.ClusterName)
	m.ClusterTimeout = tfkit.KeepUnlessReturned(m.ClusterTimeout, block.ClusterTimeout, types.Int64Value, types.Int64Null)
	m.Role, m.MasterID = types.StringValue(roleMaster), types.StringPointerValue(block.SlaveOf)
	if block.SlaveOf != nil {
		m.Role = types.StringValue(roleReplica)
	}
	switch {
	case imported:
		m.ReplicaOf = m.MasterID
	case !m.ReplicaOf.IsNull() && !m.ReplicaOf.Equal(m.MasterID):
		diags.Append(m.keepShard(ctx, client)...)
	}
	return diags
}

// keepShard keeps replica_of if it names a node of the same shard, whose role has then changed, or one that is no longer in the cluster.
// Otherwise the node was moved to another shard.
func (m *clusterNodeModel) keepShard(ctx context.Context, client *operation.Client) diag.Diagnostics {
	id, named := m.ID.ValueString(), m.ReplicaOf.ValueString()
	view, err := client.PlannedTopology(ctx, m.Cluster(), id)
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read the cluster of", clusterNodeKindName+" "+id, err, "")}
	}
	if _, there := view.Find(named); !there || view.SameShard(id, named) {
		return nil
	}
	m.ReplicaOf = m.MasterID
	now := "a master of its own"
	if !m.MasterID.IsNull() {
		now = "a replica of " + m.MasterID.ValueString()
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("replica_of"), "A Redis Cluster node is in another shard", fmt.Sprintf(
		"%s (%s) was a node of the shard of %s, and outside of Terraform became %s. The plan replaces it unless its configuration "+
			"matches. To keep it, set replica_of to its current master, or omit it for a master.", m.Name.ValueString(), id, named, now))}
}
