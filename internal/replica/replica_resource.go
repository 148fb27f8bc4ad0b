// Package replica holds trove_replica, a replica of any datastore that replicates in the way of released Trove, and
// trove_replication_source, which sets the source of a replication set.
package replica

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

const kindName = "replica"

var replicaKind = instancebase.InstanceKind{
	TypeName: "_replica",
	Name:     kindName,
	Plural:   "replicas",
	ListNote: "`trove_mysql_replica` also lists those of MySQL and MariaDB: import each as only one of the two, as `trove_mysql_replica` if its flavor or volume differs from the source's. " +
		"To list the replicas of one datastore only, set `datastore_type`.",
	Match: func(i *trove.Instance, _ topology.Topology) bool { return i.ReplicaOf != nil },
	Model: func() instancebase.ResourceModel { return &replicaModel{} },
}

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
)

// Resource is trove_replica.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_replica"
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan replicaModel
	r.CreateInstance(ctx, kindName, req, resp, &plan, plan.ToAPI)
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, replicaKind, req, resp, &replicaModel{})
}

// Update implements resource.Resource. It detaches before anything else.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan replicaModel
	r.UpdateInstance(ctx, kindName, req, resp, &state, &plan, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		plan.Roles = state.Roles // the previous role is needed to read the present one
		if !plan.ReplicaOf.IsNull() || state.ReplicaOf.IsNull() {
			return nil
		}
		diags := instancebase.DetachReplica(ctx, client, "detach", kindName, state.Shared(), plan.Shared())
		if !diags.HasError() {
			state.ReplicaOf = types.StringNull()
		}
		return diags
	})
}

// Delete implements resource.Resource. A replica leaves its set by being deleted; if it is the source now, another one takes over first.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state replicaModel
	r.DeleteReplica(ctx, kindName, req, resp, &state, state.sources)
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{instancebase.MoveFrom("trove_instance", "trove_mysql_replica")}
}
