package state

import "github.com/opentrove/terraform-provider-trove/internal/topology"

// shown returns a block as this server shows it. The proposal does not define what show calls return for a member; a bare server returns no
// more than the proposal's own examples, and a client must handle both (topology API, section 3).
func (s *State) shown(t *topology.Topology) *topology.Topology {
	switch {
	case t == nil || !s.opts.Bare:
		return t
	case t.MongoDB != nil:
		return &topology.Topology{MongoDB: &topology.MongoDB{Type: t.MongoDB.Type, ReplSet: t.MongoDB.ReplSet}}
	case t.Cassandra != nil:
		c := t.Cassandra
		return &topology.Topology{Cassandra: &topology.Cassandra{ClusterName: c.ClusterName, NumTokens: c.NumTokens, IsSeed: c.IsSeed}}
	}
	return t
}

// beyondProposal contains the actions that the topology API adds to the proposal.
func beyondProposal(a topology.Action) bool {
	switch a.(type) {
	case topology.DeleteBucket, topology.Failover, topology.RemoveClusterNode:
		return true
	}
	return false
}
