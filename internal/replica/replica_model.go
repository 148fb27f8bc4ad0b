package replica

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// replicaModel is the model of trove_replica.
type replicaModel struct {
	instancebase.Model
	instancebase.Roles
	ReplicaOf types.String `tfsdk:"replica_of"`
}

// sources returns the declared source, none for a detached replica.
func (m *replicaModel) sources() []string {
	if m.ReplicaOf.IsNull() || m.ReplicaOf.IsUnknown() {
		return nil
	}
	return []string{m.ReplicaOf.ValueString()}
}

// ToAPI returns the creation. Flavor, volume and datastore are those of the source: the server refuses them in the request.
func (m *replicaModel) ToAPI(ctx context.Context, client *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
	m.ClearRole()
	if m.ReplicaOf.IsNull() {
		return trove.CreateRequest{}, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("replica_of"), "Unable to create "+kindName+" "+m.Name.ValueString(), missingSource+" Nothing was created.")}
	}
	r, diags := m.ToCreateRequest(ctx, client)
	if diags.HasError() {
		return r, diags
	}
	r.FlavorRef, r.Volume, r.Datastore = "", nil, nil
	source, d := instancebase.ResolveReplicaSource(ctx, client, kindName, m.ReplicaOf.ValueString())
	diags.Append(d...)
	r.ReplicaOf = source
	return r, diags
}

// FromAPI implements instancebase.ResourceModel.
func (m *replicaModel) FromAPI(ctx context.Context, client *operation.Client, i *trove.Instance) diag.Diagnostics {
	diags := m.Model.FromAPI(ctx, client, i)
	role, d := m.RefreshRole(ctx, client, i, m.ReplicaOf.ValueString(), kindName)
	diags.Append(d...)
	switch {
	case d.HasError():
	case role.Detached:
		diags.Append(m.DetachedWarning(kindName, "remove replica_of"))
		m.ReplicaOf = types.StringNull()
	case m.ReplicaOf.IsNull() && len(role.Sources) == 1:
		m.ReplicaOf = types.StringValue(role.Sources[0]) // after an import
	}
	return diags
}

// NewList lists replicas.
var NewList = instancebase.NewList(replicaKind)
