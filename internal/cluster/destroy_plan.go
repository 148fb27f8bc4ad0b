package cluster

import (
	"context"
	"slices"
	"time"
)

// mostIdleWaits is how often a plan waits in vain for others: members that others of their cluster refer to are planned only after those,
// and with -parallelism=1 nobody ever comes.
const mostIdleWaits = 3

// mostBlockedPlans is how many plans of destructions wait for others at most: one of Terraform's ten at a time has to get through.
const mostBlockedPlans = 8

// destroyPlans is how the plans of destructions wait for each other.
type destroyPlans struct {
	blocked  int
	idle     int       // how often somebody waited and nobody came
	lastIdle time.Time // since those who wait together do so once
	last     time.Time // when a destruction was last planned
}

// Plan is which destructions are known, of any cluster, when one of them is planned. It goes with each planned destruction, so that the
// few deletions that an apply begins with know together of nearly all: each plan alone knows only of those before it.
type Plan struct {
	// Whole are the clusters of which all members go, and Some the members that go of others, by the names of the clusters.
	Whole []string            `json:"whole,omitempty"`
	Some  map[string][]string `json:"some,omitempty"`
	// Settled are those clusters in Some of which no others go.
	Settled []string `json:"settled,omitempty"`
	// Detached are the instances that are to be detached from configuration groups and sources, by the ids of those.
	Detached map[string][]string `json:"detached,omitempty"`
}

// PlanDestruction notes at plan time that a member is to be destroyed, and waits up to window for the others of its cluster: Terraform plans
// each destruction by itself, and only who was planned last could otherwise know of all. members reads who is in the cluster.
func (r *Registry) PlanDestruction(ctx context.Context, key Key, id string, window time.Duration, members func() []string) Plan {
	r.mu.Lock()
	c := r.at(key)
	if !slices.Contains(c.members, id) {
		r.mu.Unlock()
		listed := members() // a request, so not under the lock
		r.mu.Lock()
		// Not in place of those that are known: a member that has failed may see itself alone, in a set of the same name that the others
		// have founded anew.
		for _, other := range listed {
			if !slices.Contains(c.members, other) {
				c.members = append(c.members, other)
			}
		}
	}
	if !slices.Contains(c.planned, id) {
		c.planned, c.settled = append(c.planned, id), false
	}
	r.destroys.last = r.clock().Now()
	r.signal()
	c.whole = len(c.members) > 0 && !slices.ContainsFunc(c.members, func(id string) bool { return !slices.Contains(c.planned, id) })
	wait := len(c.members) > 0 && !c.whole && r.destroys.idle < mostIdleWaits && r.destroys.blocked < mostBlockedPlans
	if wait {
		r.destroys.blocked++
	}
	r.mu.Unlock()
	if wait {
		r.waitForPlans(ctx, c, window)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.plan(key.Session)
}

// waitForPlans waits until the whole cluster is planned to go, or no destruction has been planned for the length of window.
func (r *Registry) waitForPlans(ctx context.Context, c *cluster, window time.Duration) {
	err := r.wait(ctx, func() (bool, time.Duration) {
		now := r.clock().Now()
		left := window - now.Sub(r.destroys.last)
		if !c.whole && left <= 0 {
			c.settled = true
			if now.Sub(r.destroys.lastIdle) >= window {
				r.destroys.idle, r.destroys.lastIdle = r.destroys.idle+1, now
			}
		}
		return c.whole || left <= 0, left
	})
	r.look(func() { r.destroys.blocked-- })
	if err != nil {
		return // the plan is canceled
	}
}

// plan is what is known at present.
func (r *Registry) plan(session string) Plan {
	p := Plan{Some: map[string][]string{}, Detached: r.plannedDetachments(session)}
	for key, c := range r.clusters {
		switch {
		case key.Session != session || len(c.planned) == 0:
		case c.whole:
			p.Whole = append(p.Whole, key.String())
		default:
			p.Some[key.String()] = slices.Clone(c.planned)
			if c.settled {
				p.Settled = append(p.Settled, key.String())
			}
		}
	}
	slices.Sort(p.Whole)
	slices.Sort(p.Settled)
	return p
}

// PlannedSoFar is which destructions are known now.
func (r *Registry) PlannedSoFar(session string) (p Plan) {
	r.look(func() { p = r.plan(session) })
	return p
}

// Planned takes over what a plan knew, when it is applied.
func (r *Registry) Planned(session string, p Plan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range p.Whole {
		r.at(KeyOf(session, name)).whole = true
	}
	for name, ids := range p.Some {
		c := r.at(KeyOf(session, name))
		for _, id := range ids {
			if !slices.Contains(c.planned, id) {
				c.planned = append(c.planned, id)
				c.settled = false // another plan has known of more
			}
		}
		c.settled = c.settled || slices.Contains(p.Settled, name) && len(ids) == len(c.planned)
	}
	r.signal()
}

// PlannedDestructions are the members of a cluster that this plan destroys, and whether that is all there will be: it is not known if
// nobody has waited for others to come.
func (r *Registry) PlannedDestructions(key Key) (ids []string, settled bool) {
	r.look(func() {
		c := r.at(key)
		ids, settled = slices.Clone(c.planned), c.settled
	})
	return ids, settled
}
