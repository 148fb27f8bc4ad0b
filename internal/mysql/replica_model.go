package mysql

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// attributes are the names that users write for the wire's fields.
var attributes = map[string]path.Path{
	"slave_of":              path.Root("replica_of"),
	"read_only":             path.Root("read_only"),
	topology.FieldDatastore: path.Root("datastore"),
}

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *ReplicaResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config replicaModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check(ctx)...)
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *ReplicaResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state, plan, ok := instancebase.PlanInstance[replicaModel](ctx, &r.Resource, kindName, req, resp)
	if state != nil && plan == nil {
		r.NoteHeirs(ctx, kindName, state.Shared(), resp)
	}
	if !ok {
		return
	}
	if state == nil || !plan.ReplicaOf.IsNull() && !plan.ReplicaOf.Equal(state.ReplicaOf) && r.PlanSourceChange(ctx, kindName, state.Shared(), state.Roles, plan.onlySource(), resp) {
		var config replicaModel
		resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
		plan.ConfiguredOnly(&config.Model)
		r.checkCreation(ctx, plan, &resp.Diagnostics)
	}
}

// checkCreation says at plan time what a creation would be refused for. plan holds only what is written.
func (r *ReplicaResource) checkCreation(ctx context.Context, plan *replicaModel, diags *diag.Diagnostics) {
	diags.Append(plan.check(ctx)...)
	if plan.ReplicaOf.IsNull() {
		diags.Append(plan.RequireFlavor()...)
		diags.AddAttributeWarning(path.Root("replica_of"), "A replica without a source",
			"replica_of is not set, so this creates a standalone server. That is meant for replicas that were promoted; for a new server use trove_instance.")
		return
	}
	if !r.Configured() || diags.HasError() {
		return
	}
	client, d := r.Client(plan.Region)
	diags.Append(d...)
	if d.HasError() {
		return
	}
	serves, err := client.ServesTopology(ctx)
	if err != nil {
		diags.Append(instancebase.PlanCheckError(ctx, kindName, err)...)
		return
	}
	sources, _ := plan.sources()
	if !serves {
		diags.Append(plan.checkUpstream()...)
	}
	wanted := plan.DatastoreVersion(ctx).Type
	for _, id := range sources {
		source, d := instancebase.LookupSource(ctx, client, kindName, id)
		diags.Append(d...)
		switch {
		case source == nil:
		case wanted != "" && source.Datastore.Type != wanted:
			diags.AddAttributeError(path.Root("datastore"), "Another datastore than the source's", fmt.Sprintf(
				"The replica is to be of type %s, but its source %s (%s) is of type %s: set datastore.type to that, or leave datastore out.",
				wanted, source.Name, id, source.Datastore.Type))
		case !serves:
			diags.Append(plan.checkSize(ctx, source)...)
			diags.Append(instancebase.CheckReplicaSource(ctx, client, kindName, source)...)
		}
	}
}

// check applies the rules of the topology to what is known.
func (m *replicaModel) check(ctx context.Context) diag.Diagnostics {
	if m.ReplicaOf.IsNull() && (m.ReadOnly.IsNull() || m.ReadOnly.IsUnknown()) {
		return nil
	}
	var unknown []string
	if m.ReplicaOf.IsUnknown() {
		unknown = append(unknown, "slave_of")
	}
	if m.ReadOnly.IsUnknown() {
		unknown = append(unknown, "read_only")
	}
	if m.Datastore.IsUnknown() {
		unknown = append(unknown, topology.FieldDatastore)
	}
	block := m.block()
	// A source that is yet to be made counts as one, though its id is not known.
	_, later := m.sources()
	for i := range later {
		block.SlaveOf = append(block.SlaveOf, topology.Ref{ID: fmt.Sprintf("(known after apply) %d", i)})
	}
	return instancebase.ProblemDiagnostics(kindName, block.Check(m.DatastoreVersion(ctx)), attributes, unknown...)
}

// checkUpstream refuses what released Trove cannot do.
func (m *replicaModel) checkUpstream() diag.Diagnostics {
	var diags diag.Diagnostics
	if n := len(m.ReplicaOf.Elements()); n > 1 {
		diags.AddAttributeError(path.Root("replica_of"), "More than one source on released Trove", fmt.Sprintf(
			"replica_of names %d sources. This server has no topology API, and released Trove replicates from one source only.", n))
	}
	if !m.ReadOnly.IsNull() && !m.ReadOnly.IsUnknown() && !m.ReadOnly.ValueBool() {
		diags.AddAttributeError(path.Root("read_only"), "A writable replica on released Trove",
			"read_only is false. This server has no topology API, and released Trove makes every replica read-only: leave read_only out.")
	}
	return diags
}

// checkSize refuses a volume smaller than the source's: released Trove makes the replica's as large, and cannot shrink it.
func (m *replicaModel) checkSize(ctx context.Context, source *trove.Instance) diag.Diagnostics {
	size, diags := m.VolumeSize(ctx)
	if source.Volume != nil && size > 0 && size < source.Volume.Size {
		diags.AddAttributeError(path.Root("volume").AtName("size"), "A replica smaller than its source on released Trove", fmt.Sprintf(
			"volume.size is %d, and the source %s (%s) has %d GB. This server has no topology API, and released Trove makes every replica as large as its "+
				"source: set volume.size to %d GB or more, or leave volume out.", size, source.Name, source.ID, source.Volume.Size, source.Volume.Size))
	}
	return diags
}

// sources returns the ids that are known, and how many are not.
func (m *replicaModel) sources() (ids []string, unknown int) {
	for _, v := range m.ReplicaOf.Elements() {
		if s, ok := v.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			ids = append(ids, s.ValueString())
		} else {
			unknown++
		}
	}
	slices.Sort(ids)
	return ids, unknown
}

// onlySource is the source where there is one alone; null where there are several or none, unknown where it is not known.
func (m *replicaModel) onlySource() types.String {
	if m.ReplicaOf.IsUnknown() {
		return types.StringUnknown()
	}
	if all := m.ReplicaOf.Elements(); len(all) == 1 {
		if s, ok := all[0].(types.String); ok {
			return s
		}
	}
	return types.StringNull()
}

// block is the wire's form of what is known.
func (m *replicaModel) block() *topology.MySQL {
	block := &topology.MySQL{ReadOnly: m.ReadOnly.ValueBoolPointer()}
	if m.ReadOnly.IsUnknown() {
		block.ReadOnly = nil
	}
	ids, _ := m.sources()
	for _, id := range ids {
		block.SlaveOf = append(block.SlaveOf, topology.Ref{ID: id})
	}
	return block
}

// ToAPI is the creation for the server at hand.
func (m *replicaModel) ToAPI(ctx context.Context, client *trove.Client) (trove.CreateRequest, diag.Diagnostics) {
	m.ClearRole()
	r, diags := m.ToCreateRequest(ctx, client)
	ids, _ := m.sources()
	if diags.HasError() || len(ids) == 0 {
		return r, diags
	}
	serves, err := client.ServesTopology(ctx)
	if err != nil {
		diags.Append(instancebase.APIError("create", kindName, err, "Nothing was created."))
		return r, diags
	}
	if !serves {
		diags.Append(m.checkUpstream()...)
		// Released Trove refuses to be told these: a replica is what its source is.
		r.FlavorRef, r.Volume, r.Datastore = "", nil, nil
		var d diag.Diagnostics
		r.ReplicaOf, d = instancebase.ResolveReplicaSource(ctx, client, kindName, ids[0])
		diags.Append(d...)
		return r, diags
	}
	r.Topology = &topology.Topology{MySQL: m.block()}
	diags.Append(instancebase.ApplySourceDefaults(ctx, client, kindName, ids[0], &r)...)
	return r, diags
}

// FromAPI implements instancebase.ResourceModel.
func (m *replicaModel) FromAPI(ctx context.Context, client *trove.Client, i *trove.Instance) diag.Diagnostics {
	diags := m.Model.FromAPI(ctx, client, i)
	standing, d := m.RefreshRole(ctx, client, i, m.onlySource().ValueString(), kindName)
	diags.Append(d...)
	if d.HasError() {
		return diags
	}
	declared := m.ReplicaOf.Elements()
	switch {
	case len(declared) == 1 && !standing.Apart:
		// It belongs to the set of its declared source, whoever that one's source is now.
	case len(standing.Sources) > 0:
		set, d := types.SetValueFrom(ctx, types.StringType, standing.Sources)
		diags.Append(d...)
		m.ReplicaOf = set
	default:
		if len(declared) > 0 {
			diags.Append(m.DetachedWarning(kindName, "take replica_of and read_only out"))
		}
		m.ReplicaOf, m.ReadOnly = types.SetNull(types.StringType), types.BoolNull()
		return diags
	}
	switch block := standing.Block.MySQL; {
	case block != nil && block.ReadOnly != nil:
		m.ReadOnly = types.BoolValue(*block.ReadOnly)
	case m.ReadOnly.IsNull() || m.ReadOnly.IsUnknown():
		m.ReadOnly = types.BoolValue(true) // what a server does that says nothing
	}
	return diags
}

// readOnlyDefault is true for a replica and null for a standalone server: a default that depends on another attribute.
type readOnlyDefault struct{}

// Description implements planmodifier.Describer.
func (readOnlyDefault) Description(context.Context) string {
	return "true where replica_of is set"
}

// MarkdownDescription implements planmodifier.Describer.
func (d readOnlyDefault) MarkdownDescription(ctx context.Context) string { return d.Description(ctx) }

// PlanModifyBool implements planmodifier.Bool.
func (readOnlyDefault) PlanModifyBool(ctx context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	if !req.ConfigValue.IsNull() {
		return
	}
	var replicaOf types.Set
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("replica_of"), &replicaOf)...)
	switch {
	case replicaOf.IsUnknown():
		resp.PlanValue = types.BoolUnknown()
	case replicaOf.IsNull():
		resp.PlanValue = types.BoolNull()
	default:
		resp.PlanValue = types.BoolValue(true)
	}
}
