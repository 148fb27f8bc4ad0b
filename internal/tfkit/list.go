package tfkit

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
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ListSchema returns the block of a list: the filters of all lists, and more attributes with their descriptions. All are strings.
func ListSchema(plural string, more map[string]string) listschema.Schema {
	descriptions := map[string]string{
		"name_prefix": "Only those whose name starts with this prefix.",
		"region":      "The region to look in. If omitted, the provider's region is used.",
	}
	maps.Copy(descriptions, more)
	attributes := map[string]listschema.Attribute{}
	for name, description := range descriptions {
		a := listschema.StringAttribute{MarkdownDescription: description, Optional: true}
		if name != "region" { // "" means the provider's region
			a.Validators = []validator.String{NotEmpty{}}
		}
		attributes[name] = a
	}
	return listschema.Schema{MarkdownDescription: "Lists the project's " + plural + ", to import them.", Attributes: attributes}
}

// ListFilter is the configuration of a list block by attribute; an omitted attribute is "".
type ListFilter map[string]string

// named reports whether a name passes the filter.
func (f ListFilter) named(name string) bool { return strings.HasPrefix(name, f["name_prefix"]) }

// Passes reports whether a value passes the filter of that attribute.
func (f ListFilter) Passes(attribute, value string) bool {
	return f[attribute] == "" || f[attribute] == value
}

// ListItems describes how one list finds and shows its items.
type ListItems[T any] struct {
	// All returns all items.
	All func(ctx context.Context) ([]T, diag.Diagnostics)
	// Name returns the name of an item, and its id.
	Name func(item *T) (name, id string)
	// Show fills in a result, in full if the request includes the resource; ok is false if the item does not pass the filter.
	Show func(ctx context.Context, result *list.ListResult, item *T, whole bool) (ok bool)
}

// StreamList lists by name, up to the request's limit. An error about one item is reported with that item and does not end the list. open
// finds out where to list, using the filter.
func StreamList[T any](ctx context.Context, req list.ListRequest, stream *list.ListResultsStream, open func(ListFilter) (ListItems[T], diag.Diagnostics)) {
	f, diags := ListFilter{}, diag.Diagnostics{}
	for name := range req.Config.Schema.GetAttributes() {
		var v types.String
		diags.Append(req.Config.GetAttribute(ctx, path.Root(name), &v)...)
		f[name] = v.ValueString()
	}
	var items ListItems[T]
	var all []T
	if !diags.HasError() {
		items, diags = open(f)
	}
	if !diags.HasError() {
		all, diags = items.All(ctx)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	// The server sorts by id, which means nothing to a reader.
	slices.SortFunc(all, func(a, b T) int {
		name, id := items.Name(&a)
		other, otherID := items.Name(&b)
		return cmp.Or(strings.Compare(name, other), strings.Compare(id, otherID))
	})
	stream.Results = func(push func(list.ListResult) bool) {
		listed := int64(0)
		for n := range all {
			result := req.NewListResult(ctx)
			result.DisplayName, _ = items.Name(&all[n])
			if !f.named(result.DisplayName) || !items.Show(ctx, &result, &all[n], req.IncludeResource) {
				continue
			}
			listed++
			if !push(result) || req.Limit > 0 && listed >= req.Limit {
				return
			}
		}
	}
}

// SetListIdentity sets the identity of a result that an id identifies.
func SetListIdentity(ctx context.Context, result *list.ListResult, id, region string) {
	result.Diagnostics.Append(result.Identity.Set(ctx, struct {
		ID     types.String `tfsdk:"id"`
		Region types.String `tfsdk:"region"`
	}{types.StringValue(id), StringOrNull(region)})...)
}

// FillListResource fills in the resource of a result from its model, which is empty at first; fill fills the model.
func FillListResource(ctx context.Context, result *list.ListResult, model any, fill func() diag.Diagnostics) {
	result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("id"), "")...) // otherwise there is nothing to read
	result.Diagnostics.Append(result.Resource.Get(ctx, model)...)
	if result.Diagnostics.HasError() {
		return
	}
	result.Diagnostics.Append(fill()...)
	result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
}
