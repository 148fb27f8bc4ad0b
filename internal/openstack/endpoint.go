package openstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
)

// Location says where the database service of a region is.
type Location struct {
	// URL is the endpoint, with a trailing slash.
	URL string
	// Region is the endpoint's own region in the catalog, however it was asked for; "" if an endpoint without a region was given.
	Region string
}

// Endpoint is the database service of one region, for requests to it. It is safe for concurrent use.
type Endpoint struct {
	session *Session
	service *gophercloud.ServiceClient
}

// Endpoint returns the database service of a region; "" is the session's region, or the catalog's first if it has none. It sends nothing:
// whether the region exists shows with the first request, and with Locate.
func (s *Session) Endpoint(region string) *Endpoint {
	provider := &gophercloud.ProviderClient{
		// No token and no function to re-authenticate: the transport does both, for all regions.
		HTTPClient: http.Client{Transport: &authenticated{session: s, region: region}, CheckRedirect: noRedirects},
	}
	s.name(provider)
	return &Endpoint{
		session: s,
		service: &gophercloud.ServiceClient{ProviderClient: provider, Endpoint: placeholder, Type: "database"},
	}
}

// Locate finds the database service of a region, and signs in if needed. "" is the session's own region, or the first of the catalog:
// naming that region or leaving it out leads to the same endpoint. It returns a *ConnectError if there is none.
func (s *Session) Locate(ctx context.Context, region string) (Location, error) {
	if override := s.opts.EndpointOverride; override != "" && region != "" && region != s.opts.Region && s.opts.Region != "" {
		return Location{}, &ConnectError{
			Stage:   StageConfiguration,
			Problem: fmt.Sprintf("endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) is the endpoint of one region, but region %s is another one", region),
			Hint:    "Configure a second provider block for that region, or omit the override",
		}
	}
	g, err := s.grant(ctx, "")
	if err != nil {
		return Location{}, err
	}
	return s.locate(g, region)
}

// Region is the region in the options; "" means the catalog's first endpoint.
func (s *Session) Region() string { return s.opts.Region }

// locate finds the endpoint in the catalog.
func (s *Session) locate(g *grant, region string) (Location, error) {
	region = cmp.Or(region, s.opts.Region)
	if s.opts.EndpointOverride != "" {
		// An override without a region serves every region.
		return Location{URL: gophercloud.NormalizeURL(expand(s.opts.EndpointOverride, g.projectID)), Region: s.opts.Region}, nil
	}
	for _, entry := range g.catalog.Entries {
		if entry.Type != "database" {
			continue
		}
		for _, e := range entry.Endpoints {
			if gophercloud.Availability(e.Interface) == s.opts.Availability && (region == "" || region == e.Region || region == e.RegionID) {
				return Location{URL: gophercloud.NormalizeURL(e.URL), Region: cmp.Or(e.Region, e.RegionID)}, nil
			}
		}
	}
	return Location{}, s.noEndpoint(g, region)
}

// expand inserts the project's id into an endpoint, in the two forms that catalogs use.
func expand(endpoint, projectID string) string {
	return strings.NewReplacer("%(project_id)s", projectID, "%(tenant_id)s", projectID).Replace(endpoint)
}

// authenticated adds token and endpoint to requests. A request refused with 401 is sent once more with a new token: a 401 had no effect,
// so that is safe for every method.
type authenticated struct {
	session *Session
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
		return resp, nil // a given token cannot be renewed
	}
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	return a.send(req, fresh)
}

func (a *authenticated) send(req *http.Request, g *grant) (*http.Response, error) {
	location, err := a.session.locate(g, a.region)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(location.URL + strings.TrimPrefix(req.URL.EscapedPath(), "/"))
	if err != nil {
		return nil, err
	}
	target.RawQuery = req.URL.RawQuery
	sent := req.Clone(withPace(req.Context(), pace{pacer: a.session.pacer(location.URL), endpoint: location.URL, token: g.token}))
	sent.URL, sent.Host = target, target.Host
	sent.Header.Set("X-Auth-Token", g.token)
	if req.GetBody != nil {
		if sent.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	return a.session.transport.RoundTrip(sent)
}
