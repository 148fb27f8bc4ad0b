package troveapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ratelimit"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/troveapi"
)

// server is the API of a world whose clock the test moves.
type server struct {
	t       *testing.T
	api     *troveapi.API
	state   *state.State
	project string

	mu  sync.Mutex
	now time.Time
}

const (
	buildTime  = 10 * time.Second
	actionTime = 2 * time.Second
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func newServer(t *testing.T, change ...func(*state.Options)) *server {
	t.Helper()
	s := &server{t: t, project: "demo", now: noon}
	options := state.Options{BuildTime: buildTime, ActionTime: actionTime, Now: func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.now
	}}
	for _, c := range change {
		c(&options)
	}
	s.state = state.New(options)
	s.api = troveapi.New(s.state, ratelimit.New(0, time.Now))
	return s
}

func upstream(o *state.Options) { o.Upstream = true }

// pass lets time go by.
func (s *server) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// do sends a request as user demo and returns status and body, decoded.
func (s *server) do(method, path, body string) (int, any) {
	s.t.Helper()
	w := s.send(method, "/v1.0/"+s.project+path, body)
	if w.Body.Len() == 0 {
		return w.Code, nil
	}
	var decoded any
	if err := json.Unmarshal(w.Body.Bytes(), &decoded); err != nil {
		s.t.Fatalf("%s %s: the answer is no JSON: %v\n%s", method, path, err, w.Body)
	}
	return w.Code, decoded
}

func (s *server) send(method, path, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, "http://trove.test"+path, bytes.NewBufferString(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	caller := troveapi.Caller{UserID: "u-1", UserName: "demo", ProjectID: s.project}
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, r.WithContext(troveapi.WithCaller(r.Context(), caller)))
	return w
}

// want sends a request and checks status and whole body; want is JSON, "" an empty body.
func (s *server) want(method, path, body string, code int, want string) {
	s.t.Helper()
	gotCode, got := s.do(method, path, body)
	if gotCode != code {
		s.t.Fatalf("%s %s %s: status %d, want %d; body %v", method, path, body, gotCode, code, got)
	}
	var wanted any
	if want != "" {
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			s.t.Fatalf("the wanted body is no JSON: %v\n%s", err, want)
		}
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		s.t.Fatalf("%s %s %s: body (-want +got):\n%s", method, path, body, diff)
	}
}

// wantFault sends a request that is refused in Trove's form.
func (s *server) wantFault(method, path, body string, code int, name, message string) {
	s.t.Helper()
	text, err := json.Marshal(map[string]any{name: map[string]any{"code": code, "message": message}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.want(method, path, body, code, string(text))
}

// create makes an instance and returns its id.
func (s *server) create(body string) string {
	s.t.Helper()
	code, answer := s.do("POST", "/instances", body)
	if code != http.StatusOK {
		s.t.Fatalf("POST /instances %s: status %d: %v", body, code, answer)
	}
	id, ok := at(answer, "instance", "id").(string)
	if !ok {
		s.t.Fatalf("POST /instances: the answer holds no id: %v", answer)
	}
	return id
}

// built makes an instance and lets the time pass that it takes to build.
func (s *server) built(body string) string {
	s.t.Helper()
	id := s.create(body)
	s.pass(buildTime)
	s.wantAt("/instances/"+id, "ACTIVE", "instance", "status")
	return id
}

// wantAt checks one value in an answer.
func (s *server) wantAt(path string, want any, keys ...string) {
	s.t.Helper()
	code, answer := s.do("GET", path, "")
	if code != http.StatusOK {
		s.t.Fatalf("GET %s: status %d: %v", path, code, answer)
	}
	if diff := cmp.Diff(want, at(answer, keys...)); diff != "" {
		s.t.Fatalf("GET %s, %s (-want +got):\n%s", path, strings.Join(keys, "."), diff)
	}
}

// at goes down into decoded JSON; nil where there is nothing.
func at(value any, keys ...string) any {
	for _, k := range keys {
		m, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = m[k]
	}
	return value
}

const mysql = `{"instance": {"name": "one", "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": "mysql", "version": "mysql-8.0"}}}`

func TestOtherProjectsAreDenied(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/v1.0", "/v1.0/", "/v1.0/other/instances", "/v1.0/demo2/instances"} {
		w := s.send("GET", path, "")
		if w.Code != http.StatusForbidden {
			t.Errorf("GET %s: status %d, want 403", path, w.Code)
		}
		want := `{"message":"Access was denied to this resource.\u003cbr /\u003e\u003cbr /\u003e\nUser with tenant id demo cannot access this resource.\n\n","code":"403 Forbidden","title":"Forbidden"}`
		if w.Body.String() != want {
			t.Errorf("GET %s: body %s", path, w.Body)
		}
	}
}

func TestUnknownRoutesAreAnsweredAlike(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	for _, route := range []string{
		"GET /nothing-here", "PUT /instances", "GET /instances/" + id + "/bogus", "OPTIONS /instances/" + id,
		"POST /instances/" + id + "/topology", "PUT /instances/" + id + "/topology", "GET /datastores/mysql/flavours", "GET /extensions",
	} {
		method, path, _ := strings.Cut(route, " ")
		s.wantFault(method, path, "", 404, "itemNotFound", "The resource could not be found.")
	}
	if w := s.send("HEAD", "/v1.0/demo/instances/"+id, ""); w.Code != 404 {
		t.Errorf("HEAD: status %d, want 404", w.Code)
	}
}

func TestHandlerTellsTheRoute(t *testing.T) {
	s := newServer(t)
	for request, want := range map[string]string{
		"GET /v1.0/demo/instances/abc":                  "GET /v1.0/{project_id}/instances/{id}",
		"GET /v1.0/demo/instances/detail":               "GET /v1.0/{project_id}/instances/detail",
		"POST /v1.0/demo/instances/abc/topology/action": "POST /v1.0/{project_id}/instances/{id}/topology/action",
		"GET /v1.0/demo/instances/abc/bogus":            "/",
	} {
		method, path, _ := strings.Cut(request, " ")
		if _, got := s.api.Handler(httptest.NewRequestWithContext(t.Context(), method, path, nil)); got != want {
			t.Errorf("%s: route %q, want %q", request, got, want)
		}
	}
}

func TestOnReleasedTroveTheTopologyRoutesAreUnknown(t *testing.T) {
	s := newServer(t, upstream)
	id := s.built(mysql)
	for _, route := range []string{
		"GET /instances/" + id + "/topology", "GET /instances/99999999-9999-4999-8999-999999999999/topology", "POST /instances/" + id + "/topology/action",
	} {
		method, path, _ := strings.Cut(route, " ")
		s.wantFault(method, path, "", 404, "itemNotFound", "The resource could not be found.")
	}
}

func TestBodiesThatAreNoJSON(t *testing.T) {
	s := newServer(t)
	s.want("POST", "/instances", `{"instance": `, 400, `{"message": "Malformed request body<br /><br />\n\n\n", "code": "400 Bad Request", "title": "Bad Request"}`)
	s.wantFault("POST", "/instances", `[]`, 400, "badRequest", "Validation error: the body is not of type 'object'")
	s.wantFault("POST", "/instances", ``, 400, "badRequest", "Validation error: the body is not of type 'object'")
	s.wantFault("POST", "/instances", `{}`, 400, "badRequest", "Validation error: 'instance' is a required property")
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1.0/demo/instances", strings.NewReader("x"))
	r.Header.Set("Content-Type", "text/plain")
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, r.WithContext(troveapi.WithCaller(r.Context(), troveapi.Caller{ProjectID: "demo"})))
	if w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: status %d, want 415", w.Code)
	}
}
