package state

import (
	"fmt"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// clusterKey names a cluster or replica set; names are unique in a project and namespace (topology API, section 1).
type clusterKey struct {
	namespace topology.Namespace
	name      string
}

// cluster is the shared state of the members of a named cluster or replica set. It exists as long as it has members, including the first
// one while it is building.
type cluster struct {
	clusterKey
	first  *instance
	change string // the topology action in progress; "" if there is none

	// A replica set's.
	primary              *instance
	reconfigs, elections int

	// A Couchbase cluster's.
	buckets []topology.Bucket
}

// String returns the cluster's name for the start of a sentence.
func (k clusterKey) String() string {
	if k.namespace == topology.NamespaceMongoDB {
		return fmt.Sprintf("Replica set %s", k.name)
	}
	return fmt.Sprintf("%s cluster %s", k.namespace, k.name)
}

// members lists a cluster's members in the order of their creation, including those that are building.
func (p *project) members(c *cluster) []*instance {
	return slices.DeleteFunc(p.all(), func(i *instance) bool { return i.cluster != c })
}

// built lists the members that have been ready.
func (p *project) builtMembers(c *cluster) []*instance {
	return slices.DeleteFunc(p.members(c), func(i *instance) bool { return !i.built })
}

// join finds the cluster to join; nil if it is to be created. A name is taken as soon as its first member is accepted, and free again when
// no member is left (topology API, sections 1 and 3).
func (p *project) join(key clusterKey, joins bool) (*cluster, error) {
	c := p.clusters[key]
	switch {
	case c == nil && joins:
		return nil, notFound("%s cannot be found: without join it would be created.", key)
	case c != nil && !joins:
		return nil, conflict("%s exists already: with join true the instance would join it.", key)
	case joins && !slices.ContainsFunc(p.members(c), (*instance).ready):
		return nil, unprocessable("%s is not ready: no member of it is ACTIVE yet.", key)
	}
	return c, nil
}

// enroll makes a built instance a full member of its cluster.
func (s *State) enroll(i *instance) {
	if i.cluster == nil {
		return
	}
	if i.cluster.first != i {
		i.cluster.reconfigs++
	}
	s.elect(i.cluster)
}

// leave removes an instance from its cluster, which disappears with its last member. A block that is kept is shown only by the instance.
func (s *State) leave(i *instance) {
	c := i.cluster
	if c == nil {
		return
	}
	i.cluster, i.next = nil, nil
	if len(i.project.members(c)) == 0 {
		delete(i.project.clusters, c.clusterKey)
		return
	}
	s.elect(c)
}

// last refuses to remove the only built member: a cluster can lose its last one only by DELETE.
func (i *instance) last() error {
	if len(i.project.builtMembers(i.cluster)) < 2 {
		return unprocessable("Instance %s is the last member of %s and cannot be removed: delete it instead.", i.id, i.cluster)
	}
	return nil
}

// remove starts the removal of a member, after which its instance is standalone. It calls still again at the end, since other members may
// be gone by then.
func (s *State) remove(kind string, i *instance, still func() error) error {
	if err := still(); err != nil {
		return err
	}
	t := reconfiguring()
	t.cluster = i.cluster
	s.begin(kind, t, []*instance{i}, func([]*instance) error {
		if err := still(); err != nil {
			return err
		}
		i.cluster.reconfigs++
		s.leave(i)
		i.block, i.drained = nil, false
		return nil
	})
	return nil
}
