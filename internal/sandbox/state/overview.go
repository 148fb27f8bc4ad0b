package state

import (
	"cmp"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Group is a group of instances that replicate with each other or are in one cluster, or one standalone instance.
type Group struct {
	ProjectID string
	View      topology.View
	Instances []Instance                    // in the order of their creation
	Observed  map[string]engine.Observation // of the instances with real servers
}

// Groups lists all instances of all projects; groups are in the order of the creation of their first instance.
func (s *State) Groups() []Group {
	defer s.enter()()
	var groups []Group
	first := map[string]int{} // the creation of each group's first instance
	for _, p := range s.projects {
		seen := map[string]bool{}
		for _, i := range p.all() {
			if seen[i.id] {
				continue
			}
			g := Group{ProjectID: p.id, View: s.view(i), Observed: map[string]engine.Observation{}}
			for _, m := range i.members() {
				seen[m.id] = true
				g.Instances = append(g.Instances, s.snapshot(m))
				if o, runs := m.observed(); runs {
					g.Observed[m.id] = o
				}
			}
			first[g.Instances[0].ID] = i.order
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b Group) int { return cmp.Compare(first[a.Instances[0].ID], first[b.Instances[0].ID]) })
	return groups
}
