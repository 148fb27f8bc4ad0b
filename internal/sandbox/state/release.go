package state

import (
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// inherited returns the datastore of an instance that names no version and joins a set or cluster, or replicates: that of the existing
// instances (topology API, section 3).
func (p *project) inherited(t topology.Topology, asked DatastoreRef) DatastoreRef {
	var from *instance
	if c := p.clusters[keyOf(t)]; c != nil {
		from = p.members(c)[0]
	}
	for _, id := range sourcesOf(t) {
		if source, err := p.find(id); err == nil && from == nil {
			from = source
		}
	}
	if from == nil || asked.Type != "" && asked.Type != from.version.DatastoreName && asked.Type != from.version.DatastoreID {
		return asked
	}
	return DatastoreRef{Type: from.version.DatastoreName, Version: from.version.Name}
}

// keyOf returns the key of the cluster or set that a topology names.
func keyOf(t topology.Topology) clusterKey {
	switch {
	case t.MongoDB != nil:
		return clusterKey{topology.NamespaceMongoDB, t.MongoDB.ReplSet}
	case t.Cassandra != nil:
		return clusterKey{topology.NamespaceCassandra, t.Cassandra.ClusterName}
	case t.Couchbase != nil:
		return clusterKey{topology.NamespaceCouchbase, t.Couchbase.ClusterName}
	case t.RedisCluster != nil:
		return clusterKey{topology.NamespaceRedisCluster, t.RedisCluster.ClusterName}
	}
	return clusterKey{}
}

// sourcesOf returns the instances that an instance with this topology replicates from.
func sourcesOf(t topology.Topology) []string {
	switch {
	case t.MySQL != nil:
		return t.MySQL.Sources()
	case t.Redis != nil && t.Redis.SlaveOf != nil:
		return []string{*t.Redis.SlaveOf}
	}
	return nil
}

// checkRelease refuses a replica of an older major version than its source, and warns of a member whose major version differs from its
// cluster's.
func (p *project) checkRelease(t topology.Topology, at *place, v Version) error {
	for _, id := range sourcesOf(t) {
		source, err := p.find(id)
		if err == nil && v.datastore().OlderRelease(source.version.datastore()) {
			return badRequest("Instance %s runs %s, and a replica of it cannot be of the older version %s.", id, source.version.Name, v.Name)
		}
	}
	if at.cluster == nil {
		return nil
	}
	members := p.members(at.cluster)
	other := slices.IndexFunc(members, func(i *instance) bool { return !v.datastore().SameRelease(i.version.datastore()) })
	if other >= 0 {
		at.warnings = append(at.warnings, topology.MixedReleases(v.datastore(), members[other].version.datastore()))
	}
	return nil
}
