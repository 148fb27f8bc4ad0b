package state

import (
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// locateRedis finds the source of a replica: a master or another replica in a chain (topology API, section 6).
func (p *project) locateRedis(r topology.Redis) (at place, err error) {
	at.block = &topology.Topology{Redis: &r}
	if r.SlaveOf == nil {
		return at, nil
	}
	source, err := p.find(*r.SlaveOf)
	if err != nil {
		return at, err
	}
	if source.block == nil || source.block.Redis == nil {
		return at, badRequest("Instance %s is in no redis topology: a master is created with topology {\"redis\": {}}.", source.id)
	}
	return at, source.idle()
}

// slaveofNoOne makes a replica a master; its own replicas keep replicating from it.
func (s *State) slaveofNoOne(via *instance, a topology.SlaveofNoOne) error {
	i, err := via.subject(a.ID)
	if err != nil {
		return err
	}
	if i.block.Redis.SlaveOf == nil {
		return badRequest("Instance %s is not a replica.", i.id)
	}
	s.begin(topology.OperationName(a), detaching(), []*instance{i}, func([]*instance) error {
		i.block = &topology.Topology{Redis: &topology.Redis{}}
		return nil
	})
	return nil
}

// defaultClusterTimeout is Redis's own cluster-node-timeout, in milliseconds.
const defaultClusterTimeout = 15000

// locateRedisCluster finds a node's cluster and, for a replica, its master (topology API, section 7).
func (p *project) locateRedisCluster(r topology.RedisCluster) (at place, err error) {
	at.creates = clusterKey{topology.NamespaceRedisCluster, r.ClusterName}
	if at.cluster, err = p.join(at.creates, r.Joins()); err != nil {
		return at, err
	}
	if at.cluster != nil {
		existing := *p.members(at.cluster)[0].block.RedisCluster
		if err := r.CheckJoin(existing).Err(); err != nil {
			return at, badRequest("%s", err)
		}
		r.ClusterTimeout = existing.ClusterTimeout
	}
	if r.ClusterTimeout == nil {
		timeout := int64(defaultClusterTimeout)
		r.ClusterTimeout = &timeout
	}
	if r.SlaveOf != nil {
		master, err := p.find(*r.SlaveOf)
		switch {
		case err != nil:
			return at, err
		case master.cluster != at.cluster:
			return at, badRequest("Instance %s is not in %s.", master.id, at.cluster)
		case !master.isMaster():
			return at, badRequest("Instance %s is a replica: slave_of names a master of %s.", master.id, at.cluster)
		}
		if err := master.idle(); err != nil {
			return at, err
		}
	}
	r.Join = nil
	at.block = &topology.Topology{RedisCluster: &r}
	return at, nil
}

func (i *instance) isMaster() bool { return i.block.RedisCluster.SlaveOf == nil }

// replicate makes a node of a Redis Cluster a replica of another, or with nil a master.
func (i *instance) replicate(master *instance) {
	r := *i.block.RedisCluster
	r.SlaveOf = nil
	if master != nil {
		r.SlaveOf = &master.id
	}
	i.block = &topology.Topology{RedisCluster: &r}
}

// failover lets a replica take over from its master, which becomes its replica; the master's other replicas follow.
func (s *State) failover(via *instance, a topology.Failover) error {
	replica, err := via.subject(a.ID)
	if err != nil {
		return err
	}
	if replica.isMaster() {
		return badRequest("Instance %s is a master: a replica takes over from its master.", replica.id)
	}
	master, err := via.subject(*replica.block.RedisCluster.SlaveOf)
	if err != nil {
		return err
	}
	t := promoting()
	t.cluster = via.cluster
	s.begin(topology.OperationName(a), t, []*instance{replica, master}, func(left []*instance) error {
		if !slices.Contains(left, replica) {
			return nil // deleted meanwhile: the master does not change
		}
		others := replica.project.replicas(master)
		replica.replicate(nil)
		master.replicate(replica)
		for _, o := range others {
			if o != replica {
				o.replicate(replica)
			}
		}
		return nil
	})
	return nil
}

// removeClusterNode moves a master's slots to the other masters, or drops a replica, and forgets the node.
func (s *State) removeClusterNode(via *instance, a topology.RemoveClusterNode) error {
	i, err := via.subject(a.ID)
	if err != nil {
		return err
	}
	return s.remove(topology.OperationName(a), i, func() error {
		if err := i.last(); err != nil || !i.isMaster() {
			return err
		}
		if len(i.project.replicas(i)) > 0 {
			return unprocessable("Instance %s still has replicas: remove them or let one take over first.", i.id)
		}
		masters := 0
		for _, m := range i.project.builtMembers(i.cluster) {
			if m.isMaster() {
				masters++
			}
		}
		if masters < 2 {
			return unprocessable("Instance %s is the last master of %s and cannot be removed: delete it instead.", i.id, i.cluster)
		}
		return nil
	})
}
