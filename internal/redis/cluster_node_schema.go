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
		MarkdownDescription: "Manages a node of a Redis Cluster (`topology.redis_cluster`): a master, or a replica of a master. Use `for_each` " +
			"to build the masters of a cluster: one creates it, and the others join. Before a node is deleted, it is removed from the cluster, " +
			"replicas before their masters. If the whole cluster is destroyed, the nodes are only deleted. A failover swaps the roles of a " +
			"master and a replica without a change of the configuration: `role` and `master_id` show the current roles. It requires the " +
			"topology API and Redis 3.0 or later.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: datastoreType}, map[string]schema.Attribute{
			"cluster_name": schema.StringAttribute{
				MarkdownDescription: "The name of the cluster, unique in the project. A change replaces the node.",
				Required:            true,
				Validators:          []validator.String{tfkit.NotEmpty{}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"cluster_timeout": schema.Int64Attribute{
				MarkdownDescription: "The time in milliseconds after which an unresponsive node is considered failed. The first node of a " +
					"cluster sets the value and the others inherit it; a node that joins with another value is refused. If no node sets it, the " +
					"server's default is used. A change replaces the node. To change the value of a cluster, replace all of its nodes.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown(), int64planmodifier.RequiresReplace()},
			},
			"join":            instancebase.JoinAttribute("cluster"),
			"deletion_policy": instancebase.DeletionPolicyAttribute("cluster"),
			"replica_of": schema.StringAttribute{
				MarkdownDescription: "The id of a node of the shard in which this node is a replica (`slave_of`). If omitted, the node " +
					"is a master. It stays valid when the two swap roles. A change to another shard replaces the node. For a node that has " +
					"become a master, the attribute can be removed; for one that has become a replica, it can be added.",
				Optional:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
			},
			"role": schema.StringAttribute{
				MarkdownDescription: "The current role of the node: `master` or `replica`.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{tfkit.UnknownOnServerChange{}},
			},
			"master_id": schema.StringAttribute{
				MarkdownDescription: "The id of the master that the node replicates from now; null for a master.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{tfkit.UnknownOnServerChange{}},
			},
			"force_destroy": schema.BoolAttribute{
				MarkdownDescription: "Whether to delete the node without removing it from the cluster if the server does not support " +
					"`remove_node`. The remaining nodes then consider it failed, and the data of a master without a replica is lost. Default " +
					"`false`. Provider-side setting, not sent to Trove.",
				Optional:      true,
				Computed:      true,
				Default:       booldefault.StaticBool(false),
				PlanModifiers: []planmodifier.Bool{tfkit.ProviderSideOnly{}},
			},
		}),
	}
}
