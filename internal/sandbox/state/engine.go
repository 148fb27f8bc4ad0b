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

// awaited is a function to call when the engine has done something.
type awaited struct {
	ticket engine.Ticket
	then   func(error)
}

// await calls a function when the engine is done, or at once if there is nothing to wait for.
func (s *State) await(t engine.Ticket, then func(error)) {
	if t == nil {
		then(nil)
		return
	}
	s.awaited = append(s.awaited, awaited{t, then})
}

// awaken calls the functions for which the engine is done.
func (s *State) awaken() {
	for n := 0; n < len(s.awaited); n++ {
		a := s.awaited[n]
		if done, err := a.ticket.Done(); done {
			s.awaited = slices.Delete(s.awaited, n, n+1)
			a.then(err)
			n = -1 // the function may have added and removed others
		}
	}
}

// runs reports whether the engine runs the instance's server.
func (s *State) runs(i *instance) bool {
	return s.opts.Engine != nil && s.opts.Engine.Serves(i.version.DatastoreName)
}

// realize asks the engine for the wanted state of instances, together with all that they replicate with or share a cluster with, and others
// for which that was so before. The ticket is only about the given instances; it is nil if none of them is run.
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
		// An instance that is building is wanted from its own time on, and one that is being deleted no longer.
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

// wanted returns the instance as the engine sees it.
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
	if len(server.Sources) > 0 { // it has its source's contents
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

// configure puts the values of an instance's group in force: all at a start, else those that need no start.
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

// refresh tells the engine that an instance's contents or settings were changed, and records its result; Settled waits for that.
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

// Settled reports whether the engine has done all that an instance's guest agent was told. A guest does one task after the other, so
// requests for its databases or users are answered then.
func (s *State) Settled(project, id string) bool {
	defer s.enter()()
	i, err := s.project(project).find(id)
	return err != nil || i.pending == 0
}

// observed returns what the engine knows of an instance.
func (i *instance) observed() (engine.Observation, bool) {
	if i.project.engine == nil || !i.built {
		return engine.Observation{}, false
	}
	return i.project.engine.Observe(i.id)
}

// Observe returns what is known of the real server of an instance; false if there is none.
func (s *State) Observe(project, id string) (engine.Observation, bool) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return engine.Observation{}, false
	}
	return i.observed()
}

// dead reports whether the instance's server no longer runs, although it should.
func (i *instance) dead() bool {
	o, runs := i.observed()
	return runs && !o.Up && i.pending == 0
}
