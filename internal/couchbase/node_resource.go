// Package couchbase holds trove_couchbase_node, a node of a Couchbase cluster, and trove_couchbase_bucket, a bucket of one.
package couchbase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const nodeKindName = "Couchbase node"

var (
	_ resource.ResourceWithConfigure   = (*NodeResource)(nil)
	_ resource.ResourceWithIdentity    = (*NodeResource)(nil)
	_ resource.ResourceWithImportState = (*NodeResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*NodeResource)(nil)
)

// NodeResource is trove_couchbase_node.
type NodeResource struct{ instancebase.Resource }

// NewNodeResource makes the resource for the provider's list.
func NewNodeResource() resource.Resource { return &NodeResource{} }

// Metadata implements resource.Resource.
func (r *NodeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_couchbase_node"
}

// Schema implements resource.Resource.
func (r *NodeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A node of a Couchbase cluster (`topology.couchbase`). A plain `for_each` builds a whole cluster: one node founds it, " +
			"the others join. Before a node is deleted its data is moved to the nodes that stay (`rebalance`), one node at a time, unless the whole " +
			"cluster goes. It takes the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: "couchbase"}, map[string]schema.Attribute{
			"cluster_name": schema.StringAttribute{
				MarkdownDescription: "The name of the cluster (`cluster_name`), unique in the project. A change replaces the node.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"join": instancebase.JoinAttribute("cluster"),
		}),
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *NodeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state, plan, ok := instancebase.PlanInstance[nodeModel](ctx, &r.Resource, nodeKindName, req, resp)
	if !ok || !r.Configured() {
		return
	}
	resp.Diagnostics.Append(plan.check(ctx)...)
	if state == nil {
		resp.Diagnostics.Append(r.RequireTopologyAPI(ctx, "trove_couchbase_node", plan.Region)...)
	}
}

// Create implements resource.Resource.
func (r *NodeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan nodeModel
	r.CreateInstance(ctx, nodeKindName, req, resp, &plan, func(ctx context.Context, client *trove.Client) (trove.CreateRequest, diag.Diagnostics) {
		request, diags := plan.ToCreateRequest(ctx, client)
		request.Topology = &topology.Topology{Couchbase: plan.block()}
		return request, diags
	})
}

// Read implements resource.Resource.
func (r *NodeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, nodeKind, req, resp, &nodeModel{})
}

// Update implements resource.Resource. Nothing of a cluster changes in place.
func (r *NodeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.UpdateInstance(ctx, nodeKindName, req, resp, &nodeModel{}, &nodeModel{}, nil)
}

// Delete implements resource.Resource. The node's data is moved to those that stay first.
func (r *NodeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteMember(ctx, nodeKindName, req, resp, &nodeModel{}, path.Root("cluster_name"), func(id string) []topology.Action {
		return []topology.Action{topology.Rebalance{ServerRemove: id}}
	})
}
