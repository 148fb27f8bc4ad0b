package instancebase

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// ClusterMember is the model of a resource that is a member of a named cluster and leaves it before it is deleted.
type ClusterMember interface {
	ResourceModel
	// Cluster names the cluster as topology.Topology does; "" for a member that is no longer in one.
	Cluster() string
	// Keeps says that the instance is kept when the resource is destroyed.
	Keeps() bool
	// PlannedBlock is the known part of the member's planned topology. If created is set, the member is to be created, and the topology is
	// as configured.
	PlannedBlock(created bool) topology.Topology
}

// The values of deletion_policy.
const (
	deletionDelete = "delete"
	deletionLeave  = "leave"
)

// Membership is the part of a cluster member's model that says what happens when it is destroyed; a member's model embeds it.
type Membership struct {
	DeletionPolicy types.String `tfsdk:"deletion_policy"`
}

// Keeps implements ClusterMember.
func (m *Membership) Keeps() bool { return m.DeletionPolicy.ValueString() == deletionLeave }

// SetDefaults fills in the attributes that an import does not set.
func (m *Membership) SetDefaults() {
	if m.DeletionPolicy.IsNull() || m.DeletionPolicy.IsUnknown() {
		m.DeletionPolicy = types.StringValue(deletionDelete)
	}
}

// DeletionPolicyAttribute is deletion_policy, the same for all kinds that are members of a named set or cluster; cluster is the word for
// it.
func DeletionPolicyAttribute(cluster string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "What destroying the resource does. With `delete`, the member is removed from its " + cluster + " and the instance is deleted. With " +
			"`leave`, the member is removed, the provider waits until the " + cluster + " no longer lists it, and the instance keeps running outside of Terraform. The last member cannot be " +
			"removed, and stays. Replacing the member does the same. Default `delete`. Provider-side setting, not sent to Trove.",
		Optional:      true,
		Computed:      true,
		Default:       stringdefault.StaticString(deletionDelete),
		Validators:    []validator.String{stringvalidator.OneOf(deletionDelete, deletionLeave)},
		PlanModifiers: []planmodifier.String{tfkit.ProviderSideOnly{}},
	}
}

// FailoverMember is a ClusterMember that may have become the master of the member that it replicated from.
type FailoverMember interface {
	ClusterMember
	// ForceDelete says whether to delete the member even if the server does not offer the way in which it leaves.
	ForceDelete() bool
	// FailbackTo is the member that takes over first if it has become this one's replica; "" for none.
	FailbackTo() string
}

// DeleteMember deletes a member of a cluster. The member leaves the cluster first, unless the whole cluster is deleted; if its
// deletion_policy is "leave", it only leaves. at is the attribute that names the cluster; state is an empty model of the kind.
func (r *Resource) DeleteMember(ctx context.Context, kind string, req resource.DeleteRequest, resp *resource.DeleteResponse, state ClusterMember, at path.Path) {
	var removed operation.RemoveMemberResult
	r.DeleteInstance(ctx, kind, req, resp, state, func(ctx context.Context, client *operation.Client, planned cluster.Plan) (keep bool, diags diag.Diagnostics) {
		var err error
		request := operation.RemoveMemberRequest{ID: state.Shared().ID.ValueString(), Cluster: state.Cluster(), Planned: planned, Keep: state.Keeps()}
		force := false
		if m, ok := state.(FailoverMember); ok {
			request.FailbackTo, force = m.FailbackTo(), m.ForceDelete()
		}
		removed, err = client.RemoveMember(ctx, request)
		if state.Keeps() {
			return true, leaveDiagnostics(kind, state, at, removed, err)
		}
		return false, removeDiagnostics(kind, state, at, removed, force, err)
	})
	removed.Done(!resp.Diagnostics.HasError())
}

// leaveDiagnostics reports the result for a member that was to leave its cluster and be kept.
func leaveDiagnostics(kind string, state ClusterMember, at path.Path, removed operation.RemoveMemberResult, err error) diag.Diagnostics {
	who, name := state.Shared().displayName(kind), cmp.Or(removed.Cluster, "its cluster")
	switch {
	case err == nil && removed.Broken != nil:
		err = removed.Broken
	case err == nil && removed.Last:
		return diag.Diagnostics{diag.WithPath(path.Root("deletion_policy"), diag.NewWarningDiagnostic("The last member cannot leave", fmt.Sprintf(
			"%s is the last member of %s, which cannot leave. It was not changed, and is no longer managed by Terraform: import it to manage it "+
				"again.", who, name)))}
	case err == nil:
		return nil
	}
	return diag.Diagnostics{APIErrorAt(at, "remove", who+" from "+name, err,
		"The instance stays in the state and in its cluster: the next destroy tries again. To delete it instead, set deletion_policy = \"delete\", apply, and destroy it then.")}
}

// removeDiagnostics reports the result of removing a member from its cluster.
func removeDiagnostics(kind string, state ClusterMember, at path.Path, removed operation.RemoveMemberResult, force bool, err error) diag.Diagnostics {
	const stays = "The instance was not deleted and stays in the state: the next destroy tries again."
	const summary = "A member was deleted without being removed"
	who := state.Shared().displayName(kind)
	var unsupported *operation.UnsupportedActionError
	_, forceable := state.(FailoverMember)
	switch {
	case forceable && errors.As(err, &unsupported) && !force:
		return diag.Diagnostics{APIErrorAt(path.Root("force_destroy"), "remove", who+" from its cluster", err,
			"The instance was not deleted and stays in the state. To delete it anyway, set force_destroy = true, apply, and destroy it "+
				"then: the data of a master without a replica is lost.")}
	case forceable && errors.As(err, &unsupported):
		return diag.Diagnostics{diag.WithPath(at, diag.NewWarningDiagnostic(summary, fmt.Sprintf(
			"%s was deleted because of force_destroy, although it could not be removed from %s: %s The remaining members consider it failed.", who, removed.Cluster, tfkit.Sentence(err.Error()))))}
	case err != nil:
		return diag.Diagnostics{APIErrorAt(at, "remove", who+" from "+cmp.Or(removed.Cluster, "its cluster"), err, stays)}
	case removed.Broken != nil:
		return diag.Diagnostics{diag.WithPath(at, diag.NewWarningDiagnostic(summary, fmt.Sprintf(
			"%s could not be removed from %s before it was deleted, because the server removes only healthy members, and this one was in status "+
				"%s: %s Check whether the remaining members need repair.", who, removed.Cluster, removed.Broken.Status, tfkit.Sentence(removed.Broken.Fault))))}
	}
	return nil
}

// failoverCandidatesKey is the private state key under which the plan of a destruction notes which replicas of a source are Terraform's.
const failoverCandidatesKey = "failover_candidates"

// PlanFailoverCandidates notes at plan time, for a replica that is to be destroyed while it is the source of its set, which of the members
// that replicate from it are Terraform's: one of them may become the source if the declared source is not in the set. It asks the server,
// since Terraform plans the destruction of a resource that was removed from the configuration with the state from before the refresh.
func (r *Resource) PlanFailoverCandidates(ctx context.Context, kind string, state *Model, resp *resource.ModifyPlanResponse) {
	if !r.Configured() || resp.Private == nil || resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	sources, replicas, err := client.PlannedReplication(ctx, state.ID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(PlanCheckError(ctx, kind, err)...)
		return
	}
	if len(sources) > 0 || len(replicas) == 0 {
		return
	}
	note, err := json.Marshal(client.Registry().WaitManaged(ctx, replicas, client.Window()))
	if err != nil {
		resp.Diagnostics.Append(APIError("plan", kind, err, ""))
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, failoverCandidatesKey, note)...)
}

// takePrivate reads and removes what the plan noted under a key. The note is for this deletion only: if it fails, a later deletion may have
// no note of its own. It reports whether there was a note.
func takePrivate(ctx context.Context, key, none string, into any, req resource.DeleteRequest, resp *resource.DeleteResponse) (found bool, diags diag.Diagnostics) {
	if req.Private == nil {
		return false, nil
	}
	note, diags := req.Private.GetKey(ctx, key)
	if len(note) == 0 || diags.HasError() {
		return false, diags
	}
	if err := json.Unmarshal(note, into); err != nil {
		diags.AddError("Unable to read the plan", fmt.Sprintf("The private state's %s is %q: %s. Plan again.", key, note, err))
		return false, diags
	}
	diags.Append(resp.Private.SetKey(ctx, key, []byte(none))...)
	return true, diags
}
