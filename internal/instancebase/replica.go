package instancebase

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Roles is the part of a replica's model that depends on the roles in its replication set; a replica's model embeds it.
type Roles struct {
	Role     types.String `tfsdk:"role"`
	SourceID types.String `tfsdk:"source_id"`
}

// RoleAttributes adds the attributes of Roles to those of a replica's kind.
func RoleAttributes(own map[string]schema.Attribute) map[string]schema.Attribute {
	own["role"] = schema.StringAttribute{
		MarkdownDescription: "The current role of the instance in its replication set: `source` or `replica`; null if it is standalone. A " +
			"switchover or an ejection changes it without a planned change.",
		Computed:      true,
		PlanModifiers: []planmodifier.String{tfkit.UnknownOnServerChange{}},
	}
	own["source_id"] = schema.StringAttribute{
		MarkdownDescription: "The id of the current source; for the source itself, its own id. Null if the instance is standalone or " +
			"has several sources.",
		Computed:      true,
		PlanModifiers: []planmodifier.String{tfkit.UnknownOnServerChange{}},
	}
	return own
}

// ClearRole sets to null, for the first save, what the server shows only when the instance is built.
func (r *Roles) ClearRole() { r.Role, r.SourceID = types.StringNull(), types.StringNull() }

// RefreshRole takes over the role of the instance in the replication set of its declared source, "" if none is declared.
func (r *Roles) RefreshRole(ctx context.Context, c *operation.Client, i *trove.Instance, declared, kind string) (operation.ReplicationRole, diag.Diagnostics) {
	role, err := c.ReplicationRole(ctx, i, declared, r.Role.ValueString())
	if err != nil {
		return role, diag.Diagnostics{APIError("read the replication of", displayName(kind, i), err, "")}
	}
	switch {
	case role.Role == operation.RoleSource:
		r.Role, r.SourceID = types.StringValue(role.Role), types.StringValue(i.ID)
	case len(role.Sources) == 1:
		r.Role, r.SourceID = types.StringValue(role.Role), types.StringValue(role.Sources[0])
	case role.Role != "" || i.Ready() || r.Role.IsUnknown():
		r.Role, r.SourceID = tfkit.StringOrNull(role.Role), types.StringNull()
	}
	return role, nil
}

// DetachedWarning explains why the next plan replaces a replica that was detached outside of Terraform. remedy says how to keep it.
func (m *Model) DetachedWarning(kind, remedy string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("replica_of"), "A "+kind+" no longer replicates", fmt.Sprintf(
		"%s (%s) was promoted to a standalone instance, or detached, outside of Terraform. It cannot be made a replica again, so the plan "+
			"replaces it as long as its configuration has replica_of. To keep it, %s.", m.Name.ValueString(), m.ID.ValueString(), remedy))
}

// PlanSourceChange plans a change of replica_of to another source. If the instance is already in the replication set of that source,
// whatever its role, nothing has to be done, unless the same plan promotes that source; otherwise the instance is replaced, which replaced
// reports.
func (r *Resource) PlanSourceChange(ctx context.Context, kind string, state *Model, roles Roles, source types.String, resp *resource.ModifyPlanResponse) (replaced bool) {
	if tfkit.Known(source) && r.Configured() {
		client, diags := r.Client(ctx, state.Region)
		resp.Diagnostics.Append(diags...)
		if diags.HasError() {
			return false
		}
		view, err := client.ReplicationView(ctx, state.ID.ValueString())
		if err != nil {
			resp.Diagnostics.Append(PlanCheckError(ctx, kind, err)...)
		}
		_, member := view.Find(source.ValueString())
		leaves := client.Registry().PlannedDetachment(client.Session(), state.ID.ValueString(), source.ValueString())
		if err == nil && member && !leaves {
			return false
		}
	}
	resp.RequiresReplace = append(resp.RequiresReplace, path.Root("replica_of"))
	if roles.Role.ValueString() == operation.RoleSource {
		resp.Diagnostics.AddAttributeWarning(path.Root("replica_of"), "The source of a replication set will be replaced", fmt.Sprintf(
			"%s (%s) is the current source of its set, and has all data written since it became the source. The plan replaces it with a new "+
				"copy of another instance, because replica_of names, or will name, an instance outside of the set.", state.Name.ValueString(), state.ID.ValueString()))
	}
	return true
}

// CheckReplicaSource refuses at plan time to make a replica of an instance that is a replica itself, unless the same plan promotes that
// instance.
func CheckReplicaSource(ctx context.Context, c *operation.Client, kind string, source *trove.Instance) diag.Diagnostics {
	_, err := c.CurrentSource(ctx, source)
	var chain *operation.ReplicaOfReplicaError
	switch {
	case errors.As(err, &chain) && c.Registry().PlannedDetachment(c.Session(), chain.Sources[0], source.ID):
		return nil
	case errors.As(err, &chain):
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("replica_of"), "A replica of a replica", replicaOfReplicaDetail(chain))}
	case err != nil:
		return PlanCheckError(ctx, kind, err)
	}
	return nil
}

// CheckSourceDatastore refuses at plan time a replica that does not run what its source runs: another datastore, or, if the server takes a
// version at all, an older release. Values that are not configured are those of the source.
func CheckSourceDatastore(wanted topology.Datastore, source *trove.Instance, serves bool) (diags diag.Diagnostics) {
	has := topology.Datastore{Type: source.Datastore.Type, Version: source.Datastore.Version}
	switch {
	case wanted.Type != "" && wanted.Type != has.Type:
		diags.AddAttributeError(path.Root("datastore"), "Another datastore than the source's", fmt.Sprintf(
			"datastore.type is %s, but the source %s (%s) is of type %s: use the source's type, or omit datastore.", wanted.Type, source.Name, source.ID, has.Type))
	case serves && wanted.OlderRelease(has):
		diags.AddAttributeError(path.Root("datastore"), "An older version than the source's", fmt.Sprintf(
			"datastore.version is %s, but the source %s (%s) runs %s, and a replica cannot be of an older major version: use the source's version or a newer one, or "+
				"omit datastore.version.", wanted.Version, source.Name, source.ID, has.Version))
	}
	return diags
}

// ResolveReplicaSource returns the id to ask released Trove for a replica of, so that the replica is in the set of the declared source.
func ResolveReplicaSource(ctx context.Context, c *operation.Client, kind, declared string) (string, diag.Diagnostics) {
	const nothing = "Nothing was created."
	at := path.Root("replica_of")
	source, err := c.Instance(ctx, declared)
	if err != nil {
		return "", diag.Diagnostics{APIErrorAt(at, "create", kind, &operation.SourceError{ID: declared, Cause: err}, nothing)}
	}
	present, err := c.CurrentSource(ctx, source)
	var chain *operation.ReplicaOfReplicaError
	switch {
	case errors.As(err, &chain):
		return "", diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Unable to create "+kind, replicaOfReplicaDetail(chain)+" "+nothing)}
	case err != nil:
		return "", diag.Diagnostics{APIErrorAt(at, "create", kind, err, nothing)}
	}
	return present, nil
}

func replicaOfReplicaDetail(e *operation.ReplicaOfReplicaError) string {
	return tfkit.Sentence(e.Error()) + " Set replica_of to " + strings.Join(e.Sources, " or ") + ": all replicas of a set replicate from one source."
}

// DetachReplica makes a replica whose plan no longer has a source a standalone server, and waits for it; verb is the kind's word for that.
// A kind does it before anything slow, since whoever promotes it waits for a server that accepts writes.
func DetachReplica(ctx context.Context, c *operation.Client, verb, kind string, state, plan *Model) diag.Diagnostics {
	id := state.ID.ValueString()
	var diags diag.Diagnostics
	err := plan.restartIfPolicyAllows(ctx, c, id)
	if err == nil {
		_, err = c.Promote(ctx, id, keepConfiguration(state.displayName(kind), state, plan, &diags))
	}
	if err != nil {
		diags.Append(APIErrorAt(path.Root("replica_of"), verb, state.displayName(kind), err, "The next plan shows whether it still replicates."))
	}
	return diags
}

// DeleteReplica deletes a replica. If it is the source of its replication set now, another member becomes the source first, since the
// server refuses to delete a source with replicas: preferably a declared source, otherwise only one of Terraform's. state is an empty model
// of the kind, and declared reads the sources from it once it is filled.
func (r *Resource) DeleteReplica(ctx context.Context, kind string, req resource.DeleteRequest, resp *resource.DeleteResponse, state ResourceModel, declared func() []string) {
	var candidates []string
	_, diags := takePrivate(ctx, failoverCandidatesKey, "[]", &candidates, req, resp)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ended := func(bool) {}
	r.DeleteInstance(ctx, kind, req, resp, state, func(ctx context.Context, c *operation.Client, _ cluster.Plan) (_ bool, diags diag.Diagnostics) {
		m := state.Shared()
		var err error
		ended, err = c.FailOver(ctx, operation.FailoverRequest{ID: m.ID.ValueString(), Candidates: append(declared(), candidates...)})
		if err != nil {
			diags.Append(APIError("delete", m.displayName(kind), fmt.Errorf("it is the source of its replication set, and could not hand over the "+
				"role: %w", err),
				"The instance was not deleted and stays in the state: the next destroy tries again."))
		}
		return false, diags
	})
	ended(!resp.Diagnostics.HasError())
}

// ConfiguredOnly removes from what a replica may take from its source all that config, the configuration, does not have: the plan of a
// replacement still has what the previous instance had.
func (m *Model) ConfiguredOnly(config *Model) {
	if config.FlavorID.IsNull() {
		m.FlavorID = config.FlavorID
	}
	if config.Datastore.IsNull() {
		m.Datastore = config.Datastore
	}
	if config.Volume.IsNull() {
		m.Volume = config.Volume
	}
}

// LookupSource reads at plan time the instance that a replica is to replicate from, nil if it cannot be known then; one that does not exist
// is an error at replica_of.
func LookupSource(ctx context.Context, c *operation.Client, kind, id string) (*trove.Instance, diag.Diagnostics) {
	source, err := c.Planned(ctx, id)
	switch {
	case errors.Is(err, openstack.ErrNotFound):
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("replica_of"), "Unknown source", fmt.Sprintf(
			"replica_of is %s, but there is no such instance in this project and region.", id))}
	case err != nil:
		return nil, PlanCheckError(ctx, kind, err)
	}
	return source, nil
}

// ApplySourceDefaults fills in the flavor, volume and datastore that a creation omits with those of its source: the topology API requires
// them.
func ApplySourceDefaults(ctx context.Context, c *operation.Client, kind, source string, r *trove.CreateRequest) diag.Diagnostics {
	if r.FlavorRef != "" && r.Volume != nil && r.Datastore != nil && r.Datastore.Version != "" {
		return nil
	}
	i, err := c.Instance(ctx, source)
	if err != nil {
		return diag.Diagnostics{APIErrorAt(path.Root("replica_of"), "create", kind, &operation.SourceError{ID: source, Cause: err}, "Nothing was created.")}
	}
	if r.FlavorRef == "" {
		r.FlavorRef = i.Flavor.ID
	}
	if r.Volume == nil && i.Volume != nil {
		r.Volume = &trove.Volume{Size: i.Volume.Size}
	}
	if r.Datastore == nil || r.Datastore.Version == "" && r.Datastore.Type == i.Datastore.Type {
		r.Datastore = &i.Datastore
	}
	return nil
}
