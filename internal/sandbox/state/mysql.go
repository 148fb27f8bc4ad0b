package state

import "github.com/opentrove/terraform-provider-trove/internal/topology"

// mysql returns a replica's block (topology API, section 2).
func (i *instance) mysql() *topology.MySQL {
	refs := make([]topology.Ref, len(i.sources))
	for n, id := range i.sources {
		refs[n] = topology.Ref{ID: id}
	}
	readOnly := i.readOnly
	return &topology.MySQL{SlaveOf: refs, ReadOnly: &readOnly}
}

// locateMySQL finds a replica's sources: in the project, of the same datastore type, and ACTIVE.
func (p *project) locateMySQL(m topology.MySQL, v Version) (at place, err error) {
	for _, id := range m.Sources() {
		source, err := p.find(id)
		if err != nil {
			return at, err
		}
		if source.version.DatastoreName != v.DatastoreName {
			return at, badRequest("Instance %s runs %s, and a %s replica replicates from %s alone.", id, source.version.DatastoreName, v.DatastoreName, v.DatastoreName)
		}
		if err := source.idle(); err != nil {
			return at, err
		}
		at.sources = append(at.sources, source)
	}
	return at, nil
}

// promoteMySQL makes a replica a standalone, writable instance, which Trove calls detaching.
func (s *State) promoteMySQL(via *instance, a topology.Promote) error {
	i, err := via.subject(a.ID)
	if err != nil {
		return err
	}
	if len(i.sources) == 0 {
		return badRequest("Instance %s is not a replica.", i.id)
	}
	s.begin(topology.OperationName(a), detaching(), []*instance{i}, func([]*instance) error {
		i.standalone()
		return nil
	})
	return nil
}

// ServerID returns the server_id that Trove chose for a MySQL or MariaDB server; 0 if there is no such instance.
func (s *State) ServerID(project, id string) uint32 {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return 0
	}
	return i.serverID
}
