package mongodb

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Schema implements resource.Resource.
func (r *MemberResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const batched = " Changed in place: changes to several members of a set in one apply are sent as one `update_members`. If omitted, the " +
		"setting is not managed."
	own := map[string]schema.Attribute{
		"replica_set": schema.StringAttribute{
			MarkdownDescription: "The name of the replica set (`replSet`), unique in the project. A change replaces the member.",
			Required:            true,
			Validators:          []validator.String{tfkit.NotEmpty{}},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"type": schema.StringAttribute{
			MarkdownDescription: "The type of the member: `member`, or `arbiter`, which votes and holds no data. Default `member`. A change " +
				"replaces the member.",
			Optional:      true,
			Computed:      true,
			Default:       stringdefault.StaticString(topology.TypeMember),
			Validators:    []validator.String{tfkit.NotEmpty{}},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"join":            instancebase.JoinAttribute("set"),
		"deletion_policy": instancebase.DeletionPolicyAttribute("set"),
	}
	for _, a := range memberSettings {
		own[a.attribute] = a.attributeOf(a.description+a.memberDefault+batched, true)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a member or an arbiter of a MongoDB replica set (`topology.mongodb`). Use `for_each` to build a whole " +
			"set: one member creates it, and the others join. Before a member is deleted, it is removed from the set. If the whole set is " +
			"destroyed, the members are only deleted. It requires the topology API.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: "mongodb"}, own),
	}
}
