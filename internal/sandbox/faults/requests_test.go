package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ledger"
)

// rig is a service whose work is to count, behind faults and a ledger.
type rig struct {
	*Faults
	ledger  *ledger.Ledger
	handler http.Handler
	worked  atomic.Int32
	expired atomic.Int32
}

func newRig(t *testing.T, rules ...Rule) *rig {
	t.Helper()
	r := &rig{ledger: ledger.New()}
	r.Faults = New(Hooks{
		ExpireTokens: func() { r.expired.Add(1) },
		InstanceName: func(_, id string) string { return map[string]string{"id-1": "db1", "id-2": "db2"}[id] },
		ProjectName:  func(id string) string { return map[string]string{"p-1": "demo", "p-2": "other"}[id] },
		WriteError: func(w http.ResponseWriter, _ *http.Request, status int, message string) {
			http.Error(w, message, status)
		},
	})
	for _, rule := range rules {
		if _, err := r.Add(rule); err != nil {
			t.Fatal(err)
		}
	}
	work := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		r.worked.Add(1)
		w.Header().Set("X-Worked", "yes")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, "done")
	})
	r.handler = ledger.Middleware{
		Ledger: r.ledger,
		Kind: func(q *http.Request, _ []byte) string {
			_, path, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/v1.0/"), "/")
			return q.Method + " /" + path
		},
		Now:  time.Now,
		Done: func(context.Context, ledger.Request) {},
	}.Wrap(r.Wrap(work))
	return r
}

// dropped is the status of a request whose connection is dropped.
const dropped = -1

// send returns the status and the text of the answer.
func (r *rig) send(t *testing.T, method, path, body string) (status int, text string) {
	t.Helper()
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			status = dropped
		default:
			panic(p)
		}
	}()
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func TestEffectsOnRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		rule           Rule
		status, worked int
		text           string
		kept           ledger.Request
	}{
		"none":              {Rule{Do: Drop, Kind: "GET /other"}, 202, 1, "done", ledger.Request{Status: 202}},
		"lost answer":       {Rule{Do: LoseAnswer}, dropped, 1, "", ledger.Request{Status: 202, Lost: true}},
		"drop":              {Rule{Do: Drop}, dropped, 0, "", ledger.Request{Lost: true}},
		"status":            {Rule{Do: Status, Status: 503, Message: "gone fishing"}, 503, 0, "gone fishing\n", ledger.Request{Status: 503}},
		"status after work": {Rule{Do: Status, Status: 500, AfterWork: true}, 500, 1, "\n", ledger.Request{Status: 500}},
		"expired tokens":    {Rule{Do: ExpireTokens}, 202, 1, "done", ledger.Request{Status: 202}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, tt.rule)
			status, text := r.send(t, "POST", "/v1.0/p-1/instances", `{}`)
			if status != tt.status || text != tt.text || int(r.worked.Load()) != tt.worked {
				t.Errorf("status %d, text %q, work done %d times; want %d, %q, %d", status, text, r.worked.Load(), tt.status, tt.text, tt.worked)
			}
			if r.ledger.Count("POST /instances") != 1 {
				t.Error("the ledger does not count the request")
			}
			kept := r.ledger.Requests()[0]
			if kept.Status != tt.kept.Status || kept.Lost != tt.kept.Lost {
				t.Errorf("the ledger has status %d, lost %v; want %d, %v", kept.Status, kept.Lost, tt.kept.Status, tt.kept.Lost)
			}
			if got, want := r.expired.Load() == 1, tt.rule.Do == ExpireTokens; got != want {
				t.Errorf("tokens expired: %v, want %v", got, want)
			}
			if status, _ := r.send(t, "POST", "/v1.0/p-1/instances", `{}`); status != 202 {
				t.Errorf("a rule without times happened twice: %d", status)
			}
		})
	}
}

func TestStatusCarriesRetryAfterWhereTheRuleHasIt(t *testing.T) {
	for name, tt := range map[string]struct {
		seconds *int
		want    []string
	}{"none": {nil, nil}, "zero": {new(0), []string{"0"}}, "some": {new(7), []string{"7"}}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Rule{Do: Status, Status: 429, RetryAfter: tt.seconds})
			w := httptest.NewRecorder()
			r.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/v1.0/p-1/instances", http.NoBody))
			if diff := cmp.Diff(tt.want, w.Result().Header["Retry-After"]); w.Code != 429 || diff != "" {
				t.Error(w.Code, diff)
			}
		})
	}
}

func TestRuleFitsByKindInstanceAndProject(t *testing.T) {
	for name, tt := range map[string]struct {
		rule Rule
		want []int // which of the requests below fail
	}{
		"everything":             {Rule{}, []int{0, 1, 2, 3, 4}},
		"one kind":               {Rule{Kind: "POST /instances"}, []int{0, 1}},
		"kinds by prefix":        {Rule{Kind: "GET /*"}, []int{2, 3, 4}},
		"a prefix is asked for":  {Rule{Kind: "GET /"}, nil},
		"a name to be given":     {Rule{Instance: "db1"}, []int{0, 2}},
		"a name and a kind":      {Rule{Instance: "db1", Kind: "GET *"}, []int{2}},
		"an id":                  {Rule{Instance: "id-2"}, []int{3}},
		"a project by name":      {Rule{Project: "other"}, []int{1, 3}},
		"a project by id":        {Rule{Project: "p-1"}, []int{0, 2}},
		"no such instance":       {Rule{Instance: "db9"}, nil},
		"an instance, a project": {Rule{Instance: "db2", Project: "demo"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			tt.rule.Do, tt.rule.Times = Drop, Always
			r := newRig(t, tt.rule)
			var failed []int
			for i, q := range [][3]string{
				{"POST", "/v1.0/p-1/instances", `{"instance": {"name": "db1"}}`},
				{"POST", "/v1.0/p-2/instances", `{"instance": {"name": "db2"}}`},
				{"GET", "/v1.0/p-1/instances/id-1", ""},
				{"GET", "/v1.0/p-2/instances/id-2/topology", ""},
				{"GET", "/v3/auth/tokens", ""},
			} {
				if status, _ := r.send(t, q[0], q[1], q[2]); status == dropped {
					failed = append(failed, i)
				}
			}
			if diff := cmp.Diff(tt.want, failed); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAfterSparesAndTimesLimits(t *testing.T) {
	r := newRig(t, Rule{Do: Drop, After: 2, Times: 3})
	var got []int
	for range 7 {
		status, _ := r.send(t, "GET", "/v1.0/p-1/instances", "")
		got = append(got, status)
	}
	if diff := cmp.Diff([]int{202, 202, dropped, dropped, dropped, 202, 202}, got); diff != "" {
		t.Error(diff)
	}
	want := []Injected{{ID: 1, Rule: Rule{Do: Drop, After: 2, Times: 3}, Matched: 7, Fired: 3}}
	if diff := cmp.Diff(want, r.List()); diff != "" {
		t.Error(diff)
	}
	r.Clear()
	if len(r.List()) != 0 {
		t.Error("rules are left")
	}
}

func TestRulesThatFitOneRequestTakeTurns(t *testing.T) {
	r := newRig(t, Rule{Do: Status, Status: 503}, Rule{Do: Status, Status: 500})
	for _, want := range []int{503, 500, 202} {
		if status, _ := r.send(t, "GET", "/v1.0/p-1/instances", ""); status != want {
			t.Errorf("status %d, want %d", status, want)
		}
	}
}

func TestDelaysAddUpAndLeaveOtherEffectsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t,
			Rule{Do: Delay, Delay: Duration(2 * time.Second), Times: Always},
			Rule{Do: Delay, Delay: Duration(3 * time.Second), AfterWork: true},
			Rule{Do: Status, Status: 503, After: 1},
		)
		for i, want := range []struct {
			status int
			took   time.Duration
		}{{202, 5 * time.Second}, {503, 2 * time.Second}, {202, 2 * time.Second}} {
			start := time.Now()
			status, _ := r.send(t, "GET", "/v1.0/p-1/instances", "")
			if took := time.Since(start); status != want.status || took != want.took {
				t.Errorf("request %d: status %d after %s, want %d after %s", i, status, took, want.status, want.took)
			}
		}
	})
}

func TestDelayEndsWithTheCaller(t *testing.T) {
	for _, afterWork := range []bool{false, true} {
		t.Run(fmt.Sprintf("after work %v", afterWork), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, Rule{Do: Delay, Delay: Duration(time.Hour), AfterWork: afterWork})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				func() {
					defer func() {
						if recover() != http.ErrAbortHandler { //nolint:errorlint // a panic's value
							t.Error("the request was answered")
						}
					}()
					r.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "POST", "/v1.0/p-1/instances", http.NoBody))
				}()
				if took := time.Since(start); took != time.Second {
					t.Errorf("it took %s", took)
				}
				if done := r.worked.Load() == 1; done != afterWork {
					t.Errorf("the work was done: %v", done)
				}
			})
		})
	}
}

func TestStopEndsDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Rule{Do: Delay, Delay: Duration(time.Hour), Times: 2})
		time.AfterFunc(time.Minute, func() { r.Stop(); r.Stop() })
		start := time.Now()
		for range 2 {
			if status, _ := r.send(t, "GET", "/v1.0/p-1/instances", ""); status != dropped {
				t.Errorf("status %d", status)
			}
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// The promise of dropping is about connections, so this looks at a real one.
func TestDroppedConnectionCarriesNoAnswer(t *testing.T) {
	for _, effect := range []Effect{Drop, LoseAnswer} {
		t.Run(string(effect), func(t *testing.T) {
			r := newRig(t, Rule{Do: effect})
			server := httptest.NewServer(r.handler)
			defer server.Close()
			post := func() (*http.Response, error) {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1.0/p-1/instances", strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				return server.Client().Do(req)
			}
			resp, err := post()
			if err == nil {
				resp.Body.Close()
				t.Fatalf("answered with %s", resp.Status)
			}
			if !errors.Is(err, io.EOF) {
				t.Errorf("the connection ended with %v", err)
			}
			if resp, err = post(); err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != 202 || string(text) != "done" || resp.Header.Get("X-Worked") != "yes" {
				t.Errorf("then: %s %q %v", resp.Status, text, err)
			}
		})
	}
}

func TestHeldBackAnswerIsTheHandlersOwn(t *testing.T) {
	r := newRig(t, Rule{Do: Delay, Delay: Duration(time.Nanosecond), AfterWork: true})
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/v1.0/p-1/instances", http.NoBody))
	if w.Code != 202 || w.Body.String() != "done" || w.Header().Get("X-Worked") != "yes" || w.Header().Get(ledger.RequestIDHeader) == "" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestRuleStandsInJSONAsItWasInjected(t *testing.T) {
	want := Rule{
		Do: Delay, Kind: "POST *", Instance: "a", Project: "demo", After: 1, Times: Always,
		Delay: Duration(1500 * time.Millisecond), AfterWork: true,
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"delay":"1.5s"`) {
		t.Errorf("%s", text)
	}
	var got Rule
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
