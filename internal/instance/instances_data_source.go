package instance

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var _ datasource.DataSourceWithConfigure = (*InstancesDataSource)(nil)

// InstancesDataSource is the data source trove_instances.
type InstancesDataSource struct{ instancebase.DataSource }

// NewInstancesDataSource makes the data source for the provider's list.
func NewInstancesDataSource() datasource.DataSource { return &InstancesDataSource{} }

// instancesModel is the model of trove_instances.
type instancesModel struct {
	NamePrefix types.String                   `tfsdk:"name_prefix"`
	Datastore  types.String                   `tfsdk:"datastore_type"`
	Cluster    types.String                   `tfsdk:"cluster"`
	Status     types.String                   `tfsdk:"status"`
	Region     types.String                   `tfsdk:"region"`
	IDs        []string                       `tfsdk:"ids"`
	Instances  []instancebase.DataSourceModel `tfsdk:"instances"`
}

// Metadata implements datasource.DataSource.
func (d *InstancesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_instances"
}

// Schema implements datasource.DataSource.
func (d *InstancesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	filter := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{tfkit.NotEmpty{}}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the database instances of the project, of any datastore. If several filters are set, an instance must match " +
			"all of them. An empty result is not an error.",
		Attributes: map[string]schema.Attribute{
			"name_prefix":    filter("Only those whose name starts with this prefix."),
			"datastore_type": filter("Only those of this datastore type, such as `mysql`."),
			"cluster": filter("Only the members of the replica set or cluster with this name. Released Trove returns no such names, so the " +
				"result is empty there."),
			"status": filter("Only those in this status, such as `ACTIVE`."),
			"region": instancebase.DataSourceRegionAttribute(),
			"ids": schema.ListAttribute{
				MarkdownDescription: "The ids, in the order of `instances`.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"instances": schema.ListNestedAttribute{
				MarkdownDescription: "The instances, sorted by name and then by id.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: instancebase.DataSourceAttributes(nil)},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *InstancesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model instancesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := d.Client(ctx, model.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	all, err := client.Listed(ctx)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("list", "database instances", err, ""))
		return
	}
	slices.SortFunc(all, func(a, b trove.Instance) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	model.IDs, model.Instances = []string{}, []instancebase.DataSourceModel{}
	for n := range all {
		fits, err := model.fits(ctx, client, &all[n])
		if err != nil {
			resp.Diagnostics.Append(instancebase.APIError("read", "the topology of "+kindName+" "+all[n].ID, err, ""))
			return
		}
		if !fits {
			continue
		}
		view, diags := instancebase.NewDataSourceModel(ctx, client, &all[n])
		resp.Diagnostics.Append(diags...)
		model.IDs, model.Instances = append(model.IDs, all[n].ID), append(model.Instances, view)
	}
	model.Region = tfkit.SettleRegion(model.Region, client.Region())
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// fits reports whether an instance matches the filters. A deleted one does not.
func (m *instancesModel) fits(ctx context.Context, client *operation.Client, i *trove.Instance) (bool, error) {
	if i.Status == trove.StatusDeleted || !strings.HasPrefix(i.Name, m.NamePrefix.ValueString()) {
		return false, nil
	}
	if !m.Datastore.IsNull() && m.Datastore.ValueString() != i.Datastore.Type || !m.Status.IsNull() && m.Status.ValueString() != i.Status {
		return false, nil
	}
	if m.Cluster.IsNull() {
		return true, nil
	}
	// Lists do not include topologies.
	block, err := client.ListedBlock(ctx, i)
	_, name, _ := strings.Cut(block.Cluster(), "/")
	return name == m.Cluster.ValueString(), err
}
