package node

import (
	"cmp"
	"context"
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

// List lists the instances of one kind, for `terraform query`.
type List struct {
	kind       Kind
	connection *Connection
}

var _ list.ListResourceWithConfigure = (*List)(nil)

// NewList makes a list resource for the provider's list of them.
func NewList(kind Kind) func() list.ListResource {
	return func() list.ListResource { return &List{kind: kind} }
}

// Metadata implements list.ListResource.
func (l *List) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + l.kind.TypeName
}

// Configure implements list.ListResourceWithConfigure.
func (l *List) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &l.connection)...)
}

// ListResourceConfigSchema implements list.ListResource.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := map[string]listschema.Attribute{
		"name_prefix": listschema.StringAttribute{MarkdownDescription: "Only those whose name begins with this.", Optional: true},
		"region":      listschema.StringAttribute{MarkdownDescription: "The region to look in; the provider's region where it is left out.", Optional: true},
	}
	if len(l.kind.Datastores) != 1 {
		attributes["datastore_type"] = listschema.StringAttribute{MarkdownDescription: "Only those of this type of datastore, such as `mysql`.", Optional: true}
	}
	if l.kind.Cluster != "" {
		attributes[l.kind.Cluster] = listschema.StringAttribute{MarkdownDescription: "Only the members of the set or cluster of this name.", Optional: true}
	}
	resp.Schema = listschema.Schema{MarkdownDescription: "Lists the project's " + l.kind.Things + ", to import them.", Attributes: attributes}
}

// filter is the block's configuration; what it does not say is "".
type filter struct{ prefix, region, datastore, cluster string }

func (l *List) filter(ctx context.Context, req list.ListRequest) (f filter, diags diag.Diagnostics) {
	read := func(attribute string) string {
		var v types.String
		diags.Append(req.Config.GetAttribute(ctx, path.Root(attribute), &v)...)
		return v.ValueString()
	}
	f.prefix, f.region = read("name_prefix"), read("region")
	if len(l.kind.Datastores) != 1 {
		f.datastore = read("datastore_type")
	}
	if l.kind.Cluster != "" {
		f.cluster = read(l.kind.Cluster)
	}
	return f, diags
}

// List implements list.ListResource. Each instance is a result of its own, with the error where it could not be read.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	fail := func(diags diag.Diagnostics) { stream.Results = list.ListResultsStreamDiagnostics(diags) }
	f, diags := l.filter(ctx, req)
	if diags.HasError() {
		fail(diags)
		return
	}
	client, diags := inRegion(l.connection, types.StringValue(f.region))
	if diags.HasError() {
		fail(diags)
		return
	}
	all, err := client.Instances(ctx)
	if err != nil {
		fail(diag.Diagnostics{Failure("list", l.kind.Things, err, "")})
		return
	}
	// The server lists by id, which says nothing to a reader.
	slices.SortFunc(all, func(a, b trove.Instance) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	stream.Results = func(push func(list.ListResult) bool) {
		listed := int64(0)
		for n := range all {
			if !l.worthALook(f, &all[n]) {
				continue
			}
			result, ok := l.result(ctx, client, f, req, &all[n])
			if !ok {
				continue
			}
			listed++
			if !push(result) || req.Limit > 0 && listed >= req.Limit {
				return
			}
		}
	}
}

// worthALook decides by what the list shows of every instance.
func (l *List) worthALook(f filter, i *trove.Instance) bool {
	if !strings.HasPrefix(i.Name, f.prefix) || f.datastore != "" && i.Datastore.Type != f.datastore {
		return false
	}
	return len(l.kind.Datastores) == 0 || slices.Contains(l.kind.Datastores, i.Datastore.Type)
}

// result is one instance; ok is false where it is none of this kind or of this cluster.
func (l *List) result(ctx context.Context, client *trove.Client, f filter, req list.ListRequest, i *trove.Instance) (result list.ListResult, ok bool) {
	result = req.NewListResult(ctx)
	result.DisplayName = i.Name
	var shared Model
	shared.ID = types.StringValue(i.ID)
	block, err := client.Block(ctx, i)
	if err != nil {
		result.Diagnostics.Append(Failure("list", name(l.kind.Thing, i), err, ""))
		return result, true
	}
	if !l.kind.Match(i, block) || f.cluster != "" && block.Cluster() != string(block.Namespace())+"/"+f.cluster {
		return result, false
	}
	shared.Accepted(i, client.Region())
	result.Diagnostics.Append(result.Identity.Set(ctx, identity{ID: shared.ID, Region: shared.Region})...)
	if !req.IncludeResource {
		return result, true
	}
	whole, err := client.Instance(ctx, i.ID) // lists show less
	if err != nil {
		result.Diagnostics.Append(Failure("list", name(l.kind.Thing, i), err, ""))
		return result, true
	}
	model := l.kind.Model()
	result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("id"), shared.ID)...)
	result.Diagnostics.Append(result.Resource.Get(ctx, model)...)
	if result.Diagnostics.HasError() {
		return result, true
	}
	result.Diagnostics.Append(model.TakeOver(ctx, client, whole)...)
	result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	return result, true
}
