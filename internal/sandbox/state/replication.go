package state

import (
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// hasServerID reports whether servers of this datastore are identified by a number that Trove chooses.
func hasServerID(v Version) bool {
	return topology.Topology{MySQL: &topology.MySQL{SlaveOf: []topology.Ref{{ID: "any"}}}}.Check(topology.Datastore{Type: v.DatastoreName}).Err() == nil
}

// parents returns the ids of the instances that the instance replicates from.
func (i *instance) parents() []string {
	switch {
	case i.block == nil:
		return i.sources
	case i.block.Redis != nil && i.block.Redis.SlaveOf != nil:
		return []string{*i.block.Redis.SlaveOf}
	case i.block.RedisCluster != nil && i.block.RedisCluster.SlaveOf != nil:
		return []string{*i.block.RedisCluster.SlaveOf}
	}
	return nil
}

// replicas lists the replicas of an instance, in the order of creation. As in Trove, that includes replicas that failed to build, and those
// that are being deleted, until they are gone.
func (p *project) replicas(source *instance) []*instance {
	return slices.DeleteFunc(p.all(), func(i *instance) bool { return !slices.Contains(i.parents(), source.id) })
}

// related lists all instances that replicate, directly or not, from the same instances as this one, including itself.
func (p *project) related(i *instance) []*instance {
	all := p.all()
	in := map[string]bool{i.id: true}
	for grown := true; grown; {
		grown = false
		for _, other := range all {
			if other.absent() {
				continue
			}
			for _, parent := range other.parents() {
				if in[parent] != in[other.id] {
					in[parent], in[other.id], grown = true, true, true
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(other *instance) bool { return !in[other.id] || other.absent() && other != i })
}

// planReplica checks the creation of a replica by replica_of. It takes flavor, volume and datastore from its source.
func (p *project) planReplica(r CreateRequest) (b blueprint, err error) {
	b.CreateRequest = r
	switch {
	case r.FlavorID != "":
		return b, badRequest("Cannot specify flavor when creating replicas.")
	case r.Datastore != nil:
		return b, badRequest("Cannot specify datastore when creating replicas.")
	case r.Volume != nil:
		return b, badRequest("Cannot specify volume when creating replicas.")
	case r.Locality != "":
		return b, badRequest("Cannot specify locality when creating replicas.")
	case len(r.Databases) > 0 || len(r.Users) > 0:
		return b, badRequest("Cannot create a replica with users or databases.")
	case slices.ContainsFunc(r.Networks, func(n Network) bool { return n.IPAddress != "" }):
		return b, badRequest("Cannot specify IP address when creating replicas.")
	case r.Topology != nil:
		return b, badRequest("Cannot specify topology when creating replicas with replica_of.")
	}
	source, err := p.find(r.ReplicaOf)
	if err != nil {
		return b, err
	}
	switch {
	case !datastoreOf(source.version).replicates:
		return b, badRequest("Replication is not supported for the '%s' datastore.", source.version.DatastoreName)
	case len(source.sources) > 0:
		return b, unauthorized("Cannot create a replica of a replica %s", source.id)
	}
	if err := source.idle(); err != nil {
		return b, err
	}
	b.flavor, b.version, b.volume, b.sources = source.flavor, source.version, source.volume, []*instance{source}
	return b, nil
}

// backup makes sources busy with the snapshots for new replicas.
func (s *State) backup(sources []*instance) {
	for _, source := range sources {
		t := backingUp()
		source.task = t
		s.after(s.opts.BuildTime*3/5, func() {
			if source.task == t {
				source.task = nil
			}
		})
	}
}

// detach makes a replica a standalone instance.
func (s *State) detach(i *instance) error {
	if len(i.sources) == 0 {
		return badRequest("Instance %s is not a replica.", i.id)
	}
	if err := i.idle(); err != nil {
		return err
	}
	s.begin("detach", detaching(), []*instance{i}, func([]*instance) error {
		i.standalone()
		return nil
	})
	return nil
}

// standalone ends replication of MySQL's kind.
func (i *instance) standalone() { i.sources, i.readOnly, i.byTopology = nil, false, false }

// source returns the only instance that a replica of MySQL's kind replicates from, for Trove's role changes, which support one source with
// direct replicas only.
func (s *State) source(replica *instance) (*instance, error) {
	switch {
	case len(replica.sources) == 0:
		return nil, badRequest("Instance %s is not a replica.", replica.id)
	case len(replica.sources) > 1:
		return nil, badRequest("Instance %s has more than one source.", replica.id)
	}
	source, err := replica.project.find(replica.sources[0])
	if err == nil && len(source.sources) > 0 {
		err = badRequest("Instance %s replicates from %s, which is itself a replica.", replica.id, source.id)
	}
	return source, err
}

// PromoteToReplicaSource exchanges the roles of a replica and its source: all the source's replicas and the source itself replicate from it
// afterwards. If that fails, all of them end in ERROR.
func (s *State) PromoteToReplicaSource(project, id string) error {
	defer s.enter()()
	candidate, err := s.project(project).find(id)
	if err != nil {
		return err
	}
	return s.refused(candidate, s.promote(candidate))
}

func (s *State) promote(candidate *instance) error {
	if candidate.phase == building {
		return candidate.idle()
	}
	old, err := s.source(candidate)
	if err != nil {
		return err
	}
	siblings := candidate.project.replicas(old)
	members, err := allIdle(candidate, append([]*instance{old}, siblings...))
	if err != nil {
		return err
	}
	t, byTopology := promoting(), candidate.byTopology
	s.begin("promote_to_replica_source", t, members, func(left []*instance) error {
		if !slices.Contains(left, candidate) {
			return nil // deleted meanwhile: the others keep the old source
		}
		candidate.standalone()
		for _, m := range left {
			if m == old {
				m.sources, m.readOnly, m.byTopology = []string{candidate.id}, true, byTopology
			} else if m != candidate {
				m.replaceSource(old, candidate)
			}
		}
		return nil
	})
	// As in Trove, the candidate stops replicating well before the end.
	s.after(s.opts.ActionTime/2, func() {
		if candidate.task == t {
			candidate.standalone()
		}
	})
	return nil
}

// EjectReplicaSource makes one of the replicas of a dead source the source of the others.
func (s *State) EjectReplicaSource(project, id string) error {
	defer s.enter()()
	old, err := s.project(project).find(id)
	if err != nil {
		return err
	}
	return s.refused(old, s.eject(old))
}

func (s *State) eject(old *instance) error {
	replicas := slices.DeleteFunc(old.project.replicas(old), (*instance).absent)
	switch {
	case old.phase == building:
		return old.idle()
	case len(replicas) == 0 || len(old.sources) > 0:
		return badRequest("Instance %s is not a replica source.", old.id)
	case !old.silent && !old.dead():
		return badRequest("Replica Source %s cannot be ejected as it has a current heartbeat", old.id)
	}
	members, err := allIdle(old, replicas)
	if err != nil {
		return err
	}
	s.begin("eject_replica_source", ejecting(), members, func(left []*instance) error {
		left = slices.DeleteFunc(slices.Clone(left), func(m *instance) bool { return m == old || len(m.sources) != 1 })
		if len(left) == 0 {
			return badRequest("No replica of %s is left to become the source.", old.id)
		}
		successor := left[0]
		successor.standalone()
		for _, m := range old.project.replicas(old) {
			m.replaceSource(old, successor)
		}
		return nil
	})
	return nil
}

// allIdle returns the instance together with the others; all must be idle.
func allIdle(first *instance, others []*instance) ([]*instance, error) {
	members := []*instance{first}
	for _, o := range others {
		if o != first {
			members = append(members, o)
		}
	}
	for _, m := range members {
		if err := m.idle(); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// replaceSource replaces one source by another.
func (i *instance) replaceSource(old, now *instance) {
	var sources []string
	for _, id := range i.sources {
		if id == old.id {
			id = now.id
		}
		if id != i.id && !slices.Contains(sources, id) {
			sources = append(sources, id)
		}
	}
	i.sources = sources
}

// SetHeartbeat sets whether an instance's guest agent reports. Without a heartbeat the instance shows operating_status ERROR, and a source
// can be ejected.
func (s *State) SetHeartbeat(project, id string, beats bool) error {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err == nil {
		i.silent = !beats
	}
	return err
}
