package identity

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// serve runs the service for a real client.
func serve(t *testing.T, s *Service) string {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

func TestGophercloudAuthenticates(t *testing.T) {
	for name, tt := range map[string]struct {
		path string
		opts gophercloud.AuthOptions
	}{
		"password":             {"/v3", gophercloud.AuthOptions{Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo"}},
		"after discovery":      {"", gophercloud.AuthOptions{Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo"}},
		"with a slash behind":  {"/v3/", gophercloud.AuthOptions{Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo"}},
		"by ids":               {"/v3", gophercloud.AuthOptions{UserID: DemoUserID, Password: "demo", TenantID: DemoProjectID}},
		"credential by id":     {"/v3", gophercloud.AuthOptions{ApplicationCredentialID: ApplicationCredentialID, ApplicationCredentialSecret: ApplicationCredentialSecret}},
		"credential by name":   {"/v3", gophercloud.AuthOptions{ApplicationCredentialName: "demo", ApplicationCredentialSecret: ApplicationCredentialSecret, Username: "demo", DomainName: "Default"}},
		"scope apart from it":  {"/v3", gophercloud.AuthOptions{Username: "demo", Password: "demo", DomainID: "default", Scope: &gophercloud.AuthScope{ProjectName: "demo", DomainName: "Default"}}},
		"allowed to come back": {"/v3", gophercloud.AuthOptions{Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo", AllowReauth: true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{})
			url := serve(t, s)
			tt.opts.IdentityEndpoint = url + tt.path
			provider, err := openstack.AuthenticatedClient(t.Context(), tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if g, ok := s.Check(provider.Token()); !ok || g.ProjectID != DemoProjectID {
				t.Errorf("the token's grant is %+v, %v", g, ok)
			}
			for _, availability := range []gophercloud.Availability{gophercloud.AvailabilityPublic, gophercloud.AvailabilityInternal, gophercloud.AvailabilityAdmin} {
				db, err := openstack.NewDBV1(provider, gophercloud.EndpointOpts{Region: Region, Availability: availability})
				if err != nil {
					t.Fatal(err)
				}
				if want := url + "/v1.0/" + DemoProjectID + "/"; db.Endpoint != want {
					t.Errorf("the %s endpoint is %s, want %s", availability, db.Endpoint, want)
				}
			}
			if s.Issued() != 1 {
				t.Errorf("%d tokens were issued, want 1", s.Issued())
			}
		})
	}
}

func TestGophercloudGoesOnWithATokenItIsGiven(t *testing.T) {
	s := New(Options{})
	url := serve(t, s)
	id := login(t, s, scoped)
	provider, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{IdentityEndpoint: url + "/v3", TokenID: id})
	if err != nil {
		t.Fatal(err)
	}
	if provider.Token() != id || s.Issued() != 1 {
		t.Errorf("token %q, %d issued; want the same one, and no other", provider.Token(), s.Issued())
	}
	if _, err := openstack.NewDBV1(provider, gophercloud.EndpointOpts{Region: Region}); err != nil {
		t.Error(err)
	}
	s.ExpireTokens()
	_, err = openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{IdentityEndpoint: url + "/v3", TokenID: id})
	if !gophercloud.ResponseCodeIs(err, 401) {
		t.Errorf("with an expired token: %v", err)
	}
}

func TestGophercloudIsToldOfAWrongPassword(t *testing.T) {
	s := New(Options{})
	_, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: serve(t, s) + "/v3", Username: "demo", Password: "wrong", DomainName: "Default", TenantName: "demo",
	})
	if !gophercloud.ResponseCodeIs(err, 401) {
		t.Errorf("got %v, want a 401", err)
	}
}

func TestGophercloudValidatesAndRevokes(t *testing.T) {
	s := New(Options{Lifetime: time.Minute})
	provider, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: serve(t, s) + "/v3", Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo",
	})
	if err != nil {
		t.Fatal(err)
	}
	keystone, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{Region: Region})
	if err != nil {
		t.Fatal(err)
	}
	other := login(t, s, unscoped)
	if ok, err := tokens.Validate(t.Context(), keystone, other); err != nil || !ok {
		t.Errorf("validating: %v, %v", ok, err)
	}
	if err := tokens.Revoke(t.Context(), keystone, other).Err; err != nil {
		t.Errorf("revoking: %v", err)
	}
	if ok, err := tokens.Validate(t.Context(), keystone, other); err != nil || ok {
		t.Errorf("validating what was revoked: %v, %v", ok, err)
	}
}
