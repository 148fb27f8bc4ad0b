// Package volumetype holds the data source trove_volume_types: the types that volumes of instances can have.
package volumetype

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// DataSource is the data source trove_volume_types.
type DataSource struct{ instancebase.DataSource }

// NewDataSource makes the data source for the provider's list.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// dataSourceModel is one data source trove_volume_types.
type dataSourceModel struct {
	DatastoreType    types.String      `tfsdk:"datastore_type"`
	DatastoreVersion types.String      `tfsdk:"datastore_version"`
	Region           types.String      `tfsdk:"region"`
	Names            []string          `tfsdk:"names"`
	VolumeTypes      []volumeTypeModel `tfsdk:"volume_types"`
}

type volumeTypeModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	IsPublic    types.Bool   `tfsdk:"is_public"`
}

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_volume_types"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	shown := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	notEmpty := []validator.String{tfkit.NotEmpty{}}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the types that the volume of an instance of a datastore version can have, for `volume.type`. If the operators " +
			"have restricted the version to some of them, only those are listed.",
		Attributes: map[string]schema.Attribute{
			"datastore_type": schema.StringAttribute{
				MarkdownDescription: "The type of the datastore, such as `mysql`, or its id.",
				Required:            true,
				Validators:          notEmpty,
			},
			"datastore_version": schema.StringAttribute{
				MarkdownDescription: "The name of the version, such as `mysql-5.7`, or its id. If omitted, the datastore's default version is used.",
				Optional:            true,
				Computed:            true,
				Validators:          notEmpty,
			},
			"region": instancebase.DataSourceRegionAttribute(),
			"names": schema.ListAttribute{
				MarkdownDescription: "The names of the types, in the server's order.", ElementType: types.StringType, Computed: true,
			},
			"volume_types": schema.ListNestedAttribute{
				MarkdownDescription: "The types, in the same order.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":          shown("The id of the type."),
					"name":        shown("The name of the type, for `volume.type`."),
					"description": shown("Its description; null if there is none."),
					"is_public": schema.BoolAttribute{
						MarkdownDescription: "Whether every project can use the type; null if the server does not return it.", Computed: true,
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
	version, err := client.DatastoreVersion(ctx, model.DatastoreType.ValueString(), model.DatastoreVersion.ValueString())
	var unknown *trove.UnknownError
	switch {
	case errors.As(err, &unknown):
		at := path.Root("datastore_version")
		if unknown.OfDatastore() {
			at = path.Root("datastore_type")
		}
		resp.Diagnostics.AddAttributeError(at, "Unknown "+unknown.What, instancebase.UnknownItemDetail(unknown))
		return
	case err != nil:
		resp.Diagnostics.Append(instancebase.APIError("read", "datastore version", err, ""))
		return
	}
	all, err := client.VolumeTypes(ctx, version)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("list", "volume types", err, ""))
		return
	}
	model.FromAPI(version, all, client.Region())
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// FromAPI takes over what the server shows.
func (m *dataSourceModel) FromAPI(version *trove.DatastoreVersion, all []trove.VolumeType, region string) {
	m.Region = tfkit.SettleRegion(types.StringNull(), region)
	if m.DatastoreVersion.IsNull() {
		m.DatastoreVersion = types.StringValue(version.Name)
	}
	m.Names, m.VolumeTypes = []string{}, []volumeTypeModel{}
	for _, v := range all {
		m.Names = append(m.Names, v.Name)
		m.VolumeTypes = append(m.VolumeTypes, volumeTypeModel{
			ID: types.StringValue(v.ID), Name: types.StringValue(v.Name), Description: tfkit.StringOrNull(v.Description), IsPublic: types.BoolPointerValue(v.Public),
		})
	}
}
