package mongodb

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// attributes maps the wire's fields to the names that users write.
var attributes = func() map[string]path.Path {
	all := settingPaths(path.Root)
	for field, attribute := range map[string]string{"replSet": "replica_set", "type": "type", "join": "join", topology.FieldDatastore: "datastore"} {
		all[field] = path.Root(attribute)
	}
	return all
}()

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *MemberResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config memberModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// An omitted setting keeps the member's value, which is not known here.
	resp.Diagnostics.Append(config.check(ctx, attr.Value.IsNull)...)
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *MemberResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, memberKindName, req, resp)
	state, plan, ok := instancebase.PlanInstance[memberModel](ctx, &r.Resource, memberKindName, req, resp)
	if plan == nil && state != nil {
		r.PlanMember(ctx, setKind, req, resp, state, nil)
	}
	if !ok || !r.Configured() {
		return
	}
	var config memberModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if state == nil {
		resp.Diagnostics.Append(r.RequireTopologyAPI(ctx, "trove_mongodb_member", plan.Region)...)
		// An omitted setting gets the server's default, which the rules check.
		resp.Diagnostics.Append(config.check(ctx, attr.Value.IsUnknown)...)
		config.Datastore = plan.Datastore
		r.PlanMember(ctx, setKind, req, resp, nil, &config)
	} else {
		client, diags := r.Client(ctx, plan.Region)
		if resp.Diagnostics.Append(diags...); diags.HasError() {
			return
		}
		client.Registry().SetOwnSettings(state.ID.ValueString(), config.all().own())
		// An omitted setting has the state's value here, and is unknown if the state has none: the server does not return it.
		resp.Diagnostics.Append(plan.check(ctx, attr.Value.IsNull)...)
		r.PlanMember(ctx, setKind, req, resp, state, plan)
	}
}

// setKind describes how the members of a replica set are checked together.
var setKind = instancebase.ClusterKind{
	Name: setKindName, Datastore: "mongodb", Attributes: attributes,
	Check: func(members []topology.Member, found bool) topology.Problems {
		blocks := make([]topology.MongoDB, len(members))
		for n, m := range members {
			blocks[n] = *m.MongoDB
		}
		problems := topology.CheckReplicaSet(blocks)
		if !found { // a member that can be elected may be created elsewhere
			problems = slices.DeleteFunc(problems, func(p topology.Problem) bool { return !p.Advice && p.Fields[0] == "priority" })
		}
		return problems
	},
}

// check applies the rules of the topology, except those about unknown settings.
func (m *memberModel) check(ctx context.Context, open func(attr.Value) bool) diag.Diagnostics {
	unknown := []string{}
	if m.Join.IsNull() || m.Join.IsUnknown() || !m.ID.IsNull() {
		unknown = append(unknown, "join") // it is found out later, and matters only at creation
	}
	values := m.all().values()
	values["replSet"], values["type"] = m.ReplicaSet, m.Type
	for field, v := range values {
		if v.IsUnknown() || open(v) {
			unknown = append(unknown, field)
		}
	}
	return instancebase.ProblemDiagnostics(memberKindName, m.block().Check(m.DatastoreVersion(ctx)), attributes, unknown...)
}
