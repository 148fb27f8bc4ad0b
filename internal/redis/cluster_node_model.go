package redis

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// clusterNodeModel is one trove_redis_cluster_node.
type clusterNodeModel struct {
	instancebase.Model
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

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *ClusterNodeResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config clusterNodeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.check(ctx)...)
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *ClusterNodeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state, plan, ok := instancebase.PlanInstance[clusterNodeModel](ctx, &r.Resource, clusterNodeKindName, req, resp)
	if !ok || !r.Configured() {
		return
	}
	if state == nil {
		resp.Diagnostics.Append(r.checkCreation(ctx, plan)...)
		return
	}
	resp.Diagnostics.Append(plan.check(ctx)...)
	if plan.ReplicaOf.Equal(state.ReplicaOf) || resp.Diagnostics.HasError() {
		return
	}
	moves, diags := r.moves(ctx, state, plan.ReplicaOf)
	resp.Diagnostics.Append(diags...)
	if !moves {
		return // it is there already
	}
	resp.RequiresReplace = append(resp.RequiresReplace, path.Root("replica_of"))
	if state.Role.ValueString() == roleMaster {
		resp.Diagnostics.AddAttributeWarning(path.Root("replica_of"), "A master of a Redis Cluster is to be replaced", fmt.Sprintf(
			"%s (%s) is a master now, and replica_of comes to name a node of another shard, so the plan replaces it, after its slots have been moved to the other "+
				"masters. To keep it as the master that it is, leave replica_of out; a new node in the place of its old master may name it in its own replica_of.", state.Name.ValueString(), state.ID.ValueString()))
	}
}

// moves tells whether another replica_of takes the node to another shard than the one that it is in now.
func (r *ClusterNodeResource) moves(ctx context.Context, state *clusterNodeModel, to types.String) (bool, diag.Diagnostics) {
	switch {
	case to.IsNull():
		return state.Role.ValueString() != roleMaster, nil
	case to.IsUnknown():
		return true, nil
	case to.Equal(state.MasterID):
		return false, nil
	}
	client, diags := r.Client(state.Region)
	if diags.HasError() {
		return false, diags
	}
	view, err := client.Topology(ctx, state.ID.ValueString())
	if err != nil {
		return true, instancebase.PlanCheckError(ctx, clusterNodeKindName, err)
	}
	return !view.SameShard(state.ID.ValueString(), to.ValueString()), nil
}

// checkCreation says at plan time what a creation would be refused for.
func (r *ClusterNodeResource) checkCreation(ctx context.Context, plan *clusterNodeModel) diag.Diagnostics {
	diags := r.RequireTopologyAPI(ctx, "trove_redis_cluster_node", plan.Region)
	diags.Append(plan.check(ctx)...)
	if diags.HasError() || plan.ReplicaOf.IsNull() || plan.ReplicaOf.IsUnknown() {
		return diags
	}
	client, d := r.Client(plan.Region)
	if diags.Append(d...); d.HasError() {
		return diags
	}
	named, d := instancebase.LookupSource(ctx, client, clusterNodeKindName, plan.ReplicaOf.ValueString())
	diags.Append(d...)
	if named == nil {
		return diags
	}
	shown, err := client.Block(ctx, named)
	if err != nil {
		diags.Append(instancebase.PlanCheckError(ctx, clusterNodeKindName, err)...)
		return diags
	}
	who := fmt.Sprintf("%s (%s)", named.Name, named.ID)
	switch in := shown.RedisCluster; {
	case in == nil:
		diags.AddAttributeError(path.Root("replica_of"), "Not a node of a Redis Cluster", fmt.Sprintf(
			"replica_of names %s, which is in no Redis Cluster: it names a trove_redis_cluster_node.", who))
	case !plan.ClusterName.IsUnknown() && in.ClusterName != plan.ClusterName.ValueString():
		diags.AddAttributeError(path.Root("replica_of"), "A node of another Redis Cluster", fmt.Sprintf(
			"cluster_name is %q, but replica_of names %s, which is in cluster %s.", plan.ClusterName.ValueString(), who, in.ClusterName))
	default:
		diags.Append(instancebase.ProblemDiagnostics(clusterNodeKindName, plan.block().CheckJoin(*in), attributes)...)
	}
	return diags
}

// check applies the rules of the topology to what is known.
func (m *clusterNodeModel) check(ctx context.Context) diag.Diagnostics {
	var unknown []string
	if !m.ID.IsNull() && !m.ID.IsUnknown() {
		unknown = append(unknown, "join") // it matters at creation alone
	}
	for field, v := range map[string]attr.Value{"cluster_name": m.ClusterName, "cluster_timeout": m.ClusterTimeout, "join": m.Join} {
		if v.IsUnknown() {
			unknown = append(unknown, field)
		}
	}
	block := m.block()
	if m.ReplicaOf.IsUnknown() { // a node that is yet to be made counts as one
		later := "(known after apply)"
		block.SlaveOf = &later
	}
	return instancebase.ProblemDiagnostics(clusterNodeKindName, block.Check(m.DatastoreVersion(ctx)), attributes, unknown...)
}

// block is the wire's form of what is known.
func (m *clusterNodeModel) block() *topology.RedisCluster {
	return &topology.RedisCluster{
		ClusterName:    m.ClusterName.ValueString(),
		ClusterTimeout: tfkit.IfKnown(m.ClusterTimeout, m.ClusterTimeout.ValueInt64Pointer()),
		Join:           tfkit.IfKnown(m.Join, m.Join.ValueBoolPointer()),
		SlaveOf:        tfkit.IfKnown(m.ReplicaOf, m.ReplicaOf.ValueStringPointer()),
	}
}

// Cluster implements instancebase.Clustered.
func (m *clusterNodeModel) Cluster() string {
	return topology.Topology{RedisCluster: m.block()}.Cluster()
}

// Forced implements instancebase.Leaver.
func (m *clusterNodeModel) Forced() bool { return m.ForceDestroy.ValueBool() }

// Heir implements instancebase.Leaver: Terraform destroys the declared replica first, also where it has become the master.
func (m *clusterNodeModel) Heir() string { return m.ReplicaOf.ValueString() }

// ToAPI is the creation. A replica_of that has become a replica itself means the shard that it is in.
func (m *clusterNodeModel) ToAPI(ctx context.Context, client *trove.Client) (trove.CreateRequest, diag.Diagnostics) {
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
		diags.Append(instancebase.APIErrorAt(path.Root("replica_of"), "create", clusterNodeKindName, &trove.SourceError{ID: m.ReplicaOf.ValueString(), Cause: err}, "Nothing was created."))
		return r, diags
	}
	if shown.RedisCluster != nil && shown.RedisCluster.SlaveOf != nil {
		block.SlaveOf = shown.RedisCluster.SlaveOf
	}
	return r, diags
}

// FromAPI implements instancebase.ResourceModel.
func (m *clusterNodeModel) FromAPI(ctx context.Context, client *trove.Client, i *trove.Instance) diag.Diagnostics {
	imported := m.Name.IsNull() // only the id is known then
	diags := m.Model.FromAPI(ctx, client, i)
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

// keepShard keeps replica_of where it names a node of the same shard, which has changed roles then, or one that is in the
// cluster no more. Otherwise the node was moved to another shard.
func (m *clusterNodeModel) keepShard(ctx context.Context, client *trove.Client) diag.Diagnostics {
	id, named := m.ID.ValueString(), m.ReplicaOf.ValueString()
	view, err := client.Topology(ctx, id)
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
		"%s (%s) was a node of the shard of %s, and outside of Terraform became %s. The plan replaces it as long as its configuration says otherwise. "+
			"To keep it as it is, write that in replica_of, or leave it out for a master.", m.Name.ValueString(), id, named, now))}
}
