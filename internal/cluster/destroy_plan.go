package cluster

import (
	"context"
	"slices"
	"time"
)

// mostIdleWaits is how often a plan waits for others that do not come: members that other members refer to are planned only after those,
// and with -parallelism=1 no other plan runs.
const mostIdleWaits = 3

// mostBlockedPlans is how many plans of destructions wait for others at most: one of Terraform's ten at a time must go on.
const mostBlockedPlans = 8

// destroyPlans records how the plans of destructions wait for each other.
type destroyPlans struct {
	blocked  int
	idle     int       // how often a caller waited and no other came
	lastIdle time.Time // since callers that wait together count once
	last     time.Time // when a destruction was last planned
}

// Plan says which destructions, of any cluster, are known when one of them is planned. It is stored with each planned destruction: each
// plan alone knows only the earlier ones, but the first few deletions of an apply together know of nearly all.
type Plan struct {
	// Some are the destroyed members of clusters, by cluster name. It does not say of a cluster that all its members are destroyed: members
	// that have failed see only each other, while others of the same name stay.
	Some map[string][]string `json:"some,omitempty"`
	// Settled are the clusters in Some of which no other members are destroyed.
	Settled []string `json:"settled,omitempty"`
	// Detached are the instances to be detached from configuration groups and sources, by the ids of those.
	Detached map[string][]Detachment `json:"detached,omitempty"`
}

// PlanDestruction records at plan time that a member is to be destroyed, and waits up to window for the others of its cluster: Terraform
// plans each destruction by itself, and otherwise only the last one would know of all. members reads the members of the cluster.
func (r *Registry) PlanDestruction(ctx context.Context, key Key, id string, window time.Duration, members func() []string) Plan {
	r.mu.Lock()
	c := r.at(key)
	if !slices.Contains(c.members, id) {
		r.mu.Unlock()
		listed := members() // a request, so not under the lock
		r.mu.Lock()
		// Do not replace those that are known: a failed member may see itself alone, in a set of the same name that the others have
		// founded again.
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

// waitForPlans waits until the destruction of the whole cluster is planned, or no destruction has been planned for the length of window.
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

// plan returns what is known at present.
func (r *Registry) plan(session string) Plan {
	p := Plan{Some: map[string][]string{}, Detached: r.plannedDetachments(session)}
	for key, c := range r.clusters {
		if key.Session != session || len(c.planned) == 0 {
			continue
		}
		p.Some[key.String()] = slices.Clone(c.planned)
		if c.settled {
			p.Settled = append(p.Settled, key.String())
		}
	}
	slices.Sort(p.Settled)
	return p
}

// PlannedSoFar returns the destructions that are known now.
func (r *Registry) PlannedSoFar(session string) (p Plan) {
	r.look(func() { p = r.plan(session) })
	return p
}

// Planned takes over what a plan knew, when that plan is applied.
func (r *Registry) Planned(session string, p Plan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, ids := range p.Some {
		c := r.at(KeyOf(session, name))
		for _, id := range ids {
			if !slices.Contains(c.planned, id) {
				c.planned = append(c.planned, id)
				c.settled = false // another plan knew of more
			}
		}
		c.settled = c.settled || slices.Contains(p.Settled, name) && len(ids) == len(c.planned)
	}
	r.signal()
}

// PlannedDestructions returns the members of a cluster that this plan destroys, and whether there will be no more: that is unknown if no
// plan has waited for others.
func (r *Registry) PlannedDestructions(key Key) (ids []string, settled bool) {
	r.look(func() {
		c := r.at(key)
		ids, settled = slices.Clone(c.planned), c.settled
	})
	return ids, settled
}
