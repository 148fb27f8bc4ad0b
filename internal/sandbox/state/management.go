package state

// hosts are the machines that servers run on.
var hosts = []string{"compute-1", "compute-2"}

// Owner returns the project that an instance belongs to, "" if there is no such instance.
func (s *State) Owner(id string) string {
	defer s.enter()()
	for _, p := range s.projects {
		if p.instances[id] != nil {
			return p.id
		}
	}
	return ""
}

// Reboot reboots the server of an instance. Unlike a restart, it is accepted whatever the instance is busy with.
func (s *State) Reboot(project, id string) error {
	return s.on(project, id, func(i *instance) error {
		if i.phase == building || i.phase == deleting {
			return i.idle()
		}
		i.phase = live
		s.begin("reboot", restarting(), []*instance{i}, func([]*instance) error {
			i.restartRequired, i.drained, i.silent = false, false, false
			return nil
		})
		return nil
	})
}

// Migrate moves the server of an instance to a host; "" means one that the scheduler chooses. As in Trove, a failure leaves a healthy
// instance where it was.
func (s *State) Migrate(project, id, host string) error {
	return s.on(project, id, func(i *instance) error {
		if err := i.idle(); err != nil {
			return err
		}
		if host == "" {
			host = hosts[0]
			if i.onHost() == host {
				host = hosts[1]
			}
		}
		s.begin("migrate", resizing(), []*instance{i}, func([]*instance) error {
			i.host, i.restartRequired = host, false
			return nil
		})
		return nil
	})
}

// onHost returns the machine that the instance's server runs on.
func (i *instance) onHost() string {
	if i.host == "" {
		return hosts[0]
	}
	return i.host
}
