package cluster

import "slices"

// Creation is the creation of one member, from before it is sent until it has ended. A server warns of a set as it stands at each step, and
// what holds for a set of two may not hold for the set of three that is being built: so warnings wait for the last creation.
type Creation struct {
	registry *Registry
	key      Key
}

// BeginCreation notes that a member is being created. End must be called when that has ended.
func (r *Registry) BeginCreation(key Key) *Creation {
	if key.Named() {
		r.look(func() { r.at(key).creating++ })
	}
	return &Creation{registry: r, key: key}
}

// Warn notes what the server warned of about the cluster as a whole when it accepted the creation.
func (c *Creation) Warn(warnings []string) {
	if !c.key.Named() {
		return
	}
	c.registry.look(func() {
		state := c.registry.at(c.key)
		state.warnings = slices.Clone(warnings)
		state.warned = state.warned || len(warnings) > 0
	})
}

// End ends the creation. last says that no other member of the cluster is being created; warned that the server has warned meanwhile, and
// warnings are then its latest.
func (c *Creation) End() (last, warned bool, warnings []string) {
	if !c.key.Named() {
		return true, false, nil
	}
	c.registry.look(func() {
		state := c.registry.at(c.key)
		state.creating--
		last, warned, warnings = state.creating == 0, state.warned, state.warnings
		if last {
			state.warned, state.warnings = false, nil
		}
	})
	return last, warned, warnings
}
