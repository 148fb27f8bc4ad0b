package trove

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"golang.org/x/sync/singleflight"
)

// authenticationLimit bounds one authentication with all its retries. It goes on when the request that needed it is
// cancelled, since others may be waiting for it too.
const authenticationLimit = 5 * time.Minute

// placeholder is the endpoint that requests are made out to; the real one is put in its place when they are sent, since
// it stands in the catalog, which only authentication brings.
const placeholder = "http://database.invalid/"

// grant is what an authentication brings. It is not changed once made.
type grant struct {
	token     string
	projectID string
	catalog   *tokens.ServiceCatalog
}

// session is the authentication that the clients of all regions share.
type session struct {
	opts      Options
	transport http.RoundTripper
	unusable  error // why no request can be made, nil where it can
	flights   singleflight.Group

	mu      sync.Mutex
	current *grant
	refused *ConnectError // the credentials are no good: they are not tried again, lest the account be locked
	regions map[string]*Client
}

func newSession(opts Options) (*session, error) {
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
	return &session{opts: opts, transport: newTransport(opts, newConnections(opts.TLS))}, nil
}

// client returns the one client of a region.
func (s *session) client(region string) *Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.regions[region]; ok {
		return c
	}
	provider := &gophercloud.ProviderClient{
		// No token and no function to re-authenticate: the transport sees to both, for all regions alike.
		HTTPClient: http.Client{Transport: &authenticated{session: s, region: region}, CheckRedirect: noRedirects},
	}
	s.name(provider)
	c := &Client{
		db:      &gophercloud.ServiceClient{ProviderClient: provider, Endpoint: placeholder, Type: "database"},
		session: s,
		region:  region,
		clock:   s.opts.Clock,
	}
	if s.regions == nil {
		s.regions = map[string]*Client{}
	}
	s.regions[region] = c
	return c
}

func (s *session) name(p *gophercloud.ProviderClient) {
	if s.opts.UserAgent != "" {
		p.UserAgent.Prepend(s.opts.UserAgent)
	}
}

// authenticated gives requests their token and endpoint. A request that is refused with 401 is sent once more with a
// fresh token: a 401 has done nothing, so that holds for every method.
type authenticated struct {
	session *session
	region  string
}

// RoundTrip implements http.RoundTripper.
func (a *authenticated) RoundTrip(req *http.Request) (*http.Response, error) {
	g, err := a.session.grant(req.Context(), "")
	if err != nil {
		return nil, err
	}
	resp, err := a.send(req, g)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || req.Body != nil && req.GetBody == nil {
		return resp, err
	}
	fresh, err := a.session.grant(req.Context(), g.token)
	if err == nil && fresh.token == g.token {
		return resp, nil // a token that was given cannot be renewed
	}
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	return a.send(req, fresh)
}

func (a *authenticated) send(req *http.Request, g *grant) (*http.Response, error) {
	endpoint, err := a.session.endpoint(g, a.region)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(endpoint + strings.TrimPrefix(req.URL.EscapedPath(), "/"))
	if err != nil {
		return nil, err
	}
	target.RawQuery = req.URL.RawQuery
	sent := req.Clone(req.Context())
	sent.URL, sent.Host = target, target.Host
	sent.Header.Set("X-Auth-Token", g.token)
	if req.GetBody != nil {
		if sent.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	return a.session.transport.RoundTrip(sent)
}

// grant returns the present authentication, or a new one where there is none yet or its token is the stale one. Callers
// that need one at the same time share it, and each waits no longer than its own context.
func (s *session) grant(ctx context.Context, stale string) (*grant, error) {
	if s.unusable != nil {
		return nil, s.unusable
	}
	if g, err := s.known(stale); g != nil || err != nil {
		return g, err
	}
	flight := s.flights.DoChan(stale, func() (any, error) {
		// Another flight may have landed between the look above and this one's start.
		if g, err := s.known(stale); g != nil || err != nil {
			return g, err
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), authenticationLimit)
		defer cancel()
		g, failure := s.authenticate(repeatable(ctx))
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

// known returns what needs no request: a grant whose token is not the stale one, or that the credentials are refused.
func (s *session) known(stale string) (*grant, error) {
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
func (s *session) authenticate(ctx context.Context) (*grant, *ConnectError) {
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
	case tokens.GetResult: // a token that was given
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
		g.projectID = project.ID
	}
	return g, nil
}

// endpoint finds where the database service of a region is.
func (s *session) endpoint(g *grant, region string) (string, error) {
	if s.opts.EndpointOverride != "" {
		return gophercloud.NormalizeURL(expand(s.opts.EndpointOverride, g.projectID)), nil
	}
	for _, entry := range g.catalog.Entries {
		if entry.Type != "database" {
			continue
		}
		for _, e := range entry.Endpoints {
			if gophercloud.Availability(e.Interface) == s.opts.Availability && (region == "" || region == e.Region || region == e.RegionID) {
				return gophercloud.NormalizeURL(e.URL), nil
			}
		}
	}
	return "", s.noEndpoint(g, region)
}

// expand puts the project's id into an endpoint, in the two ways that catalogs write it.
func expand(endpoint, projectID string) string {
	return strings.NewReplacer("%(project_id)s", projectID, "%(tenant_id)s", projectID).Replace(endpoint)
}
