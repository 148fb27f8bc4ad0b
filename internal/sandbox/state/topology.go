package state

import (
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// place is the place of a new instance in a topology; the zero value is none.
type place struct {
	sources  []*instance        // sources that are backed up for it
	block    *topology.Topology // shown as its topology; nil if sources are enough
	cluster  *cluster           // the cluster that it joins
	creates  clusterKey         // the cluster that it creates if it joins none
	warnings []string
}

// locate checks a topology against its datastore, and against everything that exists (topology API, sections 2 to 7).
func (s *State) locate(p *project, t topology.Topology, v Version) (place, error) {
	problems := t.Check(v.datastore())
	if err := problems.Err(); err != nil {
		return place{}, badRequest("%s", err)
	}
	var at place
	var err error
	switch t.Namespace() {
	case topology.NamespaceMySQL:
		at, err = p.locateMySQL(*t.MySQL, v)
	case topology.NamespaceMongoDB:
		at, err = p.locateMongoDB(*t.MongoDB, v)
	case topology.NamespaceCassandra:
		at, err = p.locateCassandra(*t.Cassandra)
	case topology.NamespaceCouchbase:
		at, err = p.locateCouchbase(*t.Couchbase)
	case topology.NamespaceRedis:
		at, err = p.locateRedis(*t.Redis)
	case topology.NamespaceRedisCluster:
		at, err = p.locateRedisCluster(*t.RedisCluster)
	}
	if err == nil {
		err = p.checkRelease(t, &at, v)
	}
	at.warnings = append(problems.Warnings(), at.warnings...)
	return at, err
}

// settle gives a new instance the place that was found for it.
func (s *State) settle(i *instance, b blueprint) {
	switch {
	case b.ReplicaOf != "":
		i.sources, i.readOnly = []string{b.ReplicaOf}, true
	case b.Topology != nil && b.Topology.MySQL != nil:
		i.sources, i.readOnly, i.byTopology = b.Topology.MySQL.Sources(), !b.Topology.MySQL.Writable(), true
	case b.place.block != nil:
		i.block = b.place.block
	}
	if c := i.block; c != nil && c.Cassandra != nil {
		i.block = &topology.Topology{Cassandra: s.placed(*c.Cassandra, i.zone)}
	}
	if i.cluster = b.place.cluster; i.cluster == nil && b.place.creates.name != "" {
		i.cluster = &cluster{clusterKey: b.place.creates, first: i}
		i.project.clusters[i.cluster.clusterKey] = i.cluster
	}
}

// View returns the topology that an instance belongs to, whichever member it is (topology API, section 1). A standalone instance is the
// only member of its own. Instances that are being deleted or failed to build do not appear in the topology of others.
func (s *State) View(project, id string) (topology.View, error) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return topology.View{}, err
	}
	return s.view(i), nil
}

func (s *State) view(i *instance) topology.View {
	view := topology.View{Members: []topology.Member{}}
	for _, m := range i.members() {
		member := topology.Member{ID: m.id, Name: m.name}
		if t := m.replication(); t != nil {
			member.Topology = *s.shown(t)
		}
		view.Members = append(view.Members, member)
	}
	if i.block != nil && i.block.Couchbase != nil && !s.opts.Bare {
		view.Buckets = []topology.Bucket{} // an empty list differs from no list
		if i.cluster != nil {
			view.Buckets = append(view.Buckets, i.cluster.buckets...)
		}
	}
	return view
}

// members lists everything in the instance's topology.
func (i *instance) members() []*instance {
	switch {
	case i.absent():
		return []*instance{i}
	case i.cluster != nil:
		return i.project.members(i.cluster)
	default:
		return i.project.related(i)
	}
}

// replication returns the block of the instance in its topology, even if the instance itself shows replica_of instead.
func (i *instance) replication() *topology.Topology {
	if len(i.sources) > 0 && hasServerID(i.version) {
		return &topology.Topology{MySQL: i.mysql()}
	}
	return i.block
}

// Act starts a topology action, sent to any member of the topology (topology API, sections 1 to 7). It returns when the action is accepted:
// the changes are made when the action ends.
func (s *State) Act(project, id string, action topology.Action) error {
	defer s.enter()()
	via, err := s.project(project).find(id)
	if err != nil {
		return err
	}
	return s.refused(via, s.act(via, action))
}

func (s *State) act(via *instance, action topology.Action) error {
	namespace, _ := action.Operation()
	if !via.in(namespace) {
		return badRequest("Instance %s is in no %s topology.", via.id, namespace)
	}
	if err := via.idle(); err != nil {
		return err
	}
	if c := via.cluster; c != nil && c.change != "" {
		return unprocessable("%s is not ready: it is being changed (%s), and takes one change at a time.", c, c.change)
	}
	if s.opts.Bare && beyondProposal(action) {
		ns, name := action.Operation()
		return badRequest("topology action: %s has no action %q", ns, name) // as for any other unknown action
	}
	switch a := action.(type) {
	case topology.Promote:
		return s.promoteMySQL(via, a)
	case topology.UpdateMembers:
		return s.updateMembers(via, a)
	case topology.RemoveMember:
		return s.removeMember(via, a)
	case topology.DrainNode:
		return s.drainNode(via, a)
	case topology.RemoveNode:
		return s.removeNode(via, a)
	case topology.CreateBucket:
		return s.createBucket(via, a)
	case topology.DeleteBucket:
		return s.deleteBucket(via, a)
	case topology.Rebalance:
		return s.rebalance(via, a)
	case topology.SlaveofNoOne:
		return s.slaveofNoOne(via, a)
	case topology.Failover:
		return s.failover(via, a)
	case topology.RemoveClusterNode:
		return s.removeClusterNode(via, a)
	}
	return badRequest("topology action %s is not known", topology.OperationName(action))
}

// in reports whether the instance accepts actions of that namespace. A MySQL source has no block: any MySQL server will do.
func (i *instance) in(n topology.Namespace) bool {
	if n == topology.NamespaceMySQL {
		return hasServerID(i.version)
	}
	return i.block != nil && i.block.Namespace() == n
}

// subject finds the member that an action is about, which must be in the topology of the receiving instance, and idle.
func (i *instance) subject(id string) (*instance, error) {
	subject, err := i.project.find(id)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(i.members(), subject) {
		return nil, badRequest("Instance %s is not a member of the topology that instance %s belongs to.", id, i.id)
	}
	return subject, subject.idle()
}
