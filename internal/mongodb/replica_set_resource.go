package mongodb

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const setKindName = "MongoDB replica set"

var (
	_ resource.ResourceWithConfigure      = (*ReplicaSetResource)(nil)
	_ resource.ResourceWithIdentity       = (*ReplicaSetResource)(nil)
	_ resource.ResourceWithImportState    = (*ReplicaSetResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*ReplicaSetResource)(nil)
	_ resource.ResourceWithValidateConfig = (*ReplicaSetResource)(nil)
)

// ReplicaSetResource is trove_mongodb_replica_set.
type ReplicaSetResource struct{ instancebase.Resource }

// NewReplicaSetResource makes the resource for the provider's list.
func NewReplicaSetResource() resource.Resource { return &ReplicaSetResource{} }

// Metadata implements resource.Resource.
func (r *ReplicaSetResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_mongodb_replica_set"
}

// Create implements resource.Resource. It creates nothing: it sets the settings of the members.
func (r *ReplicaSetResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan replicaSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	r.apply(ctx, plan.Timeouts.Create, &plan, tfkit.NewPlannedSaver(req.Plan, &resp.State, resp.Identity), &resp.Diagnostics)
}

// Read implements resource.Resource. It refreshes the settings that the state holds; members that have left are removed.
func (r *ReplicaSetResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", setKindName, req.State.Raw, "name")...)
	var state replicaSetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	client.Registry().SetSettingsManaged(setKey(client, state.Name.ValueString()))
	members, diags := state.members(ctx)
	resp.Diagnostics.Append(diags...)
	shown, err := client.ReplicaSet(ctx, state.Name.ValueString(), ids(members))
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("read", setKindName+" "+state.Name.ValueString(), err, ""))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if len(shown) == 0 {
		r.ReadGone(ctx, client, setKindName, setKindName+" "+state.Name.ValueString(), req, resp)
		return
	}
	resp.Diagnostics.Append(state.FromAPI(ctx, members, shown)...)
	instancebase.SaveRead(ctx, client, resp, &state)
}

// Update implements resource.Resource.
func (r *ReplicaSetResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", setKindName, req.State.Raw, "name")...)
	var plan replicaSetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	r.apply(ctx, plan.Timeouts.Update, &plan, tfkit.NewPlannedSaver(req.Plan, &resp.State, resp.Identity), &resp.Diagnostics)
}

// Delete implements resource.Resource. The members keep the settings that they have.
func (r *ReplicaSetResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *ReplicaSetResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"name": {Description: "The name of the replica set, unique in the project.", RequiredForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by name, by the instance id of any member, or by identity. All members that hold
// data are imported, with all settings that the server returns.
func (r *ReplicaSetResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, setKindName, req, func(id string) (map[string]string, error) { return map[string]string{"name": id}, nil })
	resp.Diagnostics.Append(diags...)
	client, diags := r.Client(ctx, types.StringValue(asked["region"]))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	name, view, err := named(ctx, client, asked["name"], req.ID != "")
	if err != nil {
		resp.Diagnostics.Append(instancebase.APIError("import", setKindName, err,
			"A replica set is imported by its name, or by the instance id of any of its members. This server must have the topology API, and the project such a set."))
		return
	}
	asked["id"], asked["name"] = name, name
	r.Import(ctx, asked, req, resp)
	members := map[string]settingsModel{}
	for _, m := range view.Members {
		if m.MongoDB != nil && !m.MongoDB.IsArbiter() {
			members[m.ID] = shownSettings(*m.MongoDB)
		}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("members"), members)...)
}

// named finds a replica set by its name or, if allowed, by the instance id of a member.
func named(ctx context.Context, client *operation.Client, name string, orMember bool) (string, topology.View, error) {
	if !orMember || uuid.Validate(name) != nil {
		_, view, err := client.FindCluster(ctx, "mongodb", topology.Topology{MongoDB: &topology.MongoDB{ReplSet: name}}.Cluster())
		return name, view, err
	}
	view, err := client.Topology(ctx, name)
	member, _ := view.Find(name)
	if err == nil && member.MongoDB == nil {
		err = fmt.Errorf("instance %s is in no replica set", name)
	}
	if err != nil {
		return "", view, err
	}
	return member.MongoDB.ReplSet, view, nil
}

// apply submits the whole map as one change, and saves the plan in the state.
func (r *ReplicaSetResource) apply(ctx context.Context, timeout tfkit.Timeout, plan *replicaSetModel, keep tfkit.StateSaver, diags *diag.Diagnostics) {
	client, ctx, cancel := r.Begin(ctx, plan.Region, timeout, instancebase.UpdateTimeout, diags)
	defer cancel()
	members, d := plan.members(ctx)
	diags.Append(d...)
	if diags.HasError() {
		return
	}
	wanted := map[string]topology.MemberSettings{}
	for id, m := range members {
		wanted[id] = m.settings()
	}
	set := plan.Name.ValueString()
	// Whether all are members of the set is checked when the change is sent: it is combined with other changes before any request.
	again, err := client.Reconfigure(ctx, set, wanted)
	if err != nil {
		diags.Append(instancebase.APIErrorAt(path.Root("members"), "reconfigure", fmt.Sprintf("%s %s", setKindName, set), err,
			"Changes to a replica set take effect together or not at all. The next plan shows the current state."))
		return
	}
	if again {
		diags.AddAttributeWarning(path.Root("members"), "More than one reconfiguration of replica set "+set,
			"This apply had changed the set before, so its changes were sent in more than one call. Each call may cause an election. Set all "+
				"settings of the members in one trove_mongodb_replica_set, and none in trove_mongodb_member.")
	}
	plan.SetComputed(client.Region())
	diags.Append(keep(ctx, plan)...)
}
