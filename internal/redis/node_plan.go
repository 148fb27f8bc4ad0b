package redis

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// attributes maps the wire's fields to the names that users write.
var attributes = map[string]path.Path{
	"cluster_name":          path.Root("cluster_name"),
	"cluster_timeout":       path.Root("cluster_timeout"),
	"join":                  path.Root("join"),
	"slave_of":              path.Root("replica_of"),
	topology.FieldDatastore: path.Root("datastore"),
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *NodeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, nodeKindName, req, resp)
	state, plan, ok := instancebase.PlanInstance[nodeModel](ctx, &r.Resource, nodeKindName, req, resp)
	if ok && state != nil && plan.ReplicaOf.IsNull() && !state.ReplicaOf.IsNull() {
		r.PlanPromotion(ctx, state.Shared(), plan.Shared(), state.ReplicaOf.ValueString())
	}
	if !ok || state != nil && (plan.ReplicaOf.IsNull() || plan.ReplicaOf.Equal(state.ReplicaOf)) {
		return
	}
	var config nodeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	plan.ConfiguredOnly(&config.Model)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.checkCreation(ctx, plan)...)
	}
}

// checkCreation reports at plan time what a creation would be refused for. plan holds only what is configured.
func (r *NodeResource) checkCreation(ctx context.Context, plan *nodeModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if plan.ReplicaOf.IsNull() {
		diags.Append(r.RequireFlavor(nodeKindName, plan.Shared())...)
	}
	diags.Append(instancebase.ProblemDiagnostics(nodeKindName, topology.Topology{Redis: plan.block()}.Check(plan.DatastoreVersion(ctx)), attributes)...)
	if !r.Configured() || diags.HasError() {
		return diags
	}
	diags.Append(r.RequireTopologyAPI(ctx, "trove_redis_node", plan.Region)...)
	if diags.HasError() || plan.ReplicaOf.IsNull() || plan.ReplicaOf.IsUnknown() {
		return diags
	}
	client, d := r.Client(ctx, plan.Region)
	if diags.Append(d...); d.HasError() {
		return diags
	}
	source, d := instancebase.LookupSource(ctx, client, nodeKindName, plan.ReplicaOf.ValueString())
	diags.Append(d...)
	if source == nil {
		return diags
	}
	shown, err := client.Block(ctx, source)
	switch {
	case err != nil:
		diags.Append(instancebase.PlanCheckError(ctx, nodeKindName, err)...)
	case shown.Redis == nil:
		diags.AddAttributeError(path.Root("replica_of"), "Not a Redis node to replicate from", fmt.Sprintf(
			"replica_of names %s (%s), which runs %s and is not in a redis topology: set it to the id of a trove_redis_node.", source.Name, source.ID, source.Datastore.Type))
	default:
		diags.Append(instancebase.CheckSourceDatastore(plan.DatastoreVersion(ctx), source, true)...)
	}
	return diags
}
