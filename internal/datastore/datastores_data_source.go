// Package datastore holds the data source trove_datastores: what the server can run, in which versions.
package datastore

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

// DataSource is the data source trove_datastores.
type DataSource struct{ instancebase.DataSource }

// NewDataSource makes the data source for the provider's list.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// dataSourceModel is one data source trove_datastores.
type dataSourceModel struct {
	Region     types.String     `tfsdk:"region"`
	Types      []string         `tfsdk:"types"`
	Datastores []datastoreModel `tfsdk:"datastores"`
}

type datastoreModel struct {
	ID             types.String   `tfsdk:"id"`
	Type           types.String   `tfsdk:"type"`
	DefaultVersion types.String   `tfsdk:"default_version"`
	Versions       []versionModel `tfsdk:"versions"`
}

type versionModel struct {
	ID      types.String `tfsdk:"id"`
	Version types.String `tfsdk:"version"`
	Number  types.String `tfsdk:"number"`
}

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_datastores"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	shown := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the datastores that the server offers, with their versions. The parameters of a version are in the data source " +
			"`trove_datastore_version`.",
		Attributes: map[string]schema.Attribute{
			"region": instancebase.DataSourceRegionAttribute(),
			"types": schema.ListAttribute{
				MarkdownDescription: "The types of the datastores, such as `mysql`, in the server's order.", ElementType: types.StringType, Computed: true,
			},
			"datastores": schema.ListNestedAttribute{
				MarkdownDescription: "The datastores, in the same order.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":   shown("The id of the datastore."),
					"type": shown("The type of the datastore, for `datastore.type`."),
					"default_version": shown("The name of the version that is used if an instance names none; null if there is no such " +
						"version."),
					"versions": schema.ListNestedAttribute{
						MarkdownDescription: "The versions, in the server's order.",
						Computed:            true,
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"id":      shown("The id of the version."),
							"version": shown("The name of the version, for `datastore.version`."),
							"number":  shown("The number of the version, such as `5.7.44`; null if the server does not return it."),
						}},
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
	all, err := client.Datastores(ctx)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("list", "datastores", err, ""))
		return
	}
	model.FromAPI(all, client.Region())
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// FromAPI takes over what the server shows.
func (m *dataSourceModel) FromAPI(all []trove.OfferedDatastore, region string) {
	m.Region = tfkit.SettleRegion(types.StringNull(), region)
	m.Types, m.Datastores = []string{}, []datastoreModel{}
	for _, d := range all {
		shown := datastoreModel{ID: types.StringValue(d.ID), Type: types.StringValue(d.Name), Versions: []versionModel{}}
		for _, v := range d.Versions {
			shown.Versions = append(shown.Versions, versionModel{ID: types.StringValue(v.ID), Version: types.StringValue(v.Name), Number: tfkit.StringOrNull(v.Number)})
			if v.ID == d.DefaultVersion || v.Name == d.DefaultVersion {
				shown.DefaultVersion = types.StringValue(v.Name)
			}
		}
		m.Types, m.Datastores = append(m.Types, d.Name), append(m.Datastores, shown)
	}
}
