package cassandra

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *NodeResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config nodeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.check(ctx)...)
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan. ValidateConfig checks the rules of one node; ModifyPlan checks those about the
// cluster.
func (r *NodeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, nodeKindName, req, resp)
	state, plan, ok := instancebase.PlanInstance[nodeModel](ctx, &r.Resource, nodeKindName, req, resp)
	if plan == nil && state != nil {
		r.PlanMember(ctx, ringKind, req, resp, state, nil)
	}
	if !ok || !r.Configured() {
		return
	}
	if state == nil {
		resp.Diagnostics.Append(r.RequireTopologyAPI(ctx, "trove_cassandra_node", plan.Region)...)
		resp.Diagnostics.Append(plan.check(ctx)...) // values that became known since the validation
	} else {
		resp.Diagnostics.Append(plan.warnReplacement(state)...)
	}
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state == nil {
		var config nodeModel
		resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
		config.Datastore = plan.Datastore
		r.PlanMember(ctx, ringKind, req, resp, nil, &config)
		return
	}
	resp.Diagnostics.Append(r.checkSnitch(ctx, client, state, plan)...)
	r.PlanMember(ctx, ringKind, req, resp, state, plan)
}

// ringKind describes how the nodes of a cluster are checked together.
var ringKind = instancebase.ClusterKind{
	Name: "Cassandra cluster", Datastore: "cassandra",
	Attributes:   map[string]path.Path{"endpoint_snitch": path.Root("endpoint_snitch"), "is_seed": path.Root("is_seed")},
	CanBootstrap: topology.Topology.CanBootstrap,
	Check: func(members []topology.Member, found bool) topology.Problems {
		nodes := make([]topology.Cassandra, len(members))
		for n, m := range members {
			nodes[n] = *m.Cassandra
		}
		return append(topology.CheckSnitches(members, found), topology.CheckRing(nodes)...)
	},
}

// check applies the rules of the topology, except those about values that are not known yet.
func (m *nodeModel) check(ctx context.Context) diag.Diagnostics {
	attributes := map[string]path.Path{topology.FieldDatastore: path.Root("datastore")}
	open := []string{}
	for field, v := range m.own() {
		attributes[field] = path.Root(field)
		if v.IsUnknown() {
			open = append(open, field)
		}
	}
	if m.Join.IsNull() || !m.ID.IsNull() {
		open = append(open, "join") // it is found out later, and matters only at creation
	}
	if m.AutoBootstrap.IsNull() {
		open = append(open, "auto_bootstrap") // it has a default
	}
	return instancebase.ProblemDiagnostics(nodeKindName, topology.Topology{Cassandra: m.block()}.Check(m.DatastoreVersion(ctx)), attributes, open...)
}

// checkSnitch refuses a node whose snitch differs from that of the nodes that stay in its cluster: the server would refuse the new node
// only when the old one is gone.
func (r *NodeResource) checkSnitch(ctx context.Context, client *operation.Client, state, plan *nodeModel) diag.Diagnostics {
	if !plan.ClusterName.Equal(state.ClusterName) || plan.ClusterName.ValueString() == "" || !tfkit.SetAndChanged(state.EndpointSnitch, plan.EndpointSnitch) {
		return nil
	}
	view, err := client.PlannedTopology(ctx, state.Cluster(), state.ID.ValueString())
	if err != nil && !errors.Is(err, openstack.ErrNotFound) {
		return instancebase.PlanCheckError(ctx, nodeKindName, err)
	}
	for _, m := range view.Members {
		if m.ID == state.ID.ValueString() || m.Cassandra == nil {
			continue
		}
		problems := plan.block().CheckJoin(*m.Cassandra)
		for i := range problems {
			problems[i].Message += ". A cluster keeps the snitch that it was created with. For another snitch, build a cluster with another cluster_name"
		}
		if len(problems) > 0 {
			return instancebase.ProblemDiagnostics(nodeKindName, problems, map[string]path.Path{"endpoint_snitch": path.Root("endpoint_snitch")})
		}
	}
	return nil
}

// warnReplacement says what the replacement of a node that is in a ring means for the ring.
func (m *nodeModel) warnReplacement(state *nodeModel) diag.Diagnostics {
	if state.ClusterName.IsNull() {
		return nil // it has left
	}
	before, after := state.own(), m.own()
	before["availability_zone"], after["availability_zone"] = state.AvailabilityZone, m.AvailabilityZone
	before["region"], after["region"] = state.Region, m.Region
	var diags diag.Diagnostics
	for _, name := range []string{"cluster_name", "num_tokens", "is_seed", "endpoint_snitch", "auto_bootstrap", "seed_provider", "availability_zone", "region"} {
		if !tfkit.SetAndChanged(before[name], after[name]) {
			continue
		}
		detail := fmt.Sprintf("%s of %s (%s) changes from %s to %s, which replaces the node: it is drained and leaves cluster %s, its data streams to the "+
			"nodes that stay, and it is deleted; a new node joins, and ", name, m.Name.ValueString(), state.ID.ValueString(), shown(before[name]), shown(after[name]),
			state.ClusterName.ValueString())
		if m.AutoBootstrap.IsNull() || m.AutoBootstrap.IsUnknown() || m.AutoBootstrap.ValueBool() {
			detail += "takes over its share."
		} else {
			detail += "since auto_bootstrap is false it takes over no data: run nodetool rebuild or repair on it."
		}
		diags.AddAttributeWarning(path.Root(name), "Replacing a Cassandra node moves its data", detail+
			" Replace one node at a time, or use create_before_destroy: if all nodes are deleted before new ones have joined, no node is left "+
			"to take over the data, and it is lost.")
		break // one attribute is enough: the node is replaced once
	}
	return diags
}

// shown returns a value as messages show it.
func shown(v attr.Value) string {
	if v.IsUnknown() {
		return "a value that is not known yet"
	}
	return v.String()
}
