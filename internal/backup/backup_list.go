package backup

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

// List lists backups, for `terraform query`.
type List struct{ instancebase.ListResource }

var _ list.ListResourceWithConfigure = (*List)(nil)

// NewList makes the list resource for the provider's list.
func NewList() list.ListResource { return &List{} }

// Metadata implements list.ListResource.
func (l *List) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup"
}

// ListResourceConfigSchema implements list.ListResource.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = tfkit.ListSchema("backups, without the snapshots that Trove makes for replicas", map[string]string{"instance_id": "Only those of the instance with this id, " +
		"which may be deleted already."})
}

// List implements list.ListResource.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	instancebase.StreamList(ctx, &l.ListResource, instancebase.ListSource[trove.Backup]{
		Plural: kindName + "s",
		All: func(ctx context.Context, c *operation.Client, f tfkit.ListFilter) ([]trove.Backup, error) {
			return c.Backups(ctx, f["instance_id"])
		},
		Name: func(b *trove.Backup) (name, id string) { return b.Name, b.ID },
		Show: func(ctx context.Context, c *operation.Client, _ tfkit.ListFilter, result *list.ListResult, b *trove.Backup, whole bool) bool {
			if b.Snapshot() {
				return false
			}
			tfkit.SetListIdentity(ctx, result, b.ID, c.Region())
			if whole {
				var m model
				tfkit.FillListResource(ctx, result, &m, func() diag.Diagnostics { return m.FromAPI(b, c.Region()) })
			}
			return true
		},
	}, req, stream)
}
