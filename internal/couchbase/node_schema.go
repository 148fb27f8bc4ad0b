package couchbase

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
				Validators:          []validator.String{tfkit.NotEmpty{}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"join": instancebase.JoinAttribute("cluster"),
		}),
	}
}
