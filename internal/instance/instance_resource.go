// Package instance holds trove_instance: a standalone database server, or a source that others replicate from.
package instance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var instanceKind = instancebase.InstanceKind{
	TypeName:   "_instance",
	Name:       kindName,
	Plural:     "database servers that are standalone or the source of replicas",
	Standalone: true,
	Match: func(i *trove.Instance, block topology.Topology) bool {
		return i.ReplicaOf == nil && block.Namespace() == ""
	},
	Model: func() instancebase.ResourceModel { return &model{} },
}

const kindName = "database instance"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_instance.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// NewList lists standalone instances and sources.
var NewList = instancebase.NewList(instanceKind)

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_instance"
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	r.CreateInstance(ctx, kindName, req, resp, &plan, plan.ToAPI)
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, instanceKind, req, resp, &model{})
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.UpdateInstance(ctx, kindName, req, resp, &model{}, &model{}, nil)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteInstance(ctx, kindName, req, resp, &model{}, nil)
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{instancebase.MoveFrom("trove_mysql_replica", "trove_replica"), instancebase.MoveFromOpenStack("openstack_db_instance_v1", takeOver)}
}
