package datastoreversion

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

// List lists datastore versions, for `terraform query`.
type List struct{ instancebase.ListResource }

var _ list.ListResourceWithConfigure = (*List)(nil)

// NewList makes the list resource for the provider's list.
func NewList() list.ListResource { return &List{} }

// Metadata implements list.ListResource.
func (l *List) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_datastore_version"
}

// ListResourceConfigSchema implements list.ListResource.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = tfkit.ListSchema("datastore versions", map[string]string{"type": "Only those of the datastore with this name, such as `mysql`."})
}

// List implements list.ListResource.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	instancebase.StreamList(ctx, &l.ListResource, instancebase.ListSource[trove.ManagedVersion]{
		Plural: "datastore versions",
		All: func(ctx context.Context, c *operation.Client, _ tfkit.ListFilter) ([]trove.ManagedVersion, error) {
			return c.ManagedVersions(ctx)
		},
		Name: func(v *trove.ManagedVersion) (name, id string) { return v.Name, v.ID },
		Show: func(ctx context.Context, c *operation.Client, f tfkit.ListFilter, result *list.ListResult, v *trove.ManagedVersion, whole bool) bool {
			if !f.Passes("type", v.Datastore) {
				return false
			}
			tfkit.SetListIdentity(ctx, result, v.ID, c.Region())
			if whole {
				var m model
				tfkit.FillListResource(ctx, result, &m, func() diag.Diagnostics { return m.FromAPI(ctx, v, c.Region()) })
			}
			return true
		},
	}, req, stream)
}
