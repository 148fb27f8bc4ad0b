// Package mysql holds trove_mysql_replica: a MySQL or MariaDB server that replicates from one or more sources.
package mysql

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "MySQL replica"

var replicaKind = instancebase.InstanceKind{
	TypeName: "_mysql_replica",
	Name:     kindName,
	Plural:   "MySQL and MariaDB replicas",
	ListNote: "`trove_replica` lists the same replicas if they have one source: import each as only one of the two. A `trove_mysql_replica` can have its own flavor and volume, and " +
		"several sources; if you use neither, you can choose either.",
	Datastores: []string{"mysql", "mariadb"},
	InTopology: true,
	Match: func(i *trove.Instance, block topology.Topology) bool {
		return i.ReplicaOf != nil || block.MySQL != nil && len(block.MySQL.SlaveOf) > 0
	},
	Model: func() instancebase.ResourceModel { return &replicaModel{} },
}

var (
	_ resource.ResourceWithConfigure      = (*ReplicaResource)(nil)
	_ resource.ResourceWithIdentity       = (*ReplicaResource)(nil)
	_ resource.ResourceWithImportState    = (*ReplicaResource)(nil)
	_ resource.ResourceWithMoveState      = (*ReplicaResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*ReplicaResource)(nil)
	_ resource.ResourceWithValidateConfig = (*ReplicaResource)(nil)
)

// ReplicaResource is trove_mysql_replica.
type ReplicaResource struct{ instancebase.Resource }

// NewReplicaResource makes the resource for the provider's list.
func NewReplicaResource() resource.Resource { return &ReplicaResource{} }

// NewReplicaList lists replicas.
var NewReplicaList = instancebase.NewList(replicaKind)

// Metadata implements resource.Resource.
func (r *ReplicaResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_mysql_replica"
}

// Create implements resource.Resource.
func (r *ReplicaResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan replicaModel
	r.CreateInstance(ctx, kindName, req, resp, &plan, plan.ToAPI)
}

// Read implements resource.Resource.
func (r *ReplicaResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, replicaKind, req, resp, &replicaModel{})
}

// Update implements resource.Resource. It promotes before anything else.
func (r *ReplicaResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan replicaModel
	r.UpdateInstance(ctx, kindName, req, resp, &state, &plan, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		plan.Roles = state.Roles // the previous role is needed to read the present one
		if !plan.ReplicaOf.IsNull() || state.ReplicaOf.IsNull() {
			return nil
		}
		diags := instancebase.DetachReplica(ctx, client, "promote", kindName, state.Shared(), plan.Shared())
		if !diags.HasError() {
			state.ReplicaOf, state.ReadOnly = types.SetNull(types.StringType), types.BoolNull()
		}
		return diags
	})
}

// Delete implements resource.Resource. A replica leaves its set by being deleted; if it is the source now, another one takes over first.
func (r *ReplicaResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state replicaModel
	r.DeleteReplica(ctx, kindName, req, resp, &state, func() []string {
		ids, _ := state.sources()
		return ids
	})
}

// MoveState implements resource.ResourceWithMoveState.
func (r *ReplicaResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{instancebase.MoveFrom("trove_instance", "trove_replica")}
}
