package user

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var _ datasource.DataSourceWithConfigure = (*UsersDataSource)(nil)

// UsersDataSource is the data source trove_users.
type UsersDataSource struct{ instancebase.DataSource }

// NewUsersDataSource makes the data source for the provider's list.
func NewUsersDataSource() datasource.DataSource { return &UsersDataSource{} }

// usersModel is the model of trove_users.
type usersModel struct {
	instancebase.GuestFilter
	IDs   []string     `tfsdk:"ids"`
	Users []listedUser `tfsdk:"users"`
}

// listedUser is one user as the server returns it, without a password.
type listedUser struct {
	ID        string   `tfsdk:"id"`
	Name      string   `tfsdk:"name"`
	Host      string   `tfsdk:"host"`
	Databases []string `tfsdk:"databases"`
}

// Metadata implements datasource.DataSource.
func (d *UsersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_users"
}

// Schema implements datasource.DataSource.
func (d *UsersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	shown := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the users within an instance, whether Terraform manages them or not, without their passwords. Trove omits " +
			"its own and those of the database server, such as `root`. An empty result is not an error.",
		Attributes: instancebase.GuestFilterAttributes("users", map[string]schema.Attribute{
			"ids": schema.ListAttribute{
				MarkdownDescription: "The ids by which they are imported, `instance_id/name@host`, in the order of `users`.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"users": schema.ListNestedAttribute{
				MarkdownDescription: "The users, sorted by name and then by host.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":   shown("The id by which the user is imported: `instance_id/name@host`."),
					"name": shown("The name of the user."),
					"host": shown("The host that the user connects from; `%` means any host."),
					"databases": schema.SetAttribute{
						MarkdownDescription: "The names of the databases on which the user has privileges.",
						ElementType:         types.StringType,
						Computed:            true,
					},
				}},
			},
		}),
	}
}

// Read implements datasource.DataSource.
func (d *UsersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model usersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, ctx, cancel := model.Begin(ctx, &d.DataSource, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	all, err := client.UsersOf(ctx, model.InstanceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(model.ListError("users", err))
		return
	}
	slices.SortFunc(all, func(a, b trove.User) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Host, b.Host))
	})
	model.IDs, model.Users = []string{}, []listedUser{}
	for _, u := range all {
		if !strings.HasPrefix(u.Name, model.NamePrefix.ValueString()) {
			continue
		}
		id := model.InstanceID.ValueString() + "/" + u.String()
		model.IDs, model.Users = append(model.IDs, id), append(model.Users, listedUser{ID: id, Name: u.Name, Host: u.Host, Databases: u.Databases})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
