package state

import (
	"net/http"
	"slices"
)

// SSL is the SSL of an instance; the zero SSL is that nobody has enabled it.
type SSL struct {
	Mode, Container string
}

// sslModes are those that Trove knows.
var sslModes = []string{"basic", "enforced", "mtls"}

// OffersSSL says whether this server has the routes of SSL, which released Trove has since release 26.
func (s *State) OffersSSL() bool { return !s.opts.Upstream && !s.opts.Bare || s.Since(26) }

// SSL shows the SSL of an instance; ok is false where its datastore has none.
func (s *State) SSL(project, id string) (ssl SSL, ok bool, err error) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return ssl, false, err
	}
	ssl = i.ssl
	if len(i.sources) > 0 && i.sslBefore == nil { // it was made with the SSL of its source
		if source := i.project.instances[i.sources[0]]; source != nil {
			ssl = source.ssl
		}
	}
	return ssl, datastoreOf(i.version).replicates, i.up()
}

// SSLRequest is what is to be done about SSL.
type SSLRequest struct {
	Enable, Disable, Rollback bool
	SSL
}

// ChangeSSL changes the SSL of an instance and of its replicas, and says whether they must be restarted for that. As in Trove, a replica
// can only be rolled back, alone.
func (s *State) ChangeSSL(project, id string, r SSLRequest) (restart bool, now SSL, err error) {
	err = s.on(project, id, func(i *instance) error {
		if err := i.idle(); err != nil {
			return err
		}
		switch {
		case r.Enable && r.Container == "":
			return badRequest("You should provide container_ref for enabling ssl.")
		case r.Enable && r.Disable || r.Enable && r.Rollback || r.Disable && r.Rollback:
			return badRequest("Cannot do several operations at once.")
		case !datastoreOf(i.version).replicates:
			return refuse(http.StatusInternalServerError, "instanceFault", "ssl enable not implemented")
		case r.Rollback && i.sslBefore == nil:
			return refuse(http.StatusInternalServerError, "instanceFault", "No such file or directory: 'ssl_state.json'")
		case r.Rollback:
			i.ssl, i.sslBefore = *i.sslBefore, nil
			i.restartRequired, restart, now = true, true, i.ssl
			return nil
		case len(i.sources) > 0:
			return badRequest("Unable to modify ssl on the replica. Please perform the action on the primary instead.")
		case r.Enable && !slices.Contains(sslModes, r.Mode):
			return badRequest("Unknown SSL mode. Available options are: basic, enforced, mtls")
		}
		set := append([]*instance{i}, i.project.replicas(i)...)
		for _, m := range set {
			if err := m.idle(); err != nil {
				return err
			}
		}
		for _, m := range set {
			before := m.ssl
			m.sslBefore, m.ssl, m.restartRequired = &before, r.SSL, true
		}
		restart, now = true, r.SSL
		return nil
	})
	return restart, now, err
}
