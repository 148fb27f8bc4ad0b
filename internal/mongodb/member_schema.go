package mongodb

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Schema implements resource.Resource.
func (r *MemberResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const batched = " Changed in place: changes to several members of a set in one apply go out as one `update_members`. Left alone where it is left out."
	resp.Schema = schema.Schema{
		MarkdownDescription: "A member or an arbiter of a MongoDB replica set (`topology.mongodb`). A plain `for_each` builds a whole set: one " +
			"member founds it, the others join. Before a member is deleted it leaves the set, unless the whole set goes. It takes the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: "mongodb"}, map[string]schema.Attribute{
			"replica_set": schema.StringAttribute{
				MarkdownDescription: "The name of the replica set (`replSet`), unique in the project. A change replaces the member.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "`member`, or `arbiter`, which votes and holds no data. Default `member`. A change replaces the member.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(topology.TypeMember),
				Validators:          []validator.String{stringvalidator.OneOf(topology.TypeMember, topology.TypeArbiter)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"join": instancebase.JoinAttribute("set"),
			"priority": schema.Float64Attribute{
				MarkdownDescription: "How much the member is preferred as primary, 0 to 1000; with 0 it is never elected. The server's default is 1." + batched,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.Float64{float64validator.Between(0, topology.MaxPriority)},
				PlanModifiers:       []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
			},
			"hidden": schema.BoolAttribute{
				MarkdownDescription: "Whether clients do not see the member; needs `priority = 0`. The server's default is `false`." + batched,
				Optional:            true,
				Computed:            true,
				PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"secondary_delay_secs": schema.Int64Attribute{
				MarkdownDescription: "By how many seconds the member lags behind on purpose (`slaveDelay`); needs `priority = 0`. The server's default is 0." + batched,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"votes": schema.Int64Attribute{
				MarkdownDescription: "1 or 0: whether the member votes; 0 needs `priority = 0`. The server's default is 1." + batched,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.Int64{int64validator.OneOf(0, 1)},
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"hostname": schema.StringAttribute{
				MarkdownDescription: "The name by which the set knows the member; the instance's DNS name, where the cloud gives one, where it is left out." + batched,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		}),
	}
}
