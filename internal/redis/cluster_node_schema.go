package redis

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

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
				Validators:          []validator.String{tfkit.NotEmpty{}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"cluster_timeout": schema.Int64Attribute{
				MarkdownDescription: "After how many milliseconds without an answer a node counts as failed. The node that founds the cluster sets it, the " +
					"others inherit it, and one that joins with another value is refused. The server's default where nobody sets it. A change replaces " +
					"the node, which helps only where all nodes of the cluster are built anew.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown(), int64planmodifier.RequiresReplace()},
			},
			"join": instancebase.JoinAttribute("cluster"),
			"replica_of": schema.StringAttribute{
				MarkdownDescription: "The id of a node of the cluster, whose shard the node belongs to as a replica (`slave_of`); a master of its own " +
					"where it is left out. It stays true when the two change roles. Any change that the node's shard does not fit replaces " +
					"the node; the attribute can be taken out of a node that has become a master, and written for one that has become a replica.",
				Optional:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
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
