// Package limits holds the data source trove_limits: what the project may use, and how often it may ask.
package limits

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// DataSource is the data source trove_limits.
type DataSource struct{ instancebase.DataSource }

// NewDataSource makes the data source for the provider's list.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// dataSourceModel is one data source trove_limits.
type dataSourceModel struct {
	Region       types.String `tfsdk:"region"`
	MaxInstances types.Int64  `tfsdk:"max_instances"`
	MaxVolumeGB  types.Int64  `tfsdk:"max_volume_gb"`
	MaxBackups   types.Int64  `tfsdk:"max_backups"`
	MaxRAM       types.Int64  `tfsdk:"max_ram"`
	Rates        []rateModel  `tfsdk:"rates"`
}

// rateModel is how often requests of one method may be sent.
type rateModel struct {
	Verb      types.String `tfsdk:"verb"`
	URI       types.String `tfsdk:"uri"`
	Unit      types.String `tfsdk:"unit"`
	Value     types.Int64  `tfsdk:"value"`
	Remaining types.Int64  `tfsdk:"remaining"`
}

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_limits"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	most := func(what string) schema.Int64Attribute {
		return schema.Int64Attribute{
			MarkdownDescription: "The maximum " + what + ". A negative number means no limit; null if the server does not return it.", Computed: true,
		}
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the limits of the project: its quotas, and how often it can send requests. Trove returns only the maximums. " +
			"Administrators can show the usage: `openstack database quota show PROJECT`.",
		Attributes: map[string]schema.Attribute{
			"region":        instancebase.DataSourceRegionAttribute(),
			"max_instances": most("number of instances (`max_instances`)"),
			"max_volume_gb": most("size of all volumes together, in GB (`max_volumes`)"),
			"max_backups":   most("number of backups (`max_backups`)"),
			"max_ram":       most("memory of all instances together, in MB (`max_ram`)"),
			"rates": schema.ListNestedAttribute{
				MarkdownDescription: "The rate limits of the project, by method. The provider respects them.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"verb":  text("The method of the requests, such as `GET`."),
					"uri":   text("The paths that the limit applies to; `*` means all."),
					"unit":  text("The period of the limit, such as `MINUTE`."),
					"value": schema.Int64Attribute{MarkdownDescription: "The number of requests in a period.", Computed: true},
					"remaining": schema.Int64Attribute{
						MarkdownDescription: "The number of requests that are left in the current period. It differs in each plan.", Computed: true,
					},
				}},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := d.Client(ctx, model.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	l, err := client.Limits(ctx)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("read", "limits", err, ""))
		return
	}
	model.FromAPI(l, client.Region())
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// FromAPI takes over what the server shows.
func (m *dataSourceModel) FromAPI(l *trove.Limits, region string) {
	m.Region = tfkit.SettleRegion(types.StringNull(), region)
	m.MaxInstances, m.MaxVolumeGB = types.Int64PointerValue(l.Instances), types.Int64PointerValue(l.VolumeGB)
	m.MaxBackups, m.MaxRAM = types.Int64PointerValue(l.Backups), types.Int64PointerValue(l.RAM)
	m.Rates = []rateModel{}
	for _, r := range l.Rates {
		m.Rates = append(m.Rates, rateModel{
			Verb: types.StringValue(r.Verb), URI: types.StringValue(r.URI), Unit: types.StringValue(r.Unit),
			Value: types.Int64Value(r.Value), Remaining: types.Int64Value(r.Remaining),
		})
	}
}
