package redis

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const datastoreType = "redis"

// attributes are the names that users write for the wire's fields.
var attributes = map[string]path.Path{
	"cluster_name":          path.Root("cluster_name"),
	"cluster_timeout":       path.Root("cluster_timeout"),
	"join":                  path.Root("join"),
	"slave_of":              path.Root("replica_of"),
	topology.FieldDatastore: path.Root("datastore"),
}

// nodeModel is one trove_redis_node.
type nodeModel struct {
	instancebase.Model
	ReplicaOf types.String `tfsdk:"replica_of"`
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *NodeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state, plan, ok := instancebase.PlanInstance[nodeModel](ctx, &r.Resource, nodeKindName, req, resp)
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

// checkCreation says at plan time what a creation would be refused for. plan holds only what is written.
func (r *NodeResource) checkCreation(ctx context.Context, plan *nodeModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if plan.ReplicaOf.IsNull() {
		diags.Append(plan.RequireFlavor()...)
	}
	diags.Append(instancebase.ProblemDiagnostics(nodeKindName, topology.Topology{Redis: plan.block()}.Check(plan.DatastoreVersion(ctx)), attributes)...)
	if !r.Configured() || diags.HasError() {
		return diags
	}
	diags.Append(r.RequireTopologyAPI(ctx, "trove_redis_node", plan.Region)...)
	if diags.HasError() || plan.ReplicaOf.IsNull() || plan.ReplicaOf.IsUnknown() {
		return diags
	}
	client, d := r.Client(plan.Region)
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
			"replica_of names %s (%s), which runs %s and is in no redis topology: a Redis node replicates from a trove_redis_node.", source.Name, source.ID, source.Datastore.Type))
	}
	return diags
}

// block is the wire's form of what is known.
func (m *nodeModel) block() *topology.Redis {
	return &topology.Redis{SlaveOf: tfkit.IfKnown(m.ReplicaOf, m.ReplicaOf.ValueStringPointer())}
}

// ToAPI is the creation; what it leaves out is the source's.
func (m *nodeModel) ToAPI(ctx context.Context, client *trove.Client) (trove.CreateRequest, diag.Diagnostics) {
	r, diags := m.ToCreateRequest(ctx, client)
	r.Topology = &topology.Topology{Redis: m.block()}
	if !m.ReplicaOf.IsNull() && !diags.HasError() {
		diags.Append(instancebase.ApplySourceDefaults(ctx, client, nodeKindName, m.ReplicaOf.ValueString(), &r)...)
	}
	if r.Datastore == nil {
		r.Datastore = &trove.Datastore{Type: datastoreType} // in the server's default version
	}
	return r, diags
}

// FromAPI implements instancebase.ResourceModel.
func (m *nodeModel) FromAPI(ctx context.Context, client *trove.Client, i *trove.Instance) diag.Diagnostics {
	before, isRead := m.ReplicaOf, !m.Name.IsNull() // an import knows the id alone
	diags := m.Model.FromAPI(ctx, client, i)
	block, err := client.Block(ctx, i)
	if err != nil {
		diags.Append(instancebase.APIError("read the replication of", nodeKindName+" "+i.ID, err, ""))
		return diags
	}
	m.ReplicaOf = types.StringNull()
	if block.Redis != nil {
		m.ReplicaOf = types.StringPointerValue(block.Redis.SlaveOf)
	}
	if isRead && !before.Equal(m.ReplicaOf) {
		diags.Append(movedElsewhere(m, before))
	}
	return diags
}

// movedElsewhere tells why the next plan wants to replace the node.
func movedElsewhere(m *nodeModel, before types.String) diag.Diagnostic {
	who := fmt.Sprintf("%s (%s)", m.Name.ValueString(), m.ID.ValueString())
	switch {
	case m.ReplicaOf.IsNull():
		return diag.NewAttributeWarningDiagnostic(path.Root("replica_of"), "A Redis replica no longer replicates", who+
			" was promoted to a master outside of Terraform. A master cannot be made a replica again, so the plan replaces it as long as its "+
			"configuration has replica_of. To keep it as it is, take replica_of out.")
	case before.IsNull():
		return diag.NewAttributeWarningDiagnostic(path.Root("replica_of"), "A Redis master has become a replica", fmt.Sprintf(
			"%s was made a replica of %s outside of Terraform, so the plan promotes it to a master again as long as its configuration has no replica_of. "+
				"To keep it as it is, set replica_of to that id.", who, m.ReplicaOf.ValueString()))
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("replica_of"), "A Redis replica has another source", fmt.Sprintf(
		"%s was made a replica of %s outside of Terraform; before, it replicated from %s. The plan replaces it as long as its configuration names another one. "+
			"To keep it as it is, set replica_of to that id.", who, m.ReplicaOf.ValueString(), before.ValueString()))
}
