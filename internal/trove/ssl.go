package trove

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// SSL is the encryption of connections to an instance, as the server shows it.
type SSL struct {
	Status      string          `json:"status"` // of the running database: on, off, or SSLNotImplemented
	Mode        string          `json:"mode"`   // one of the modes; any other value means that nobody has enabled it
	Certificate *SSLCertificate `json:"certificate"`
}

// SSLCertificate is the certificate that the database uses, or will use after a restart.
type SSLCertificate struct {
	CommonName string `json:"cn"`
	Expires    string `json:"expire_at"` // UTC, without a zone
	PEM        string `json:"payload"`
}

// The modes of SSL: offered, required, and required with a client certificate.
const (
	SSLBasic    = "basic"
	SSLEnforced = "enforced"
	SSLMutual   = "mtls"
)

// SSLNotImplemented is the status if the datastore has no SSL.
const SSLNotImplemented = "not implemented"

// SameCertificate reports whether both show the same certificate, or none.
func (s *SSL) SameCertificate(other *SSL) bool {
	if s.Certificate == nil || other.Certificate == nil {
		return s.Certificate == other.Certificate
	}
	return *s.Certificate == *other.Certificate
}

// Enabled reports whether SSL was enabled with a user's certificate.
func (s *SSL) Enabled() bool {
	return s.Mode == SSLBasic || s.Mode == SSLEnforced || s.Mode == SSLMutual
}

// SSLChange is a change of the SSL of an instance and its replicas.
type SSLChange struct {
	Enable   bool `json:"enable,omitempty"`
	Disable  bool `json:"disable,omitempty"`
	Rollback bool `json:"rollback,omitempty"` // to the state before the last change, on this instance only
	// For Enable: the mode, and the references of the secrets that hold the PKCS#12 container and its password.
	Mode      string `json:"mode,omitempty"`
	Container string `json:"container_ref,omitempty"`
	Password  string `json:"password_ref,omitempty"`
}

func (c SSLChange) verb() string {
	switch {
	case c.Disable:
		return "disable SSL"
	case c.Rollback:
		return "roll back SSL"
	}
	return "enable SSL"
}

// SSL returns the SSL of an instance, with its certificate. It returns ErrNotFound if there is no such instance, or no such path.
func (c *Client) SSL(ctx context.Context, id string) (*SSL, error) {
	type envelope struct {
		SSL *SSL `json:"ssl"`
	}
	answer, err := openstack.Send(ctx, c.endpoint, openstack.Request[envelope]{
		Op: "read the SSL of instance " + id, Method: http.MethodGet, Path: []string{"instances", id, "ssl"},
		Query: url.Values{"include_certificate": {"true"}},
		Check: func(e envelope) error {
			if e.SSL == nil || e.SSL.Status == "" {
				return errors.New("it holds no status of SSL")
			}
			return nil
		},
	})
	return answer.Value.SSL, err
}

// PostSSL changes the SSL of an instance, and reports whether the database must be restarted for that. It returns ErrNotReady if the
// instance or one of its replicas is busy.
func (c *Client) PostSSL(ctx context.Context, id string, change SSLChange) (restart bool, err error) {
	type envelope struct {
		SSL *struct {
			RestartRequired *bool `json:"restart_required"`
		} `json:"ssl"`
	}
	answer, err := post(ctx, c, change.verb()+" of instance "+id, map[string]any{"ssl": change}, func(e envelope) error {
		if e.SSL == nil || e.SSL.RestartRequired == nil {
			return errors.New("it does not say whether a restart is required")
		}
		return nil
	}, "instances", id, "ssl")
	return err == nil && *answer.SSL.RestartRequired, err
}
