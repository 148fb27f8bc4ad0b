package tfkit

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ReplacedBy lists the attributes whose planned change replaces a resource: those whose plan modifiers require it, which the framework does
// not report, and those of resp.RequiresReplace. It is called at the end of a ModifyPlan. It runs only the plan modifiers of strings,
// booleans, whole numbers and lists, also in nested objects; a creation and a destruction replace nothing.
func ReplacedBy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (path.Paths, diag.Diagnostics) {
	if req.State.Raw.IsNull() || resp.Plan.Raw.IsNull() {
		return nil, nil
	}
	q := replaceQuestion{ctx: ctx, req: req, resp: resp}
	attributes := map[string]any{}
	for name, a := range resp.Plan.Schema.GetAttributes() {
		attributes[name] = a
	}
	q.ask(path.Empty(), attributes)
	paths := slices.Clone(resp.RequiresReplace)
	for _, p := range q.paths {
		if !slices.ContainsFunc(paths, p.Equal) {
			paths = append(paths, p)
		}
	}
	slices.SortFunc(paths, func(a, b path.Path) int { return len(a.String()) - len(b.String()) })
	return paths, q.diags
}

// replaceQuestion runs the plan modifiers of a schema again, with the final plan.
type replaceQuestion struct {
	ctx   context.Context
	req   resource.ModifyPlanRequest
	resp  *resource.ModifyPlanResponse
	paths path.Paths
	diags diag.Diagnostics
}

// ask runs the plan modifiers of attributes and of nested attributes.
func (q *replaceQuestion) ask(at path.Path, attributes map[string]any) {
	for name, a := range attributes {
		p := at.AtName(name)
		switch a := a.(type) {
		case schema.StringAttribute:
			askModifiers(q, p, a.PlanModifiers, func(m planmodifier.String, config, state, plan types.String) bool {
				r := planmodifier.StringResponse{PlanValue: plan}
				m.PlanModifyString(q.ctx, planmodifier.StringRequest{Path: p, Config: q.req.Config, ConfigValue: config, Plan: q.resp.Plan, PlanValue: plan, State: q.req.State, StateValue: state}, &r)
				return r.RequiresReplace
			})
		case schema.BoolAttribute:
			askModifiers(q, p, a.PlanModifiers, func(m planmodifier.Bool, config, state, plan types.Bool) bool {
				r := planmodifier.BoolResponse{PlanValue: plan}
				m.PlanModifyBool(q.ctx, planmodifier.BoolRequest{Path: p, Config: q.req.Config, ConfigValue: config, Plan: q.resp.Plan, PlanValue: plan, State: q.req.State, StateValue: state}, &r)
				return r.RequiresReplace
			})
		case schema.Int64Attribute:
			askModifiers(q, p, a.PlanModifiers, func(m planmodifier.Int64, config, state, plan types.Int64) bool {
				r := planmodifier.Int64Response{PlanValue: plan}
				m.PlanModifyInt64(q.ctx, planmodifier.Int64Request{Path: p, Config: q.req.Config, ConfigValue: config, Plan: q.resp.Plan, PlanValue: plan, State: q.req.State, StateValue: state}, &r)
				return r.RequiresReplace
			})
		case schema.ListNestedAttribute:
			askModifiers(q, p, a.PlanModifiers, func(m planmodifier.List, config, state, plan types.List) bool {
				r := planmodifier.ListResponse{PlanValue: plan}
				m.PlanModifyList(q.ctx, planmodifier.ListRequest{Path: p, Config: q.req.Config, ConfigValue: config, Plan: q.resp.Plan, PlanValue: plan, State: q.req.State, StateValue: state}, &r)
				return r.RequiresReplace
			})
		case schema.SingleNestedAttribute:
			nested := map[string]any{}
			for name, a := range a.Attributes {
				nested[name] = a
			}
			q.ask(p, nested)
		}
	}
}

// askModifiers notes an attribute that changes if one of its plan modifiers requires replacement. It passes them the value in the
// configuration, the state and the plan.
func askModifiers[M any, V attr.Value](q *replaceQuestion, p path.Path, modifiers []M, replaces func(m M, config, state, plan V) bool) {
	if len(modifiers) == 0 {
		return
	}
	var config, state, plan V
	q.diags.Append(q.req.Config.GetAttribute(q.ctx, p, &config)...)
	q.diags.Append(q.req.State.GetAttribute(q.ctx, p, &state)...)
	q.diags.Append(q.resp.Plan.GetAttribute(q.ctx, p, &plan)...)
	if q.diags.HasError() || plan.Equal(state) {
		return
	}
	if slices.ContainsFunc(modifiers, func(m M) bool { return replaces(m, config, state, plan) }) {
		q.paths = append(q.paths, p)
	}
}
