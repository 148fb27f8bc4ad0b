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
	"github.com/opentrove/terraform-provider-trove/internal/topology"
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
	defer r.EndPlan(ctx, clusterNodeKindName, req, resp)
	state, plan, ok := instancebase.PlanInstance[clusterNodeModel](ctx, &r.Resource, clusterNodeKindName, req, resp)
	if plan == nil && state != nil {
		r.PlanMember(ctx, clusterKind, req, resp, state, nil)
	}
	if !ok || !r.Configured() {
		return
	}
	if state == nil {
		resp.Diagnostics.Append(r.checkCreation(ctx, plan)...)
		r.PlanMember(ctx, clusterKind, req, resp, nil, plan)
		return
	}
	resp.Diagnostics.Append(plan.check(ctx)...)
	r.planReplicaOf(ctx, state, plan, resp)
	r.PlanMember(ctx, clusterKind, req, resp, state, plan)
}

// clusterKind describes how the nodes of a cluster are checked together.
var clusterKind = instancebase.ClusterKind{
	Name: "Redis Cluster", Datastore: "redis", Attributes: attributes,
	Check: func(members []topology.Member, _ bool) topology.Problems { return topology.CheckTimeouts(members) },
}

// planReplicaOf plans another replica_of: it replaces the node, unless the new value is a node of the same shard.
func (r *ClusterNodeResource) planReplicaOf(ctx context.Context, state, plan *clusterNodeModel, resp *resource.ModifyPlanResponse) {
	if plan.ReplicaOf.Equal(state.ReplicaOf) || resp.Diagnostics.HasError() {
		return
	}
	moves, diags := r.moves(ctx, state, plan.ReplicaOf)
	resp.Diagnostics.Append(diags...)
	if !moves {
		return // it is already there
	}
	resp.RequiresReplace = append(resp.RequiresReplace, path.Root("replica_of"))
	if state.Role.ValueString() == roleMaster {
		resp.Diagnostics.AddAttributeWarning(path.Root("replica_of"), "A master of a Redis Cluster will be replaced", fmt.Sprintf(
			"%s (%s) is a master now, and replica_of will name a node of another shard. The plan replaces it, after its slots have been moved "+
				"to the other masters. To keep it as a master, omit replica_of; a new node in place of its old master can name it in its own "+
				"replica_of.", state.Name.ValueString(), state.ID.ValueString()))
	}
}

// moves reports whether another replica_of moves the node to another shard than its present one.
func (r *ClusterNodeResource) moves(ctx context.Context, state *clusterNodeModel, to types.String) (bool, diag.Diagnostics) {
	switch {
	case to.IsNull():
		return state.Role.ValueString() != roleMaster, nil
	case to.IsUnknown():
		return true, nil
	case to.Equal(state.MasterID):
		return false, nil
	}
	client, diags := r.Client(ctx, state.Region)
	if diags.HasError() {
		return false, diags
	}
	view, err := client.PlannedTopology(ctx, state.Cluster(), state.ID.ValueString())
	if err != nil {
		return true, instancebase.PlanCheckError(ctx, clusterNodeKindName, err)
	}
	return !view.SameShard(state.ID.ValueString(), to.ValueString()), nil
}

// checkCreation reports at plan time what a creation would be refused for.
func (r *ClusterNodeResource) checkCreation(ctx context.Context, plan *clusterNodeModel) diag.Diagnostics {
	diags := r.RequireTopologyAPI(ctx, "trove_redis_cluster_node", plan.Region)
	diags.Append(plan.check(ctx)...)
	if diags.HasError() || plan.ReplicaOf.IsNull() || plan.ReplicaOf.IsUnknown() {
		return diags
	}
	client, d := r.Client(ctx, plan.Region)
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
			"replica_of names %s, which is not in a Redis Cluster: set it to the id of a trove_redis_cluster_node.", who))
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
		unknown = append(unknown, "join") // it matters only at creation
	}
	for field, v := range map[string]attr.Value{"cluster_name": m.ClusterName, "cluster_timeout": m.ClusterTimeout, "join": m.Join} {
		if v.IsUnknown() {
			unknown = append(unknown, field)
		}
	}
	block := m.block()
	if m.ReplicaOf.IsUnknown() { // a node that is not created yet counts as one
		later := topology.KnownLater
		block.SlaveOf = &later
	}
	return instancebase.ProblemDiagnostics(clusterNodeKindName, block.Check(m.DatastoreVersion(ctx)), attributes, unknown...)
}
