// Package configuration holds trove_configuration: a group of database settings that instances can be attached to.
package configuration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const kindName = "configuration group"

// createTimeout is the default for a creation, which only takes long if the answer is lost.
const createTimeout = 10 * time.Minute

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
)

// Resource is trove_configuration.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_configuration"
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
	version, request, diags := plan.ToAPI(ctx, client)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	created, err := client.CreateConfiguration(ctx, version, request)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("create", kindName+" "+request.Name, err, ""))
		return
	}
	plan.ID, plan.Region = types.StringValue(created.ID), tfkit.SettleRegion(plan.Region, client.Region())
	instancebase.SaveCreated(ctx, client, req, resp, &plan)
	resp.Diagnostics.Append(instancebase.ReadBackErrors(kindName, instancebase.AfterCreation, plan.FromAPI(ctx, client, created), "The group is in the state.")...)
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
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := client.Configuration(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, openstack.ErrNotFound):
		r.ReadGone(ctx, client, kindName, kindName+" "+state.ID.ValueString(), req, resp)
		return
	case err != nil:
		resp.Diagnostics.Append(instancebase.APIError("read", kindName+" "+state.ID.ValueString(), err, ""))
		return
	}
	client.SetManaged(kindName, found.Name, found.ID)
	resp.Diagnostics.Append(state.FromAPI(ctx, client, found)...)
	if resp.Diagnostics.HasError() {
		return
	}
	instancebase.SaveRead(ctx, client, resp, &state)
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "id")...)
	var state, plan model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Update, instancebase.UpdateTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.differs(&state) {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...) // only attributes that are not sent to the server
		return
	}
	resp.Diagnostics.Append(r.change(ctx, client, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	shown, err := client.Configuration(ctx, plan.ID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("update", plan.displayName(), err, "The change was made. The next plan shows the present "+
			"state."))
		return
	}
	resp.Diagnostics.Append(instancebase.ReadBackErrors(kindName, instancebase.AfterChange, plan.FromAPI(ctx, client, shown), "The change was made. The next plan shows "+
		"the current state.")...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// change changes the group to what the plan says, and reports which instances wait for a restart afterwards.
func (r *Resource) change(ctx context.Context, client *operation.Client, plan *model) diag.Diagnostics {
	_, request, diags := plan.ToAPI(ctx, client)
	if diags.HasError() {
		return diags
	}
	attached, err := client.ChangeConfiguration(ctx, plan.ID.ValueString(), request)
	if err != nil {
		diags.Append(instancebase.APIError("update", plan.displayName(), err, "The next plan shows what is left to do."))
		return diags
	}
	var waiting []string
	for _, i := range attached {
		if i.RestartRequired() {
			waiting = append(waiting, fmt.Sprintf("%s (%s)", i.Name, i.ID))
		}
	}
	if len(waiting) > 0 {
		diags.AddAttributeWarning(path.Root("values"), "A restart is required", fmt.Sprintf(
			"Settings of %s take effect only after a restart. These instances require one: %s. %s", plan.displayName(), strings.Join(waiting, ", "), whoRestarts))
	}
	return diags
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
	resp.Diagnostics.Append(instancebase.ProtectedFromDeletion(ctx, kindName, req.State)...)
	client, ctx, cancel := r.Begin(ctx, state.Region, state.Timeouts.Delete, instancebase.DeleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Private != nil {
		resp.Diagnostics.Append(instancebase.RefuseOtherProject(ctx, client, "delete", kindName+" "+state.ID.ValueString(), req.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.DetachPlanned(ctx, client, kindName, state.ID.ValueString(), req, resp)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.RemoveConfiguration(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(instancebase.APIError("delete", state.displayName(), err, "The group stays in the state: the next destroy tries again."))
	}
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{instancebase.MoveFromOpenStack("openstack_db_configuration_v1", takeOver)}
}

// openstackState is the part of an openstack_db_configuration_v1 that is taken over.
type openstackState struct {
	Name, Description string
	Datastore         []struct{ Type, Version string }
	Configuration     []struct{ Name, Value string }
}

func takeOver(ctx context.Context, old openstackState, state *tfsdk.State) (diags diag.Diagnostics) {
	diags.Append(state.SetAttribute(ctx, path.Root("name"), old.Name)...)
	diags.Append(state.SetAttribute(ctx, path.Root("description"), old.Description)...)
	for _, d := range old.Datastore {
		diags.Append(state.SetAttribute(ctx, path.Root("datastore").AtName("type"), d.Type)...)
		diags.Append(state.SetAttribute(ctx, path.Root("datastore").AtName("version"), d.Version)...)
	}
	values := map[string]string{}
	for _, c := range old.Configuration {
		values[c.Name] = c.Value
	}
	diags.Append(state.SetAttribute(ctx, path.Root("values"), values)...)
	return diags
}
