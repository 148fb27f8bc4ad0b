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
		MarkdownDescription: "Manages a configuration group: database settings that an instance uses when `configuration_id` names the group. A " +
			"change of the values is applied to every attached instance. Trove does not delete a group that is attached. Destroying the " +
			"resource waits for instances that are being deleted or detached, and returns an error that lists the instances that stay attached.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "The id of the group.", Computed: true, PlanModifiers: stays},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the group, at most 255 characters. It does not have to be unique. Changed in place.",
				Required:            true,
				Validators:          text,
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "The description of the group, at most 255 characters. Changed in place. If omitted, the current " +
					"description stays, because Trove cannot clear it.",
				Optional:   true,
				Computed:   true,
				Validators: text,
			},
			"region": tfkit.RegionAttribute("group", "A change replaces the group."),
			"datastore": schema.SingleNestedAttribute{
				MarkdownDescription: "The datastore version that the group is for. Trove attaches the group only to instances of this version. " +
					"A change replaces the group. If the group is attached, this requires `lifecycle { create_before_destroy = true }`.",
				Required: true,
				Attributes: map[string]schema.Attribute{
					"type": schema.StringAttribute{
						MarkdownDescription: "The type of the datastore, such as `mysql`, or its id. Another datastore replaces the group.",
						Required:            true,
						Validators:          []validator.String{tfkit.NotEmpty{}},
						PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
					},
					"version": schema.StringAttribute{
						MarkdownDescription: "The name of the version, such as `mysql-5.7`, or its id. If omitted, the server's default at " +
							"creation is used. Another version replaces the group.",
						Optional:      true,
						Computed:      true,
						Validators:    []validator.String{tfkit.NotEmpty{}},
						PlanModifiers: []planmodifier.String{instancebase.KeepVersionOfType(), stringplanmodifier.RequiresReplace()},
					},
				},
			},
			"values": schema.MapAttribute{
				MarkdownDescription: "The settings by parameter (`values`), such as `{ max_connections = 200, autocommit = true, " +
					"long_query_time = 1.5 }`; the data source `trove_datastore_version` lists the parameters. The plan checks each value " +
					"against that list. Changed in place: the map holds all settings of the group. After a change, Trove applies the whole " +
					"group again to the attached instances. If the group has a parameter that takes effect only when the database starts, these " +
					"instances show `RESTART_REQUIRED` until they are restarted, and the plan warns about it. Trove never returns the values of " +
					"parameters whose names contain `password`, `token` or similar. Changes of such values outside of Terraform are not " +
					"detected. An import returns `***` for them; replace it with the value before you change the group.",
				ElementType: types.StringType,
				Required:    true,
				Validators:  []validator.Map{mapvalidator.NoNullValues(), mapvalidator.KeysAre(tfkit.NotEmpty{})},
			},
			"created":             schema.StringAttribute{MarkdownDescription: "When the group was created, in UTC (RFC 3339).", Computed: true, PlanModifiers: stays},
			"updated":             schema.StringAttribute{MarkdownDescription: "When the group was last changed, in UTC (RFC 3339).", Computed: true},
			"deletion_protection": instancebase.DeletionProtectionAttribute("group"),
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Update: true, Delete: true,
				CreateDescription: "How long a creation may take. Default `10m`.",
				UpdateDescription: "How long a change may take, including the wait for the attached instances. Default `60m`.",
				DeleteDescription: "How long the deletion may take, including the wait for instances to be deleted or detached. Default `60m`.",
			}),
		},
	}
}
