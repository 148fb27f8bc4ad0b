package instancebase

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ListResource is embedded by every list resource: it receives the connection, reads the block, and lists.
type ListResource struct{ connection *Connection }

// Configure implements list.ListResourceWithConfigure.
func (l *ListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &l.connection)...)
}

// ListSchema is the block of a list: what all lists filter by, and more attributes with their descriptions. All are strings.
func ListSchema(things string, more map[string]string) listschema.Schema {
	descriptions := map[string]string{
		"name_prefix": "Only those whose name begins with this.",
		"region":      "The region to look in; the provider's region where it is left out.",
	}
	maps.Copy(descriptions, more)
	attributes := map[string]listschema.Attribute{}
	for name, description := range descriptions {
		attributes[name] = listschema.StringAttribute{MarkdownDescription: description, Optional: true}
	}
	return listschema.Schema{MarkdownDescription: "Lists the project's " + things + ", to import them.", Attributes: attributes}
}

// Filter is the block's configuration by attribute; what it does not say is "".
type Filter map[string]string

// named says whether what is called so passes.
func (f Filter) named(name string) bool { return strings.HasPrefix(name, f["name_prefix"]) }

// Passes says whether a value passes the filter of that name.
func (f Filter) Passes(attribute, value string) bool {
	return f[attribute] == "" || f[attribute] == value
}

// ListSource is how one list finds and shows its items.
type ListSource[T any] struct {
	// Plural is what messages call them.
	Plural string
	// All are those that there are.
	All func(ctx context.Context, c *trove.Client, f Filter) ([]T, error)
	// Name is what one is called, and its id.
	Name func(item *T) (name, id string)
	// Show fills in a result, all of it where the request wants that; ok is false for one that does not pass.
	Show func(ctx context.Context, c *trove.Client, f Filter, result *list.ListResult, item *T, whole bool) (ok bool)
}

// StreamList lists by name, up to the request's limit. What fails of one item stands with that, and does not end the list.
func StreamList[T any](ctx context.Context, l *ListResource, listing ListSource[T], req list.ListRequest, stream *list.ListResultsStream) {
	fail := func(diags diag.Diagnostics) { stream.Results = list.ListResultsStreamDiagnostics(diags) }
	f, diags := Filter{}, diag.Diagnostics{}
	for name := range req.Config.Schema.GetAttributes() {
		var v types.String
		diags.Append(req.Config.GetAttribute(ctx, path.Root(name), &v)...)
		f[name] = v.ValueString()
	}
	if diags.HasError() {
		fail(diags)
		return
	}
	client, diags := inRegion(l.connection, types.StringValue(f["region"]))
	if diags.HasError() {
		fail(diags)
		return
	}
	all, err := listing.All(ctx, client, f)
	if err != nil {
		fail(diag.Diagnostics{APIError("list", listing.Plural, err, "")})
		return
	}
	// The server lists by id, which says nothing to a reader.
	slices.SortFunc(all, func(a, b T) int {
		name, id := listing.Name(&a)
		other, otherID := listing.Name(&b)
		return cmp.Or(strings.Compare(name, other), strings.Compare(id, otherID))
	})
	stream.Results = func(push func(list.ListResult) bool) {
		listed := int64(0)
		for n := range all {
			result := req.NewListResult(ctx)
			result.DisplayName, _ = listing.Name(&all[n])
			if !f.named(result.DisplayName) || !listing.Show(ctx, client, f, &result, &all[n], req.IncludeResource) {
				continue
			}
			listed++
			if !push(result) || req.Limit > 0 && listed >= req.Limit {
				return
			}
		}
	}
}

// SetListIdentity identifies a result that goes by an id.
func SetListIdentity(ctx context.Context, result *list.ListResult, id, region string) {
	result.Diagnostics.Append(result.Identity.Set(ctx, identity{ID: types.StringValue(id), Region: StringOrNull(region)})...)
}

// FillListResource fills in the resource of a result by way of its model, which is empty; fill fills that.
func FillListResource(ctx context.Context, result *list.ListResult, model any, fill func() diag.Diagnostics) {
	result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("id"), "")...) // or there is nothing to read
	result.Diagnostics.Append(result.Resource.Get(ctx, model)...)
	if result.Diagnostics.HasError() {
		return
	}
	result.Diagnostics.Append(fill()...)
	result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
}
