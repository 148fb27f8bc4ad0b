// Package datastoreversion holds trove_datastore_version. The data source is a version of a datastore and its parameters; the resource,
// which administrators manage, is how a version is defined.
package datastoreversion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// DataSource is the data source trove_datastore_version.
type DataSource struct{ instancebase.DataSource }

// NewDataSource makes the data source for the provider's list.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// dataSourceModel is the model of trove_datastore_version as a data source. Parameters is nil if the server does not list them.
type dataSourceModel struct {
	Type        types.String              `tfsdk:"type"`
	Version     types.String              `tfsdk:"version"`
	Region      types.String              `tfsdk:"region"`
	ID          types.String              `tfsdk:"id"`
	Number      types.String              `tfsdk:"number"`
	DatastoreID types.String              `tfsdk:"datastore_id"`
	IsDefault   types.Bool                `tfsdk:"is_default"`
	Versions    []string                  `tfsdk:"versions"`
	Parameters  map[string]parameterModel `tfsdk:"parameters"`
}

type parameterModel struct {
	Type            types.String `tfsdk:"type"`
	Min             types.Number `tfsdk:"min"`
	Max             types.Number `tfsdk:"max"`
	RestartRequired types.Bool   `tfsdk:"restart_required"`
}

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_datastore_version"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	shown := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a version of a datastore: its ids, and the parameters that a `trove_configuration` for it can set.",
		Attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				MarkdownDescription: "The type of the datastore, such as `mysql`, or its id.",
				Required:            true,
				Validators:          notEmpty,
			},
			"version": schema.StringAttribute{
				MarkdownDescription: "The name of the version, such as `mysql-5.7`, or its id. If omitted, the datastore's default version is " +
					"used.",
				Optional:   true,
				Computed:   true,
				Validators: notEmpty,
			},
			"region":       instancebase.DataSourceRegionAttribute(),
			"id":           shown("The id of the version."),
			"number":       shown("The number of the version, such as `5.7.44`; null if the server does not return it."),
			"datastore_id": shown("The id of the datastore."),
			"is_default": schema.BoolAttribute{MarkdownDescription: "Whether this is the version of an instance whose configuration names " +
				"none.", Computed: true},
			"versions": schema.ListAttribute{
				MarkdownDescription: "The names of all versions of the datastore, in the server's order.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"parameters": schema.MapNestedAttribute{
				MarkdownDescription: "The parameters that a configuration group for this version can set, by name. Empty if the version has no " +
					"configuration groups. Null, with a warning, if the server fails to list the parameters.",
				Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"type": shown("`boolean`, `integer`, `float` or `string`."),
					"min":  schema.NumberAttribute{MarkdownDescription: "The minimum value; null if there is none.", Computed: true},
					"max":  schema.NumberAttribute{MarkdownDescription: "The maximum value; null if there is none.", Computed: true},
					"restart_required": schema.BoolAttribute{MarkdownDescription: "Whether the parameter takes effect only when the database " +
						"starts.", Computed: true},
				}},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dataSourceModel
	for attribute, into := range map[string]*types.String{"type": &model.Type, "version": &model.Version, "region": &model.Region} {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(attribute), into)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := d.Client(ctx, model.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	v, err := client.DatastoreVersion(ctx, model.Type.ValueString(), model.Version.ValueString())
	var unknown *trove.UnknownError
	switch {
	case errors.As(err, &unknown):
		at := path.Root("version")
		if unknown.OfDatastore() {
			at = path.Root("type")
		}
		resp.Diagnostics.AddAttributeError(at, "Unknown "+unknown.What, instancebase.UnknownItemDetail(unknown))
		return
	case err != nil:
		resp.Diagnostics.Append(instancebase.APIError("read", "datastore version", err, ""))
		return
	}
	resp.Diagnostics.Append(model.FromAPI(ctx, client, v)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// FromAPI takes over what the server returns for a version.
func (m *dataSourceModel) FromAPI(ctx context.Context, client *operation.Client, v *trove.DatastoreVersion) diag.Diagnostics {
	m.Region = tfkit.SettleRegion(types.StringNull(), client.Region())
	m.ID, m.DatastoreID, m.IsDefault = types.StringValue(v.ID), types.StringValue(v.DatastoreID), types.BoolValue(v.Default)
	if m.Version.IsNull() {
		m.Version = types.StringValue(v.Name)
	}
	if v.Number != "" {
		m.Number = types.StringValue(v.Number)
	}
	m.Versions = v.Versions
	parameters, err := client.Parameters(ctx, v)
	if err != nil {
		// Released Trove fails to list the parameters of Cassandra, which have bounds that it cannot read.
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("parameters"), "The parameters are not known", fmt.Sprintf(
			"The server did not list the parameters that a configuration group for %s %s can set: %v.", v.DatastoreName, v.Name, err))}
	}
	var diags diag.Diagnostics
	m.Parameters = map[string]parameterModel{}
	for _, p := range parameters {
		low, d := bound(p.Name, p.Min)
		diags.Append(d...)
		high, d := bound(p.Name, p.Max)
		diags.Append(d...)
		m.Parameters[p.Name] = parameterModel{Type: types.StringValue(p.Type), Min: low, Max: high, RestartRequired: types.BoolValue(p.RestartRequired)}
	}
	return diags
}

// bound returns a number as Terraform represents it; null if there is none.
func bound(parameter string, n json.Number) (types.Number, diag.Diagnostics) {
	if n == "" {
		return types.NumberNull(), nil
	}
	const precision = 512 // bits, as in Terraform itself
	f, _, err := big.ParseFloat(n.String(), 10, precision, big.ToNearestEven)
	if err != nil {
		return types.NumberNull(), diag.Diagnostics{diag.NewErrorDiagnostic("Unable to read datastore version",
			fmt.Sprintf("The server bounds the parameter %s by %q, which is no number.", parameter, n))}
	}
	return types.NumberValue(f), nil
}

var notEmpty = []validator.String{tfkit.NotEmpty{}}
