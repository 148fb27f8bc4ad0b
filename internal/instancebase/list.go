package instancebase

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ListResource is embedded by every list resource: it receives the connection, reads the block, and lists.
type ListResource struct{ connection *Connection }

// Configure implements list.ListResourceWithConfigure.
func (l *ListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &l.connection)...)
}

// ListSource describes how one list finds and shows its items.
type ListSource[T any] struct {
	// Plural is the word for the items in messages.
	Plural string
	// All returns all items.
	All func(ctx context.Context, c *operation.Client, f tfkit.ListFilter) ([]T, error)
	// Name returns the name of an item, and its id.
	Name func(item *T) (name, id string)
	// Show fills in a result, in full if the request includes the resource; ok is false if the item does not pass the filter.
	Show func(ctx context.Context, c *operation.Client, f tfkit.ListFilter, result *list.ListResult, item *T, whole bool) (ok bool)
}

// StreamList lists the items of the region that the block names, as tfkit.StreamList does.
func StreamList[T any](ctx context.Context, l *ListResource, source ListSource[T], req list.ListRequest, stream *list.ListResultsStream) {
	tfkit.StreamList(ctx, req, stream, func(f tfkit.ListFilter) (tfkit.ListItems[T], diag.Diagnostics) {
		client, diags := inRegion(ctx, l.connection, types.StringValue(f["region"]))
		return tfkit.ListItems[T]{
			All: func(ctx context.Context) ([]T, diag.Diagnostics) {
				all, err := source.All(ctx, client, f)
				if err != nil {
					return nil, diag.Diagnostics{APIError("list", source.Plural, err, "")}
				}
				return all, nil
			},
			Name: source.Name,
			Show: func(ctx context.Context, result *list.ListResult, item *T, whole bool) bool {
				return source.Show(ctx, client, f, result, item, whole)
			},
		}, diags
	})
}

// List lists the instances of one kind, for `terraform query`.
type List struct {
	ListResource
	kind InstanceKind
}

var _ list.ListResourceWithConfigure = (*List)(nil)

// NewList makes a list resource for the provider's list of them.
func NewList(kind InstanceKind) func() list.ListResource {
	return func() list.ListResource { return &List{kind: kind} }
}

// Metadata implements list.ListResource.
func (l *List) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + l.kind.TypeName
}

// ListResourceConfigSchema implements list.ListResource.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	more := map[string]string{}
	if len(l.kind.Datastores) != 1 {
		more["datastore_type"] = "Only those of this datastore type, such as `mysql`."
	}
	if l.kind.Cluster != "" {
		more[l.kind.Cluster] = "Only the members of the set or cluster with this name."
	}
	resp.Schema = tfkit.ListSchema(l.kind.Plural, more)
	if l.kind.ListNote != "" {
		resp.Schema.MarkdownDescription += " " + l.kind.ListNote
	}
}

// List implements list.ListResource.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	StreamList(ctx, &l.ListResource, ListSource[trove.Instance]{
		Plural: l.kind.Plural,
		All: func(ctx context.Context, c *operation.Client, _ tfkit.ListFilter) ([]trove.Instance, error) {
			return c.Listed(ctx)
		},
		Name: func(i *trove.Instance) (name, id string) { return i.Name, i.ID },
		Show: l.show,
	}, req, stream)
}

// show filters by what the list returns of every instance before it reads the instance.
func (l *List) show(ctx context.Context, client *operation.Client, f tfkit.ListFilter, result *list.ListResult, i *trove.Instance, whole bool) bool {
	if i.Status == trove.StatusDeleted || !f.Passes("datastore_type", i.Datastore.Type) || len(l.kind.Datastores) > 0 && !slices.Contains(l.kind.Datastores, i.Datastore.Type) {
		return false
	}
	block, err := client.ListedBlock(ctx, i)
	if err != nil {
		result.Diagnostics.Append(APIError("list", displayName(l.kind.Name, i), err, ""))
		return true
	}
	if cluster := f[l.kind.Cluster]; !l.kind.Match(i, block) || cluster != "" && block.Cluster() != string(block.Namespace())+"/"+cluster {
		return false
	}
	tfkit.SetListIdentity(ctx, result, i.ID, cmp.Or(client.Region(), i.Region))
	if !whole {
		return true
	}
	i.Topology = &block
	model := l.kind.Model()
	tfkit.FillListResource(ctx, result, model, func() diag.Diagnostics { return model.FromAPI(ctx, client, i) })
	return true
}
