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
			"Trove can also make databases and users together with an instance. It does not show which, and cannot make them again, so declare them as " +
			"`trove_database` and `trove_user`, which change in place, can be imported, and wait for the instance.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{}, map[string]schema.Attribute{
			"locality": schema.StringAttribute{
				MarkdownDescription: "Where the replicas of this instance are placed: `affinity` on the same host as the instance, `anti-affinity` on other " +
					"hosts, each on its own; if the cloud cannot do so, their creation fails. `soft-affinity` and `soft-anti-affinity` only " +
					"prefer it, and require Trove 23 or later. It applies to all replicas made later, also of a replica that has become the source; a " +
					"replica itself cannot have another. Used only at creation: a change replaces the instance. Adding it to an existing instance, or " +
					"removing it, has no effect.",
				Optional:      true,
				Validators:    []validator.String{stringvalidator.OneOf("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")},
				PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}, tfkit.ProviderSideOnly{}},
			},
			"restore_from": schema.StringAttribute{
				MarkdownDescription: "The id of a backup to restore into the new instance (`restorePoint.backupRef`). The provider waits for a " +
					"backup that is still being made. The backup must be of the same datastore type, and the volume must be large enough. The " +
					"backup brings its databases and users; import those that you declare. Used only at creation, and the API does not return " +
					"it: another backup replaces the instance. Adding the attribute to an existing instance, such as an imported one, or " +
					"removing it has no effect.",
				Optional:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}, tfkit.ProviderSideOnly{}},
			},
		}),
	}
}
