package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// byPath is the kind of a request in these tests; /admin is kept out.
func byPath(r *http.Request, _ []byte) string {
	if r.URL.Path == "/admin" {
		return ""
	}
	return r.Method + " " + r.URL.Path
}

// wrap puts next behind a ledger, whose clock goes on by a second with each look.
func wrap(l *Ledger, next http.HandlerFunc) (http.Handler, *[]Request) {
	var done []Request
	now := noon
	return Middleware{
		Ledger: l,
		Kind:   byPath,
		Now:    func() time.Time { now = now.Add(time.Second); return now },
		Done:   func(_ context.Context, r Request) { done = append(done, r) },
	}.Wrap(next), &done
}

func send(t *testing.T, h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	return w
}

func TestRequestIsKeptWithCallerStatusAndTime(t *testing.T) {
	l := New()
	h, done := wrap(l, func(w http.ResponseWriter, r *http.Request) {
		From(r.Context()).Identify("demo", "alice")
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != `{"name": "db1"}` || string(From(r.Context()).Body()) != string(body) {
			t.Errorf("the handler reads %q, %v", body, err)
		}
		w.WriteHeader(http.StatusTeapot)
	})
	w := send(t, h, "POST", "/instances", `{"name": "db1"}`)
	want := []Request{{
		ID: w.Header().Get(RequestIDHeader), Received: noon.Add(time.Second), Took: time.Second,
		Method: "POST", Kind: "POST /instances", Path: "/instances", Body: json.RawMessage(`{"name":"db1"}`),
		Project: "demo", User: "alice", Status: http.StatusTeapot,
	}}
	if diff := cmp.Diff(want, l.Requests()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, *done); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(want[0].ID, "req-") {
		t.Errorf("the request's id is %q", want[0].ID)
	}
}

func TestStatusIs200WhereTheHandlerNamesNone(t *testing.T) {
	l := New()
	h, _ := wrap(l, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") })
	send(t, h, "GET", "/a", "")
	if got := l.Requests()[0].Status; got != http.StatusOK {
		t.Errorf("status %d", got)
	}
}

func TestRequestCountsBeforeItIsServed(t *testing.T) {
	l := New()
	h, _ := wrap(l, func(http.ResponseWriter, *http.Request) {
		if n := l.Count("GET /slow"); n != 1 {
			t.Errorf("counted %d times while it is served", n)
		}
		if r := l.Requests(); len(r) != 1 || r[0].Status != 0 || r[0].Took != 0 {
			t.Errorf("while it is served, the ledger holds %+v", r)
		}
	})
	send(t, h, "GET", "/slow", "")
}

func TestDroppedRequestCountsAndHasNoStatus(t *testing.T) {
	l := New()
	h, done := wrap(l, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/lost" {
			From(r.Context()).Lose(http.StatusOK)
		}
		panic(http.ErrAbortHandler)
	})
	for _, path := range []string{"/dropped", "/lost"} {
		func() {
			defer func() {
				if recover() != http.ErrAbortHandler { //nolint:errorlint // a panic's value
					t.Error("the panic does not reach the server")
				}
			}()
			send(t, h, "POST", path, "")
		}()
	}
	want := []Request{
		{Method: "POST", Kind: "POST /dropped", Path: "/dropped"},
		{Method: "POST", Kind: "POST /lost", Path: "/lost", Status: http.StatusOK, Lost: true},
	}
	if diff := cmp.Diff(want, l.Requests(), cmpopts.IgnoreFields(Request{}, "ID", "Received", "Took")); diff != "" {
		t.Error(diff)
	}
	if len(*done) != 2 {
		t.Errorf("%d requests were reported", len(*done))
	}
}

func TestKindlessRequestIsReportedButNotKept(t *testing.T) {
	l := New()
	h, done := wrap(l, func(http.ResponseWriter, *http.Request) {})
	send(t, h, "GET", "/admin", "")
	if len(l.Requests()) != 0 || len(l.Counts()) != 0 || len(*done) != 1 {
		t.Errorf("kept %v, counted %v, reported %v", l.Requests(), l.Counts(), *done)
	}
}

func TestOversizedRequestIsRefusedAndCounted(t *testing.T) {
	l := New()
	h, _ := wrap(l, func(http.ResponseWriter, *http.Request) { t.Error("the handler is called") })
	if w := send(t, h, "POST", "/big", strings.Repeat("x", maxBody+1)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", w.Code)
	}
	if l.Count("POST /big") != 1 {
		t.Error("it is not counted")
	}
}

func TestResetForgetsEverything(t *testing.T) {
	l := New()
	h, _ := wrap(l, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/reset" {
			l.Reset()
		}
	})
	send(t, h, "GET", "/a", "")
	send(t, h, "GET", "/a", "")
	if diff := cmp.Diff(map[string]int{"GET /a": 2}, l.Counts()); diff != "" {
		t.Error(diff)
	}
	send(t, h, "GET", "/reset", "")
	if len(l.Counts()) != 0 || len(l.Requests()) != 0 || l.Count("GET /a") != 0 {
		t.Errorf("left: %v, %v", l.Counts(), l.Requests())
	}
}

func TestOnlyTheLastRequestsAreKeptButAllAreCounted(t *testing.T) {
	l := New()
	for i := range maxRequests + 5 {
		l.enter(&Request{ID: fmt.Sprint(i), Kind: "GET /a"})
	}
	requests := l.Requests()
	if len(requests) != maxRequests || requests[0].ID != "5" || l.Count("GET /a") != maxRequests+5 {
		t.Errorf("%d kept from %s on, %d counted", len(requests), requests[0].ID, l.Count("GET /a"))
	}
}

func TestKindsAreBounded(t *testing.T) {
	l := New()
	for i := range maxKinds + 7 {
		l.enter(&Request{Kind: fmt.Sprintf("GET /%d%s", i, UnknownRoute)})
	}
	l.enter(&Request{Kind: "GET /0" + UnknownRoute})
	if len(l.Counts()) != maxKinds+1 || l.Count(otherKinds) != 7 || l.Count("GET /0"+UnknownRoute) != 2 {
		t.Errorf("%d kinds, %d others, %d of the first", len(l.Counts()), l.Count(otherKinds), l.Count("GET /0"+UnknownRoute))
	}
}

func TestLedgerIsSafeForConcurrentUse(t *testing.T) {
	l := New()
	h := Middleware{
		Ledger: l,
		Kind:   byPath,
		Now:    time.Now,
		Done:   func(context.Context, Request) {},
	}.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		From(r.Context()).Identify("demo", "demo")
		w.WriteHeader(http.StatusAccepted)
	}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				send(t, h, "POST", "/a", `{}`)
				l.Requests()
				l.Counts()
			}
		})
	}
	wg.Wait()
	if n := l.Count("POST /a"); n != 400 {
		t.Errorf("%d requests counted, want 400", n)
	}
	for _, r := range l.Requests() {
		if r.Status != http.StatusAccepted || r.Project != "demo" {
			t.Fatalf("kept: %+v", r)
		}
	}
}

func TestSecretsAreNotKept(t *testing.T) {
	for name, tt := range map[string]struct{ body, want string }{
		"a password to log in with": {
			`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"demo","password":"hunter2"}}},"scope":"unscoped"}}`,
			`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"demo","password":"(redacted)"}}},"scope":"unscoped"}}`,
		},
		"a token to exchange": {
			`{"auth":{"identity":{"methods":["token"],"token":{"id":"t0k3n"}}}}`,
			`{"auth":{"identity":{"methods":["token"],"token":{"id":"(redacted)"}}}}`,
		},
		"an application credential": {
			`{"auth":{"identity":{"application_credential":{"id":"abc","secret":"s3cret"}}}}`,
			`{"auth":{"identity":{"application_credential":{"id":"abc","secret":"(redacted)"}}}}`,
		},
		"a database's users": {
			`{"users":[{"name":"u","password":"pw1"},{"name":"v","password":12345}]}`,
			`{"users":[{"name":"u","password":"(redacted)"},{"name":"v","password":"(redacted)"}]}`,
		},
		"secrets in a list": {`{"secrets":["a",["b"],{"c":"d"}]}`, `{"secrets":["(redacted)",["(redacted)"],{"c":"(redacted)"}]}`},
		"nothing secret":    {`{"num_tokens":256,"id":"x","ok":true,"none":null}`, `{"id":"x","none":null,"num_tokens":256,"ok":true}`},
		"no JSON":           {`password=hunter2`, ``},
		"JSON with an end":  {`{"a":1}password=hunter2`, ``},
		"nothing":           {``, ``},
		"too much":          {`{"a":"` + strings.Repeat("x", maxKept) + `"}`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(redact([]byte(tt.body)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
