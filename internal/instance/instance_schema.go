package instance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A database server that stands alone, or the source of replicas: `trove_mysql_replica` and `trove_replica` name it in `replica_of`. " +
			"Destroying it deletes the server with all its data; its backups stay. A source goes after the replicas of the same apply; while it has others, the " +
			"server refuses, and the error names them.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{}, map[string]schema.Attribute{
			"restore_from": schema.StringAttribute{
				MarkdownDescription: "The id of a backup whose contents the new instance gets (`restorePoint.backupRef`); one that is still being made is " +
					"waited for. Its datastore must be of the same type, and the volume large enough. Databases and users come with it: import those that you " +
					"declare. It matters at creation alone, and the API does " +
					"not return it: another backup replaces the instance; adding the attribute to an instance that exists, such as an imported one, or " +
					"taking it out changes nothing.",
				Optional:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}, tfkit.ProviderSideOnly{}},
			},
		}),
	}
}
