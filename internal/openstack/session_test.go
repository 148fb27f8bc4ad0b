package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
)

func TestAClientThatIsNotUsedCostsNothing(t *testing.T) {
	c := newCloud(t, showInstance)
	client := c.connect(t)
	client.in("two")
	if c.Logins() != 0 {
		t.Errorf("%d authentications", c.Logins())
	}
}

func TestTheFirstRequestAuthenticatesForAllRegions(t *testing.T) {
	c := newCloud(t, showInstance)
	one := c.connect(t, func(o *Options) { o.UserAgent = "terraform-provider-trove/1.2.3 Terraform/1.11.4" })
	for endpoint, cl := range map[string]client{"/v1.0/p1": one, "/v1.0/two-p1": one.in("two")} {
		i, err := cl.Instance(t.Context(), "7")
		if err != nil || i.Name != endpoint+"/instances/7" {
			t.Errorf("got %+v, %v from %s", i, err, endpoint)
		}
	}
	if c.Logins() != 1 {
		t.Errorf("%d authentications", c.Logins())
	}
	want := map[string]bool{"terraform-provider-trove/1.2.3 Terraform/1.11.4 " + gophercloud.DefaultUserAgent: true}
	if diff := cmp.Diff(want, c.Agents); diff != "" {
		t.Errorf("unexpected user agents (-want +got):\n%s", diff)
	}
}

func TestTheEndpointIsTheCatalogsForRegionAndAvailabilityOrTheOverride(t *testing.T) {
	c := newCloud(t, showInstance)
	tests := map[string]struct {
		change func(*Options)
		want   string
	}{
		"region":          {func(o *Options) { o.Region = "two" }, "/v1.0/two-p1/instances/7"},
		"no region":       {func(o *Options) { o.Region = "" }, "/v1.0/p1/instances/7"},
		"override":        {func(o *Options) { o.EndpointOverride = c.URL + "/v1.0/mine" }, "/v1.0/mine/instances/7"},
		"override by id":  {func(o *Options) { o.EndpointOverride = c.URL + "/v1.0/x-%(project_id)s" }, "/v1.0/x-p1/instances/7"},
		"versionless url": {func(o *Options) { o.EndpointOverride = c.URL + "/v1.0/%(tenant_id)s/" }, "/v1.0/p1/instances/7"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			i, err := c.connect(t, test.change).Instance(t.Context(), "7")
			if err != nil || i.Name != test.want {
				t.Errorf("got %+v, %v, want %s", i, err, test.want)
			}
		})
	}
}

func TestEveryWayToNameARegionLeadsToOneEndpoint(t *testing.T) {
	c := newCloud(t, showInstance)
	for name, test := range map[string]struct{ own, asked, want string }{
		"the session's": {"one", "", "one"}, "by its name": {"one", "one", "one"}, "the catalog's first": {"", "", "one"},
		"the first by its name": {"", "one", "one"}, "another": {"one", "two", "two"},
	} {
		t.Run(name, func(t *testing.T) {
			session := c.connect(t, func(o *Options) { o.Region = test.own }).session
			got, err := session.Locate(t.Context(), test.asked)
			want := Location{URL: c.URL + map[string]string{"one": "/v1.0/p1/", "two": "/v1.0/two-p1/"}[test.want], Region: test.want}
			if err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestAnOverrideServesOneRegionOnly(t *testing.T) {
	c := newCloud(t, showInstance)
	session := c.connect(t, func(o *Options) { o.EndpointOverride = c.URL + "/v1.0/p1" }).session
	if _, err := session.Locate(t.Context(), "one"); err != nil {
		t.Errorf("the own region: %v", err)
	}
	var refused *ConnectError
	if _, err := session.Locate(t.Context(), "two"); !errors.As(err, &refused) {
		t.Errorf("another region: %v", err)
	}
}

// together runs f n times at once and waits for all.
func together(n int, f func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(f)
	}
	all.Wait()
}

func TestTenFirstRequestsAuthenticateOnce(t *testing.T) {
	c := newCloud(t, showInstance)
	client := c.connect(t)
	together(10, func() {
		if _, err := client.Instance(t.Context(), "7"); err != nil {
			t.Error(err)
		}
	})
	if c.Logins() != 1 {
		t.Errorf("%d authentications", c.Logins())
	}
}

func TestTenRequestsThatMeetAnExpiredTokenAuthenticateOnce(t *testing.T) {
	// Each request with the old token is held until all ten are there.
	var arrived sync.WaitGroup
	arrived.Add(10)
	var c *cloud
	c = newCloud(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Auth-Token") == "token-1" && r.Method == http.MethodPost {
			arrived.Done()
			arrived.Wait()
			c.Invalidate("token-1")
			refuse(w, http.StatusUnauthorized, "expired")
			return
		}
		if r.Method == http.MethodPost {
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body["restart"] == nil {
				t.Errorf("the request that was sent again had the body %v: %v", body, err)
			}
			w.WriteHeader(http.StatusAccepted)
			return
		}
		showInstance(w, r)
	})
	client := c.connect(t)
	if _, err := client.Instance(t.Context(), "7"); err != nil {
		t.Fatal(err)
	}
	together(10, func() {
		_, err := Send(t.Context(), client.Endpoint, Request[Empty]{
			Op: "restart", Method: http.MethodPost, Path: []string{"instances", "7", "action"}, Body: map[string]any{"restart": map[string]any{}},
		})
		if err != nil {
			t.Error(err)
		}
	})
	if c.Logins() != 2 {
		t.Errorf("%d authentications, want the first and one more", c.Logins())
	}
}

func TestA401ThatStaysIsForbiddenAfterOneAuthentication(t *testing.T) {
	var requests atomic.Int32
	c := newCloud(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("X-Openstack-Request-Id", "req-7")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"unauthorized": {"code": 401, "message": "User does not have admin privileges."}}`))
	})
	_, err := c.connect(t).Instance(t.Context(), "7")
	if !errors.Is(err, ErrForbidden) || errors.Is(err, ErrUnauthenticated) {
		t.Errorf("got %v", err)
	}
	if want := "read instance 7: 401 unauthorized: User does not have admin privileges. (request req-7)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if requests.Load() != 2 || c.Logins() != 2 {
		t.Errorf("%d requests and %d authentications, want 2 and 2", requests.Load(), c.Logins())
	}
}

func TestAnswersOtherThan401AfterReauthenticationKeepTheirMeaning(t *testing.T) {
	c := newCloud(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"itemNotFound": {"code": 404, "message": "Resource 7 cannot be found."}}`))
	})
	client := c.connect(t)
	if _, err := client.Instance(t.Context(), "7"); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	c.Expire()
	if _, err := client.Instance(t.Context(), "7"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if c.Logins() != 2 {
		t.Errorf("%d authentications", c.Logins())
	}
}

func TestAGivenTokenIsUsedAsItIsAndNotRenewed(t *testing.T) {
	c := newCloud(t, showInstance)
	c.Valid["mine"] = true
	client := c.connect(t, func(o *Options) { o.Auth = gophercloud.AuthOptions{IdentityEndpoint: c.URL + "/v3", TokenID: "mine"} })
	if _, err := client.Instance(t.Context(), "7"); err != nil {
		t.Fatal(err)
	}
	c.Expire()
	_, err := client.Instance(t.Context(), "7")
	if !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("got %v", err)
	}
	if c.Logins() != 0 {
		t.Errorf("%d authentications", c.Logins())
	}
}

func TestATokenThatCannotBeRenewedLeavesTheRefusal(t *testing.T) {
	var requests atomic.Int32
	c := newCloud(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		refuse(w, http.StatusUnauthorized, "not for you")
	})
	c.Valid["mine"] = true
	client := c.connect(t, func(o *Options) { o.Auth = gophercloud.AuthOptions{IdentityEndpoint: c.URL + "/v3", TokenID: "mine"} })
	if _, err := client.Instance(t.Context(), "7"); !errors.Is(err, ErrForbidden) || requests.Load() != 1 {
		t.Errorf("got %v after %d requests", err, requests.Load())
	}
}

func TestCancelingOneRequestDoesNotSpoilTheAuthenticationOfOthers(t *testing.T) {
	c := newCloud(t, showInstance)
	asked, goOn := make(chan struct{}), make(chan struct{})
	c.Keystone = func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-goOn
		c.Issue(w, r)
	}
	client := c.connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	read := func(ctx context.Context, result chan<- error) {
		_, err := client.Instance(ctx, "7")
		result <- err
	}
	go read(ctx, first)
	<-asked
	go read(t.Context(), second)
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) || OutcomeUnknown(err) {
		t.Errorf("the canceled one: %v, outcome unknown: %t", err, OutcomeUnknown(err))
	}
	close(goOn)
	if err := <-second; err != nil {
		t.Errorf("the other one: %v", err)
	}
	if c.Logins() != 1 {
		t.Errorf("%d authentications", c.Logins())
	}
}

func TestRefusedCredentialsAreNotTriedAgain(t *testing.T) {
	c := newCloud(t, showInstance)
	var tries atomic.Int32
	c.Keystone = func(w http.ResponseWriter, _ *http.Request) {
		tries.Add(1)
		refuse(w, http.StatusUnauthorized, "The request you have made requires authentication.")
	}
	client := c.connect(t)
	for range 3 {
		if _, err := client.Instance(t.Context(), "7"); !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("got %v", err)
		}
	}
	if tries.Load() != 1 {
		t.Errorf("the credentials were sent %d times", tries.Load())
	}
}

func TestAFailureThatPassesIsNotRemembered(t *testing.T) {
	c := newCloud(t, showInstance)
	c.Keystone = func(w http.ResponseWriter, _ *http.Request) {
		c.Keystone = nil
		refuse(w, http.StatusServiceUnavailable, "restarting")
	}
	client := c.connect(t)
	_, err := client.Instance(t.Context(), "7")
	var failed *ConnectError
	if !errors.As(err, &failed) || !failed.Temporary || errors.Is(err, ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	if _, err := client.Instance(t.Context(), "7"); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

func TestAskingForATokenIsRepeated(t *testing.T) {
	c := newCloud(t, showInstance)
	c.Keystone = func(w http.ResponseWriter, _ *http.Request) {
		c.Keystone = nil
		w.WriteHeader(http.StatusBadGateway)
	}
	if _, err := c.connect(t, func(o *Options) { o.MaxRetries = 1 }).Instance(t.Context(), "7"); err != nil {
		t.Error(err)
	}
}

func TestTheCredentialsThatAreSent(t *testing.T) {
	password := func(user, scope string) string {
		return `{"auth": {"identity": {"methods": ["password"], "password": {"user": ` + user + `}}, "scope": ` + scope + `}}`
	}
	tests := map[string]struct {
		auth gophercloud.AuthOptions
		want string
	}{
		"password": {
			gophercloud.AuthOptions{Username: "demo", Password: "x", DomainName: "Users", Scope: &gophercloud.AuthScope{ProjectName: "demo", DomainID: "default"}},
			password(`{"name": "demo", "password": "x", "domain": {"name": "Users"}}`, `{"project": {"name": "demo", "domain": {"id": "default"}}}`),
		},
		"ids": {
			gophercloud.AuthOptions{UserID: "u1", Password: "x", Scope: &gophercloud.AuthScope{ProjectID: "p1"}},
			password(`{"id": "u1", "password": "x"}`, `{"project": {"id": "p1"}}`),
		},
		"application credential": {
			gophercloud.AuthOptions{ApplicationCredentialID: "a1", ApplicationCredentialSecret: "x"},
			`{"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "a1", "secret": "x"}}}}`,
		},
		"a token for a project": {
			gophercloud.AuthOptions{TokenID: "t1", Scope: &gophercloud.AuthScope{ProjectID: "p1"}},
			`{"auth": {"identity": {"methods": ["token"], "token": {"id": "t1"}}, "scope": {"project": {"id": "p1"}}}}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, showInstance)
			client := c.connect(t, func(o *Options) {
				test.auth.IdentityEndpoint = o.Auth.IdentityEndpoint
				o.Auth = test.auth
			})
			for range 2 { // the second one renews
				if _, err := client.Instance(t.Context(), "7"); err != nil {
					t.Fatal(err)
				}
				c.Expire()
			}
			if len(c.Authentications) != 2 {
				t.Fatalf("%d authentications", len(c.Authentications))
			}
			for _, sent := range c.Authentications {
				var got, want any
				if err := errors.Join(json.Unmarshal([]byte(sent), &got), json.Unmarshal([]byte(test.want), &want)); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("unexpected request (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestAnUnusableClientSaysWhyAtEachUse(t *testing.T) {
	why := &ConnectError{Stage: StageUnknown, Problem: "auth_url is only known after apply"}
	session := Unusable(why)
	for _, region := range []string{"", "two"} {
		_, err := client{session.Endpoint(region)}.Instance(t.Context(), "7")
		var got *ConnectError
		if !errors.As(err, &got) || got != why {
			t.Errorf("got %v", err)
		}
	}
	if session.RequestTimeout() != time.Minute {
		t.Errorf("the default is %s", session.RequestTimeout())
	}
}
