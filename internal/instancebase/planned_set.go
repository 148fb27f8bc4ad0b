package instancebase

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const (
	// bootstrapWindows is how many windows a plan waits for a member that can create the cluster before it reports that there is none.
	bootstrapWindows = 5
	// mostPending is how long a plan waits, after it has planned another member, for members that it manages and has not planned, before it
	// reports what is wrong without them. They may never be planned: with -target, or if they depend on what is being judged.
	mostPending = 15 * time.Second
)

// ClusterKind describes how a plan checks the members of a set or cluster together.
type ClusterKind struct {
	// Name is the word for one in messages, such as "MongoDB replica set"; Datastore is the type of its members.
	Name, Datastore string
	// Attributes maps the wire's fields to the names that users write.
	Attributes map[string]path.Path
	// Check applies the rules to all members as the plan leaves them; found says that the cluster already exists.
	Check func(members []topology.Member, found bool) topology.Problems
	// CanBootstrap reports whether a new member can be the first one, if not all members of the kind can; it may be nil.
	CanBootstrap func(topology.Topology) bool
}

// PlanMember notes how a plan leaves a member of a set or cluster, and checks the set as a whole if the plan changes it: members that
// exist, are created and are destroyed, in whatever resource they are written. state is nil for a creation, plan for a destruction; the
// plan of a creation is as configured, without defaults.
func (r *Resource) PlanMember(ctx context.Context, kind ClusterKind, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, state, plan ClusterMember) {
	if !r.Configured() || resp.Diagnostics.HasError() {
		return
	}
	var m cluster.PlannedMember
	var before topology.Topology
	var region types.String
	if state != nil {
		shared := state.Shared()
		before, region = state.PlannedBlock(false), shared.Region
		m = cluster.PlannedMember{ID: shared.ID.ValueString(), Name: shared.Name.ValueString(), Block: before, Datastore: shared.DatastoreVersion(ctx), Goes: plan == nil}
	}
	if plan != nil {
		shared := plan.Shared()
		replaced, diags := tfkit.ReplacedBy(ctx, req, resp)
		resp.Diagnostics.Append(diags...)
		region, m.Goes = shared.Region, len(replaced) > 0
		if !m.Goes {
			m.Name, m.Block, m.Datastore = shared.Name.ValueString(), plan.PlannedBlock(state == nil), shared.DatastoreVersion(ctx)
		}
	}
	name := m.Block.Cluster()
	if name == "" {
		return // it has left, or its name is not known yet
	}
	client, diags := r.Client(ctx, region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	key := client.Key(name)
	client.Registry().PlanMember(key, m)
	switch {
	case state != nil && plan != nil && (m.Goes || reflect.DeepEqual(before, m.Block)):
		return // its successor checks the set, or nothing changes
	case plan == nil:
		if ids, settled := client.Registry().PlannedDestructions(key); slices.Contains(ids, m.ID) && !settled {
			return // the whole cluster is deleted, or the last planned destruction checks the set
		}
	}
	resp.Diagnostics.Append(JudgeSet(ctx, client, kind, key, m.ID, func(problems topology.Problems) diag.Diagnostics {
		return SetDiagnostics(kind.Name+" "+key.Name, problems, kind.Attributes)
	})...)
}

// JudgeSet checks a set as a whole, unless another resource is about to do so; via is one of its members, "" if none is known. show turns
// what the rules found into diagnostics.
func JudgeSet(ctx context.Context, client *operation.Client, kind ClusterKind, key cluster.Key, via string, show func(topology.Problems) diag.Diagnostics) diag.Diagnostics {
	judgement := client.Registry().Judge(key)
	if judgement == nil {
		return nil
	}
	defer judgement.Judged()
	existing, err := existingMembers(ctx, client, kind, key, via)
	if err != nil {
		if diags := PlanCheckError(ctx, kind.Name, err); diags != nil {
			return diags
		}
	}
	found := len(existing.Members) > 0
	problems := func(p cluster.Planned) topology.Problems {
		after := afterPlan(existing, p.Members, p.Settings)
		if len(after) == 0 {
			return nil // all are destroyed
		}
		return kind.Check(after, found)
	}
	planned, ok := judgement.Wait(ctx, existing.IDs(), func(p cluster.Planned) time.Duration {
		canBootstrap := func(m cluster.PlannedMember) bool { return kind.CanBootstrap(m.Block) }
		switch window := client.Window(); {
		case !found && kind.CanBootstrap != nil && !slices.ContainsFunc(p.Members, canBootstrap):
			return bootstrapWindows * window
		case p.Pending && len(problems(p).Errors()) > 0:
			return max(bootstrapWindows*window, mostPending)
		default:
			return window
		}
	})
	if !ok {
		return nil
	}
	return append(show(problems(planned)), warnOfReleases(ctx, client, kind, key, existing, planned.Members)...)
}

// existingMembers returns the members that a cluster has at the server; via is one of them if that is known.
func existingMembers(ctx context.Context, client *operation.Client, kind ClusterKind, key cluster.Key, via string) (view topology.View, err error) {
	if serves, err := client.ServesTopology(ctx); !serves || err != nil {
		return view, err
	}
	if via != "" {
		view, err = client.PlannedTopology(ctx, key.String(), via)
	} else {
		view, err = client.PlannedCluster(ctx, kind.Datastore, key.String())
	}
	if errors.Is(err, openstack.ErrNotFound) {
		return topology.View{}, nil
	}
	view.Members = slices.DeleteFunc(view.Members, func(m topology.Member) bool { return m.Cluster() != key.String() })
	return view, err
}

// afterPlan returns the members of a cluster as a plan leaves it: the existing ones without those that are destroyed, with their changes,
// and the new ones. An existing one with the name of a new one is being replaced: Terraform does not report the destruction of a tainted
// one.
func afterPlan(existing topology.View, planned []cluster.PlannedMember, settings cluster.PlannedSettings) []topology.Member {
	byID := map[string]cluster.PlannedMember{}
	come := map[string]bool{}
	var after []topology.Member
	for _, m := range planned {
		switch {
		case m.ID != "":
			byID[m.ID] = m
		default:
			come[m.Name] = true
			after = append(after, topology.Member{Name: m.Name, Topology: m.Block})
		}
	}
	for _, m := range existing.Members {
		p, isPlanned := byID[m.ID]
		switch {
		case isPlanned && p.Goes, !isPlanned && come[m.Name]:
			continue
		case isPlanned:
			m.Topology = p.Block
		}
		if change, ok := settings[m.ID]; ok && m.MongoDB != nil {
			changed := change(*m.MongoDB)
			m.MongoDB = &changed
		}
		after = append(after, m)
	}
	return after
}

// warnOfReleases warns of new members whose major version differs from that of the others in their cluster.
func warnOfReleases(ctx context.Context, client *operation.Client, kind ClusterKind, key cluster.Key, existing topology.View, planned []cluster.PlannedMember) (diags diag.Diagnostics) {
	versions := map[string]topology.Datastore{}
	for _, m := range planned {
		if m.Datastore.Version != "" && !m.Goes {
			versions[m.Name] = m.Datastore
		}
	}
	named := slices.ContainsFunc(planned, func(m cluster.PlannedMember) bool { return m.ID == "" && m.Datastore.Version != "" })
	if !named {
		return nil // a member without a version gets that of the others
	}
	if len(existing.Members) > 0 {
		first := existing.Members[0]
		i, err := client.Planned(ctx, first.ID)
		if err != nil {
			tflog.Warn(ctx, "the version of a cluster was not checked at plan time", map[string]any{"cluster": key.String(), "reason": err.Error()})
			return nil
		}
		versions[first.Name] = topology.Datastore{Type: i.Datastore.Type, Version: i.Datastore.Version}
	}
	var first string
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		if first == "" {
			first = name
			continue
		}
		if text := topology.MixedReleases(versions[name], versions[first]); text != "" {
			diags.AddAttributeWarning(path.Root("datastore"), fmt.Sprintf("%s %s configuration warning", kind.Name, key.Name), tfkit.Sentence(fmt.Sprintf("member %s: %s", name, text)))
			return diags
		}
	}
	return diags
}
