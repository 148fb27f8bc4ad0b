package mongodb

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
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
	const left = " If omitted, the setting is not managed."
	settings := map[string]schema.Attribute{}
	for _, a := range memberSettings {
		settings[a.attribute] = a.attributeOf(a.description+"."+left, false)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the settings of all members of a MongoDB replica set in one place. All changes are sent as one " +
			"`update_members`. The resource owns no instance, and destroying it changes nothing on the server. Do not set the same settings in " +
			"`trove_mongodb_member`, or the two resources will undo each other's changes. It requires the topology API.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The name of the replica set.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the replica set (`replSet`). A change replaces the resource, and changes nothing on the " +
					"server.",
				Required:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"region": tfkit.RegionAttribute("set", "A change replaces the resource, and changes nothing on the server."),
			"members": schema.MapNestedAttribute{
				MarkdownDescription: "The settings, by the instance id of the member. All changes are made in place, in one reconfiguration " +
					"(`update_members`). Members that are not listed keep their settings.",
				Required:     true,
				Validators:   []validator.Map{mapvalidator.SizeBetween(1, topology.MaxReplicaSetMembers)},
				NestedObject: schema.NestedAttributeObject{Attributes: settings},
			},
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Update: true,
				CreateDescription: "How long the first change may take. Default `60m`.",
				UpdateDescription: "How long a change may take. Default `60m`.",
			}),
		},
	}
}
