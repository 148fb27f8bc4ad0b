package backupstrategy

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// List lists backup strategies, for `terraform query`.
type List struct{ instancebase.ListResource }

var _ list.ListResourceWithConfigure = (*List)(nil)

// NewList makes the list resource for the provider's list.
func NewList() list.ListResource { return &List{} }

// Metadata implements list.ListResource.
func (l *List) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_strategy"
}

// ListResourceConfigSchema implements list.ListResource.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = tfkit.ListSchema("backup strategies, which are named by their containers,", nil)
}

// List implements list.ListResource.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	instancebase.StreamList(ctx, &l.ListResource, instancebase.ListSource[trove.BackupStrategy]{
		Plural: "backup strategies",
		All: func(ctx context.Context, c *operation.Client, _ tfkit.ListFilter) ([]trove.BackupStrategy, error) {
			return c.BackupStrategies(ctx)
		},
		Name: func(s *trove.BackupStrategy) (name, id string) { return s.Container, s.InstanceID },
		Show: func(ctx context.Context, c *operation.Client, _ tfkit.ListFilter, result *list.ListResult, s *trove.BackupStrategy, whole bool) bool {
			tfkit.SetListIdentity(ctx, result, cmp.Or(s.InstanceID, projectID), c.Region())
			if whole {
				var m model
				tfkit.FillListResource(ctx, result, &m, func() diag.Diagnostics {
					m.FromAPI(s, c.Region())
					return nil
				})
			}
			return true
		},
	}, req, stream)
}
