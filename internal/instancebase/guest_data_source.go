package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// GuestFilter is embedded by the models of data sources that list objects within one instance.
type GuestFilter struct {
	InstanceID types.String `tfsdk:"instance_id"`
	NamePrefix types.String `tfsdk:"name_prefix"`
	Region     types.String `tfsdk:"region"`
}

// GuestFilterAttributes returns the attributes of GuestFilter with those of the data source itself; plural is what is listed.
func GuestFilterAttributes(plural string, own map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"instance_id": schema.StringAttribute{
			MarkdownDescription: "The id of the instance, a MySQL, MariaDB or PostgreSQL server. It means the replication set of the instance: on a replica, the " +
				plural + " of its source are listed.",
			Required:   true,
			Validators: []validator.String{tfkit.NotEmpty{}},
		},
		"name_prefix": schema.StringAttribute{
			MarkdownDescription: "Only those whose name starts with this prefix.",
			Optional:            true,
			Validators:          []validator.String{tfkit.NotEmpty{}},
		},
		"region": DataSourceRegionAttribute(),
	}
	for name, a := range own {
		attributes[name] = a
	}
	return attributes
}

// Begin gives the data source its client and a context with the timeout of a read, and fills in its region. It reports errors in diags;
// cancel is never nil.
func (f *GuestFilter) Begin(ctx context.Context, d *DataSource, diags *diag.Diagnostics) (*operation.Client, context.Context, context.CancelFunc) {
	client, found := d.Client(ctx, f.Region)
	diags.Append(found...)
	if !found.HasError() {
		f.Region = tfkit.SettleRegion(f.Region, client.Region())
	}
	ctx, cancel := context.WithTimeout(ctx, GuestReadTimeout)
	return client, ctx, cancel
}

// ListError returns the diagnostic for a failed list of objects within the instance; plural is what was listed.
func (f *GuestFilter) ListError(plural string, err error) diag.Diagnostic {
	id := f.InstanceID.ValueString()
	if missing := MissingInstance(err, id); missing != "" {
		return diag.NewAttributeErrorDiagnostic(path.Root("instance_id"), "Unknown instance", missing)
	}
	return APIErrorAt(path.Root("instance_id"), "list", "the "+plural+" of instance "+id, err, "")
}
