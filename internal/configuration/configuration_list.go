package configuration

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// List lists configuration groups, for `terraform query`.
type List struct{ instancebase.ListResource }

var _ list.ListResourceWithConfigure = (*List)(nil)

// NewList makes the list resource for the provider's list.
func NewList() list.ListResource { return &List{} }

// Metadata implements list.ListResource.
func (l *List) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_configuration"
}

// ListResourceConfigSchema implements list.ListResource.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = tfkit.ListSchema(kindName+"s", map[string]string{
		"datastore_type":    "Only those for this datastore type, such as `mysql`.",
		"datastore_version": "Only those for this datastore version, by its name or id, such as `mysql-5.7`.",
	})
}

// List implements list.ListResource.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	instancebase.StreamList(ctx, &l.ListResource, instancebase.ListSource[trove.Configuration]{
		Plural: kindName + "s",
		All: func(ctx context.Context, c *operation.Client, _ tfkit.ListFilter) ([]trove.Configuration, error) {
			return c.Configurations(ctx)
		},
		Name: func(g *trove.Configuration) (name, id string) { return g.Name, g.ID },
		Show: show,
	}, req, stream)
}

// show fills in the result of one group.
func show(ctx context.Context, c *operation.Client, f tfkit.ListFilter, result *list.ListResult, g *trove.Configuration, whole bool) bool {
	version := "datastore_version"
	if !f.Passes("datastore_type", g.DatastoreName) || !f.Passes(version, g.VersionName) && !f.Passes(version, g.VersionID) {
		return false
	}
	tfkit.SetListIdentity(ctx, result, g.ID, c.Region())
	if !whole {
		return true
	}
	shown, err := c.Configuration(ctx, g.ID) // lists do not include values
	if err != nil {
		result.Diagnostics.Append(instancebase.APIError("list", kindName+" "+g.Name, err, ""))
		return true
	}
	var m model
	tfkit.FillListResource(ctx, result, &m, func() diag.Diagnostics { return m.FromAPI(ctx, c, shown) })
	return true
}
