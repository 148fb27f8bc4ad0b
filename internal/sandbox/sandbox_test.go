package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

// start runs a sandbox for a test, and checks that nothing of it is left in the end.
func start(t *testing.T, opts Options) *Sandbox {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeNow(t, s) })
	return s
}

func closeNow(t *testing.T, s *Sandbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
}

// login returns gophercloud's client for the database service, as user demo.
func login(t *testing.T, s *Sandbox) *gophercloud.ServiceClient {
	t.Helper()
	provider, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: s.AuthURL(), Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo", AllowReauth: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := openstack.NewDBV1(provider, gophercloud.EndpointOpts{Region: identity.Region})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func create(t *testing.T, db *gophercloud.ServiceClient, name string) (*instances.Instance, error) {
	t.Helper()
	return instances.Create(t.Context(), db, instances.CreateOpts{
		Name: name, FlavorRef: "1", Size: 1, Datastore: &instances.DatastoreOpts{Type: "mysql", Version: "mysql-5.7"},
	}).Extract()
}

// send sends a request without gophercloud; header holds names and values in turn.
func send(t *testing.T, method, url, body string, header ...string) (status int, text string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func TestInstanceIsBuiltForARealClientAndTheLedgerTellsTheCost(t *testing.T) {
	s := start(t, Options{})
	db := login(t, s)
	made, err := create(t, db, "orders")
	if err != nil {
		t.Fatal(err)
	}
	shown, err := instances.Get(t.Context(), db, made.ID).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if made.Status != "BUILD" || shown.Status != "ACTIVE" || shown.Name != "orders" {
		t.Errorf("created %s, then %s %s", made.Status, shown.Name, shown.Status)
	}
	want := map[string]int{"POST /v3/auth/tokens": 1, "POST /instances": 1, "GET /instances/{id}": 1}
	if diff := cmp.Diff(want, s.Ledger().Counts()); diff != "" {
		t.Error(diff)
	}
	for _, r := range s.Ledger().Requests()[1:] {
		if r.Project != "demo" || r.User != "demo" || r.Status != 200 {
			t.Errorf("the ledger has %+v", r)
		}
	}
}

func TestBuildTakesItsTime(t *testing.T) {
	now, mu := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), sync.Mutex{}
	s := start(t, Options{BuildTime: time.Minute, TokenLifetime: time.Hour, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	db := login(t, s)
	made, err := create(t, db, "orders")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"BUILD", "ACTIVE"} {
		shown, err := instances.Get(t.Context(), db, made.ID).Extract()
		if err != nil {
			t.Fatal(err)
		}
		if shown.Status != want {
			t.Errorf("status %s, want %s", shown.Status, want)
		}
		mu.Lock()
		now = now.Add(time.Minute)
		mu.Unlock()
	}
}

func TestRequestWithoutAGoodTokenIsUnauthorizedInTrovesForm(t *testing.T) {
	s := start(t, Options{})
	revoked := login(t, s).Token()
	s.ExpireTokens()
	url := s.URL() + "/v1.0/" + identity.DemoProjectID + "/instances"
	for name, header := range map[string][]string{
		"none":      nil,
		"a bad one": {"X-Auth-Token", "nonsense"},
		"expired":   {"X-Auth-Token", revoked},
	} {
		t.Run(name, func(t *testing.T) {
			status, text, err := send(t, "GET", url, "", header...)
			if err != nil || status != 401 || !strings.HasPrefix(text, `{"unauthorized":{"code":401,`) {
				t.Errorf("%d %s %v", status, text, err)
			}
		})
	}
	if n := s.Ledger().Count("GET /instances"); n != 3 {
		t.Errorf("%d refused requests are counted, want 3", n)
	}
}

func TestTokenOfAnotherProjectIsRefused(t *testing.T) {
	s := start(t, Options{})
	token := login(t, s).Token()
	status, text, err := send(t, "GET", s.URL()+"/v1.0/"+identity.OtherProjectID+"/instances", "", "X-Auth-Token", token)
	if err != nil || status != 403 {
		t.Errorf("%d %s %v", status, text, err)
	}
}

func TestExpiredTokenCostsOneAuthenticationHoweverManyRequestsMeetIt(t *testing.T) {
	s := start(t, Options{})
	db := login(t, s)
	s.ExpireTokens()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := instances.List(db).AllPages(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.Ledger().Count("POST /v3/auth/tokens"); n != 2 || s.TokensIssued() != 2 {
		t.Errorf("%d authentications, %d tokens; want the first and one more", n, s.TokensIssued())
	}
}

func TestInjectedExpiryIsMetByTheRequestItself(t *testing.T) {
	s := start(t, Options{})
	db := login(t, s)
	inject(t, s, faults.Rule{Do: faults.ExpireTokens, Kind: "GET /instances"})
	if _, err := instances.List(db).AllPages(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"POST /v3/auth/tokens": 2, "GET /instances": 2}
	if diff := cmp.Diff(want, s.Ledger().Counts()); diff != "" {
		t.Error(diff)
	}
}

func inject(t *testing.T, s *Sandbox, rule faults.Rule) {
	t.Helper()
	if _, err := s.Faults().Add(rule); err != nil {
		t.Fatal(err)
	}
}

func TestLostAnswerLeavesTheInstanceAndTheCount(t *testing.T) {
	s := start(t, Options{})
	db := login(t, s)
	inject(t, s, faults.Rule{Do: faults.LoseAnswer, Kind: "POST /instances", Instance: "orders"})
	if _, err := create(t, db, "orders"); !errors.Is(err, io.EOF) {
		t.Errorf("the client is told %v", err)
	}
	history := s.State().History()
	if len(history) != 1 || history[0].Name != "orders" || s.Ledger().Count("POST /instances") != 1 {
		t.Errorf("%+v, %v", history, s.Ledger().Counts())
	}
}

func TestInjectedErrorIsInTheFormOfItsService(t *testing.T) {
	s := start(t, Options{})
	inject(t, s, faults.Rule{Do: faults.Status, Status: 503, Message: "come back later", Times: 2, RetryAfter: new(1)})
	for path, want := range map[string]string{
		"/v1.0/" + identity.DemoProjectID + "/flavors": `{"serviceUnavailable":{"code":503,"message":"come back later"}}`,
		"/v3/auth/catalog": `{"error":{"code":503,"message":"come back later","title":"Service Unavailable"}}`,
	} {
		status, text, err := send(t, "GET", s.URL()+path, "")
		if err != nil || status != 503 || strings.TrimSpace(text) != want {
			t.Errorf("%s: %d %s %v", path, status, text, err)
		}
	}
}

func TestInjectedFateOfAnInstance(t *testing.T) {
	s := start(t, Options{})
	db := login(t, s)
	inject(t, s, faults.Rule{Do: faults.InstanceError, Instance: "doomed", Message: "no host has room", Project: "demo"})
	inject(t, s, faults.Rule{Do: faults.InstanceHang, Instance: "stuck"})
	for name, want := range map[string]string{"doomed": "ERROR", "stuck": "BUILD", "well": "ACTIVE"} {
		made, err := create(t, db, name)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := instances.Get(t.Context(), db, made.ID).Extract()
		if err != nil {
			t.Fatal(err)
		}
		if shown.Status != want {
			t.Errorf("%s is %s, want %s", name, shown.Status, want)
		}
		if name == "doomed" && (shown.Fault == nil || shown.Fault.Message != "no host has room") {
			t.Errorf("its fault is %+v", shown.Fault)
		}
	}
}

func TestInjectedFailureOfAnAction(t *testing.T) {
	s := start(t, Options{})
	db := login(t, s)
	made, err := create(t, db, "orders")
	if err != nil {
		t.Fatal(err)
	}
	inject(t, s, faults.Rule{Do: faults.ActionError, Action: "restart", Instance: "orders", Message: "it did not come up"})
	if _, err := instances.Get(t.Context(), db, made.ID).Extract(); err != nil {
		t.Fatal(err)
	}
	if err := instances.Restart(t.Context(), db, made.ID).ExtractErr(); err != nil {
		t.Fatal(err)
	}
	shown, err := instances.Get(t.Context(), db, made.ID).Extract()
	if err != nil {
		t.Fatal(err)
	}
	if shown.Status != "ERROR" || shown.Fault == nil || shown.Fault.Message != "it did not come up" {
		t.Errorf("%s %+v", shown.Status, shown.Fault)
	}
	if n := s.Ledger().Count("POST /instances/{id}/action restart"); n != 1 {
		t.Errorf("counted as %v", s.Ledger().Counts())
	}
}

// lockedBuffer may be written by the server while a test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestLogHasOneLineARequestAndNoSecrets(t *testing.T) {
	var log lockedBuffer
	s := start(t, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	db := login(t, s)
	if _, err := create(t, db, "orders"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := send(t, "GET", s.URL()+"/sandbox/health", ""); err != nil {
		t.Fatal(err)
	}
	closeNow(t, s)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	for i, want := range [][]string{
		{"method=POST", "path=/v3/auth/tokens", `kind="POST /v3/auth/tokens"`, "status=201", "request_id=req-", "took="},
		{"method=POST", "path=/v1.0/" + identity.DemoProjectID + "/instances", `kind="POST /instances"`, "status=200", "project=demo", "user=demo"},
		{"method=GET", "path=/sandbox/health", `kind=""`, "status=200"},
	} {
		for _, part := range want {
			if i >= len(lines) || !strings.Contains(lines[i], part) {
				t.Fatalf("line %d lacks %s:\n%s", i, part, log.String())
			}
		}
	}
	if len(lines) != 3 || strings.Contains(log.String(), db.Token()) || strings.Contains(log.String(), "password") {
		t.Errorf("the log is\n%s", log.String())
	}
}

func TestDefectIsA500AndLogged(t *testing.T) {
	var log lockedBuffer
	s, err := New(Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.recovering(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a slip") })))
	t.Cleanup(server.Close)
	status, text, err := send(t, "GET", server.URL+"/v1.0/x/instances", "")
	if err != nil || status != 500 || !strings.Contains(text, `"instanceFault":{"code":500`) {
		t.Errorf("%d %s %v", status, text, err)
	}
	if !strings.Contains(log.String(), "a slip") || !strings.Contains(log.String(), "stack=") {
		t.Errorf("the log is %s", log.String())
	}
}
