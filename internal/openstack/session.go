package openstack

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"golang.org/x/sync/singleflight"
)

// authenticationLimit bounds one authentication with all its retries. It continues when the request that needed it is canceled, since
// others may be waiting for it too.
const authenticationLimit = 5 * time.Minute

// placeholder is the endpoint in new requests; it is replaced when they are sent, since the real one is in the catalog, which only
// authentication returns.
const placeholder = "http://database.invalid/"

// grant is the result of an authentication. It does not change.
type grant struct {
	token     string
	projectID string
	project   string // its name
	catalog   *tokens.ServiceCatalog
}

// Default values of Options.
const (
	DefaultMaxRetries     = 4
	DefaultRequestTimeout = time.Minute
)

// Options say how to connect to a cloud. Only Auth is required.
type Options struct {
	// Auth holds the identity service and the credentials. The session renews tokens itself: AllowReauth is ignored.
	Auth gophercloud.AuthOptions
	// Region selects the endpoint in the catalog; "" selects the first one.
	Region string
	// Availability is the kind of endpoint: public (the default), internal or admin.
	Availability gophercloud.Availability
	// EndpointOverride replaces the catalog's endpoint. %(project_id)s in it stands for the project's id.
	EndpointOverride string
	// TLS configures connections; nil is Go's default.
	TLS *tls.Config
	// MaxRetries is how often a request that is safe to repeat is sent again; 0 means never.
	MaxRetries int
	// RequestTimeout bounds each attempt of a request, including reading its answer. 0 is DefaultRequestTimeout.
	RequestTimeout time.Duration
	// UserAgent is put before gophercloud's own.
	UserAgent string
	// From says where a setting comes from, such as "the environment", for messages. Settings have the names of the provider block. It may
	// be nil.
	From map[string]string
	// Log is called with one line for each attempt of a request, without secrets. It may be nil.
	Log func(ctx context.Context, msg string, fields map[string]any)
}

// Session is one sign-in to a cloud, shared by the endpoints of all its regions. It is safe for concurrent use.
type Session struct {
	opts      Options
	transport http.RoundTripper
	unusable  error // why no request can be sent, nil if it can
	flights   singleflight.Group

	mu      sync.Mutex
	current *grant
	pacers  map[string]*pacer // by endpoint
	refused *ConnectError     // the credentials were refused: they are not tried again, since that might lock the account
}

// NewSession prepares a session. It sends nothing: the first request signs in, so that an unused session costs nothing. It returns an
// error only for options that are invalid in themselves.
//
// If signing in fails, each use returns an error that wraps a *ConnectError and matches ErrUnauthenticated if the credentials were
// refused.
func NewSession(opts Options) (*Session, error) {
	if opts.RequestTimeout == 0 {
		opts.RequestTimeout = DefaultRequestTimeout
	}
	if opts.Availability == "" {
		opts.Availability = gophercloud.AvailabilityPublic
	}
	if u, err := url.Parse(opts.Auth.IdentityEndpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &ConnectError{
			Stage:   StageConfiguration,
			Problem: "auth_url is not the URL of an identity service",
			Hint:    "auth_url (OS_AUTH_URL) must be like https://cloud.example.com:5000/v3",
		}
	}
	if opts.EndpointOverride != "" {
		if u, err := url.Parse(expand(opts.EndpointOverride, "id")); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, &ConnectError{
				Stage:   StageConfiguration,
				Problem: "endpoint_override is not the URL of a database service",
				Hint:    "endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) must be like https://cloud.example.com:8779/v1.0/%(project_id)s",
			}
		}
	}
	return &Session{opts: opts, transport: newTransport(opts, newConnections(opts.TLS))}, nil
}

// Unusable returns a session whose every request fails with err. It is used while the options are not known yet, as at plan time.
func Unusable(err error) *Session {
	return &Session{opts: Options{RequestTimeout: DefaultRequestTimeout}, unusable: err}
}

// RequestTimeout bounds one attempt of a request.
func (s *Session) RequestTimeout() time.Duration { return s.opts.RequestTimeout }

// pacer returns the pacer of an endpoint: a server counts requests by project, and a session has one project.
func (s *Session) pacer(endpoint string) *pacer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pacers == nil {
		s.pacers = map[string]*pacer{}
	}
	if s.pacers[endpoint] == nil {
		s.pacers[endpoint] = &pacer{}
	}
	return s.pacers[endpoint]
}

func (s *Session) name(p *gophercloud.ProviderClient) {
	if s.opts.UserAgent != "" {
		p.UserAgent.Prepend(s.opts.UserAgent)
	}
}

// grant returns the present authentication, or a new one if there is none yet or its token is the stale one. Callers that need one at the
// same time share it, and each waits no longer than its own context.
func (s *Session) grant(ctx context.Context, stale string) (*grant, error) {
	if s.unusable != nil {
		return nil, s.unusable
	}
	if g, err := s.known(stale); g != nil || err != nil {
		return g, err
	}
	flight := s.flights.DoChan(stale, func() (any, error) {
		// Another authentication may have ended between the check above and the start of this one.
		if g, err := s.known(stale); g != nil || err != nil {
			return g, err
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), authenticationLimit)
		defer cancel()
		g, failure := s.authenticate(repeatable(withoutDecoder(ctx)))
		s.mu.Lock()
		defer s.mu.Unlock()
		if failure != nil {
			if failure.Stage == StageCredentials {
				s.refused = failure
			}
			return nil, failure
		}
		s.current = g
		return g, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-flight:
		if result.Err != nil {
			return nil, result.Err
		}
		g, _ := result.Val.(*grant)
		return g, nil
	}
}

// known returns what needs no request: a grant whose token is not the stale one, or the error that the credentials were refused.
func (s *Session) known(stale string) (*grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused != nil {
		return nil, s.refused
	}
	if s.current != nil && s.current.token != stale {
		return s.current, nil
	}
	return nil, nil
}

// authenticate asks the identity service for a token.
func (s *Session) authenticate(ctx context.Context) (*grant, *ConnectError) {
	auth := s.opts.Auth
	auth.AllowReauth = false
	provider, err := openstack.NewClient(auth.IdentityEndpoint)
	if err != nil {
		return nil, s.diagnose(err)
	}
	provider.HTTPClient = http.Client{Transport: s.transport, CheckRedirect: noRedirects}
	s.name(provider)
	if err := openstack.Authenticate(ctx, provider, auth); err != nil {
		return nil, s.diagnose(err)
	}
	var (
		g       = &grant{token: provider.Token()}
		project *tokens.Project
	)
	switch result := provider.GetAuthResult().(type) {
	case tokens.CreateResult:
		g.catalog, err = result.ExtractServiceCatalog()
		if err == nil {
			project, err = result.ExtractProject()
		}
	case tokens.GetResult: // from a given token
		g.token = auth.TokenID
		g.catalog, err = result.ExtractServiceCatalog()
		if err == nil {
			project, err = result.ExtractProject()
		}
	default:
		return nil, &ConnectError{
			Stage:   StageIdentity,
			Problem: "the identity service at " + s.identity() + " speaks version 2.0 only",
			Hint:    "auth_url (OS_AUTH_URL) must lead to Keystone's version 3, and usually ends in /v3",
		}
	}
	if err != nil || g.token == "" {
		return nil, s.diagnose(err)
	}
	if project != nil {
		g.projectID, g.project = project.ID, project.Name
	}
	return g, nil
}
