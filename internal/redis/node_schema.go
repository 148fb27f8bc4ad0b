package redis

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const datastoreType = "redis"

// Schema implements resource.Resource.
func (r *NodeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a Redis server: a master, or a replica of a master or of another replica (`topology.redis`). Removing " +
			"`replica_of` promotes a replica in place; its own replicas keep replicating from it. Destroying the resource deletes the server " +
			"with its copy of the data. The nodes of a chain can be destroyed in any order. If `replica_of` contains literal ids instead of " +
			"references, a chain must not be longer than `-parallelism` (10 by default). It requires the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: datastoreType, Inherits: true}, map[string]schema.Attribute{
			"replica_of": schema.StringAttribute{
				MarkdownDescription: "The id of the node to replicate from, a master or a replica (`slave_of`). If omitted, the node is a " +
					"master. Removing the attribute promotes the replica in place (`slaveof_no_one`). Any other change replaces the replica.",
				Optional:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.PlanValue.IsNull() // null promotes
					}, "replaces unless it is removed, which promotes", "replaces unless it is removed, which promotes")},
			},
		}),
	}
}
