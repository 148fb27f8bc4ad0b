package couchbase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Schema implements resource.Resource. What replaces is for ModifyPlan to say, since it depends on what the server tells.
func (r *BucketResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const replaces = " A change replaces the bucket, and its data is lost."
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A bucket of a Couchbase cluster (`create_bucket`). The API cannot change a bucket: whatever differs replaces it, and the plan " +
			"warns of that. Destroying it deletes it with all it holds where the server offers `delete_bucket`; elsewhere it only leaves the state, with a " +
			"warning that the bucket stays. With `depends_on` on the nodes it is made when all of them are there, and deleted before the first one " +
			"goes. It takes the topology API.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The id of the node and the name of the bucket, with a slash between them: what an import takes.",
				Computed:            true,
			},
			"node_id": schema.StringAttribute{
				MarkdownDescription: "The instance id of any node of the cluster. The bucket belongs to the cluster: a change to another node of the same " +
					"cluster changes the state alone, and while this node is gone the bucket is found through another. A change to a node of another cluster " +
					"replaces the bucket, and its data is lost.",
				Required:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
			},
			"region":       tfkit.RegionAttribute("cluster", "A change replaces the bucket."),
			"cluster_name": schema.StringAttribute{MarkdownDescription: "The name of the cluster that the bucket belongs to.", Computed: true, PlanModifiers: stays},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the bucket (`bucket`), unique in the cluster: 1 to 100 letters, digits or `_ . % -`, starting with neither a dot " +
					"nor an underscore." + replaces,
				Required:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "`couchbase`, or `memcached`, which keeps data in memory alone and has no replicas (`bucket_type`). Default `couchbase`." + replaces,
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(topology.BucketCouchbase),
				Validators:          []validator.String{tfkit.NotEmpty{}},
			},
			"port": schema.Int64Attribute{
				MarkdownDescription: "The port of the bucket, 1 to 65535 (`bucket_port`); the server chooses where it is left out." + replaces,
				Optional:            true,
				Computed:            true,
			},
			"ram_mb": schema.Int64Attribute{
				MarkdownDescription: "The memory quota on each node in MB, 100 or more (`bucket_ramsize`)." + replaces,
				Required:            true,
			},
			"replicas": schema.Int64Attribute{
				MarkdownDescription: "How many copies of the data there are beside the first, 0 to 3 (`bucket_replica`); each needs a node of its own. The " +
					"server's default where it is left out." + replaces,
				Optional: true,
				Computed: true,
			},
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Update: true, Delete: true,
				CreateDescription: "How long a creation may take, the waiting for other changes of the cluster included, such as `60m`. Default `60m`.",
				UpdateDescription: "How long a change of `node_id` may take. Default `60m`.",
				DeleteDescription: "How long the deletion may take, the waiting for other changes of the cluster included. Default `60m`.",
			}),
		},
	}
}
