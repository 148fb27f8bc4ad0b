package state

// Log is a log of an instance as the API shows it. Sizes are in bytes; Container and Prefix are "" until something has been published.
type Log struct {
	Name, Type, Status          string
	Published, Pending          int64
	Container, Prefix, Metafile string
}

// logSize is the size of every log that is written.
const logSize = 1234

// logs are the names of the logs of datastores with databases and users; other datastores have none here.
var logs = []string{"general", "slow_query"}

// guestLog is the state of one log.
type guestLog struct {
	enabled   bool
	published int64
}

func (i *instance) showLog(name string) Log {
	l := i.logs[name]
	place := i.id + "/" + i.version.DatastoreName + "-" + name
	shown := Log{Name: name, Type: "USER", Status: "Disabled", Published: l.published, Metafile: place + "_metafile"}
	if l.enabled {
		shown.Status, shown.Pending = "Published", logSize-l.published
		if shown.Pending > 0 {
			shown.Status = "Ready"
		}
	}
	if l.published > 0 {
		shown.Container, shown.Prefix = "database_logs", place+"/"
	}
	return shown
}

// Logs lists the logs of an instance.
func (s *State) Logs(project, id string) (all []Log, err error) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil || !datastoreOf(i.version).schemas {
		return nil, err
	}
	if err := s.serving(i); err != nil {
		return nil, err
	}
	for _, name := range logs {
		all = append(all, i.showLog(name))
	}
	return all, nil
}

// LogRequest is what to do with a log.
type LogRequest struct {
	Name                     string
	Enable, Disable, Publish bool
}

// ChangeLog carries out a LogRequest on a log of an instance.
func (s *State) ChangeLog(project, id string, r LogRequest) (shown Log, err error) {
	err = s.within(project, id, nil, func(i *instance) error {
		if r.Enable && r.Disable {
			return badRequest("Cannot enable and disable log.")
		}
		for _, name := range logs {
			if name != r.Name {
				continue
			}
			if i.logs == nil {
				i.logs = map[string]guestLog{}
			}
			l := i.logs[name]
			l.enabled = (l.enabled || r.Enable || r.Publish) && !r.Disable
			if r.Publish {
				l.published = logSize
			}
			i.logs[name] = l
			shown = i.showLog(name)
			return nil
		}
		return notFound("Log '%s' is not defined.", r.Name)
	})
	return shown, err
}
