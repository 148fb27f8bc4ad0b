package redis

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const clusterNodeKindName = "Redis Cluster node"

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

// Schema implements resource.Resource.
func (r *ClusterNodeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A node of a Redis Cluster (`topology.redis_cluster`): a master, or a replica of a master. A plain `for_each` builds the " +
			"masters of a cluster: one founds it, the others join. Before a node is deleted it leaves the cluster, replicas before their masters, " +
			"unless the whole cluster goes. Masters and replicas change roles in a failover; that is no change to the configuration: `role` and " +
			"`master_id` tell who is what. It takes the topology API and Redis 3.0 or later.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: datastoreType}, map[string]schema.Attribute{
			"cluster_name": schema.StringAttribute{
				MarkdownDescription: "The name of the cluster, unique in the project. A change replaces the node.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"cluster_timeout": schema.Int64Attribute{
				MarkdownDescription: "After how many milliseconds without an answer a node counts as failed. The node that founds the cluster sets it, the " +
					"others inherit it, and one that joins with another value is refused. The server's default where nobody sets it. A change replaces " +
					"the node, which helps only where all nodes of the cluster are built anew.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.Int64{int64validator.AtLeast(1)},
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown(), int64planmodifier.RequiresReplace()},
			},
			"join": instancebase.JoinAttribute("cluster"),
			"replica_of": schema.StringAttribute{
				MarkdownDescription: "The id of a node of the cluster, whose shard the node belongs to as a replica (`slave_of`); a master of its own " +
					"where it is left out. It stays true when the two change roles. Any change that the node's shard does not fit replaces " +
					"the node; the attribute can be taken out of a node that has become a master, and written for one that has become a replica.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"role": schema.StringAttribute{
				MarkdownDescription: "What the node is now: `master` or `replica`.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{tfkit.UnknownOnServerChange{}},
			},
			"master_id": schema.StringAttribute{
				MarkdownDescription: "The id of the master that the node replicates from now; null for a master.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{tfkit.UnknownOnServerChange{}},
			},
			"force_destroy": schema.BoolAttribute{
				MarkdownDescription: "Whether to delete the node without leaving the cluster where the server does not offer `remove_node`: the others then take it " +
					"for failed, and what a master without a replica holds is lost. Default `false`. Kept in the state only.",
				Optional:      true,
				Computed:      true,
				Default:       booldefault.StaticBool(false),
				PlanModifiers: []planmodifier.Bool{tfkit.ProviderSideOnly{}},
			},
		}),
	}
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

// Update implements resource.Resource. Nothing of the cluster is changed in place: what the plan does not replace for is how
// things stand already.
func (r *ClusterNodeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.UpdateInstance(ctx, clusterNodeKindName, req, resp, &clusterNodeModel{}, &clusterNodeModel{}, nil)
}

// Delete implements resource.Resource. The node leaves its cluster first.
func (r *ClusterNodeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteMember(ctx, clusterNodeKindName, req, resp, &clusterNodeModel{}, path.Root("cluster_name"), func(id string) []topology.Action {
		return []topology.Action{topology.RemoveClusterNode{ID: id}}
	})
}
