// Package database holds trove_database: a database (schema) within a MySQL or MariaDB instance.
package database

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
)

const kindName = "database"

// Resource is trove_database.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// model is one trove_database.
type model struct {
	instancebase.GuestObjectModel
	Name         types.String `tfsdk:"name"`
	CharacterSet types.String `tfsdk:"character_set"`
	Collate      types.String `tfsdk:"collate"`
}

func (m *model) displayName() string {
	return "database " + m.Name.ValueString() + " on instance " + m.InstanceID.ValueString()
}

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_database"
}

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const unseen = " The API does not return it, so a change is only seen where Terraform set it; then it replaces the database, with all data in it."
	resp.Schema = schema.Schema{
		MarkdownDescription: "A database (schema) within a MySQL or MariaDB instance. Trove has no such calls for other datastores. " +
			"Destroying it drops the database with all data in it.",
		Attributes: instancebase.GuestObjectAttributes(ctx, "`instance_id/name`.", map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the database: 2 to 64 letters, digits, `_` and `-`, and not one of Trove's own (`mysql`, " +
					"`information_schema`, `performance_schema`, `sys`). A change replaces the database, with all data in it.",
				Required:      true,
				Validators:    []validator.String{instancebase.StringCheck("database name", guestrules.CheckDatabaseName)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"character_set": schema.StringAttribute{
				MarkdownDescription: "The character set, such as `utf8mb4`; the server's default where it is left out." + unseen,
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 255)},
				PlanModifiers:       []planmodifier.String{tfkit.RequiresReplaceIfKnown{}},
			},
			"collate": schema.StringAttribute{
				MarkdownDescription: "The collation, such as `utf8mb4_unicode_ci`; the character set's default where it is left out." + unseen,
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 255)},
				PlanModifiers:       []planmodifier.String{tfkit.RequiresReplaceIfKnown{}},
			},
		}),
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	identified, diags := tfkit.CheckPlanState(kindName, req, "instance_id", "name")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[model](ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || state == nil || plan == nil || !state.InstanceID.Equal(plan.InstanceID) || !state.Name.Equal(plan.Name) {
		return
	}
	for name, values := range map[string][2]types.String{"character_set": {state.CharacterSet, plan.CharacterSet}, "collate": {state.Collate, plan.Collate}} {
		if values[0].IsNull() && !values[1].IsNull() {
			resp.Diagnostics.AddAttributeWarning(path.Root(name), "A database that exists is not changed", "Trove neither shows the "+name+
				" of a database nor changes it: what is written here is only noted in the state. Where the database has another, change it in SQL, or replace it.")
		}
	}
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Create, instancebase.GuestTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	plan.SetComputed(client, plan.Name.ValueString())
	wanted := trove.Database{Name: plan.Name.ValueString(), CharacterSet: plan.CharacterSet.ValueString(), Collate: plan.Collate.ValueString()}
	err := client.CreateDatabase(ctx, plan.InstanceID.ValueString(), wanted, func() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
	})
	if err != nil {
		resp.Diagnostics.Append(instancebase.GuestCreateError(plan.displayName(), "trove_database.NAME", plan.ID.ValueString(), err))
	}
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kindName, req.State.Raw, "instance_id", "name")...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, ctx, cancel := r.Begin(ctx, state.Region, state.Timeouts.Read, instancebase.GuestReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	there, err := client.HasDatabase(ctx, state.InstanceID.ValueString(), state.Name.ValueString())
	if err != nil {
		gone, diags := instancebase.GuestReadError(state.displayName(), err)
		resp.Diagnostics.Append(diags...)
		there = !gone
	}
	if !there {
		tfkit.RemoveState(ctx, resp)
		return
	}
	state.SetComputed(client, state.Name.ValueString())
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
}

// Update implements resource.Resource. What changes in place is what only the state knows.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "instance_id", "name")...)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Client(plan.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.SetComputed(client, plan.Name.ValueString())
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	unidentified, diags := tfkit.Unidentified(kindName, req.State.Raw, "instance_id", "name")
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, ctx, cancel := r.Begin(ctx, state.Region, state.Timeouts.Delete, instancebase.GuestTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.DeleteDatabase(ctx, state.InstanceID.ValueString(), state.Name.ValueString()); err != nil {
		resp.Diagnostics.Append(instancebase.GuestDeleteError(state.displayName(), err))
	}
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"instance_id": {Description: "The id of the instance.", RequiredForImport: true},
		"name":        {Description: "The name of the database.", RequiredForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by instance_id/name, or by identity.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, "a database", req, func(id string) (map[string]string, error) {
		instance, name, ok := strings.Cut(id, "/")
		if !ok || instance == "" || name == "" {
			return nil, errors.New("a database is imported by instance_id/name")
		}
		return map[string]string{"instance_id": instance, "name": name}, nil
	})
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.Import(ctx, asked, req, resp)
	}
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	type old struct{ ID string }
	return []resource.StateMover{instancebase.MoveFromOpenStack("openstack_db_database_v1", func(ctx context.Context, from old, state *tfsdk.State) diag.Diagnostics {
		_, _, diags := instancebase.MoveGuestObject(ctx, from.ID, state)
		return diags
	})}
}
