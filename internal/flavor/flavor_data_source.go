// Package flavor holds the data source trove_flavor: a size that instances come in.
package flavor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var (
	_ datasource.DataSourceWithConfigure        = (*DataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*DataSource)(nil)
)

// DataSource is the data source trove_flavor.
type DataSource struct{ instancebase.DataSource }

// NewDataSource makes the data source for the provider's list.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// dataSourceModel is one data source trove_flavor.
type dataSourceModel struct {
	ID        types.String `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	Region    types.String `tfsdk:"region"`
	RAM       types.Int64  `tfsdk:"ram"`
	VCPUs     types.Int64  `tfsdk:"vcpus"`
	Disk      types.Int64  `tfsdk:"disk"`
	Ephemeral types.Int64  `tfsdk:"ephemeral"`
}

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_flavor"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	size := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a flavor by its name or its id.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The id of the flavor (`str_id`), for `flavor_id`. Exactly one of `id` and `name` must be set.",
				Optional:            true,
				Computed:            true,
				Validators:          notEmpty,
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the flavor, which must be unique. Exactly one of `id` and `name` must be set.",
				Optional:            true,
				Computed:            true,
				Validators:          notEmpty,
			},
			"region":    instancebase.DataSourceRegionAttribute(),
			"ram":       size("The memory in MB."),
			"vcpus":     size("The number of virtual processors; null if the server does not return it."),
			"disk":      size("The size of the root disk in GB; null if the server does not return it."),
			"ephemeral": size("The size of the ephemeral disk in GB; null if the server does not return it."),
		},
	}
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *DataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
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
	all, err := client.Flavors(ctx)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("read", "flavor", err, ""))
		return
	}
	found, problem := model.find(all)
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	model = dataSourceModel{
		ID: types.StringValue(found.ID), Name: types.StringValue(found.Name), Region: tfkit.SettleRegion(types.StringNull(), client.Region()), RAM: types.Int64Value(found.RAM),
		VCPUs: types.Int64PointerValue(found.VCPUs), Disk: types.Int64PointerValue(found.Disk), Ephemeral: types.Int64PointerValue(found.Ephemeral),
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// find is the one flavor that is asked for, or why there is not one.
func (m *dataSourceModel) find(all []trove.Flavor) (*trove.Flavor, diag.Diagnostic) {
	at, wanted, key := path.Root("name"), m.Name.ValueString(), func(f trove.Flavor) string { return f.Name }
	if m.Name.IsNull() {
		at, wanted, key = path.Root("id"), m.ID.ValueString(), func(f trove.Flavor) string { return f.ID }
	}
	unknown := &trove.UnknownError{What: "flavor", Name: wanted}
	var found []trove.Flavor
	for _, f := range all {
		unknown.Offered = append(unknown.Offered, key(f))
		if key(f) == wanted {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return nil, diag.NewAttributeErrorDiagnostic(at, "Unknown flavor", instancebase.UnknownItemDetail(unknown))
	case 1:
		return &found[0], nil
	}
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f.ID
	}
	slices.Sort(ids)
	return nil, diag.NewAttributeErrorDiagnostic(at, "Unable to read flavor", fmt.Sprintf(
		"%d flavors are named %q: %s. Set id instead of name.", len(ids), wanted, strings.Join(ids, ", ")))
}

var notEmpty = []validator.String{tfkit.NotEmpty{}}
