// Package topologydatasource holds the data source trove_topology: the topology that an instance belongs to, of any namespace.
package topologydatasource

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// DataSource is the data source trove_topology.
type DataSource struct{ instancebase.DataSource }

// NewDataSource makes the data source for the provider's list.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_topology"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the topology that an instance belongs to, with all members and their settings. `instance_id` can name any " +
			"member. On released Trove, which has no topology API, the topology is a source and its replicas. Values that the server does not " +
			"return are null.",
		Attributes: map[string]schema.Attribute{
			"instance_id": schema.StringAttribute{
				MarkdownDescription: "The id of any member. A standalone instance is the only member of its topology.",
				Required:            true,
				Validators:          []validator.String{tfkit.NotEmpty{}},
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "The region of the instance. If omitted, the provider's region is used.",
				Optional:            true,
			},
			"namespace": computed("The kind of topology: `mysql`, `mongodb`, `cassandra`, `couchbase`, `redis` or `redis_cluster`; null for a " +
				"standalone instance. On released Trove it is `mysql` for every datastore that replicates, such as PostgreSQL."),
			"mermaid": computed("The topology as the text of a [Mermaid](https://mermaid.js.org) flowchart."),
			"members": schema.ListNestedAttribute{
				MarkdownDescription: "The members, sorted by name and id. Each has the object of its namespace (the block of that name in the " +
					"API); all other objects are null.",
				Computed:     true,
				NestedObject: schema.NestedAttributeObject{Attributes: memberAttributes()},
			},
			"buckets": schema.ListNestedAttribute{
				MarkdownDescription: "The buckets of a Couchbase cluster, sorted by name; null if the server does not list buckets.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":     computed("The name (`bucket`)."),
					"type":     computed("`couchbase` or `memcached` (`bucket_type`)."),
					"port":     computedInt("The port (`bucket_port`)."),
					"ram_mb":   computedInt("The memory quota on each node in MB (`bucket_ramsize`)."),
					"replicas": computedInt("The number of additional copies of the data (`bucket_replica`)."),
				}},
			},
		},
	}
}

// memberAttributes names the wire's field beside each attribute whose name differs.
func memberAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":   computed("The id of the instance."),
		"name": computed("The name of the instance."),
		"mysql": block("The settings of a replica; null for a source, which has none.", map[string]schema.Attribute{
			"replica_of": schema.SetAttribute{
				MarkdownDescription: "The ids of the instances that it replicates from (`slave_of`).",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"read_only": computedBool("Whether the replica refuses writes (`read_only`); `true`, which is the default, if the server does not " +
				"return it."),
		}),
		"mongodb": block("The settings of a replica set's member.", map[string]schema.Attribute{
			"type":        computed("`member` or `arbiter` (`type`)."),
			"replica_set": computed("The name of the replica set (`replSet`)."),
			"priority": schema.Float64Attribute{
				MarkdownDescription: "The priority of the member in elections (`priority`); a member with priority 0 is never elected.",
				Computed:            true,
			},
			"hidden":               computedBool("Whether the member is hidden from clients (`hidden`)."),
			"secondary_delay_secs": computedInt("The replication delay of the member in seconds (`slaveDelay`)."),
			"votes":                computedInt("The number of votes in elections, 0 or 1 (`votes`)."),
			"hostname":             computed("The host name of the member in the set's configuration (`hostname`)."),
		}),
		"cassandra": block("The settings of a node of a ring.", map[string]schema.Attribute{
			"cluster_name":    computed("The name of the cluster (`cluster_name`)."),
			"num_tokens":      computedInt("The number of virtual nodes (`num_tokens`)."),
			"is_seed":         computedBool("Whether the node is a seed (`is_seed`)."),
			"endpoint_snitch": computed("How the cluster determines data centers and racks (`endpoint_snitch`)."),
			"auto_bootstrap":  computedBool("Whether the node took over its share of the data when it joined (`auto_bootstrap`)."),
			"seed_provider":   computed("The class that provides the seeds (`seed_provider`)."),
			"data_center":     computed("The data center, derived from the region (`data_center`)."),
			"rack":            computed("The rack, derived from the availability zone (`rack`)."),
		}),
		"couchbase": block("The settings of a cluster's node.", map[string]schema.Attribute{
			"cluster_name": computed("The name of the cluster (`cluster_name`)."),
		}),
		"redis": block("The settings of a server in a replication chain.", map[string]schema.Attribute{
			"replica_of": computed("The id of the server that it replicates from (`slave_of`); null for a master."),
		}),
		"redis_cluster": block("The settings of a Redis Cluster's node.", map[string]schema.Attribute{
			"cluster_name":    computed("The name of the cluster (`cluster_name`)."),
			"cluster_timeout": computedInt("The time in milliseconds after which an unresponsive node is considered failed (`cluster_timeout`)."),
			"replica_of":      computed("The id of the master that it replicates from (`slave_of`); null for a master."),
		}),
	}
}

func block(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{MarkdownDescription: description, Computed: true, Attributes: attributes}
}

func computed(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func computedInt(description string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

func computedBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model topologyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := d.Client(ctx, model.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := model.InstanceID.ValueString()
	view, err := client.ReplicationView(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIErrorAt(path.Root("instance_id"), "read", "topology", err, instancebase.MissingInstance(err, id)))
		return
	}
	model.FromAPI(view)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
