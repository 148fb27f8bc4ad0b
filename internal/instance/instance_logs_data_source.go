package instance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var _ datasource.DataSourceWithConfigure = (*LogsDataSource)(nil)

// LogsDataSource is the data source trove_instance_logs.
type LogsDataSource struct{ instancebase.DataSource }

// NewLogsDataSource makes the data source for the provider's list.
func NewLogsDataSource() datasource.DataSource { return &LogsDataSource{} }

// logsModel is the model of trove_instance_logs.
type logsModel struct {
	InstanceID types.String `tfsdk:"instance_id"`
	Region     types.String `tfsdk:"region"`
	Logs       []logModel   `tfsdk:"logs"`
}

type logModel struct {
	Name      types.String `tfsdk:"name"`
	Type      types.String `tfsdk:"type"`
	Status    types.String `tfsdk:"status"`
	Published types.Int64  `tfsdk:"published"`
	Pending   types.Int64  `tfsdk:"pending"`
	Container types.String `tfsdk:"container"`
	Prefix    types.String `tfsdk:"prefix"`
	Metafile  types.String `tfsdk:"metafile"`
}

// Metadata implements datasource.DataSource.
func (d *LogsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_instance_logs"
}

// Schema implements datasource.DataSource.
func (d *LogsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	shown := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	size := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the logs of an instance and their states, without their text: the action `trove_instance_log` publishes that to the " +
			"object store (Swift), under `container` and `prefix`. Trove offers logs only if the cloud has Swift.",
		Attributes: map[string]schema.Attribute{
			"instance_id": schema.StringAttribute{MarkdownDescription: "The id of the instance.", Required: true, Validators: []validator.String{tfkit.NotEmpty{}}},
			"region":      instancebase.DataSourceRegionAttribute(),
			"logs": schema.ListNestedAttribute{
				MarkdownDescription: "The logs, in the server's order.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":      shown("The name of the log, such as `slow_query`."),
					"type":      shown("`USER`, or `SYS` for a log that cannot be enabled and disabled."),
					"status":    shown("The state, such as `Disabled`, `Ready`, `Partial`, `Published` or `Restart Required`."),
					"published": size("The number of bytes that have been published."),
					"pending":   size("The number of bytes that have not been published yet."),
					"container": shown("The container in which the text is; null if nothing has been published."),
					"prefix":    shown("The prefix of the objects in it; null if nothing has been published."),
					"metafile":  shown("The object that describes the others; null if the server does not return it."),
				}},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *LogsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model logsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := d.Client(ctx, model.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, instancebase.GuestReadTimeout)
	defer cancel()
	id := model.InstanceID.ValueString()
	all, err := client.LogsOf(ctx, id)
	if err != nil {
		if missing := instancebase.MissingInstance(err, id); missing != "" {
			resp.Diagnostics.AddAttributeError(path.Root("instance_id"), "Unknown instance", missing)
			return
		}
		resp.Diagnostics.Append(instancebase.APIError("list", "the logs of instance "+id, err, ""))
		return
	}
	model.FromAPI(all, client.Region())
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// FromAPI takes over what the server returns.
func (m *logsModel) FromAPI(all []trove.Log, region string) {
	m.Region = tfkit.SettleRegion(types.StringNull(), region)
	m.Logs = []logModel{}
	for _, l := range all {
		m.Logs = append(m.Logs, logModel{
			Name: types.StringValue(l.Name), Type: tfkit.StringOrNull(l.Type), Status: tfkit.StringOrNull(l.Status),
			Published: types.Int64Value(l.Published), Pending: types.Int64Value(l.Pending),
			Container: tfkit.StringOrNull(l.Container), Prefix: tfkit.StringOrNull(l.Prefix), Metafile: tfkit.StringOrNull(l.Metafile),
		})
	}
}
