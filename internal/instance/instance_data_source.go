package instance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var (
	_ datasource.DataSourceWithConfigure        = (*DataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*DataSource)(nil)
)

// DataSource is the data source trove_instance.
type DataSource struct{ instancebase.DataSource }

// NewDataSource returns the data source for the provider's list.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// dataModel is the model of trove_instance as a data source.
type dataModel struct {
	instancebase.DataSourceModel
	ReplicaOf []string `tfsdk:"replica_of"`
	Replicas  []string `tfsdk:"replicas"`
}

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_instance"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	notEmpty := []validator.String{tfkit.NotEmpty{}}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a database instance of any datastore by its id or its name.",
		Attributes: instancebase.DataSourceAttributes(map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The id of the instance. Exactly one of `id` and `name` must be set.",
				Optional:            true,
				Computed:            true,
				Validators:          notEmpty,
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the instance, which must be unique. Exactly one of `id` and `name` must be set.",
				Optional:            true,
				Computed:            true,
				Validators:          notEmpty,
			},
			"region": instancebase.DataSourceRegionAttribute(),
			"replica_of": schema.ListAttribute{
				MarkdownDescription: "The ids of the instances that it replicates from, sorted (`slave_of` in its topology, or `replica_of` on " +
					"released Trove); empty if it does not replicate.",
				ElementType: types.StringType,
				Computed:    true,
			},
			"replicas": schema.ListAttribute{
				MarkdownDescription: "The ids of the instances that replicate directly from it, sorted; empty if there are none.",
				ElementType:         types.StringType,
				Computed:            true,
			},
		}),
	}
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *DataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := d.Client(ctx, model.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	at, id := path.Root("id"), model.ID.ValueString()
	if model.ID.IsNull() {
		at = path.Root("name")
		found, diagnostic := idOf(ctx, client, model.Name.ValueString())
		if diagnostic != nil {
			resp.Diagnostics.Append(diagnostic)
			return
		}
		id = found
	}
	// A list returns less of an instance than a request for the instance.
	found, err := client.Instance(ctx, id)
	if err == nil && found.Status == trove.StatusDeleted {
		err = fmt.Errorf("instance %s is deleted: %w", id, openstack.ErrNotFound)
	}
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIErrorAt(at, "read", kindName, err, instancebase.MissingInstance(err, id)))
		return
	}
	model.DataSourceModel, diags = instancebase.NewDataSourceModel(ctx, client, found)
	resp.Diagnostics.Append(diags...)
	if model.ReplicaOf, model.Replicas, err = client.Replication(ctx, found); err != nil {
		resp.Diagnostics.Append(instancebase.APIErrorAt(at, "read", "the replication of "+kindName+" "+id, err, ""))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// idOf finds the one instance of that name, or reports why it cannot.
func idOf(ctx context.Context, client *operation.Client, name string) (string, diag.Diagnostic) {
	at := path.Root("name")
	all, err := client.Instances(ctx)
	if err != nil {
		return "", instancebase.APIErrorAt(at, "read", kindName, err, "")
	}
	named := slices.DeleteFunc(all, func(i trove.Instance) bool { return i.Name != name || i.Status == trove.StatusDeleted })
	switch len(named) {
	case 0:
		return "", diag.NewAttributeErrorDiagnostic(at, "Unable to read "+kindName, fmt.Sprintf(
			"There is no instance named %q in this project and region.", name))
	case 1:
		return named[0].ID, nil
	}
	ids := make([]string, len(named))
	for n, i := range named {
		ids[n] = fmt.Sprintf("%s (%s)", i.ID, i.Status)
	}
	slices.Sort(ids)
	return "", diag.NewAttributeErrorDiagnostic(at, "Unable to read "+kindName, fmt.Sprintf(
		"%d instances are named %q: %s. Set id instead of name.", len(ids), name, strings.Join(ids, ", ")))
}
