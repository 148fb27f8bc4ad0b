// Package cassandra holds trove_cassandra_node, a node of a Cassandra cluster.
package cassandra

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const nodeKindName = "Cassandra node"

var nodeKind = instancebase.InstanceKind{
	TypeName:   "_cassandra_node",
	Name:       nodeKindName,
	Plural:     "nodes of Cassandra clusters",
	Datastores: []string{"cassandra"},
	Cluster:    "cluster_name",
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.Cassandra != nil },
	Model:      func() instancebase.ResourceModel { return &nodeModel{} },
}

// NewNodeList lists nodes.
var NewNodeList = instancebase.NewList(nodeKind)

var (
	_ resource.ResourceWithConfigure      = (*NodeResource)(nil)
	_ resource.ResourceWithIdentity       = (*NodeResource)(nil)
	_ resource.ResourceWithImportState    = (*NodeResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*NodeResource)(nil)
	_ resource.ResourceWithValidateConfig = (*NodeResource)(nil)
)

// NodeResource is trove_cassandra_node.
type NodeResource struct{ instancebase.Resource }

// NewNodeResource makes the resource for the provider's list.
func NewNodeResource() resource.Resource { return &NodeResource{} }

// Metadata implements resource.Resource.
func (r *NodeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cassandra_node"
}

// Create implements resource.Resource.
func (r *NodeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan nodeModel
	r.CreateInstance(ctx, nodeKindName, req, resp, &plan, func(ctx context.Context, client *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
		request, diags := plan.ToCreateRequest(ctx, client)
		request.Topology = &topology.Topology{Cassandra: plan.block()}
		return request, diags
	})
}

// Read implements resource.Resource.
func (r *NodeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, nodeKind, req, resp, &nodeModel{})
}

// Update implements resource.Resource. A change of Cassandra's own attributes replaces, so only the shared ones change in place.
func (r *NodeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.UpdateInstance(ctx, nodeKindName, req, resp, &nodeModel{}, &nodeModel{}, nil)
}

// Delete implements resource.Resource. The node is drained and leaves the ring first. If leaving failed half way, it starts again: draining
// twice does no harm.
func (r *NodeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteMember(ctx, nodeKindName, req, resp, &nodeModel{}, path.Root("cluster_name"))
}
