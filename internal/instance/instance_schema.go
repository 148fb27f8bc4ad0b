package instance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
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
		MarkdownDescription: "Manages a standalone database server, or the source of replicas that `trove_mysql_replica` or `trove_replica` " +
			"manage. Destroying the resource deletes the server with all its data; its backups stay. A source is deleted after the replicas " +
			"that the same apply deletes. If other replicas remain, the server refuses to delete it, and the error lists them.\n\n" +
			"Trove can also create databases and users with an instance, but does not return them. Declare them as `trove_database` and `trove_user` " +
			"instead, which change in place, can be imported, and wait for the instance.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{}, map[string]schema.Attribute{
			"locality": schema.StringAttribute{
				MarkdownDescription: "Where to place the replicas of this instance: with `affinity` on the same host as the instance, with `anti-affinity` each " +
					"on a different host. If the cloud cannot do so, their creation fails. `soft-affinity` and `soft-anti-affinity` are only preferences, " +
					"and require Trove 23 or later. It applies to all replicas that are created later, even if another member has become the source. A " +
					"replica cannot set its own. Used only at creation: a change replaces the instance. Adding it to an existing instance, or " +
					"removing it, has no effect.",
				Optional:      true,
				Validators:    []validator.String{stringvalidator.OneOf("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")},
				PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}, tfkit.ProviderSideOnly{}},
			},
			"restore_from": schema.StringAttribute{
				MarkdownDescription: "The id of a backup to restore into the new instance (`restorePoint.backupRef`). The provider waits for a " +
					"backup that is still running. The backup must be of the same datastore type, and the volume must be large enough. The " +
					"backup includes databases and users; import those that you declare. Used only at creation, and the API does not return " +
					"it: another backup replaces the instance. Adding the attribute to an existing instance, such as an imported one, or " +
					"removing it has no effect.",
				Optional:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}, tfkit.ProviderSideOnly{}},
			},
		}),
	}
}
