package database

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
)

// List lists the databases within an instance, for `terraform query`.
type List struct{ instancebase.ListResource }

var _ list.ListResourceWithConfigure = (*List)(nil)

// NewList makes the list resource for the provider's list.
func NewList() list.ListResource { return &List{} }

// Metadata implements list.ListResource.
func (l *List) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_database"
}

// ListResourceConfigSchema implements list.ListResource.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = instancebase.GuestListSchema(kindName, "sys")
}

// List implements list.ListResource.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	instancebase.StreamList(ctx, &l.ListResource, instancebase.ListSource[string]{
		Plural: "databases",
		All: func(ctx context.Context, c *operation.Client, f tfkit.ListFilter) ([]string, error) {
			ctx, cancel := context.WithTimeout(ctx, instancebase.GuestReadTimeout)
			defer cancel()
			names, err := c.DatabasesOf(ctx, f["instance_id"])
			return slices.DeleteFunc(names, func(name string) bool { return guestrules.CheckDatabaseName("", name) != nil }), err
		},
		Name: func(name *string) (string, string) { return *name, *name },
		Show: func(ctx context.Context, c *operation.Client, f tfkit.ListFilter, result *list.ListResult, name *string, whole bool) bool {
			instance := types.StringValue(f["instance_id"])
			result.Diagnostics.Append(result.Identity.Set(ctx, struct {
				InstanceID types.String `tfsdk:"instance_id"`
				Name       types.String `tfsdk:"name"`
				Region     types.String `tfsdk:"region"`
			}{instance, types.StringValue(*name), tfkit.StringOrNull(c.Region())})...)
			if whole {
				var m model
				tfkit.FillListResource(ctx, result, &m, func() diag.Diagnostics {
					m.InstanceID, m.Name = instance, types.StringValue(*name)
					m.SetComputed(c, *name)
					return nil
				})
			}
			return true
		},
	}, req, stream)
}
