package backupstrategy

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	shown := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description, Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a backup strategy: the Swift container into which backups of an instance, or of all instances of the project, go that " +
			"name no container themselves. Backups that exist are not moved. Destroying the resource deletes the strategy, but no backup. Trove keeps " +
			"the strategy of an instance when that is deleted.",
		Attributes: map[string]schema.Attribute{
			"id": shown("The id of the instance, or `project` for the strategy of the project."),
			"instance_id": schema.StringAttribute{
				MarkdownDescription: "The id of the instance. If omitted, the strategy is of all instances of the project that have none of their own. " +
					"A change replaces the strategy.",
				Optional:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"swift_container": schema.StringAttribute{
				MarkdownDescription: "The name of the container, at most 255 characters, each a letter, a digit or one of `_@%+=:,.-`. Changed in place.",
				Required:            true,
				Validators:          []validator.String{instancebase.StringCheck("container name", guestrules.CheckContainer)},
			},
			"backend": shown("Where the backups are stored, such as `swift`."),
			"region":  tfkit.RegionAttribute("backup strategy", "A change replaces the strategy."),
		},
	}
}
