package cluster

import "slices"

// groupKey names a configuration group of an endpoint.
type groupKey struct{ session, group string }

// PlanDetachment notes at plan time that an instance is to be detached from a configuration group: Terraform deletes a group that has left
// the configuration before it changes the instances, so that the deletion has to detach them.
func (r *Registry) PlanDetachment(session, group, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.detached == nil {
		r.detached = map[groupKey][]string{}
	}
	key := groupKey{session, group}
	if !slices.Contains(r.detached[key], id) {
		r.detached[key] = append(r.detached[key], id)
	}
}

// plannedDetachments are those of an endpoint, by group. The lock must be held.
func (r *Registry) plannedDetachments(session string) map[string][]string {
	var all map[string][]string
	for key, ids := range r.detached {
		if key.session != session {
			continue
		}
		if all == nil {
			all = map[string][]string{}
		}
		all[key.group] = slices.Clone(ids)
	}
	return all
}
