package replica

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// sourceModel is the model of trove_replication_source.
type sourceModel struct {
	ID              types.String   `tfsdk:"id"`
	Members         types.Set      `tfsdk:"members"`
	SourceID        types.String   `tfsdk:"source_id"`
	EjectDeadSource types.String   `tfsdk:"eject_dead_source"`
	Roles           types.Map      `tfsdk:"roles"`
	Region          types.String   `tfsdk:"region"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

// known reports whether all members are known.
func (m *sourceModel) known() bool {
	return !m.Members.IsUnknown() && !slices.ContainsFunc(m.Members.Elements(), func(v attr.Value) bool { return v.IsUnknown() })
}

// members returns the known ids, sorted.
func (m *sourceModel) members(ctx context.Context) ([]string, diag.Diagnostics) {
	var all []types.String
	if m.Members.IsUnknown() {
		return nil, nil
	}
	diags := m.Members.ElementsAs(ctx, &all, false)
	var ids []string
	for _, id := range all {
		if !id.IsUnknown() {
			ids = append(ids, id.ValueString())
		}
	}
	slices.Sort(ids)
	return ids, diags
}

// SetComputed fills in the computed attributes that do not depend on roles.
func (m *sourceModel) SetComputed(members []string, region string) {
	if m.ID.ValueString() == "" {
		m.ID = types.StringValue(slices.Min(members))
	}
	m.Region = tfkit.SettleRegion(m.Region, region)
}

// SetRoles takes over the roles.
func (m *sourceModel) SetRoles(ctx context.Context, members []string, set operation.ReplicationSet) diag.Diagnostics {
	roles := map[string]string{}
	for _, id := range members {
		switch {
		case set.Source == "" || set.Find(id) == nil:
			roles[id] = "none"
		case id == set.Source:
			roles[id] = operation.RoleSource
		default:
			roles[id] = operation.RoleReplica
		}
	}
	value, diags := types.MapValueFrom(ctx, types.StringType, roles)
	m.Roles = value
	return diags
}
