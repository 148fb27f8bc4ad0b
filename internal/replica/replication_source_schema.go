package replica

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Schema implements resource.Resource.
func (r *SourceResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages which member of a replication set is the source. A change of `source_id` switches over in place " +
			"(`promote_to_replica_source`): the old source and all other replicas then replicate from the new source, and the provider waits " +
			"for every member. A switchover outside of Terraform shows as a change of `source_id` in the plan, which switches back.\n\nThe " +
			"resource owns no instance, and destroying it changes nothing on the server. The replicas (`trove_replica`, `trove_mysql_replica`) " +
			"plan no change after a switchover.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The id of one of the members. A switchover does not change it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"members": schema.SetAttribute{
				MarkdownDescription: "The ids of all instances of the set, including the source. They must belong to one set. Changed in place. " +
					"A change adds or removes no replica on the server; use `trove_replica` or `trove_mysql_replica` for that.",
				ElementType: types.StringType,
				Required:    true,
				Validators:  []validator.Set{setvalidator.SizeAtLeast(2), setvalidator.ValueStringsAre(tfkit.NotEmpty{})},
			},
			"source_id": schema.StringAttribute{
				MarkdownDescription: "The id of the member that must be the source. A change switches over in place, during which writes are " +
					"refused for a moment.",
				Required:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
			},
			"eject_dead_source": schema.StringAttribute{
				MarkdownDescription: "Consent to remove a dead source from the set (`eject_replica_source`): today's date in UTC, such as " +
					"`2026-11-22`. Writes that were not yet replicated are lost. It is used only if `source_id` changes and the current source " +
					"is dead, which means that it sends no heartbeats (`operating_status` ERROR) or has failed. With any other date nothing is " +
					"ejected. The server chooses the replica with the most recent data as the source. If that is not `source_id`, a switchover " +
					"follows. The old source is standalone afterwards. A change of the date alone changes nothing; you can remove or keep the " +
					"attribute.",
				Optional: true,
			},
			"roles": schema.MapAttribute{
				MarkdownDescription: "The current role of each of the `members`, by its id: `source`, `replica`, or `none` for an instance that " +
					"is standalone or belongs to another set.",
				ElementType: types.StringType,
				Computed:    true,
			},
			"region": tfkit.RegionAttribute("set", "A change replaces the resource, and changes nothing on the server."),
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Update: true,
				CreateDescription: "How long the first switchover may take. Default `60m`.",
				UpdateDescription: "How long a switchover may take. Default `60m`.",
			}),
		},
	}
}
