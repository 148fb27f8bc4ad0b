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
		MarkdownDescription: "Manages a node of a Cassandra cluster (`topology.cassandra`). Use `for_each` to build a whole cluster: one node " +
			"creates it, a seed if there is one, and the others join. Before a node is deleted, it is drained and removed from the ring, and the " +
			"remaining nodes take over its data. If the whole cluster is destroyed, the nodes are only deleted. Replacing a node also drains " +
			"and removes it, so replace nodes one at a time. If a cluster has more nodes than Terraform creates in parallel (10 by default), " +
			"add `depends_on` the seeds to the other nodes, so that a seed creates the cluster. It requires the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: "cassandra"}, map[string]schema.Attribute{
			"cluster_name": schema.StringAttribute{
				MarkdownDescription: "The name of the cluster, unique in the project." + replaces,
				Required:            true,
				Validators:          []validator.String{tfkit.NotEmpty{}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"num_tokens": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("The number of virtual nodes, 1 to %d. It determines the node's share of the data.", topology.MaxNumTokens) + replaces,
				Required:            true,
				PlanModifiers:       []planmodifier.Int64{tfkit.RequiresReplaceIfKnown{}},
			},
			"is_seed": schema.BoolAttribute{
				MarkdownDescription: "Whether the node is a seed, which other nodes contact to join the ring. A cluster of three nodes or more " +
					"needs at least two seeds, and at least one node that is not a seed. The server updates every node when the seeds change." + replaces,
				Required:      true,
				PlanModifiers: []planmodifier.Bool{tfkit.RequiresReplaceIfKnown{}},
			},
			"endpoint_snitch": schema.StringAttribute{
				MarkdownDescription: "How the cluster determines data centers and racks, such as `GossipingPropertyFileSnitch`. Required for " +
					"the first node, which creates the cluster. Nodes that join inherit it, and must not set another one. With `-parallelism=1`, set it for all nodes, or " +
					"add `depends_on` the first node to the others." + replaces,
				Optional:      true,
				Computed:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), tfkit.RequiresReplaceIfKnown{}},
			},
			"auto_bootstrap": schema.BoolAttribute{
				MarkdownDescription: "Whether a joining node takes over its share of the data. Default `false` for seeds, which do not " +
					"bootstrap, and with `join = false`; otherwise `true`." + replaces + " Removing the attribute has no effect.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Bool{unlessSeed{}, tfkit.RequiresReplaceIfKnown{}},
			},
			"seed_provider": schema.StringAttribute{
				MarkdownDescription: "The class that provides the seeds to a node. If omitted, a node that joins uses that of its cluster. Default for a new cluster `" + topology.DefaultSeedProvider + "`." + replaces,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{tfkit.NotEmpty{}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), tfkit.RequiresReplaceIfKnown{}},
			},
			"join":            instancebase.JoinAttribute("cluster"),
			"deletion_policy": instancebase.DeletionPolicyAttribute("ring"),
			"data_center": schema.StringAttribute{
				MarkdownDescription: "The data center, derived from the region. Null if the server does not return it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"rack": schema.StringAttribute{
				MarkdownDescription: "The rack, derived from `availability_zone`. Null if the server does not return it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		}),
	}
}

// unlessSeed is the default of auto_bootstrap: neither seeds nor the first node of a cluster bootstrap. An existing node keeps its value.
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
	first := !join.IsNull() && !join.IsUnknown() && !join.ValueBool()
	switch {
	case first || seed.ValueBool():
		resp.PlanValue = types.BoolValue(false)
	case seed.IsUnknown() || join.IsUnknown():
		resp.PlanValue = types.BoolUnknown()
	default:
		resp.PlanValue = types.BoolValue(true)
	}
}
