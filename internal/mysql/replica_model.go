package mysql

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// replicaModel is the model of trove_mysql_replica.
type replicaModel struct {
	instancebase.Model
	instancebase.Roles
	ReplicaOf types.Set  `tfsdk:"replica_of"`
	ReadOnly  types.Bool `tfsdk:"read_only"`
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

// onlySource returns the source if there is exactly one; null if there are several or none, unknown if it is not known.
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

// block returns what is known in the wire's form.
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

// ToAPI returns the creation for the server in use.
func (m *replicaModel) ToAPI(ctx context.Context, client *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
	m.ClearRole()
	r, diags := m.ToCreateRequest(ctx, client)
	ids, _ := m.sources()
	if len(ids) == 0 && r.FlavorRef == "" {
		diags.Append(instancebase.MissingFlavor())
	}
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
		// Released Trove refuses these: a replica has those of its source.
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
func (m *replicaModel) FromAPI(ctx context.Context, client *operation.Client, i *trove.Instance) diag.Diagnostics {
	diags := m.Model.FromAPI(ctx, client, i)
	role, d := m.RefreshRole(ctx, client, i, m.onlySource().ValueString(), kindName)
	diags.Append(d...)
	if d.HasError() {
		return diags
	}
	declared := m.ReplicaOf.Elements()
	switch {
	case len(declared) == 1 && !role.Detached:
		// It belongs to the set of its declared source, whichever member is the source now.
	case len(role.Sources) > 0:
		set, d := types.SetValueFrom(ctx, types.StringType, role.Sources)
		diags.Append(d...)
		m.ReplicaOf = set
	default:
		if len(declared) > 0 {
			diags.Append(m.DetachedWarning(kindName, "remove replica_of and read_only"))
		}
		m.ReplicaOf, m.ReadOnly = types.SetNull(types.StringType), types.BoolNull()
		return diags
	}
	switch block := role.Block.MySQL; {
	case block != nil && block.ReadOnly != nil:
		m.ReadOnly = types.BoolValue(*block.ReadOnly)
	case m.ReadOnly.IsNull() || m.ReadOnly.IsUnknown():
		m.ReadOnly = types.BoolValue(true) // as a server that returns nothing does
	}
	return diags
}
