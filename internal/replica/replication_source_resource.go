package replica

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const setKindName = "replication set"

var (
	_ resource.ResourceWithConfigure      = (*SourceResource)(nil)
	_ resource.ResourceWithIdentity       = (*SourceResource)(nil)
	_ resource.ResourceWithImportState    = (*SourceResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*SourceResource)(nil)
	_ resource.ResourceWithValidateConfig = (*SourceResource)(nil)
)

// SourceResource is trove_replication_source.
type SourceResource struct{ instancebase.Resource }

// NewSourceResource makes the resource for the provider's list.
func NewSourceResource() resource.Resource { return &SourceResource{} }

// Metadata implements resource.Resource.
func (r *SourceResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_replication_source"
}

// Create implements resource.Resource. It creates nothing: it switches over if another member is the source.
func (r *SourceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan sourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	r.apply(ctx, plan.Timeouts.Create, nil, &plan, tfkit.NewPlannedSaver(req.Plan, &resp.State, resp.Identity), &resp.Diagnostics)
}

// Read implements resource.Resource. A switchover by somebody else appears as another source_id.
func (r *SourceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", setKindName, req.State.Raw, "id")...)
	var state sourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	members, diags := state.members(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	set, present, err := look(ctx, client, members)
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("read", setKindName, err, ""))
		return
	}
	if len(present) == 0 {
		r.ReadGone(ctx, client, setKindName, setKindName+" "+state.ID.ValueString(), req, resp)
		return
	}
	if set.Source != "" {
		state.SourceID = types.StringValue(set.Source)
	}
	resp.Diagnostics.Append(state.SetRoles(ctx, members, set)...)
	instancebase.SaveRead(ctx, client, resp, &state)
}

// Update implements resource.Resource.
func (r *SourceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", setKindName, req.State.Raw, "id")...)
	var state, plan sourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	r.apply(ctx, plan.Timeouts.Update, &state, &plan, tfkit.NewPlannedSaver(req.Plan, &resp.State, resp.Identity), &resp.Diagnostics)
}

// Delete implements resource.Resource. The members keep their roles.
func (r *SourceResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *SourceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"id": {Description: "The instance id of one of the members.", RequiredForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by the instance id of any member, which becomes the id, or by
// identity.
func (r *SourceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, setKindName, req, func(id string) (map[string]string, error) { return map[string]string{"id": id}, nil })
	resp.Diagnostics.Append(diags...)
	client, diags := r.Client(ctx, types.StringValue(asked["region"]))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	set, err := client.ReplicationSet(ctx, asked["id"])
	if err == nil && set.Source == "" {
		err = fmt.Errorf("instance %s is standalone: it replicates from nothing, and nothing from it", asked["id"])
	}
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("import", setKindName, err, "A replication set is imported by the instance id of any of its members."))
		return
	}
	asked["source_id"] = set.Source
	r.Import(ctx, asked, req, resp)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("members"), set.IDs())...)
}

// apply makes the planned member the source, and saves the plan in the state. have is the state before, nil for a creation.
func (r *SourceResource) apply(ctx context.Context, timeout tfkit.Timeout, have, plan *sourceModel, keep tfkit.StateSaver, diags *diag.Diagnostics) {
	client, ctx, cancel := r.Begin(ctx, plan.Region, timeout, instancebase.UpdateTimeout, diags)
	defer cancel()
	members, d := plan.members(ctx)
	diags.Append(d...)
	if diags.HasError() {
		return
	}
	wanted := plan.SourceID.ValueString()
	set, err := client.ReplicationSet(ctx, wanted)
	if err != nil {
		diags.Append(instancebase.APIErrorAt(path.Root("source_id"), "read the replication set of", wanted, err, "Nothing was changed."))
		return
	}
	if d := plan.check(set, plan.toCheck(have, members)); d != nil {
		diags.Append(d)
		return
	}
	if d := plan.consent(set); d != nil {
		diags.Append(d) // the day may have ended since the plan
		return
	}
	if err := plan.lead(ctx, client, set); err != nil {
		diags.Append(instancebase.APIErrorAt(path.Root("source_id"), "make the source of the "+setKindName, wanted, err, "The next plan shows which member is the source."))
		return
	}
	if set, err = client.ReplicationSet(ctx, wanted); err != nil {
		diags.Append(instancebase.APIError("read", setKindName, err, "The switchover was made. The next plan shows the current state."))
		return
	}
	plan.SetComputed(members, client.Region())
	diags.Append(plan.SetRoles(ctx, members, set)...)
	diags.Append(keep(ctx, plan)...)
}

// look finds the set that most members belong to: one that was ejected or detached is standalone. It also returns the members that exist.
func look(ctx context.Context, client *operation.Client, members []string) (set operation.ReplicationSet, present []string, err error) {
	seen := map[string]bool{}
	for _, id := range members {
		if seen[id] {
			present = append(present, id)
			continue
		}
		s, err := client.ReplicationSet(ctx, id)
		if errors.Is(err, openstack.ErrNotFound) {
			continue
		}
		if err != nil {
			return set, nil, err
		}
		present = append(present, id)
		for _, m := range s.IDs() {
			seen[m] = true
		}
		if s.Source != "" && len(s.Members) > len(set.Members) {
			set = s
		}
	}
	return set, present, nil
}

// lead makes the planned member the source of the set.
func (m *sourceModel) lead(ctx context.Context, client *operation.Client, set operation.ReplicationSet) error {
	wanted := m.SourceID.ValueString()
	if dead := m.dead(set); dead != nil {
		newSource, err := client.Eject(ctx, dead.ID)
		if err != nil || newSource == "" || newSource == wanted {
			return err
		}
	}
	return client.Switchover(ctx, wanted)
}
