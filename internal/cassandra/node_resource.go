// Package cassandra holds trove_cassandra_node, a node of a Cassandra cluster.
package cassandra

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const nodeKindName = "Cassandra node"

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

// Schema implements resource.Resource.
func (r *NodeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const replaces = " A change replaces the node."
	resp.Schema = schema.Schema{
		MarkdownDescription: "A node of a Cassandra cluster (`topology.cassandra`). A plain `for_each` builds a whole cluster: one node founds it, a seed " +
			"where there is one, the others join. Before a node is deleted it is drained and leaves the ring, and the nodes that stay take over its data, " +
			"unless the whole cluster goes. A change that replaces a node does the same, so replace nodes one at a time. Where a cluster has more nodes " +
			"than Terraform creates at a time, which are ten, let the others depend on the seeds (`depends_on`), so that a seed founds it. Its own " +
			"attributes have the names that the API gives them. It takes the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: "cassandra"}, map[string]schema.Attribute{
			"cluster_name": schema.StringAttribute{
				MarkdownDescription: "The name of the cluster, unique in the project." + replaces,
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"num_tokens": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How many virtual nodes the node has, 1 to %d: its share of the data, beside that of the others.", topology.MaxNumTokens) + replaces,
				Required:            true,
				PlanModifiers:       []planmodifier.Int64{tfkit.RequiresReplaceIfKnown{}},
			},
			"is_seed": schema.BoolAttribute{
				MarkdownDescription: "Whether the node is a seed, by which nodes find the ring. A cluster of three nodes or more needs two seeds, and nodes that are none; " +
					"the server tells every node when the seeds change." + replaces,
				Required:      true,
				PlanModifiers: []planmodifier.Bool{tfkit.RequiresReplaceIfKnown{}},
			},
			"endpoint_snitch": schema.StringAttribute{
				MarkdownDescription: "How the cluster knows data centers and racks, such as `GossipingPropertyFileSnitch`. The node that founds the cluster needs it; " +
					"those that join inherit it, and may name no other." + replaces,
				Optional:      true,
				Computed:      true,
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), tfkit.RequiresReplaceIfKnown{}},
			},
			"auto_bootstrap": schema.BoolAttribute{
				MarkdownDescription: "Whether a node that joins takes over its share of the data. Default `false` for seeds, which do not bootstrap, and with `join = false`, " +
					"else `true`." + replaces + " Taking it out changes nothing.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Bool{unlessSeed{}, tfkit.RequiresReplaceIfKnown{}},
			},
			"seed_provider": schema.StringAttribute{
				MarkdownDescription: "The class that tells a node its seeds. The server's default is `" + topology.DefaultSeedProvider + "`." + replaces,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), tfkit.RequiresReplaceIfKnown{}},
			},
			"join": instancebase.JoinAttribute("cluster"),
			"data_center": schema.StringAttribute{
				MarkdownDescription: "The data center, which comes from the region, where the server shows it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"rack": schema.StringAttribute{
				MarkdownDescription: "The rack, which comes from `availability_zone`, where the server shows it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		}),
	}
}

// Create implements resource.Resource. What is unwise about the cluster as a whole is said when the last of its nodes is there.
func (r *NodeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan nodeModel
	last := func() bool { return false }
	r.CreateInstance(ctx, nodeKindName, req, resp, &plan, func(ctx context.Context, client *trove.Client) (trove.CreateRequest, diag.Diagnostics) {
		request, diags := plan.ToCreateRequest(ctx, client)
		request.Topology = &topology.Topology{Cassandra: plan.block()}
		last = r.Building(client.Region() + "/" + plan.Cluster())
		return request, diags
	})
	if last() && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.advise(ctx, &plan)...)
	}
}

// Read implements resource.Resource.
func (r *NodeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, nodeKind, req, resp, &nodeModel{})
}

// Update implements resource.Resource. All that is Cassandra's own replaces, so only what instances share is changed.
func (r *NodeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.UpdateInstance(ctx, nodeKindName, req, resp, &nodeModel{}, &nodeModel{}, nil)
}

// Delete implements resource.Resource. The node is drained and leaves the ring first. A leave that failed half way begins anew:
// draining twice does no harm.
func (r *NodeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteMember(ctx, nodeKindName, req, resp, &nodeModel{}, path.Root("cluster_name"), func(id string) []topology.Action {
		return []topology.Action{topology.DrainNode{ID: id}, topology.RemoveNode{ID: id}}
	})
}
