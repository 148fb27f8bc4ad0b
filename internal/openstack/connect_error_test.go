package openstack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

func TestConnectErrorsSayWhatToCheck(t *testing.T) {
	answer := func(code int, body string) func(*testing.T, *cloud, *Options) {
		return func(_ *testing.T, c *cloud, _ *Options) {
			c.Keystone = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(code)
				_, _ = io.WriteString(w, body)
			}
		}
	}
	tests := map[string]struct {
		spoil func(*testing.T, *cloud, *Options)
		stage Stage
		text  []string
	}{
		"wrong password": {
			spoil: answer(401, `{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`),
			stage: StageCredentials,
			text:  []string{"refused the password of user demo", "requires authentication", "OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME", "OS_PROJECT_NAME"},
		},
		"wrong application credential": {
			spoil: func(t *testing.T, c *cloud, o *Options) {
				answer(404, `{"error": {"code": 404, "title": "Not Found", "message": "Could not find Application Credential: a1."}}`)(t, c, o)
				o.Auth = gophercloud.AuthOptions{IdentityEndpoint: o.Auth.IdentityEndpoint, ApplicationCredentialID: "a1", ApplicationCredentialSecret: "hunter2"}
			},
			stage: StageCredentials,
			text:  []string{"refused application credential a1", "Could not find Application Credential", "OS_APPLICATION_CREDENTIAL_SECRET"},
		},
		"expired token": {
			spoil: func(_ *testing.T, _ *cloud, o *Options) {
				o.Auth = gophercloud.AuthOptions{IdentityEndpoint: o.Auth.IdentityEndpoint, TokenID: "hunter2"}
			},
			stage: StageCredentials,
			text:  []string{"refused the token", "OS_TOKEN", "expired"},
		},
		"nobody listens": {
			spoil: func(t *testing.T, _ *cloud, o *Options) {
				o.Auth.IdentityEndpoint = "http://someone:hunter2@" + closedPort(t) + "/v3"
			},
			stage: StageReach,
			text:  []string{"no answer from the identity service at http://127.0.0.1:", "connection refused", "OS_AUTH_URL"},
		},
		"another path": {
			spoil: func(_ *testing.T, c *cloud, o *Options) { o.Auth.IdentityEndpoint = c.URL + "/identity/v3" },
			stage: StageIdentity,
			text:  []string{"/identity/v3 does not know Keystone's way to authenticate", "404", "OS_AUTH_URL"},
		},
		"a web page": {
			spoil: answer(201, "<html>Welcome to nginx!</html>"),
			stage: StageIdentity,
			text:  []string{"is not a Keystone identity service", "OS_AUTH_URL"},
		},
		"a web page in place of the versions": {
			spoil: func(t *testing.T, _ *cloud, o *Options) {
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }))
				t.Cleanup(s.Close)
				o.Auth.IdentityEndpoint = s.URL
			},
			stage: StageIdentity,
			text:  []string{"is not a Keystone identity service", "OS_AUTH_URL"},
		},
		"JSON of something else": {
			spoil: func(t *testing.T, _ *cloud, o *Options) {
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }))
				t.Cleanup(s.Close)
				o.Auth.IdentityEndpoint = s.URL
			},
			stage: StageIdentity,
			text:  []string{"is not a Keystone identity service", "no supported version", "OS_AUTH_URL"},
		},
		"a token without its header": {
			spoil: answer(201, `{"token": {}}`),
			stage: StageIdentity,
			text:  []string{"is not a Keystone identity service"},
		},
		"a redirection": {
			spoil: func(_ *testing.T, c *cloud, _ *Options) {
				c.Keystone = func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, "https://cloud.example.com/v3/auth/tokens", http.StatusMovedPermanently)
				}
			},
			stage: StageIdentity,
			text:  []string{"redirects to https://cloud.example.com/v3/auth/tokens", "OS_AUTH_URL"},
		},
		"Keystone is down": {
			spoil: answer(500, "oops"),
			stage: StageIdentity,
			text:  []string{"is unavailable", "500", "oops"},
		},
		"incomplete credentials": {
			spoil: func(_ *testing.T, _ *cloud, o *Options) { o.Auth.DomainID = "" },
			stage: StageConfiguration,
			text:  []string{"incomplete", "OS_USER_DOMAIN_NAME"},
		},
		"no database service": {
			spoil: func(_ *testing.T, c *cloud, _ *Options) {
				c.Catalog = `[{"type": "identity", "endpoints": []}, {"type": "compute", "endpoints": []}]`
			},
			stage: StageCatalog,
			text:  []string{"no database service (Trove)", "it has compute, identity", "OS_DATABASE_ENDPOINT_OVERRIDE"},
		},
		"unknown region": {
			spoil: func(_ *testing.T, _ *cloud, o *Options) { o.Region = "three" },
			stage: StageCatalog,
			text:  []string{"no database service (Trove) in region three; it has one in one, two", "OS_REGION_NAME"},
		},
		"no such kind of endpoint": {
			spoil: func(_ *testing.T, _ *cloud, o *Options) { o.Availability = gophercloud.AvailabilityAdmin },
			stage: StageCatalog,
			text:  []string{"no admin endpoint of the database service (Trove) in region one; it has internal, public", "OS_INTERFACE"},
		},
		"no project": {
			spoil: func(_ *testing.T, c *cloud, _ *Options) { c.Catalog = `[]` },
			stage: StageCatalog,
			text:  []string{"no service catalog", "OS_PROJECT_NAME"},
		},
		"a certificate that is not trusted": {
			spoil: func(t *testing.T, _ *cloud, o *Options) { o.Auth.IdentityEndpoint = tlsServer(t).URL + "/v3" },
			stage: StageTLS,
			text:  []string{"is not trusted", "OS_CACERT"},
		},
		"a certificate for another host": {
			spoil: func(t *testing.T, _ *cloud, o *Options) {
				s := tlsServer(t)
				o.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig //nolint:forcetypeassert // httptest documents it
				o.TLS.ServerName = "cloud.example.org"
				o.Auth.IdentityEndpoint = s.URL + "/v3"
			},
			stage: StageTLS,
			text:  []string{"is for another host", "OS_AUTH_URL"},
		},
		"no TLS at all": {
			spoil: func(_ *testing.T, c *cloud, o *Options) {
				o.Auth.IdentityEndpoint = strings.Replace(c.URL, "http:", "https:", 1) + "/v3"
			},
			stage: StageTLS,
			text:  []string{"does not speak TLS", "http://"},
		},
		"a client certificate is wanted": {
			spoil: func(t *testing.T, _ *cloud, o *Options) {
				s := tlsServer(t)
				s.TLS.ClientAuth = tls.RequireAnyClientCert
				o.TLS = &tls.Config{InsecureSkipVerify: true}
				o.Auth.IdentityEndpoint = s.URL + "/v3"
			},
			stage: StageTLS,
			text:  []string{"aborted the TLS handshake", "OS_CERT"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, showInstance)
			opts := c.options()
			test.spoil(t, c, &opts)
			session, err := NewSession(opts)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client{session.Endpoint("")}.Instance(t.Context(), "7")
			var got *ConnectError
			if !errors.As(err, &got) || got.Stage != test.stage {
				t.Fatalf("got %v, want a *ConnectError of stage %s", err, test.stage)
			}
			for _, part := range test.text {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %s", part, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret is in: %s", err)
			}
			// Nothing about the instance may be concluded from not getting to it.
			for _, wrong := range []error{ErrNotFound, ErrForbidden, ErrUnavailable, ErrBadRequest} {
				if errors.Is(err, wrong) {
					t.Errorf("it matches %q", wrong)
				}
			}
			if errors.Is(err, ErrUnauthenticated) != (test.stage == StageCredentials) {
				t.Errorf("matches ErrUnauthenticated: %t", errors.Is(err, ErrUnauthenticated))
			}
			if OutcomeUnknown(err) {
				t.Error("its outcome is unknown, although nothing was sent")
			}
		})
	}
}

// tlsServer is an https server whose failing handshakes are not logged.
func tlsServer(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestAHostThatDoesNotExistIsSaidSo(t *testing.T) {
	s := &Session{opts: Options{Auth: gophercloud.AuthOptions{IdentityEndpoint: "https://keystone.example.com/v3"}}}
	lost := &transportError{attempts: 1, err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "keystone.example.com", IsNotFound: true}}}
	got := s.diagnose(fmt.Errorf("in gophercloud: %w", lost))
	if got.Stage != StageReach || got.Temporary || !strings.Contains(got.Error(), "keystone.example.com/v3 does not exist") {
		t.Errorf("got %+v", got)
	}
}

func TestConnectRefusesOptionsThatNoServerIsNeededToRefuse(t *testing.T) {
	tests := map[string]Options{
		"no auth_url":            {},
		"auth_url is a path":     {Auth: gophercloud.AuthOptions{IdentityEndpoint: "/v3"}},
		"auth_url is no URL":     {Auth: gophercloud.AuthOptions{IdentityEndpoint: "https://%zz"}},
		"auth_url of a scheme":   {Auth: gophercloud.AuthOptions{IdentityEndpoint: "ftp://cloud/v3"}},
		"override without a URL": {Auth: gophercloud.AuthOptions{IdentityEndpoint: "https://cloud/v3"}, EndpointOverride: "cloud:8779"},
	}
	for name, opts := range tests {
		t.Run(name, func(t *testing.T) {
			var got *ConnectError
			if _, err := NewSession(opts); !errors.As(err, &got) || got.Stage != StageConfiguration {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhatBreaksOnTheWayIsToldApart(t *testing.T) {
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			err = conn.(*net.TCPConn).SetLinger(0) //nolint:forcetypeassert // the server listens on TCP
		}
		if err == nil {
			err = conn.Close()
		}
		if err != nil {
			panic(err)
		}
	}
	tests := map[string]struct {
		serve   http.HandlerFunc
		change  func(*testing.T, *Options)
		unknown bool
		text    string
	}{
		"the server hangs up": {serve: hangUp, unknown: true},
		"an answer torn in the middle": {serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"instance": {`)
		}, unknown: true, text: "unexpected EOF"},
		"an answer that is no JSON": {serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `<html>`) }, unknown: true, text: "its answer could not be read"},
		"an answer without a body":  {serve: func(http.ResponseWriter, *http.Request) {}, unknown: true, text: "its answer could not be read"},
		"no answer in time": {
			serve: func(_ http.ResponseWriter, r *http.Request) {
				// Without that the server would not see the client go.
				if _, err := io.Copy(io.Discard, r.Body); err == nil {
					<-r.Context().Done()
				}
			},
			change:  func(_ *testing.T, o *Options) { o.RequestTimeout = 50 * time.Millisecond },
			unknown: true, text: "no answer within request_timeout (50ms)",
		},
		"nobody listens": {change: func(t *testing.T, o *Options) { o.EndpointOverride = "http://" + closedPort(t) + "/v1.0/p1" }, text: "connection refused"},
		"a certificate that is not trusted": {change: func(t *testing.T, o *Options) {
			o.EndpointOverride = tlsServer(t).URL + "/v1.0/p1"
			o.MaxRetries = 5 // of no use, so they would take long
		}, text: "certificate"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, test.serve)
			client := c.connect(t, func(o *Options) {
				if test.change != nil {
					test.change(t, o)
				}
			})
			began := time.Now()
			err := client.post(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.text) || !strings.HasPrefix(err.Error(), "create instance x: ") || strings.Contains(err.Error(), ".invalid") {
				t.Errorf("got %v", err)
			}
			if OutcomeUnknown(err) != test.unknown {
				t.Errorf("outcome unknown: got %t, want %t: %v", !test.unknown, test.unknown, err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestARefusedConnectionIsTriedAgainEvenForAPost(t *testing.T) {
	address := closedPort(t)
	c := newCloud(t, showInstance)
	client := c.connect(t, func(o *Options) {
		o.EndpointOverride = "http://" + address + "/v1.0/p1"
		o.MaxRetries = 3
		o.Log = func(_ context.Context, _ string, fields map[string]any) {
			if fields["error"] == nil || address == "" {
				return
			}
			// The service is up again after the first attempt.
			l, err := net.Listen("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			address = ""
			s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(showInstance), ReadHeaderTimeout: time.Minute}}
			s.Start()
			t.Cleanup(s.Close)
		}
	})
	if err := client.post(t.Context()); err != nil {
		t.Error(err)
	}
}
