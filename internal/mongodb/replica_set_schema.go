package mongodb

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Schema implements resource.Resource.
func (r *ReplicaSetResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const left = " Left alone where it is left out."
	resp.Schema = schema.Schema{
		MarkdownDescription: "The settings of the members of a MongoDB replica set, all in one place: whatever changes goes out as one `update_members`. " +
			"It owns no instance, and destroying it changes nothing on the server. Leave the same settings out of `trove_mongodb_member`, or the two undo each other's changes. " +
			"It takes the topology API.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The name of the replica set.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the replica set (`replSet`). A change replaces the resource, and nothing on the server.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"region": tfkit.RegionAttribute("set", "A change replaces the resource, and nothing on the server."),
			"members": schema.MapNestedAttribute{
				MarkdownDescription: "The settings by the member's instance id. All changes are made in place, in one reconfiguration (`update_members`). Members that are not listed keep theirs.",
				Required:            true,
				Validators:          []validator.Map{mapvalidator.SizeBetween(1, topology.MaxReplicaSetMembers)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"priority": schema.Float64Attribute{
						MarkdownDescription: "How much the member is preferred as primary, 0 to 1000; with 0 it is never elected." + left,
						Optional:            true,
						Validators:          []validator.Float64{float64validator.Between(0, topology.MaxPriority)},
					},
					"hidden": schema.BoolAttribute{
						MarkdownDescription: "Whether clients do not see the member; needs `priority = 0`." + left,
						Optional:            true,
					},
					"secondary_delay_secs": schema.Int64Attribute{
						MarkdownDescription: "By how many seconds the member lags behind on purpose (`slaveDelay`); needs `priority = 0`." + left,
						Optional:            true,
						Validators:          []validator.Int64{int64validator.AtLeast(0)},
					},
					"votes": schema.Int64Attribute{
						MarkdownDescription: "1 or 0: whether the member votes; 0 needs `priority = 0`." + left,
						Optional:            true,
						Validators:          []validator.Int64{int64validator.OneOf(0, 1)},
					},
					"hostname": schema.StringAttribute{
						MarkdownDescription: "The name by which the set knows the member." + left,
						Optional:            true,
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
				}},
			},
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Update: true,
				CreateDescription: "How long the first change may take. Default `60m`.",
				UpdateDescription: "How long a change may take. Default `60m`.",
			}),
		},
	}
}
