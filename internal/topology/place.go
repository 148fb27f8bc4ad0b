package topology

import (
	"fmt"
	"slices"
	"strings"
)

// Place returns the namespace of the topology and the set, cluster or source that it belongs to. Two blocks with the same place may differ
// in settings.
func (t Topology) Place() string {
	switch {
	case t.MySQL != nil:
		return "mysql replica of " + strings.Join(slices.Sorted(slices.Values(t.MySQL.Sources())), ", ")
	case t.MongoDB != nil:
		return fmt.Sprintf("mongodb %s of replica set %s", t.MongoDB.Type, t.MongoDB.ReplSet)
	case t.Cassandra != nil:
		return "cassandra node of cluster " + t.Cassandra.ClusterName
	case t.Couchbase != nil:
		return "couchbase node of cluster " + t.Couchbase.ClusterName
	case t.Redis != nil && t.Redis.SlaveOf != nil:
		return "redis replica of " + *t.Redis.SlaveOf
	case t.Redis != nil:
		return "redis master"
	case t.RedisCluster != nil && t.RedisCluster.SlaveOf != nil:
		return fmt.Sprintf("redis cluster %s, replica of %s", t.RedisCluster.ClusterName, *t.RedisCluster.SlaveOf)
	case t.RedisCluster != nil:
		return "redis cluster " + t.RedisCluster.ClusterName
	}
	return "standalone"
}
