package database

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
)

var _ datasource.DataSourceWithConfigure = (*DatabasesDataSource)(nil)

// DatabasesDataSource is the data source trove_databases.
type DatabasesDataSource struct{ instancebase.DataSource }

// NewDatabasesDataSource makes the data source for the provider's list.
func NewDatabasesDataSource() datasource.DataSource { return &DatabasesDataSource{} }

// databasesModel is the model of trove_databases.
type databasesModel struct {
	instancebase.GuestFilter
	IDs   []string `tfsdk:"ids"`
	Names []string `tfsdk:"names"`
}

// Metadata implements datasource.DataSource.
func (d *DatabasesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_databases"
}

// Schema implements datasource.DataSource.
func (d *DatabasesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the databases within an instance, whether Terraform manages them or not. Trove omits its own and those of " +
			"the database server, such as `mysql`. An empty result is not an error.",
		Attributes: instancebase.GuestFilterAttributes("databases", map[string]schema.Attribute{
			"ids": schema.ListAttribute{
				MarkdownDescription: "The ids by which they are imported, `instance_id/name`, in the order of `names`.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"names": schema.ListAttribute{
				MarkdownDescription: "The names of the databases, sorted.",
				ElementType:         types.StringType,
				Computed:            true,
			},
		}),
	}
}

// Read implements datasource.DataSource.
func (d *DatabasesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model databasesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, ctx, cancel := model.Begin(ctx, &d.DataSource, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	names, err := client.DatabasesOf(ctx, model.InstanceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(model.ListError("databases", err))
		return
	}
	slices.Sort(names)
	model.IDs, model.Names = []string{}, []string{}
	for _, name := range names {
		if strings.HasPrefix(name, model.NamePrefix.ValueString()) {
			model.IDs, model.Names = append(model.IDs, model.InstanceID.ValueString()+"/"+name), append(model.Names, name)
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
