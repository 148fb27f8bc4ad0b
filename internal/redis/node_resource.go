// Package redis holds trove_redis_node, a Redis server that is a master or replicates from another one, and
// trove_redis_cluster_node, a node of a Redis Cluster.
package redis

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

const nodeKindName = "Redis node"

var nodeKind = instancebase.InstanceKind{
	TypeName:   "_redis_node",
	Name:       nodeKindName,
	Plural:     "Redis masters and replicas",
	Datastores: []string{datastoreType},
	InTopology: true,
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.Redis != nil },
	Model:      func() instancebase.ResourceModel { return &nodeModel{} },
}

// NewNodeList lists masters and replicas.
var NewNodeList = instancebase.NewList(nodeKind)

var (
	_ resource.ResourceWithConfigure   = (*NodeResource)(nil)
	_ resource.ResourceWithIdentity    = (*NodeResource)(nil)
	_ resource.ResourceWithImportState = (*NodeResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*NodeResource)(nil)
)

// NodeResource is trove_redis_node.
type NodeResource struct{ instancebase.Resource }

// NewNodeResource makes the resource for the provider's list.
func NewNodeResource() resource.Resource { return &NodeResource{} }

// Metadata implements resource.Resource.
func (r *NodeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_redis_node"
}

// Create implements resource.Resource.
func (r *NodeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan nodeModel
	r.CreateInstance(ctx, nodeKindName, req, resp, &plan, plan.ToAPI)
}

// Read implements resource.Resource.
func (r *NodeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, nodeKind, req, resp, &nodeModel{})
}

// Update implements resource.Resource. It promotes before anything else.
func (r *NodeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan nodeModel
	r.UpdateInstance(ctx, nodeKindName, req, resp, &state, &plan, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		if !plan.ReplicaOf.IsNull() || state.ReplicaOf.IsNull() {
			return nil
		}
		diags := instancebase.DetachReplica(ctx, client, "promote", nodeKindName, state.Shared(), plan.Shared())
		if !diags.HasError() {
			state.ReplicaOf = types.StringNull()
		}
		return diags
	})
}

// Delete implements resource.Resource. A replica leaves its master by being deleted; a node that others replicate from waits for those of
// them that are also deleted.
func (r *NodeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteInstance(ctx, nodeKindName, req, resp, &nodeModel{}, nil)
}
