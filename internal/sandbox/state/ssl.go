package state

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// SSL is the SSL of an instance; the zero SSL means that nobody has enabled it.
type SSL struct {
	// Container is the reference of the PKCS#12 container; its last part without .p12 is the common name of the certificate in it.
	Mode, Container string
}

// CommonName returns the common name of the certificate; "" if there is none.
func (s SSL) CommonName() string {
	if s.Container == "" {
		return ""
	}
	return strings.TrimSuffix(path.Base(s.Container), ".p12")
}

// sslModes are the modes that Trove accepts.
var sslModes = []string{"basic", "enforced", "mtls"}

// OffersSSL reports whether this server has the routes for SSL, which released Trove has since release 26.
func (s *State) OffersSSL() bool { return !s.opts.Upstream && !s.opts.Bare || s.Since(26) }

// SSL returns the SSL of an instance; ok is false if its datastore has none. MySQL makes its own certificate when it is installed.
func (s *State) SSL(project, id string) (ssl SSL, ok bool, err error) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return ssl, false, err
	}
	ssl = i.ssl
	if ssl.Mode == "" && i.version.DatastoreName == "mysql" {
		ssl.Container = "builtin-" + i.id
	}
	return ssl, hasSSL(i.version), i.up()
}

// hasSSL reports whether the guest agent of a version supports SSL.
func hasSSL(v Version) bool { return datastoreOf(v).replicates }

// keepsSSL reports whether SSL cannot be disabled.
func keepsSSL(v Version) bool {
	major, _, _ := strings.Cut(v.Number, ".")
	n, err := strconv.Atoi(major)
	return v.DatastoreName == "mysql" && err == nil && n >= 8
}

// SSLRequest is a change of SSL.
type SSLRequest struct {
	Enable, Disable, Rollback bool
	SSL
	Password string // the reference of the container's password; the text of the secret is its last part
}

// opens reports whether the key manager has the container, and whether the password opens it.
func (r SSLRequest) opens() bool {
	name := path.Base(r.Container)
	return name != "missing.p12" && strings.HasSuffix(name, ".locked.p12") == (path.Base(r.Password) == "secret")
}

// ChangeSSL changes the SSL of an instance and of its replicas, and reports whether they must be restarted for that, which nothing shows
// afterwards. As in Trove, a replica itself can only be rolled back, and a refusal is not recorded on the instance.
func (s *State) ChangeSSL(project, id string, r SSLRequest) (restart bool, now SSL, err error) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err == nil {
		err = i.idle()
	}
	if err != nil {
		return false, now, err
	}
	guestFails := func(why string) error {
		return badRequest("An error occurred communicating with the guest: %s.", why)
	}
	restart = i.version.DatastoreName != "postgresql"
	switch {
	case r.Enable && r.Container == "":
		return false, now, badRequest("You should provide container_ref for enabling ssl.")
	case r.Enable && r.Disable || r.Enable && r.Rollback || r.Disable && r.Rollback:
		return false, now, badRequest("Cannot do several operations at once.")
	case r.Rollback && i.sslBefore == nil:
		return false, now, guestFails("[Errno 2] No such file or directory: '/etc/trove/conf.d/ssl_state.json'")
	case r.Rollback:
		i.ssl, i.sslBefore = *i.sslBefore, nil
		return restart, i.ssl, nil
	case len(i.sources) > 0:
		return false, now, badRequest("Unable to modify ssl on the replica. Please perform the action on the primary instead.")
	case r.Enable && !slices.Contains(sslModes, r.Mode):
		return false, now, badRequest("Unknown SSL mode. Available options are: basic, enforced, mtls")
	case r.Enable && !r.opens():
		return false, now, internal()
	}
	set := append([]*instance{i}, i.project.replicas(i)...)
	for _, m := range set {
		if err := m.idle(); err != nil {
			return false, now, err
		}
	}
	switch {
	case !hasSSL(i.version):
		return false, now, guestFails("ssl enable not implemented")
	case r.Disable && keepsSSL(i.version):
		return false, now, guestFails("Not supported for MySQL 8.0 and above")
	}
	for _, m := range set {
		before := m.ssl
		m.sslBefore, m.ssl = &before, r.SSL
	}
	return restart, r.SSL, nil
}
