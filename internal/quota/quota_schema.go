package quota

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	most := func(of string) schema.Int64Attribute {
		return schema.Int64Attribute{
			MarkdownDescription: "The maximum " + of + "; `-1` is no limit. If omitted, it is left as it is. Changed in place.",
			Optional:            true, Computed: true,
			Validators:    []validator.Int64{int64validator.AtLeast(trove.QuotaUnlimited)},
			PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the quotas of a project. For operators: Trove allows it only to users with the role `admin`. Every project has quotas, so " +
			"creating the resource changes them; use one resource for each project. Trove does not check that the project exists, and takes a limit below " +
			"what is in use: it refuses only what comes on top. Destroying the resource leaves the quotas as they are, with a warning, because Trove cannot " +
			"set them back to their defaults.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The id of the project.", Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"project_id": schema.StringAttribute{
				MarkdownDescription: "The id of the project. A change replaces the resource, and leaves the quotas of the old project as they are.",
				Required:            true,
				Validators:          []validator.String{tfkit.NotEmpty{}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"instances": most("number of instances"),
			"volume_gb": most("size of all volumes together, in GB (`volumes`)"),
			"backups":   most("number of backups"),
			"ram":       most("memory of all instances together, in MB"),
			"region":    tfkit.RegionAttribute("quotas", "A change replaces the resource, and leaves the quotas in the old region as they are."),
		},
	}
}
