package backup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const replaces = " A change makes another backup and deletes this one."
	text := []validator.String{tfkit.Text{Max: 255, Wordy: true}}
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A backup of an instance as it is when the resource is created. It outlives the instance, and `trove_instance` restores from " +
			"it by `restore_from`. Destroying the resource deletes the backup.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "The id of the backup.", Computed: true, PlanModifiers: stays},
			"instance_id": schema.StringAttribute{
				MarkdownDescription: "The id of the instance to back up. It is waited for while it is busy, and takes one backup at a time." + replaces +
					" To keep a backup when its instance is replaced, put this into `ignore_changes`.",
				Required:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the backup, at most 255 characters." + replaces,
				Required:            true,
				Validators:          text,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "A text, at most 255 characters." + replaces,
				Optional:            true,
				Validators:          text,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"parent_id": schema.StringAttribute{
				MarkdownDescription: "The id of the backup that this one stands on: it holds what has changed since, and cannot be restored without it. " +
					"Found out by the server with `incremental`; null of a full backup." + replaces,
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured(),
				},
			},
			"incremental": schema.BoolAttribute{
				MarkdownDescription: "Whether to back up only what has changed since the instance's last backup that completed; a full backup where there is " +
					"none. Not together with `parent_id`, which is better where backups of one configuration stand on each other: it tells Terraform their " +
					"order. The API does not return it, so a change is only seen where Terraform set it; then it makes another backup and deletes this one.",
				Optional:      true,
				Validators:    []validator.Bool{boolvalidator.ConflictsWith(path.MatchRoot("parent_id"))},
				PlanModifiers: []planmodifier.Bool{tfkit.RequiresReplaceIfKnown{}},
			},
			"region": tfkit.RegionAttribute("instance", "A change makes another backup and deletes this one."),
			"status": schema.StringAttribute{MarkdownDescription: "The status that the server last showed, such as `COMPLETED`.", Computed: true, PlanModifiers: stays},
			"size": schema.Float64Attribute{
				MarkdownDescription: "The size of the backup, in GB: the least volume that it can be restored to.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
			},
			"location": schema.StringAttribute{MarkdownDescription: "The URL at which the backup is stored (`locationRef`).", Computed: true, PlanModifiers: stays},
			"created":  schema.StringAttribute{MarkdownDescription: "When the backup was begun, in UTC (RFC 3339).", Computed: true, PlanModifiers: stays},
			"datastore": schema.SingleNestedAttribute{
				MarkdownDescription: "What was backed up.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
				Attributes: map[string]schema.Attribute{
					"type":    schema.StringAttribute{MarkdownDescription: "The datastore's type, such as `mysql`.", Computed: true},
					"version": schema.StringAttribute{MarkdownDescription: "The name of its version.", Computed: true},
				},
			},
			"deletion_protection": instancebase.DeletionProtectionAttribute("backup"),
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Delete: true,
				CreateDescription: "How long the backup may take, the waiting for a busy instance included. Default `4h`.",
				DeleteDescription: "How long the deletion may take. Default `30m`.",
			}),
		},
	}
}
