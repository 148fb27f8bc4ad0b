package redis

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const clusterNodeKindName = "Redis Cluster node"

var clusterNodeKind = instancebase.InstanceKind{
	TypeName:   "_redis_cluster_node",
	Name:       clusterNodeKindName,
	Plural:     "nodes of Redis Clusters",
	Datastores: []string{datastoreType},
	Cluster:    "cluster_name",
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.RedisCluster != nil },
	Model:      func() instancebase.ResourceModel { return &clusterNodeModel{} },
}

// NewClusterNodeList lists nodes of Redis Clusters.
var NewClusterNodeList = instancebase.NewList(clusterNodeKind)

var (
	_ resource.ResourceWithConfigure      = (*ClusterNodeResource)(nil)
	_ resource.ResourceWithIdentity       = (*ClusterNodeResource)(nil)
	_ resource.ResourceWithImportState    = (*ClusterNodeResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*ClusterNodeResource)(nil)
	_ resource.ResourceWithValidateConfig = (*ClusterNodeResource)(nil)
)

// ClusterNodeResource is trove_redis_cluster_node.
type ClusterNodeResource struct{ instancebase.Resource }

// NewClusterNodeResource makes the resource for the provider's list.
func NewClusterNodeResource() resource.Resource { return &ClusterNodeResource{} }

// Metadata implements resource.Resource.
func (r *ClusterNodeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_redis_cluster_node"
}

// Create implements resource.Resource.
func (r *ClusterNodeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan clusterNodeModel
	r.CreateInstance(ctx, clusterNodeKindName, req, resp, &plan, plan.ToAPI)
}

// Read implements resource.Resource.
func (r *ClusterNodeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, clusterNodeKind, req, resp, &clusterNodeModel{})
}

// Update implements resource.Resource. Nothing about the cluster changes in place: any attribute that the plan does not replace for already
// has its value.
func (r *ClusterNodeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.UpdateInstance(ctx, clusterNodeKindName, req, resp, &clusterNodeModel{}, &clusterNodeModel{}, nil)
}

// Delete implements resource.Resource. The node leaves its cluster first.
func (r *ClusterNodeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteMember(ctx, clusterNodeKindName, req, resp, &clusterNodeModel{}, path.Root("cluster_name"))
}
