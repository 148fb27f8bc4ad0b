package cluster

import "slices"

// detachedFrom identifies a configuration group, or a source of replicas, of an endpoint.
type detachedFrom struct{ session, id string }

// PlanDetachment records at plan time that an instance is to be detached from a configuration group or from its source. Terraform deletes
// what was removed from the configuration or is replaced before it changes the instances that referred to it, so the deletion has to
// detach them.
func (r *Registry) PlanDetachment(session, from, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.detached == nil {
		r.detached = map[detachedFrom][]string{}
	}
	key := detachedFrom{session, from}
	if !slices.Contains(r.detached[key], id) {
		r.detached[key] = append(r.detached[key], id)
	}
}

// PlannedDetachment reports whether an instance is planned to be detached from a configuration group or a source.
func (r *Registry) PlannedDetachment(session, from, id string) (planned bool) {
	r.look(func() { planned = slices.Contains(r.detached[detachedFrom{session, from}], id) })
	return planned
}

// plannedDetachments returns those of an endpoint, by what they are detached from. The lock must be held.
func (r *Registry) plannedDetachments(session string) map[string][]string {
	var all map[string][]string
	for key, ids := range r.detached {
		if key.session != session {
			continue
		}
		if all == nil {
			all = map[string][]string{}
		}
		all[key.id] = slices.Clone(ids)
	}
	return all
}
