// Package redis holds trove_redis_node, a Redis server that is a master or replicates from another one, and
// trove_redis_cluster_node, a node of a Redis Cluster.
package redis

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const nodeKindName = "Redis node"

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

// Schema implements resource.Resource.
func (r *NodeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A Redis server: a master, or a replica of a master or of another replica (`topology.redis`). Taking `replica_of` out " +
			"promotes a replica in place; what replicates from it follows it. Destroying a node deletes the server with its copy of the data. The nodes of a chain are destroyed in whatever order Terraform " +
			"comes to them; where their ids are written down, and not references, a chain must not be deeper than `-parallelism` (10) for that. " +
			"It takes the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: datastoreType, Inherits: true}, map[string]schema.Attribute{
			"replica_of": schema.StringAttribute{
				MarkdownDescription: "The id of the node to replicate from, a master or a replica itself (`slave_of`); a master where it is left out. " +
					"Taking the attribute out promotes the replica in place (`slaveof_no_one`); any other change replaces it.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.PlanValue.IsNull() // null promotes
					}, "replaces unless it is taken out, which promotes", "replaces unless it is taken out, which promotes")},
			},
		}),
	}
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
	r.UpdateInstance(ctx, nodeKindName, req, resp, &state, &plan, func(ctx context.Context, client *trove.Client) diag.Diagnostics {
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

// Delete implements resource.Resource. A replica leaves by being deleted; a node that others replicate from waits for
// those that are deleted too.
func (r *NodeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteInstance(ctx, nodeKindName, req, resp, &nodeModel{}, nil)
}
