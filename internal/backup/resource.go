// Package backup holds trove_backup: a backup of an instance, which outlives it.
package backup

import (
	"context"
	"errors"
	"regexp"
	"time"

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

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "backup"

// Default time-outs. Trove itself allows a backup a day.
const (
	createTimeout = 4 * time.Hour
	deleteTimeout = 30 * time.Minute
)

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// wordy is what Trove asks of texts.
var wordy = regexp.MustCompile(`[0-9a-zA-Z]`)

// Resource is trove_backup.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup"
}

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const replaces = " A change makes another backup and deletes this one."
	text := []validator.String{
		stringvalidator.LengthBetween(1, 255),
		stringvalidator.RegexMatches(wordy, "must hold a letter or a digit"),
	}
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
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
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
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
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
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, Delete: true,
				CreateDescription: "How long the backup may take, the waiting for a busy instance included. Default `4h`.",
				DeleteDescription: "How long the deletion may take. Default `30m`.",
			}),
		},
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(_ context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	_, diags := tfkit.CheckPlanState(kindName, req, "id")
	resp.Diagnostics.Append(diags...)
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	created, err := client.CreateBackup(ctx, plan.ToAPI())
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("create", kindName+" "+plan.Name.ValueString(), err, ""))
		return
	}
	resp.Diagnostics.Append(plan.FromAPI(created, client.Region())...)
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	done, err := client.WaitBackup(ctx, created.ID)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("create", plan.displayName(), err,
			"The backup is in the state, marked as tainted: the next apply deletes it and makes another."))
		return
	}
	resp.Diagnostics.Append(instancebase.ReadBackErrors(kindName, instancebase.AfterCreation, plan.FromAPI(done, client.Region()), "The backup is in the state.")...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kindName, req.State.Raw, "id")...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.Client(state.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	b, err := client.Backup(ctx, state.ID.ValueString())
	if errors.Is(err, trove.ErrNotFound) {
		tfkit.RemoveState(ctx, resp)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("read", state.displayName(), err, ""))
		return
	}
	resp.Diagnostics.Append(state.FromAPI(b, client.Region())...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
}

// Update implements resource.Resource. What changes in place is what only the state knows.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "id")...)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	unidentified, diags := tfkit.Unidentified(kindName, req.State.Raw, "id")
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, ctx, cancel := r.Begin(ctx, state.Region, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.DeleteBackup(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(instancebase.APIError("delete", state.displayName(), err, "It stays in the state."))
	}
}
