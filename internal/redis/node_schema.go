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
		MarkdownDescription: "A Redis server: a master, or a replica of a master or of another replica (`topology.redis`). Taking `replica_of` out " +
			"promotes a replica in place; what replicates from it follows it. Destroying a node deletes the server with its copy of the data. The nodes of a chain are destroyed in whatever order Terraform " +
			"comes to them; where their ids are written down, and not references, a chain must not be deeper than `-parallelism` (10) for that. " +
			"It takes the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: datastoreType, Inherits: true}, map[string]schema.Attribute{
			"replica_of": schema.StringAttribute{
				MarkdownDescription: "The id of the node to replicate from, a master or a replica itself (`slave_of`); a master where it is left out. " +
					"Taking the attribute out promotes the replica in place (`slaveof_no_one`); any other change replaces it.",
				Optional:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.PlanValue.IsNull() // null promotes
					}, "replaces unless it is taken out, which promotes", "replaces unless it is taken out, which promotes")},
			},
		}),
	}
}
