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

// Schema implements resource.Resource. ModifyPlan decides what replaces, since that depends on what the server returns.
func (r *BucketResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const replaces = " A change replaces the bucket, and its data is lost."
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a bucket of a Couchbase cluster (`create_bucket`). The API cannot change a bucket, so every change " +
			"replaces it, and the plan warns about the loss of data. Destroying the resource deletes the bucket and all data in it if the " +
			"server supports `delete_bucket`. Otherwise the bucket is only removed from the state, with a warning. Use `depends_on` with the " +
			"nodes, so that the bucket is created after all nodes and deleted before them. It requires the topology API.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The id of the node and the name of the bucket, separated by a slash. An import uses the same format.",
				Computed:            true,
			},
			"node_id": schema.StringAttribute{
				MarkdownDescription: "The instance id of any node of the cluster. The bucket belongs to the cluster: another node of the same " +
					"cluster changes only the state, and if this node is gone, the bucket is found through another node. A node of another " +
					"cluster replaces the bucket, and its data is lost.",
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
				MarkdownDescription: "The type of the bucket (`bucket_type`): `couchbase`, or `memcached`, which keeps data only in memory and " +
					"has no replicas. Default `couchbase`." + replaces,
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(topology.BucketCouchbase),
				Validators: []validator.String{tfkit.NotEmpty{}},
			},
			"port": schema.Int64Attribute{
				MarkdownDescription: "The port of the bucket, 1 to 65535 (`bucket_port`). If omitted, the server chooses a port." + replaces,
				Optional:            true,
				Computed:            true,
			},
			"ram_mb": schema.Int64Attribute{
				MarkdownDescription: "The memory quota on each node in MB, 100 or more (`bucket_ramsize`)." + replaces,
				Required:            true,
			},
			"replicas": schema.Int64Attribute{
				MarkdownDescription: "The number of additional copies of the data, 0 to 3 (`bucket_replica`). Each copy requires an additional " +
					"node. If omitted, the server's default is used." + replaces,
				Optional: true,
				Computed: true,
			},
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Update: true, Delete: true,
				CreateDescription: "How long a creation may take, including the wait for other changes of the cluster. Default `60m`.",
				UpdateDescription: "How long a change of `node_id` may take. Default `60m`.",
				DeleteDescription: "How long the deletion may take, including the wait for other changes of the cluster. Default `60m`.",
			}),
		},
	}
}
