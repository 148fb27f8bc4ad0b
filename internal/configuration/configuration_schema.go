package configuration

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	text := []validator.String{tfkit.Text{Max: 255, Wordy: true}}
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A configuration group: settings of a database that instances take over by naming it in `configuration_id`. " +
			"A change of its values reaches every instance that it is attached to. Trove deletes none that is attached: destroying it waits for instances that are " +
			"being deleted or detached, and names those that stay.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "The id of the group.", Computed: true, PlanModifiers: stays},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the group, at most 255 characters; it need not be the only one of that name. Changed in place.",
				Required:            true,
				Validators:          text,
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "What the group is for, at most 255 characters. Changed in place; where it is left out it stays as it is, since " +
					"Trove cannot empty it.",
				Optional:   true,
				Computed:   true,
				Validators: text,
			},
			"region": tfkit.RegionAttribute("group", "A change replaces the group."),
			"datastore": schema.SingleNestedAttribute{
				MarkdownDescription: "The datastore version whose instances the group is for; Trove attaches it to no others. A change replaces the " +
					"group: where it is attached, that takes `lifecycle { create_before_destroy = true }`.",
				Required: true,
				Attributes: map[string]schema.Attribute{
					"type": schema.StringAttribute{
						MarkdownDescription: "The type of the datastore, such as `mysql`, or its id. Another datastore replaces the group.",
						Required:            true,
						Validators:          []validator.String{tfkit.NotEmpty{}},
						PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
					},
					"version": schema.StringAttribute{
						MarkdownDescription: "The name or id of the version, such as `mysql-5.7`; the server's default at creation where it is left out. " +
							"Another version replaces the group.",
						Optional:      true,
						Computed:      true,
						Validators:    []validator.String{tfkit.NotEmpty{}},
						PlanModifiers: []planmodifier.String{instancebase.KeepVersionOfType(), stringplanmodifier.RequiresReplace()},
					},
				},
			},
			"values": schema.MapAttribute{
				MarkdownDescription: "The settings by parameter (`values`), such as `{ max_connections = 200, autocommit = true, long_query_time = 1.5 }`; " +
					"the data source `trove_datastore_version` lists the parameters. Each is checked at plan time against that list, and sent in the " +
					"type that it has there. Changed in place: these are all the settings that the group has. Trove applies the whole group anew to the " +
					"instances that it is attached to; where it holds a parameter that takes effect only when the database starts, they show " +
					"`RESTART_REQUIRED` until they are restarted, and the plan warns of that. Trove never shows the values of parameters whose names " +
					"hold `password`, `token` or the like: changes of those behind Terraform's back are not seen, and an import has `***` for them, which must " +
					"become the value itself before anything of the group is changed.",
				ElementType: types.StringType,
				Required:    true,
				Validators:  []validator.Map{mapvalidator.NoNullValues(), mapvalidator.KeysAre(tfkit.NotEmpty{})},
			},
			"created":             schema.StringAttribute{MarkdownDescription: "When the group was created, in UTC (RFC 3339).", Computed: true, PlanModifiers: stays},
			"updated":             schema.StringAttribute{MarkdownDescription: "When the group was last changed, in UTC (RFC 3339).", Computed: true},
			"deletion_protection": instancebase.DeletionProtectionAttribute("group"),
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Update: true, Delete: true,
				CreateDescription: "How long a creation may take, such as `10m`. Default `10m`.",
				UpdateDescription: "How long a change may take, the waiting for the instances that it reaches included. Default `60m`.",
				DeleteDescription: "How long the deletion may take, the waiting for instances to be deleted or detached included. Default `60m`.",
			}),
		},
	}
}
