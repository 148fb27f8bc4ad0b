package topology

// RedisCluster is the block of a node of a Redis Cluster (topology API, section 7). ClusterTimeout is in milliseconds;
// the first node sets it, the others inherit it.
type RedisCluster struct {
	ClusterName    string  `json:"cluster_name"`
	ClusterTimeout *int64  `json:"cluster_timeout,omitempty"`
	Join           *bool   `json:"join,omitempty"`
	SlaveOf        *string `json:"slave_of,omitempty"`
}

// Joins reports whether the node is to join an existing cluster, as a master or as a replica.
func (r RedisCluster) Joins() bool { return joins(r.Join) || r.SlaveOf != nil }

// Check applies the rules of section 7 about a single node.
func (r *RedisCluster) Check(ds Datastore) Problems {
	var ps Problems
	if ds.older(3, 0) {
		ps = append(ps, problem("Redis Cluster needs Redis 3.0 or later, not %s", ds.Version).about(FieldDatastore))
	}
	if r.ClusterName == "" {
		ps = append(ps, problem("cluster_name is required").about("cluster_name").empty())
	}
	if t := deref(r.ClusterTimeout, 1); t < 1 {
		ps = append(ps, problem("cluster_timeout is %d: it must be 1 ms or more", t).about("cluster_timeout"))
	}
	if r.SlaveOf != nil {
		if *r.SlaveOf == "" {
			ps = append(ps, problem("slave_of is empty: omit it for a master").about("slave_of").empty())
		}
		if r.Join != nil && !*r.Join {
			ps = append(ps, problem("join is false, but slave_of names a master of an existing cluster: a replica always joins").about("join", "slave_of"))
		}
	}
	return ps
}

// CheckJoin compares a joining node with one in the cluster, as far as the settings of that one are known.
func (r RedisCluster) CheckJoin(existing RedisCluster) Problems {
	if r.ClusterTimeout != nil && existing.ClusterTimeout != nil && *r.ClusterTimeout != *existing.ClusterTimeout {
		return Problems{problem("cluster_timeout is %d, but cluster %s has %d: omit it to inherit it", *r.ClusterTimeout, r.ClusterName, *existing.ClusterTimeout).about("cluster_timeout")}
	}
	return nil
}

// CheckTimeouts reports nodes of one cluster that name different timeouts: all have that of the first node.
func CheckTimeouts(nodes []Member) Problems {
	timeout := func(n Member) *int64 { return n.RedisCluster.ClusterTimeout }
	first, other, differ := disagreement(nodes, timeout)
	if !differ {
		return nil
	}
	return Problems{problem("cluster_timeout is %d for node %s, but %d for node %s: all nodes of a cluster have that of the first node, which creates it; omit it in the nodes that "+
		"join, to inherit it", *timeout(other), other.Name, *timeout(first), first.Name).about("cluster_timeout")}
}

// Failover lets a replica take over from its master, which becomes its replica.
type Failover struct {
	ID string `json:"id"`
}

// Operation implements Action.
func (Failover) Operation() (Namespace, string) { return NamespaceRedisCluster, "failover" }

func (a Failover) check() error { return requireID("failover", "id", a.ID) }

// RemoveClusterNode moves a master's slots to the other masters and forgets the node.
type RemoveClusterNode struct {
	ID string `json:"id"`
}

// Operation implements Action.
func (RemoveClusterNode) Operation() (Namespace, string) {
	return NamespaceRedisCluster, "remove_node"
}

func (a RemoveClusterNode) check() error { return requireID("remove_node", "id", a.ID) }

// SameShard reports whether two nodes of a Redis Cluster are a master and its replica, replicas of one master, or the same node. A
// failover changes which of them is the master, but not the shard.
func (v View) SameShard(one, other string) bool {
	a, found := v.masterOf(one)
	b, foundOther := v.masterOf(other)
	return found && foundOther && a == b
}

// masterOf returns the id of the master of a node's shard.
func (v View) masterOf(id string) (string, bool) {
	m, ok := v.Find(id)
	if !ok || m.RedisCluster == nil {
		return "", false
	}
	return deref(m.RedisCluster.SlaveOf, id), true
}
