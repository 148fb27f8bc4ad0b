package state

import (
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Update is what PUT and PATCH /instances/{id} ask for. Nil and zero mean no change.
type Update struct {
	Name          *string
	Access        *Access
	Configuration *string // "" detaches
	Detach        bool    // from the source
	Version       string  // of the datastore, by name or id
}

// Update changes an instance. Trove accepts one attribute in addition to the name.
func (s *State) Update(project, id string, u Update) error {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return err
	}
	var changes []func() error
	if u.Access != nil {
		changes = append(changes, func() error { return s.setAccess(i, *u.Access) })
	}
	if u.Configuration != nil {
		changes = append(changes, func() error { return s.setConfiguration(i, *u.Configuration) })
	}
	if u.Detach {
		changes = append(changes, func() error { return s.detach(i) })
	}
	if u.Version != "" {
		if _, err := s.versionFor(i.version.DatastoreName, u.Version); err != nil {
			return err // Trove records no fault before it looks at the instance
		}
		changes = append(changes, func() error { return s.upgrade(i, u.Version) })
	}
	if len(changes) > 1 {
		return badRequest("Only one attribute (except 'name') is allowed to update.")
	}
	if s.dropsConfigurations() && u.Configuration == nil {
		return s.updateAndDrop(i, u)
	}
	for _, change := range changes {
		if err := change(); err != nil {
			return s.refused(i, err)
		}
	}
	if u.Name != nil {
		i.name, i.updated = *u.Name, s.clock
	}
	return nil
}

// updateAndDrop changes an instance as Trove 19 to 24 do, which detach its configuration group on every change: after setting the name and
// detaching the replica, and before anything else. So the name is set even if the rest is refused, and if a replica is detached, the group
// stays and the request is refused because of it.
func (s *State) updateAndDrop(i *instance, u Update) error {
	if u.Name != nil {
		i.name, i.updated = *u.Name, s.clock
	}
	steps := []func() error{func() error { return s.setConfiguration(i, "") }}
	switch {
	case u.Detach:
		steps = slices.Insert(steps, 0, func() error { return s.detach(i) })
	case u.Access != nil:
		steps = append(steps, func() error { return s.setAccess(i, *u.Access) })
	case u.Version != "":
		steps = append(steps, func() error { return s.upgrade(i, u.Version) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return s.refused(i, err)
		}
	}
	return nil
}

func (s *State) setAccess(i *instance, a Access) error {
	if err := i.idle(); err != nil {
		return err
	}
	public := a.IsPublic != nil && *a.IsPublic
	s.begin("access", updating(), []*instance{i}, func([]*instance) error {
		i.access = Access{IsPublic: &public, AllowedCIDRs: append([]string{}, a.AllowedCIDRs...)}
		i.restartRequired = false // as in Trove, the status is lost although nothing was restarted
		i.project.addresses++
		i.publish(i.project.addresses)
		return nil
	})
	return nil
}

// upgrade moves an instance to another version of its datastore, unless its topology forbids that.
func (s *State) upgrade(i *instance, version string) error {
	v, err := s.versionFor(i.version.DatastoreName, version)
	if err != nil {
		return err
	}
	if t := i.replication(); t != nil {
		for _, p := range t.Check(v.datastore()) {
			if !p.Advice && slices.Contains(p.Fields, topology.FieldDatastore) {
				return badRequest("%s", p.Message)
			}
		}
	}
	if i.cluster != nil && v.datastore().IsTokuMX() != i.version.datastore().IsTokuMX() && len(i.project.members(i.cluster)) > 1 {
		return badRequest("%s has other members that run %s, with which %s does not replicate.", i.cluster, i.version.Name, v.Name)
	}
	if err := i.idle(); err != nil {
		return err
	}
	s.begin("upgrade", upgrading(), []*instance{i}, func([]*instance) error {
		i.version, i.restartRequired = v, false
		return nil
	})
	return nil
}

// on starts something on an instance, and records a refusal on it.
func (s *State) on(project, id string, start func(i *instance) error) error {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return err
	}
	return s.refused(i, start(i))
}

// Restart restarts an instance.
func (s *State) Restart(project, id string) error {
	return s.on(project, id, func(i *instance) error {
		if err := i.idle(); err != nil {
			return err
		}
		s.begin("restart", restarting(), []*instance{i}, func([]*instance) error {
			i.restartRequired, i.drained = false, false
			return nil
		})
		return nil
	})
}

// ResizeFlavor moves an instance to another flavor. As in Trove, a failure leaves a healthy instance with the old flavor and a fault.
func (s *State) ResizeFlavor(project, id, flavor string) error {
	return s.on(project, id, func(i *instance) error {
		f, err := s.flavorFor(flavor)
		if err != nil {
			return err
		}
		if f.ID == i.flavor.ID {
			return badRequest("The new flavor id must be different than the current flavor id of '%s'.", f.ID)
		}
		if err := i.idle(); err != nil {
			return err
		}
		s.begin("resize", resizing(), []*instance{i}, func([]*instance) error {
			i.flavor, i.restartRequired = f, false
			return nil
		})
		return nil
	})
}

// ResizeVolume grows an instance's volume to this many GB. As in Trove, the replicas that were made with replica_of grow with their source.
func (s *State) ResizeVolume(project, id string, size int64) error {
	return s.on(project, id, func(i *instance) error {
		if size <= i.volume {
			return badRequest("The new volume 'size' must be larger than the current volume size of '%d'.", i.volume)
		}
		if err := i.project.checkVolumeSize(size); err != nil {
			return err
		}
		if err := i.idle(); err != nil {
			return err
		}
		members, more := []*instance{i}, size-i.volume
		for _, r := range i.project.replicas(i) {
			if len(r.sources) > 0 && !r.byTopology && r.volume < size && r.idle() == nil {
				members, more = append(members, r), more+size-r.volume
			}
		}
		if err := i.project.checkQuota(0, more); err != nil {
			return err
		}
		s.begin("resize_volume", resizing(), members, func(left []*instance) error {
			for _, m := range left {
				m.volume, m.restartRequired = size, false
			}
			return nil
		})
		return nil
	})
}

// ResetStatus takes an instance out of ERROR, if it has ever been ready, and ends whatever it is busy with. Trove allows that only to
// administrators.
func (s *State) ResetStatus(project, id string) error {
	return s.on(project, id, func(i *instance) error {
		if !i.built || i.phase == deleting {
			return i.idle()
		}
		i.phase, i.task, i.next, i.updated = live, nil, nil, s.clock
		s.elect(i.cluster)
		s.refresh(i)
		return nil
	})
}

// Delete deletes an instance; user is who asked for it. It leaves its topology at once, and a cluster that it has not left before has one
// member less. As in Trove, the answer is 422 for an instance that is building and 403 for a source that has replicas; deleting an instance
// twice is accepted.
func (s *State) Delete(project, id, user string) error {
	defer s.enter()()
	p := s.project(project)
	i, err := p.find(id)
	switch {
	case err != nil:
		return err
	case i.phase == deleting:
		return nil
	case i.phase == building:
		err = unprocessable("Instance %s is not ready. (Status is %s).", i.id, StatusBuild)
	case len(p.replicas(i)) > 0:
		err = forbidden("Detach replicas before deleting replica source.")
	}
	if err != nil {
		i.setFault(err.Error(), s.clock)
		return err
	}
	i.phase, i.task, i.configuration, i.updated = deleting, nil, nil, s.clock
	i.record.DeletedBy = user
	s.leave(i)
	s.after(s.opts.ActionTime, func() {
		var removed engine.Ticket
		if s.runs(i) {
			removed = s.opts.Engine.Remove(i.id)
		}
		s.await(removed, func(error) { // the engine logs a failure
			delete(p.instances, i.id)
			i.record.Name, i.record.Status, i.record.Deleted = i.name, StatusDeleted, s.clock
		})
	})
	return nil
}
