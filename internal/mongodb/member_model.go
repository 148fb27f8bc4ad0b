package mongodb

import (
	"context"
	"slices"

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

// memberModel is one trove_mongodb_member. Its hostname is instancebase.Model's.
type memberModel struct {
	instancebase.Model
	ReplicaSet         types.String  `tfsdk:"replica_set"`
	Type               types.String  `tfsdk:"type"`
	Join               types.Bool    `tfsdk:"join"`
	Priority           types.Float64 `tfsdk:"priority"`
	Hidden             types.Bool    `tfsdk:"hidden"`
	SecondaryDelaySecs types.Int64   `tfsdk:"secondary_delay_secs"`
	Votes              types.Int64   `tfsdk:"votes"`
}

// attributes are the names that users write for the wire's fields.
var attributes = map[string]path.Path{
	"replSet":               path.Root("replica_set"),
	"type":                  path.Root("type"),
	"join":                  path.Root("join"),
	"priority":              path.Root("priority"),
	"hidden":                path.Root("hidden"),
	"slaveDelay":            path.Root("secondary_delay_secs"),
	"votes":                 path.Root("votes"),
	"hostname":              path.Root("hostname"),
	topology.FieldDatastore: path.Root("datastore"),
}

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *MemberResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config memberModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// A setting that is left out keeps what the member has, which is not known here.
	resp.Diagnostics.Append(config.check(ctx, attr.Value.IsNull)...)
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *MemberResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state, plan, ok := instancebase.PlanInstance[memberModel](ctx, &r.Resource, memberKindName, req, resp)
	if !ok || !r.Configured() {
		return
	}
	var config memberModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if state == nil {
		resp.Diagnostics.Append(r.RequireTopologyAPI(ctx, "trove_mongodb_member", plan.Region)...)
		// A setting that is left out gets the server's default, by which the rules go.
		resp.Diagnostics.Append(config.check(ctx, attr.Value.IsUnknown)...)
	} else {
		r.NoteOwnSettings(state.ID.ValueString(), config.own())
		// What is left out has the state's value here, and is not known where the state has none: the server does not show it.
		resp.Diagnostics.Append(plan.check(ctx, attr.Value.IsNull)...)
	}
}

// Cluster implements instancebase.Clustered.
func (m *memberModel) Cluster() string { return topology.Topology{MongoDB: m.block()}.Cluster() }

// check applies the rules of the topology, but for those about settings that are open.
func (m *memberModel) check(ctx context.Context, open func(attr.Value) bool) diag.Diagnostics {
	unknown := []string{}
	if m.Join.IsNull() || m.Join.IsUnknown() || !m.ID.IsNull() {
		unknown = append(unknown, "join") // it is found out, and matters at creation alone
	}
	for field, v := range map[string]attr.Value{
		"replSet": m.ReplicaSet, "type": m.Type, "priority": m.Priority, "hidden": m.Hidden, "slaveDelay": m.SecondaryDelaySecs, "votes": m.Votes, "hostname": m.Hostname,
	} {
		if v.IsUnknown() || open(v) {
			unknown = append(unknown, field)
		}
	}
	return instancebase.ProblemDiagnostics(memberKindName, m.block().Check(m.DatastoreVersion(ctx)), attributes, unknown...)
}

// block is the wire's form of what is known.
func (m *memberModel) block() *topology.MongoDB {
	b := &topology.MongoDB{Type: topology.TypeMember, ReplSet: m.ReplicaSet.ValueString(), Join: tfkit.IfKnown(m.Join, m.Join.ValueBoolPointer())}
	if t := m.Type.ValueString(); t != "" {
		b.Type = t
	}
	return pointer(b.Apply(m.settings()))
}

// own names the settings that the configuration holds.
func (m *memberModel) own() []string {
	var names []string
	for field, v := range map[string]attr.Value{"priority": m.Priority, "hidden": m.Hidden, "slaveDelay": m.SecondaryDelaySecs, "votes": m.Votes, "hostname": m.Hostname} {
		if !v.IsNull() {
			names = append(names, attributes[field].String())
		}
	}
	slices.Sort(names)
	return names
}

// settings are those that are known.
func (m *memberModel) settings() topology.MemberSettings {
	return topology.MemberSettings{
		Priority:   tfkit.IfKnown(m.Priority, m.Priority.ValueFloat64Pointer()),
		Hidden:     tfkit.IfKnown(m.Hidden, m.Hidden.ValueBoolPointer()),
		SlaveDelay: tfkit.IfKnown(m.SecondaryDelaySecs, m.SecondaryDelaySecs.ValueInt64Pointer()),
		Votes:      tfkit.IfKnown(m.Votes, m.Votes.ValueInt64Pointer()),
		Hostname:   tfkit.IfKnown(m.Hostname, m.Hostname.ValueStringPointer()),
	}
}

// changes are the settings that the plan has otherwise than the state.
func (m *memberModel) changes(state *memberModel) topology.MemberSettings {
	return topology.MongoDB{}.Apply(state.settings()).Difference(m.settings())
}

// FromAPI implements instancebase.ResourceModel.
func (m *memberModel) FromAPI(ctx context.Context, client *trove.Client, i *trove.Instance) diag.Diagnostics {
	asked := m.Hostname
	diags := m.Model.FromAPI(ctx, client, i)
	if !asked.IsNull() && !asked.IsUnknown() {
		m.Hostname = asked
	}
	shown, err := client.Block(ctx, i)
	if err != nil {
		diags.Append(instancebase.APIError("read the replica set of", memberKindName+" "+i.ID, err, ""))
		return diags
	}
	block := shown.MongoDB
	if block == nil {
		diags.Append(m.LeftClusterWarning(path.Root("replica_set"), memberKindName, "replica set "+m.ReplicaSet.ValueString()))
		m.ReplicaSet = types.StringNull()
		block = &topology.MongoDB{Type: m.Type.ValueString()}
	} else {
		m.ReplicaSet = types.StringValue(block.ReplSet)
	}
	m.Type = types.StringValue(block.Type)
	m.take(block.Settings())
	return diags
}

// take fills in these settings; what is not among them stays.
func (m *memberModel) take(s topology.MemberSettings) {
	m.Priority = tfkit.KeepUnlessReturned(m.Priority, s.Priority, types.Float64Value, types.Float64Null)
	m.Hidden = tfkit.KeepUnlessReturned(m.Hidden, s.Hidden, types.BoolValue, types.BoolNull)
	m.SecondaryDelaySecs = tfkit.KeepUnlessReturned(m.SecondaryDelaySecs, s.SlaveDelay, types.Int64Value, types.Int64Null)
	m.Votes = tfkit.KeepUnlessReturned(m.Votes, s.Votes, types.Int64Value, types.Int64Null)
	if s.Hostname != nil {
		m.Hostname = types.StringValue(*s.Hostname)
	}
}

func pointer[T any](v T) *T { return &v }
