package cluster

import (
	"context"
	"slices"
	"time"
)

// SetMembers records the members of a cluster as the server shows them.
func (r *Registry) SetMembers(key Key, ids []string) {
	r.look(func() { r.at(key).members = slices.Clone(ids) })
}

// AllAmong reports whether all members of the cluster are known, and are among these.
func (r *Registry) AllAmong(key Key, ids func(id string) bool) (all bool) {
	r.look(func() {
		members := r.at(key).members
		all = len(members) > 0 && !slices.ContainsFunc(members, func(id string) bool { return !ids(id) })
	})
	return all
}

// Reconfigured counts one more reconfiguration of the cluster by this process, and returns the total.
func (r *Registry) Reconfigured(key Key) (times int) {
	r.look(func() {
		c := r.at(key)
		c.reconfigured++
		times = c.reconfigured
	})
	return times
}

// SetOwnSettings records which settings of a member its own resource sets, by attribute name.
func (r *Registry) SetOwnSettings(id string, attributes []string) {
	r.look(func() {
		if r.settings == nil {
			r.settings = map[string][]string{}
		}
		if len(attributes) > 0 {
			r.settings[id] = attributes
		}
	})
}

// OwnSettings returns the attributes recorded by SetOwnSettings; none if it was not called.
func (r *Registry) OwnSettings(id string) (attributes []string) {
	r.look(func() { attributes = r.settings[id] })
	return attributes
}

// SetManaged records that Terraform manages an instance: a provider is told only of what it is to read or change.
func (r *Registry) SetManaged(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.managed == nil {
		r.managed = map[string]bool{}
	}
	if !r.managed[id] {
		r.managed[id] = true
		r.signal()
	}
}

// Managed reports whether SetManaged was called for an instance.
func (r *Registry) Managed(id string) (is bool) {
	r.look(func() { is = r.managed[id] })
	return is
}

// WaitManaged returns the ids of instances that Terraform manages. It waits up to window for each to be read, since Terraform reads and
// plans resources in parallel. If ctx ends, it returns those that are known then.
func (r *Registry) WaitManaged(ctx context.Context, ids []string, window time.Duration) (ours []string) {
	deadline := r.clock().Now().Add(window)
	err := r.wait(ctx, func() (bool, time.Duration) {
		ours = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !r.managed[id] })
		left := deadline.Sub(r.clock().Now())
		return len(ours) == len(ids) || left <= 0, left
	})
	if err != nil {
		return ours // the plan is canceled
	}
	return ours
}
