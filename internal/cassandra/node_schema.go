package cassandra

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Schema implements resource.Resource.
func (r *NodeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const replaces = " A change replaces the node."
	resp.Schema = schema.Schema{
		MarkdownDescription: "A node of a Cassandra cluster (`topology.cassandra`). A plain `for_each` builds a whole cluster: one node founds it, a seed " +
			"where there is one, the others join. Before a node is deleted it is drained and leaves the ring, and the nodes that stay take over its data, " +
			"unless the whole cluster goes. A change that replaces a node does the same, so replace nodes one at a time. Where a cluster has more nodes " +
			"than Terraform creates at a time, which are ten, let the others depend on the seeds (`depends_on`), so that a seed founds it. Its own " +
			"attributes have the names that the API gives them. It takes the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: "cassandra"}, map[string]schema.Attribute{
			"cluster_name": schema.StringAttribute{
				MarkdownDescription: "The name of the cluster, unique in the project." + replaces,
				Required:            true,
				Validators:          []validator.String{tfkit.NotEmpty{}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"num_tokens": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How many virtual nodes the node has, 1 to %d: its share of the data, beside that of the others.", topology.MaxNumTokens) + replaces,
				Required:            true,
				PlanModifiers:       []planmodifier.Int64{tfkit.RequiresReplaceIfKnown{}},
			},
			"is_seed": schema.BoolAttribute{
				MarkdownDescription: "Whether the node is a seed, by which nodes find the ring. A cluster of three nodes or more needs two seeds, and nodes that are none; " +
					"the server tells every node when the seeds change." + replaces,
				Required:      true,
				PlanModifiers: []planmodifier.Bool{tfkit.RequiresReplaceIfKnown{}},
			},
			"endpoint_snitch": schema.StringAttribute{
				MarkdownDescription: "How the cluster knows data centers and racks, such as `GossipingPropertyFileSnitch`. The node that founds the cluster needs it; " +
					"those that join inherit it, and may name no other." + replaces,
				Optional:      true,
				Computed:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), tfkit.RequiresReplaceIfKnown{}},
			},
			"auto_bootstrap": schema.BoolAttribute{
				MarkdownDescription: "Whether a node that joins takes over its share of the data. Default `false` for seeds, which do not bootstrap, and with `join = false`, " +
					"else `true`." + replaces + " Taking it out changes nothing.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Bool{unlessSeed{}, tfkit.RequiresReplaceIfKnown{}},
			},
			"seed_provider": schema.StringAttribute{
				MarkdownDescription: "The class that tells a node its seeds. The server's default is `" + topology.DefaultSeedProvider + "`." + replaces,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{tfkit.NotEmpty{}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), tfkit.RequiresReplaceIfKnown{}},
			},
			"join": instancebase.JoinAttribute("cluster"),
			"data_center": schema.StringAttribute{
				MarkdownDescription: "The data center, which comes from the region, where the server shows it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"rack": schema.StringAttribute{
				MarkdownDescription: "The rack, which comes from `availability_zone`, where the server shows it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		}),
	}
}

// unlessSeed is the default of auto_bootstrap: seeds do not bootstrap, nor does a node that founds. What the node has, stays.
type unlessSeed struct{}

// Description implements planmodifier.Describer.
func (unlessSeed) Description(context.Context) string { return "defaults to true, to false for seeds" }

// MarkdownDescription implements planmodifier.Describer.
func (u unlessSeed) MarkdownDescription(ctx context.Context) string { return u.Description(ctx) }

// PlanModifyBool implements planmodifier.Bool.
func (unlessSeed) PlanModifyBool(ctx context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	if !req.ConfigValue.IsNull() {
		return
	}
	var seed, join types.Bool
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("is_seed"), &seed)...)
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("join"), &join)...)
	if !req.State.Raw.IsNull() {
		var was types.Bool
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("is_seed"), &was)...)
		if !tfkit.SetAndChanged(was, seed) {
			resp.PlanValue = req.StateValue
			return
		}
	}
	founds := !join.IsNull() && !join.IsUnknown() && !join.ValueBool()
	switch {
	case founds || seed.ValueBool():
		resp.PlanValue = types.BoolValue(false)
	case seed.IsUnknown() || join.IsUnknown():
		resp.PlanValue = types.BoolUnknown()
	default:
		resp.PlanValue = types.BoolValue(true)
	}
}
