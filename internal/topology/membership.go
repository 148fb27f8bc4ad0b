package topology

// Cluster returns the name of the replica set or cluster that the block belongs to, unique in a project: "mongodb/products". It is "" for
// namespaces whose topologies have no name.
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

// WithJoin returns a copy with join set, to create the cluster or to join it.
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

// CanBootstrap reports whether a member may be the first of its set: an arbiter and a member that cannot be elected may not, a Cassandra
// node without a snitch cannot inherit one, and a replica of a Redis Cluster needs its master (topology API, sections 3, 4 and 7).
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

// PrefersToJoin reports whether a member may be the first of its set but should not: a Cassandra node that is not a seed.
func (t Topology) PrefersToJoin() bool {
	return t.Cassandra != nil && !deref(t.Cassandra.IsSeed, true)
}

// Undecided reports whether the block belongs to a named cluster and leaves open whether to create or join it.
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

// disagreement returns the first member whose value is known, and the first later one with a different value.
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
