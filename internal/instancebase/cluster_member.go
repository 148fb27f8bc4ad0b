package instancebase

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ClusterMember is a resource's model of a member of a named cluster, which leaves it before it is deleted.
type ClusterMember interface {
	ResourceModel
	// Cluster names the cluster as topology.Topology does; "" for a member that is in none any more.
	Cluster() string
}

// FailoverMember is a ClusterMember that may have become the master of the one that it replicated from.
type FailoverMember interface {
	ClusterMember
	// ForceDelete says whether to delete the member also where the server does not offer the way in which it leaves.
	ForceDelete() bool
	// FailbackTo is the member that takes over first where it has become this one's replica; "" for none.
	FailbackTo() string
}

// DeleteMember deletes a member of a cluster. It leaves the cluster first, by the steps that its kind takes, unless the whole
// cluster goes. at is the attribute that names the cluster; state is the kind's empty model.
func (r *Resource) DeleteMember(ctx context.Context, kind string, req resource.DeleteRequest, resp *resource.DeleteResponse, state ClusterMember,
	at path.Path, steps func(id string) []topology.Action,
) {
	planned, diags := r.takeDestroyPlan(ctx, req, resp)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	var removed operation.RemoveMemberResult
	r.DeleteInstance(ctx, kind, req, resp, state, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		var err error
		id := state.Shared().ID.ValueString()
		request := operation.RemoveMemberRequest{ID: id, Planned: planned, Steps: steps(id)}
		force := false
		if m, ok := state.(FailoverMember); ok {
			request.FailbackTo, force = m.FailbackTo(), m.ForceDelete()
		}
		removed, err = client.RemoveMember(ctx, request)
		return removeDiagnostics(kind, state, at, removed, force, err)
	})
	removed.Done(!resp.Diagnostics.HasError())
}

// removeDiagnostics tells what became of the removal of a member from its cluster.
func removeDiagnostics(kind string, state ClusterMember, at path.Path, removed operation.RemoveMemberResult, force bool, err error) diag.Diagnostics {
	const stays = "The instance was not deleted and stays in the state: the next destroy tries again."
	const summary = "A member was deleted without being removed"
	who := state.Shared().displayName(kind)
	var unsupported *operation.UnsupportedActionError
	_, forceable := state.(FailoverMember)
	switch {
	case forceable && errors.As(err, &unsupported) && !force:
		return diag.Diagnostics{APIErrorAt(path.Root("force_destroy"), "take out of its cluster", who, err,
			"The instance was not deleted and stays in the state. To delete it nevertheless, set force_destroy = true, apply, and destroy it "+
				"then.")}
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

// endCreation shows, when the last creation of a cluster ends, which of the server's warnings about the cluster still hold. created is nil
// where the creation failed. Where the server does not show enough to tell, those are the latest ones.
func endCreation(ctx context.Context, c *operation.Client, creation *cluster.Creation, name string, created *trove.Instance) (last bool, diags diag.Diagnostics) {
	last, warned, hold := creation.End()
	if !last || !warned || created == nil {
		return last, diags
	}
	view, err := c.Topology(ctx, created.ID)
	if err != nil {
		tflog.Warn(ctx, "the warnings about a new set were not checked", map[string]any{"set": name, "reason": err.Error()})
	} else if advice, known := view.ReplicaSetAdvice(); known {
		hold = advice
	}
	if len(hold) > 0 {
		details := make([]string, len(hold))
		for i, w := range hold {
			details[i] = tfkit.Sentence(w)
		}
		diags.AddWarning("The server warns about "+name, strings.Join(details, "\n"))
	}
	return last, diags
}

// setWarnings are those of the server's warnings that are about the whole set.
func setWarnings(warnings []string) []string {
	return slices.DeleteFunc(slices.Clone(warnings), func(w string) bool { return !topology.IsReplicaSetAdvice(w) })
}

// failoverCandidatesKey is where the plan of a destruction notes in a source's private state which of its replicas are Terraform's.
const failoverCandidatesKey = "heirs"

// PlanFailoverCandidates notes at plan time, for a replica that is to be destroyed while it is the source of its set, which of the members
// that replicate from it are Terraform's: one of those may become the source where the declared one is not of the set. It asks
// the server, since Terraform plans the destruction of what has left the configuration by the state before the refresh.
func (r *Resource) PlanFailoverCandidates(ctx context.Context, kind string, state *Model, resp *resource.ModifyPlanResponse) {
	if !r.Configured() || resp.Private == nil || resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	i, err := client.Instance(ctx, state.ID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(PlanCheckError(ctx, kind, err)...)
		return
	}
	sources, replicas, err := client.Replication(ctx, i)
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

// takePrivate reads what the plan noted under a key, and takes it out: it holds for this deletion alone, and a later one, where this one
// fails, may come without a note of its own. It reports whether there was a note.
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
