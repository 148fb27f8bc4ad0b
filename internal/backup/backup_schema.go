package backup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const replaces = " A change replaces the backup."
	const unseen = " The API does not return it, so only a change of a value that Terraform set is detected; it replaces the backup."
	text := []validator.String{tfkit.Text{Max: 255, Wordy: true}}
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a backup of an instance. The backup is made when the resource is created, and is kept when the instance is " +
			"deleted. To restore from it, use `restore_from` of `trove_instance`. Destroying the resource deletes the backup.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "The id of the backup.", Computed: true, PlanModifiers: stays},
			"instance_id": schema.StringAttribute{
				MarkdownDescription: "The id of the instance to back up. The provider waits for it if it is busy. An instance makes one backup " +
					"at a time. A change to another member of the same replication set only changes the state. Any other change creates another " +
					"backup and deletes this one, and so does a value that is known only after apply. To keep a backup when its instance is " +
					"replaced, add this attribute to `ignore_changes`.",
				Required:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the backup, at most 255 characters." + replaces,
				Required:            true,
				Validators:          text,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "A description of the backup, at most 255 characters." + replaces,
				Optional:            true,
				Validators:          text,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"parent_id": schema.StringAttribute{
				MarkdownDescription: "The id of the backup that this one is based on. An incremental backup contains what has changed since its " +
					"parent, and cannot be restored without it. With `incremental`, the server chooses the parent. Null for a full backup." + replaces,
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured(),
				},
			},
			"incremental": schema.BoolAttribute{
				MarkdownDescription: "Whether to back up only what has changed since the instance's last completed backup. If there is none, a " +
					"full backup is made. Conflicts with `parent_id`. If one configuration has several backups that are based on each other, " +
					"use `parent_id`, which tells Terraform their order." + unseen,
				Optional:      true,
				Validators:    []validator.Bool{boolvalidator.ConflictsWith(path.MatchRoot("parent_id"))},
				PlanModifiers: []planmodifier.Bool{tfkit.RequiresReplaceIfKnown{}},
			},
			"swift_container": schema.StringAttribute{
				MarkdownDescription: "The Swift container to store the backup in. If omitted, the one of the `trove_backup_strategy` of the instance or of " +
					"the project is used, otherwise the server's default." + unseen,
				Optional:      true,
				Validators:    []validator.String{instancebase.StringCheck("container name", guestrules.CheckContainer)},
				PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}},
			},
			"storage_driver": schema.StringAttribute{
				MarkdownDescription: "How the backup is stored: `swift` (a copy in the object store) or `cinder` (a snapshot of the volume). If omitted, the " +
					"server's default is used. Trove up to release 22 ignores it, and the provider returns a warning." + unseen,
				Optional:      true,
				Validators:    []validator.String{stringvalidator.OneOf(trove.StorageSwift, trove.StorageCinder)},
				PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}},
			},
			"region": tfkit.RegionAttribute("instance", "A change replaces the backup."),
			"status": schema.StringAttribute{MarkdownDescription: "The status that the server last showed, such as `COMPLETED`.", Computed: true, PlanModifiers: stays},
			"size": schema.Float64Attribute{
				MarkdownDescription: "The size of the backup in GB, which is the minimum volume size of an instance that is restored from it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Float64{float64planmodifier.UseStateForUnknown()},
			},
			"location": schema.StringAttribute{MarkdownDescription: "The URL at which the backup is stored (`locationRef`).", Computed: true, PlanModifiers: stays},
			"created":  schema.StringAttribute{MarkdownDescription: "When the backup was started, in UTC (RFC 3339).", Computed: true, PlanModifiers: stays},
			"datastore": schema.SingleNestedAttribute{
				MarkdownDescription: "The datastore of the instance that was backed up.",
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
				CreateDescription: "How long the backup may take, including the wait for a busy instance. Default `4h`.",
				DeleteDescription: "How long the deletion may take. Default `30m`.",
			}),
		},
	}
}
