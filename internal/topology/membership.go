package topology

// Cluster names the replica set or cluster that the block belongs to, unique in a project: "mongodb/products". It is ""
// for namespaces whose topologies have no name.
func (t Topology) Cluster() string {
	name := ""
	switch {
	case t.MongoDB != nil:
		name = t.MongoDB.ReplSet
	case t.Cassandra != nil:
		name = t.Cassandra.ClusterName
	case t.Couchbase != nil:
		name = t.Couchbase.ClusterName
	case t.RedisCluster != nil:
		name = t.RedisCluster.ClusterName
	}
	if name == "" {
		return ""
	}
	return string(t.Namespace()) + "/" + name
}

// WithJoin returns a copy that creates its cluster or joins it.
func (t Topology) WithJoin(join bool) Topology {
	switch {
	case t.MongoDB != nil:
		b := *t.MongoDB
		b.Join, t.MongoDB = &join, &b
	case t.Cassandra != nil:
		b := *t.Cassandra
		b.Join, t.Cassandra = &join, &b
	case t.Couchbase != nil:
		b := *t.Couchbase
		b.Join, t.Couchbase = &join, &b
	case t.RedisCluster != nil:
		b := *t.RedisCluster
		b.Join, t.RedisCluster = &join, &b
	}
	return t
}

// CanBootstrap says whether a member may be the first of its set: an arbiter and a member that cannot be elected may not, a
// Cassandra node without a snitch has none to inherit, a replica of a Redis Cluster needs its master (topology API, sections 3,
// 4 and 7).
func (t Topology) CanBootstrap() bool {
	switch {
	case t.MongoDB != nil:
		return t.MongoDB.electable()
	case t.Cassandra != nil:
		return deref(t.Cassandra.EndpointSnitch, "") != ""
	case t.RedisCluster != nil:
		return t.RedisCluster.SlaveOf == nil
	}
	return true
}

// PrefersToJoin says that a member had better not be the first of its set, though it may: a Cassandra node that is no seed.
func (t Topology) PrefersToJoin() bool {
	return t.Cassandra != nil && !deref(t.Cassandra.IsSeed, true)
}

// Undecided says that the block belongs to a named cluster, and that it was left open whether to create it or to join it.
func (t Topology) Undecided() bool {
	switch {
	case t.MongoDB != nil:
		return t.MongoDB.Join == nil
	case t.Cassandra != nil:
		return t.Cassandra.Join == nil
	case t.Couchbase != nil:
		return t.Couchbase.Join == nil
	case t.RedisCluster != nil:
		return t.RedisCluster.Join == nil && t.RedisCluster.SlaveOf == nil
	}
	return false
}

// disagreement finds the first member of whom a value is known, and the first after it with another one.
func disagreement[T comparable](members []Member, value func(Member) *T) (first, other Member, differ bool) {
	var agreed *T
	for _, m := range members {
		switch v := value(m); {
		case v == nil:
		case agreed == nil:
			first, agreed = m, v
		case *v != *agreed:
			return first, m, true
		}
	}
	return first, other, false
}
