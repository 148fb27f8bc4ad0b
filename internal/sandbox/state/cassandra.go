package state

import (
	"cmp"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// locateCassandra finds a node's ring. A joining node inherits what it omits (topology API, section 4).
func (p *project) locateCassandra(n topology.Cassandra) (at place, err error) {
	at.creates = clusterKey{topology.NamespaceCassandra, n.ClusterName}
	if at.cluster, err = p.join(at.creates, n.Joins()); err != nil {
		return at, err
	}
	if at.cluster != nil {
		existing := *p.members(at.cluster)[0].block.Cassandra
		if err := n.CheckJoin(existing).Err(); err != nil {
			return at, badRequest("%s", err)
		}
		n.EndpointSnitch = existing.EndpointSnitch
		if n.SeedProvider == nil {
			n.SeedProvider = existing.SeedProvider
		}
	}
	at.block = &topology.Topology{Cassandra: &n}
	return at, nil
}

// placed returns a node's block as it is shown: with defaults and its location.
func (s *State) placed(n topology.Cassandra, zone string) *topology.Cassandra {
	n.Join = nil
	if n.SeedProvider == nil {
		provider := topology.DefaultSeedProvider
		n.SeedProvider = &provider
	}
	n.DataCenter, n.Rack = s.opts.Region, cmp.Or(zone, "nova")
	return &n
}

// drainNode flushes a node and stops it from accepting writes.
func (s *State) drainNode(via *instance, a topology.DrainNode) error {
	i, err := via.subject(a.ID)
	if err != nil {
		return err
	}
	t := reconfiguring()
	t.cluster = via.cluster
	s.begin(topology.OperationName(a), t, []*instance{i}, func([]*instance) error {
		i.drained = true
		return nil
	})
	return nil
}

// removeNode removes the node from the ring.
func (s *State) removeNode(via *instance, a topology.RemoveNode) error {
	i, err := via.subject(a.ID)
	if err != nil {
		return err
	}
	return s.remove(topology.OperationName(a), i, i.last)
}

// Drained reports whether a Cassandra node was drained and not restarted since.
func (s *State) Drained(project, id string) bool {
	defer s.enter()()
	i, err := s.project(project).find(id)
	return err == nil && i.drained
}
