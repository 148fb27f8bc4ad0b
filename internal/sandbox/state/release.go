package state

import (
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// inherited is the datastore of an instance that names no version, where it joins a set or cluster, or replicates: that of those which are
// there already (topology API, section 3).
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

// keyOf is the cluster or set that a topology names.
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

// sourcesOf are the instances that one of this topology replicates from.
func sourcesOf(t topology.Topology) []string {
	switch {
	case t.MySQL != nil:
		return t.MySQL.Sources()
	case t.Redis != nil && t.Redis.SlaveOf != nil:
		return []string{*t.Redis.SlaveOf}
	}
	return nil
}

// checkRelease refuses a replica of an older major version than its source, and warns of a member of another than its cluster's.
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
