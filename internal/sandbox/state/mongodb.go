package state

import "github.com/opentrove/terraform-provider-trove/internal/topology"

// replicaSet returns the present configuration, and the one after a change in progress.
func (p *project) replicaSet(c *cluster) (current, coming []topology.MongoDB) {
	for _, i := range p.members(c) {
		current = append(current, *i.block.MongoDB)
		if i.next != nil {
			coming = append(coming, *i.next)
		} else {
			coming = append(coming, *i.block.MongoDB)
		}
	}
	return current, coming
}

func (p *project) locateMongoDB(m topology.MongoDB, v Version) (at place, err error) {
	at.creates = clusterKey{topology.NamespaceMongoDB, m.ReplSet}
	if at.cluster, err = p.join(at.creates, m.Joins()); err != nil {
		return at, err
	}
	m = m.InForce()
	at.block = &topology.Topology{MongoDB: &m}
	if at.cluster == nil {
		at.warnings = topology.CheckReplicaSet([]topology.MongoDB{m}).Warnings()
		return at, nil
	}
	if other := p.members(at.cluster)[0]; other.version.datastore().IsTokuMX() != v.datastore().IsTokuMX() {
		return at, badRequest("%s runs %s, with which %s does not replicate.", at.creates, other.version.Name, v.Name)
	}
	// A limit must hold whether a change in progress succeeds or fails.
	current, coming := p.replicaSet(at.cluster)
	problems := topology.CheckReplicaSet(append(coming, m))
	for _, ps := range []topology.Problems{topology.CheckReplicaSet(append(current, m)), problems} {
		if err := ps.Err(); err != nil {
			return at, badRequest("%s", err)
		}
	}
	at.warnings = problems.Warnings()
	return at, nil
}

// updateMembers is one rs.reconfig(): all settings of one request take effect together, or none.
func (s *State) updateMembers(via *instance, a topology.UpdateMembers) error {
	changed := map[*instance]topology.MongoDB{}
	var members []*instance
	for _, u := range a.Members {
		i, err := via.subject(u.ID)
		if err != nil {
			return err
		}
		m := i.block.MongoDB.Apply(u.MemberSettings)
		joined := true // the rules for the first member do not apply to existing members
		check := m
		check.Join = &joined
		if err := check.Check(i.version.datastore()).Err(); err != nil {
			return badRequest("Instance %s: %s", i.id, err)
		}
		changed[i], members = m, append(members, i)
	}
	var after []topology.MongoDB
	for _, i := range via.project.members(via.cluster) {
		if m, ok := changed[i]; ok {
			after = append(after, m)
		} else {
			after = append(after, *i.block.MongoDB)
		}
	}
	if err := topology.CheckReplicaSet(after).Err(); err != nil {
		return badRequest("%s", err)
	}
	for i, m := range changed {
		i.next = &m
	}
	t := reconfiguring()
	t.cluster = via.cluster
	s.begin(topology.OperationName(a), t, members, func(left []*instance) error {
		for _, i := range left {
			i.block = &topology.Topology{MongoDB: i.next}
		}
		t.cluster.reconfigs++
		s.elect(t.cluster)
		return nil
	})
	return nil
}

// removeMember removes a member from its set; its instance becomes standalone.
func (s *State) removeMember(via *instance, a topology.RemoveMember) error {
	i, err := via.subject(a.ID)
	if err != nil {
		return err
	}
	return s.remove(topology.OperationName(a), i, func() error {
		if err := i.last(); err != nil {
			return err
		}
		var rest []topology.MongoDB
		for _, m := range i.project.members(i.cluster) {
			if m != i {
				rest = append(rest, *m.block.MongoDB)
			}
		}
		if err := topology.CheckReplicaSet(rest).Err(); err != nil {
			return badRequest("%s", err)
		}
		return nil
	})
}

// elect chooses the primary of a replica set: the built member with the highest priority; among equals the present one, else the oldest.
func (s *State) elect(c *cluster) {
	if c == nil || c.namespace != topology.NamespaceMongoDB {
		return
	}
	var winner *instance
	best := 0.0 // priority 0 is never elected
	for _, m := range c.first.project.members(c) {
		if !m.ready() || m.block.MongoDB.IsArbiter() {
			continue
		}
		if p := *m.block.MongoDB.Priority; p > best || p == best && p > 0 && m == c.primary {
			winner, best = m, p
		}
	}
	if winner != nil && winner != c.primary {
		c.elections++
	}
	c.primary = winner
}

// ReplicaSet is the state of a replica set that no call shows, for tests. Reconfigs counts the changes of its configuration after it was
// created: joins, removals and update_members. Elections counts how often it chose a primary.
type ReplicaSet struct {
	Primary   string // the id; "" if no member can be elected
	Reconfigs int
	Elections int
}

// ReplicaSet returns the state of a replica set; false if there is none of that name.
func (s *State) ReplicaSet(project, name string) (ReplicaSet, bool) {
	defer s.enter()()
	c := s.project(project).clusters[clusterKey{topology.NamespaceMongoDB, name}]
	if c == nil {
		return ReplicaSet{}, false
	}
	r := ReplicaSet{Reconfigs: c.reconfigs, Elections: c.elections}
	if c.primary != nil {
		r.Primary = c.primary.id
	}
	return r, true
}
