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
		MarkdownDescription: "Which member of a replication set is the source. Changing `source_id` switches over in place (`promote_to_replica_source`): the " +
			"old source and all other replicas replicate from the new one afterwards, and every member is waited for. A switchover by somebody else shows " +
			"as a change of `source_id` in the plan, which switches back.\n\n" +
			"It owns no instance, and destroying it changes nothing on the server. The replicas themselves (`trove_replica`, `trove_mysql_replica`) plan " +
			"nothing when roles move.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The id of one of the members, which stays whoever is the source.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"members": schema.SetAttribute{
				MarkdownDescription: "The ids of the instances that make up the set, the source included. They must belong to one set. Changed in place: members " +
					"join and leave a set by `trove_replica`, and here is only said who they are.",
				ElementType: types.StringType,
				Required:    true,
				Validators:  []validator.Set{setvalidator.SizeAtLeast(2), setvalidator.ValueStringsAre(tfkit.NotEmpty{})},
			},
			"source_id": schema.StringAttribute{
				MarkdownDescription: "The id of the member that is to be the source. A change switches over in place, once; writes are refused for a moment.",
				Required:            true,
				Validators:          []validator.String{tfkit.NotEmpty{}},
			},
			"eject_dead_source": schema.StringAttribute{
				MarkdownDescription: "Consent to take a dead source out of the set (`eject_replica_source`), as today's date in UTC, such as `2026-11-22`: what was " +
					"written and not yet replicated is lost. It counts only where `source_id` is to change and the present source is dead, which is when it sends no " +
					"heartbeats (`operating_status` ERROR) or has failed; on any other day nothing is ejected. The server makes the replica that is furthest ahead the " +
					"source, and where that is another than `source_id`, a switchover follows. The old source stands alone afterwards: nothing replicates to it or " +
					"from it. A change of the date alone changes nothing: take it out, or leave it, when it is done.",
				Optional: true,
			},
			"roles": schema.MapAttribute{
				MarkdownDescription: "What each of the `members` is now, by its id: `source`, `replica`, or `none` for one that stands alone or belongs to another set.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"region": tfkit.RegionAttribute("set", "A change replaces the resource, which changes nothing on the server."),
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Update: true,
				CreateDescription: "How long the first switchover may take. Default `60m`.",
				UpdateDescription: "How long a switchover may take. Default `60m`.",
			}),
		},
	}
}
