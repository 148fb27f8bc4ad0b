package redis

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// nodeModel is the model of trove_redis_node.
type nodeModel struct {
	instancebase.Model
	ReplicaOf types.String `tfsdk:"replica_of"`
}

// block returns what is known in the wire's form.
func (m *nodeModel) block() *topology.Redis {
	return &topology.Redis{SlaveOf: tfkit.IfKnown(m.ReplicaOf, m.ReplicaOf.ValueStringPointer())}
}

// ToAPI returns the creation; values that it omits are those of the source.
func (m *nodeModel) ToAPI(ctx context.Context, client *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
	r, diags := m.ToCreateRequest(ctx, client)
	r.Topology = &topology.Topology{Redis: m.block()}
	if !m.ReplicaOf.IsNull() && !diags.HasError() {
		diags.Append(instancebase.ApplySourceDefaults(ctx, client, nodeKindName, m.ReplicaOf.ValueString(), &r)...)
	}
	if m.ReplicaOf.IsNull() && r.FlavorRef == "" {
		diags.Append(instancebase.MissingFlavor())
	}
	if r.Datastore == nil {
		r.Datastore = &trove.Datastore{Type: datastoreType} // in the server's default version
	}
	return r, diags
}

// FromAPI implements instancebase.ResourceModel.
func (m *nodeModel) FromAPI(ctx context.Context, client *operation.Client, i *trove.Instance) diag.Diagnostics {
	before, isRead := m.ReplicaOf, !m.Name.IsNull() // an import knows only the id
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

// movedElsewhere explains why the next plan replaces the node.
func movedElsewhere(m *nodeModel, before types.String) diag.Diagnostic {
	who := fmt.Sprintf("%s (%s)", m.Name.ValueString(), m.ID.ValueString())
	switch {
	case m.ReplicaOf.IsNull():
		return diag.NewAttributeWarningDiagnostic(path.Root("replica_of"), "A Redis replica no longer replicates", who+
			" was promoted to a master outside of Terraform. A master cannot be made a replica again, so the plan replaces it as long as its "+
			"configuration has replica_of. To keep it, remove replica_of.")
	case before.IsNull():
		return diag.NewAttributeWarningDiagnostic(path.Root("replica_of"), "A Redis master has become a replica", fmt.Sprintf(
			"%s was made a replica of %s outside of Terraform, so the plan promotes it to a master again as long as its configuration has no "+
				"replica_of. To keep it, set replica_of to that id.", who, m.ReplicaOf.ValueString()))
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("replica_of"), "A Redis replica has another source", fmt.Sprintf(
		"%s was made a replica of %s outside of Terraform; before, it replicated from %s. The plan replaces it as long as its configuration "+
			"names another one. To keep it, set replica_of to that id.", who, m.ReplicaOf.ValueString(), before.ValueString()))
}
