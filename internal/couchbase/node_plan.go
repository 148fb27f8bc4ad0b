package couchbase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// nodeAttributes maps the wire's fields to the names that users write.
var nodeAttributes = map[string]path.Path{
	"cluster_name":          path.Root("cluster_name"),
	topology.FieldDatastore: path.Root("datastore"),
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *NodeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, nodeKindName, req, resp)
	state, plan, ok := instancebase.PlanInstance[nodeModel](ctx, &r.Resource, nodeKindName, req, resp)
	if plan == nil && state != nil {
		r.PlanMember(ctx, clusterKind, req, resp, state, nil)
	}
	if !ok || !r.Configured() {
		return
	}
	resp.Diagnostics.Append(plan.check(ctx)...)
	if state == nil {
		resp.Diagnostics.Append(r.RequireTopologyAPI(ctx, "trove_couchbase_node", plan.Region)...)
		r.PlanMember(ctx, clusterKind, req, resp, nil, plan)
	} else {
		r.PlanMember(ctx, clusterKind, req, resp, state, plan)
	}
}

// clusterKind describes how the nodes of a cluster are checked together: none of their own settings has to match the others'.
var clusterKind = instancebase.ClusterKind{
	Name: "Couchbase cluster", Datastore: "couchbase", Attributes: nodeAttributes,
	Check: func([]topology.Member, bool) topology.Problems { return nil },
}

// check applies the rules of the topology, except those about values that are not known yet.
func (m *nodeModel) check(ctx context.Context) diag.Diagnostics {
	var unknown []string
	if m.ClusterName.IsUnknown() {
		unknown = append(unknown, "cluster_name")
	}
	block := topology.Topology{Couchbase: m.block()}
	return instancebase.ProblemDiagnostics(nodeKindName, block.Check(m.DatastoreVersion(ctx)), nodeAttributes, unknown...)
}
