package cluster

import "slices"

// detachedFrom identifies a configuration group, or a source of replicas, of an endpoint.
type detachedFrom struct{ session, id string }

// Detachment is an instance that is planned to be detached from a configuration group or from its source.
type Detachment struct {
	ID string `json:"id"`
	// Restart says that the instance may be restarted for it, as its restart_policy has it.
	Restart bool `json:"restart,omitempty"`
}

// Detaches reports whether the plan detaches an instance from a configuration group or a source.
func (p Plan) Detaches(from, id string) bool { return planned(p.Detached[from], id) }

// planned reports whether an instance is one of those.
func planned(all []Detachment, id string) bool {
	return slices.ContainsFunc(all, func(d Detachment) bool { return d.ID == id })
}

// PlanDetachment records at plan time that an instance is to be detached from a configuration group or from its source. Terraform deletes
// what was removed from the configuration or is replaced before it changes the instances that referred to it, so the deletion has to
// detach them.
func (r *Registry) PlanDetachment(session, from string, d Detachment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.detached == nil {
		r.detached = map[detachedFrom][]Detachment{}
	}
	key := detachedFrom{session, from}
	if !planned(r.detached[key], d.ID) {
		r.detached[key] = append(r.detached[key], d)
	}
}

// PlannedDetachment reports whether an instance is planned to be detached from a configuration group or a source.
func (r *Registry) PlannedDetachment(session, from, id string) (is bool) {
	r.look(func() { is = planned(r.detached[detachedFrom{session, from}], id) })
	return is
}

// plannedDetachments returns those of an endpoint, by what they are detached from. The lock must be held.
func (r *Registry) plannedDetachments(session string) map[string][]Detachment {
	var all map[string][]Detachment
	for key, ids := range r.detached {
		if key.session != session {
			continue
		}
		if all == nil {
			all = map[string][]Detachment{}
		}
		all[key.id] = slices.Clone(ids)
	}
	return all
}
