package cluster

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// PlannedMember is a member of a cluster as a plan leaves it.
type PlannedMember struct {
	// ID is empty for a member that is to be created.
	ID, Name string
	// Block is the known part of its topology, and Datastore of its datastore; unknown values are absent.
	Block     topology.Topology
	Datastore topology.Datastore
	// Goes says that it is destroyed or replaced: then its successor is a separate member.
	Goes bool
}

// PlannedSettings are the settings of MongoDB members that another resource plans, by instance id: each function returns the member with
// its settings changed.
type PlannedSettings map[string]func(topology.MongoDB) topology.MongoDB

// Planned is what a plan is known to do to a cluster.
type Planned struct {
	Members  []PlannedMember
	Settings PlannedSettings
	// Pending says that Terraform manages more of the cluster, and has not planned that yet: it plans resources in parallel, in any order.
	Pending bool
}

// plannedSet is what this plan knows of one cluster.
type plannedSet struct {
	members         []PlannedMember
	settings        PlannedSettings
	settingsManaged bool // by a resource of their own
	settingsPlanned bool
	judging         bool // a caller waits for the others, to judge them all
	changes         int  // how many changes have been planned
	judged          int  // value of changes at the last judgement
}

// plans is what is known of the current plan.
type plans struct {
	sets    map[Key]*plannedSet
	uses    map[string]*plannedUse // by session
	last    time.Time              // when a member was last planned
	judging int                    // number of callers waiting to judge
}

func (p *plans) at(key Key) *plannedSet {
	if p.sets == nil {
		p.sets = map[Key]*plannedSet{}
	}
	if p.sets[key] == nil {
		p.sets[key] = &plannedSet{settings: PlannedSettings{}}
	}
	return p.sets[key]
}

// PlanMember records how a plan leaves a member of a cluster.
func (r *Registry) PlanMember(key Key, m PlannedMember) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.plans.at(key)
	if m.ID != "" {
		s.members = slices.DeleteFunc(s.members, func(other PlannedMember) bool { return other.ID == m.ID })
	}
	s.members = append(s.members, m)
	s.changes++
	r.plans.last = r.clock().Now()
	r.signal()
}

// PlanSettings records settings of members of a cluster that a separate resource sets.
func (r *Registry) PlanSettings(key Key, settings PlannedSettings) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.plans.at(key)
	maps.Copy(s.settings, settings)
	s.settingsPlanned = true
	s.changes++
	r.plans.last = r.clock().Now()
	r.signal()
}

// SetSettingsManaged records that Terraform manages a resource with settings of a cluster's members, which PlanSettings is to be called for.
func (r *Registry) SetSettingsManaged(key Key) {
	r.look(func() { r.plans.at(key).settingsManaged = true })
}

// Judge makes the caller the one that judges the planned members of a cluster together. It returns nil if another caller waits to do so or
// has done so since the last member was planned, and while a plan is being applied. Judged must be called on the result.
func (r *Registry) Judge(key Key) *Judgement {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.plans.at(key)
	if s.judging || s.judged == s.changes || r.changes.applying || r.plans.judging >= mostBlockedPlans {
		return nil
	}
	s.judging = true
	r.plans.judging++
	return &Judgement{registry: r, key: key, set: s}
}

// Judgement is held by the caller that judges the planned members of a cluster.
type Judgement struct {
	registry *Registry
	key      Key
	set      *plannedSet
}

// Wait waits until no member of any cluster has been planned for as long as quiet says, which it asks whenever more is planned, and returns
// what is planned for this one. existing are the ids of the members that the cluster has. ok is false if the plan is canceled, or is being
// applied.
func (j *Judgement) Wait(ctx context.Context, existing []string, quiet func(Planned) time.Duration) (planned Planned, ok bool) {
	r := j.registry
	err := r.wait(ctx, func() (bool, time.Duration) {
		left := quiet(j.planned(existing)) - r.clock().Now().Sub(r.plans.last)
		return left <= 0 || r.changes.applying, left
	})
	r.look(func() {
		j.set.judged = j.set.changes
		planned = j.planned(existing)
		ok = err == nil && !r.changes.applying
	})
	return planned, ok
}

// planned returns what is planned so far. The lock must be held.
func (j *Judgement) planned(existing []string) Planned {
	pending := slices.ContainsFunc(existing, func(id string) bool {
		return j.registry.managed[id] && !slices.ContainsFunc(j.set.members, func(m PlannedMember) bool { return m.ID == id })
	})
	return Planned{
		Members: slices.Clone(j.set.members), Settings: maps.Clone(j.set.settings),
		Pending: pending || j.set.settingsManaged && !j.set.settingsPlanned,
	}
}

// Judged ends the judgement, so that another caller can judge what is planned later.
func (j *Judgement) Judged() {
	j.registry.look(func() {
		j.set.judging = false
		j.registry.plans.judging--
	})
}
