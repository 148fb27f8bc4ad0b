package user

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// List lists the users within an instance, for `terraform query`.
type List struct{ instancebase.ListResource }

var _ list.ListResourceWithConfigure = (*List)(nil)

// NewList makes the list resource for the provider's list.
func NewList() list.ListResource { return &List{} }

// Metadata implements list.ListResource.
func (l *List) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user"
}

// ListResourceConfigSchema implements list.ListResource.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = instancebase.GuestListSchema(kindName, "root")
}

// List implements list.ListResource.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	instancebase.StreamList(ctx, &l.ListResource, instancebase.ListSource[trove.User]{
		Plural: "users",
		All: func(ctx context.Context, c *operation.Client, f tfkit.ListFilter) ([]trove.User, error) {
			ctx, cancel := context.WithTimeout(ctx, instancebase.GuestReadTimeout)
			defer cancel()
			all, err := c.UsersOf(ctx, f["instance_id"])
			return slices.DeleteFunc(all, func(u trove.User) bool {
				return guestrules.CheckUserName("", u.Name) != nil || checkHost(u.Host) != nil
			}), err
		},
		Name: func(u *trove.User) (name, id string) { return u.String(), u.String() },
		Show: show,
	}, req, stream)
}

// show fills in the identity of a user and, if the request includes the resource, what the server returns.
func show(ctx context.Context, c *operation.Client, f tfkit.ListFilter, result *list.ListResult, u *trove.User, whole bool) bool {
	instance, name, host := types.StringValue(f["instance_id"]), types.StringValue(u.Name), types.StringValue(u.Host)
	result.Diagnostics.Append(result.Identity.Set(ctx, struct {
		InstanceID types.String `tfsdk:"instance_id"`
		Name       types.String `tfsdk:"name"`
		Host       types.String `tfsdk:"host"`
		Region     types.String `tfsdk:"region"`
	}{instance, name, host, tfkit.StringOrNull(c.Region())})...)
	if whole {
		var m model
		tfkit.FillListResource(ctx, result, &m, func() diag.Diagnostics {
			m.InstanceID, m.Name, m.Host = instance, name, host
			m.SetComputed(c, u.String())
			return m.SetGrants(ctx, u.Databases)
		})
	}
	return true
}
