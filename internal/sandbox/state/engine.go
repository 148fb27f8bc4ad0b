package state

import (
	"fmt"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// Engine runs the database servers of a State in the background, as engine.Runner does. Its methods return at once.
type Engine interface {
	Serves(datastore string) bool
	Realize(wanted []engine.Server, about []string) engine.Ticket
	Remove(id string) engine.Ticket
	Backup(id, backup string) engine.Ticket
	RemoveBackup(backup string) engine.Ticket
	Observe(id string) (engine.Observation, bool)
}

// awaited is what is to be done when the engine has done something.
type awaited struct {
	ticket engine.Ticket
	then   func(error)
}

// await does something when the engine has done its part, at once where it has none.
func (s *State) await(t engine.Ticket, then func(error)) {
	if t == nil {
		then(nil)
		return
	}
	s.awaited = append(s.awaited, awaited{t, then})
}

// awaken does what the engine was waited for.
func (s *State) awaken() {
	for n := 0; n < len(s.awaited); n++ {
		a := s.awaited[n]
		if done, err := a.ticket.Done(); done {
			s.awaited = slices.Delete(s.awaited, n, n+1)
			a.then(err)
			n = -1 // it may have added and removed others
		}
	}
}

// runs says whether the engine runs the instance's server.
func (s *State) runs(i *instance) bool {
	return s.opts.Engine != nil && s.opts.Engine.Serves(i.version.DatastoreName)
}

// realize asks the engine for instances as they are now to be, with all that they replicate with or share a cluster with, and with others that
// they did so before. The ticket, nil where none of the instances is run, is about those alone.
func (s *State) realize(instances []*instance, others ...*instance) engine.Ticket {
	var all []*instance
	var about []string
	add := func(m *instance) {
		if !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	for _, i := range instances {
		if !s.runs(i) {
			continue
		}
		about = append(about, i.id)
		i.asked = true
		add(i)
		others = append(others, i.members()...)
	}
	for _, m := range others {
		// One that builds is wanted from when its own time has come, and one that goes no more.
		if m.asked && !m.absent() && s.runs(m) {
			add(m)
		}
	}
	if len(about) == 0 {
		return nil
	}
	wanted := make([]engine.Server, len(all))
	for n, i := range all {
		wanted[n] = i.wanted()
	}
	return s.opts.Engine.Realize(wanted, about)
}

// wanted is the instance as its engine is told of it.
func (i *instance) wanted() engine.Server {
	server := engine.Server{
		ID: i.id, Name: i.name, Datastore: i.version.DatastoreName, Version: i.version.Name, Sources: slices.Clone(i.parents()),
		ReadOnly: i.readOnly, ServerID: i.serverID, Parameters: i.inForce, Starts: i.starts, RootPassword: i.rootPassword, Backup: i.restored,
	}
	if c := i.block; c != nil && c.RedisCluster != nil && i.cluster != nil {
		server.Cluster = i.project.id + "/" + c.RedisCluster.ClusterName
		server.ClusterTimeout = defaultClusterTimeout
		if c.RedisCluster.ClusterTimeout != nil {
			server.ClusterTimeout = *c.RedisCluster.ClusterTimeout
		}
	}
	if len(server.Sources) > 0 { // its contents are its source's
		return server
	}
	for _, d := range i.schemas {
		server.Databases = append(server.Databases, engine.Database{Name: d.Name, CharacterSet: d.CharacterSet, Collate: d.Collate})
	}
	for _, u := range i.users {
		server.Users = append(server.Users, engine.User{Name: u.Name, Password: u.Password, Host: u.Host, Databases: slices.Clone(u.Databases)})
	}
	return server
}

// configure puts the values of an instance's group in force: at a start all, else those that need none.
func (s *State) configure(i *instance, start bool) {
	values := map[string]any{}
	if i.configuration != nil {
		values = s.stored(i.configuration)
	}
	inForce := map[string]string{}
	needsStart := func(name string) bool { return s.needRestart(i.version, map[string]any{name: nil}) }
	for name, value := range values {
		if start || !needsStart(name) {
			inForce[name] = fmt.Sprint(value)
		}
	}
	if start {
		i.starts++
	} else {
		for name, value := range i.inForce {
			if needsStart(name) {
				inForce[name] = value
			}
		}
	}
	i.inForce = inForce
}

// refresh asks the engine for an instance whose contents or settings were changed, and notes what it says; Settled waits for that.
func (s *State) refresh(i *instance) {
	t := s.realize([]*instance{i})
	if t == nil {
		return
	}
	i.pending++
	s.await(t, func(err error) {
		i.pending--
		if err != nil {
			i.setFault(err.Error(), s.clock)
		}
	})
}

// Settled says whether the engine has done all that an instance's guest agent was told. A guest does one thing after the other: who asks
// it for its databases or users is answered then.
func (s *State) Settled(project, id string) bool {
	defer s.enter()()
	i, err := s.project(project).find(id)
	return err != nil || i.pending == 0
}

// observed is what the engine knows of an instance.
func (i *instance) observed() (engine.Observation, bool) {
	if i.project.engine == nil || !i.built {
		return engine.Observation{}, false
	}
	return i.project.engine.Observe(i.id)
}

// Observe tells what is known of the server that really runs as an instance; false where none does.
func (s *State) Observe(project, id string) (engine.Observation, bool) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return engine.Observation{}, false
	}
	return i.observed()
}

// dead says that the instance's server runs no more, although it should.
func (i *instance) dead() bool {
	o, runs := i.observed()
	return runs && !o.Up && i.pending == 0
}
