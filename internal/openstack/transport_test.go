package openstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// wire stands for the network: it plays one act for each attempt, and the last one again and again.
type wire struct {
	acts   []act
	at     []time.Duration // when the attempts came, since the first
	bodies []string
	began  time.Time
}

// act is what becomes of one attempt.
type act struct {
	status     int
	retryAfter string
	err        error         // in place of an answer
	refused    bool          // err came before there was a connection
	silence    time.Duration // before the answer
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if len(w.at) == 0 {
		w.began = time.Now()
	}
	a := w.acts[min(len(w.at), len(w.acts)-1)]
	w.at = append(w.at, time.Since(w.began))
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		w.bodies = append(w.bodies, string(body))
	}
	if !a.refused {
		httptrace.ContextClientTrace(req.Context()).GotConn(httptrace.GotConnInfo{})
	}
	select {
	case <-time.After(a.silence):
	case <-req.Context().Done():
		return nil, context.Cause(req.Context()) // as net/http does
	}
	if a.err != nil {
		return nil, a.err
	}
	resp := &http.Response{StatusCode: a.status, Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader("{}"))}
	if a.retryAfter != "" {
		resp.Header.Set("Retry-After", a.retryAfter)
	}
	return resp, nil
}

// over sends one request over the wire, as often as the rules say.
func (w *wire) over(ctx context.Context, t *testing.T, method string, opts Options) (*http.Response, error) {
	t.Helper()
	if opts.RequestTimeout == 0 {
		opts.RequestTimeout = time.Minute
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://trove.example.com/v1.0/p/instances", strings.NewReader(`{"instance": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	return newTransport(opts, w).RoundTrip(req)
}

func answers(status int) act { return act{status: status} }
func asksToWait(status int, retryAfter string) act {
	return act{status: status, retryAfter: retryAfter}
}
func breaks() act  { return act{err: io.ErrUnexpectedEOF} }
func refuses() act { return act{err: syscall.ECONNREFUSED, refused: true} }
func statusOf(resp *http.Response, err error) (s int) {
	if err == nil {
		s = resp.StatusCode
	}
	return s
}

func TestWhichRequestsAreSentAgain(t *testing.T) {
	tests := map[string]struct {
		first   act
		yes, no string // methods for which the first attempt is repeated, and is not
		unknown bool   // whether OutcomeUnknown holds where it is not repeated and there was no answer
	}{
		"rate limit of Trove":          {first: asksToWait(413, "1"), yes: "GET HEAD PUT PATCH DELETE POST"},
		"over quota":                   {first: answers(413), no: "GET HEAD PUT PATCH DELETE POST"},
		"too many requests":            {first: answers(429), yes: "GET HEAD PUT PATCH DELETE", no: "POST"},
		"too many requests, for now":   {first: asksToWait(429, "1"), yes: "GET HEAD PUT PATCH DELETE POST"},
		"bad gateway":                  {first: answers(502), yes: "GET HEAD PUT PATCH DELETE", no: "POST"},
		"bad gateway that asks":        {first: asksToWait(502, "1"), yes: "GET", no: "POST"},
		"unavailable":                  {first: answers(503), yes: "GET HEAD PUT PATCH DELETE", no: "POST"},
		"unavailable, for now":         {first: asksToWait(503, "1"), yes: "GET HEAD PUT PATCH DELETE POST"},
		"gateway timeout":              {first: answers(504), yes: "GET HEAD PUT PATCH DELETE", no: "POST"},
		"failed inside":                {first: answers(500), yes: "GET HEAD PUT PATCH DELETE", no: "POST"},
		"not implemented":              {first: answers(501), no: "GET POST"},
		"not ready":                    {first: answers(422), no: "GET HEAD PUT PATCH DELETE POST"},
		"not found":                    {first: answers(404), no: "GET DELETE POST"},
		"accepted":                     {first: answers(202), no: "GET HEAD PUT PATCH DELETE POST"},
		"broken connection":            {first: breaks(), yes: "GET HEAD PUT PATCH DELETE", no: "POST", unknown: true},
		"no answer in time":            {first: act{silence: time.Hour}, yes: "GET HEAD PUT PATCH DELETE", no: "POST", unknown: true},
		"refused connection":           {first: refuses(), yes: "GET HEAD PUT PATCH DELETE POST"},
		"a wait longer than is waited": {first: asksToWait(503, "3600"), no: "GET POST"},
	}
	for name, test := range tests {
		for _, method := range strings.Fields(test.yes + " " + test.no) {
			t.Run(name+"/"+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := &wire{acts: []act{test.first, answers(299)}}
					status := statusOf(w.over(t.Context(), t, method, Options{MaxRetries: 3}))
					if want := strings.Contains(test.yes, method); want != (len(w.at) == 2) || want != (status == 299) {
						t.Errorf("%d attempts, status %d; want it sent again: %t", len(w.at), status, want)
					}
					if len(w.bodies) == 2 && w.bodies[1] != w.bodies[0] {
						t.Errorf("the second attempt had the body %q", w.bodies[1])
					}
				})
			})
			if test.first.err == nil && test.first.silence == 0 || strings.Contains(test.yes, method) {
				continue
			}
			t.Run(name+"/"+method+" is told apart", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := &wire{acts: []act{test.first}}
					_, err := w.over(t.Context(), t, method, Options{})
					if got := OutcomeUnknown(fault("create", err)); got != test.unknown {
						t.Errorf("outcome unknown: got %t, want %t: %v", got, test.unknown, err)
					}
				})
			})
		}
	}
}

func TestARepeatablePostIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{acts: []act{breaks(), answers(502), answers(201)}}
		if status := statusOf(w.over(repeatable(t.Context()), t, "POST", Options{MaxRetries: 3})); status != 201 || len(w.at) != 3 {
			t.Errorf("status %d after %d attempts", status, len(w.at))
		}
	})
}

func TestRetriesEndWithTheLastAnswerOrError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{acts: []act{answers(503)}}
		resp, err := w.over(t.Context(), t, "GET", Options{MaxRetries: 2})
		if err != nil || resp.StatusCode != 503 || len(w.at) != 3 {
			t.Errorf("got %v after %d attempts: %v", resp, len(w.at), err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "{}" {
			t.Errorf("the last answer's body: %q, %v", body, err)
		}

		w = &wire{acts: []act{answers(502), refuses()}}
		_, err = w.over(t.Context(), t, "GET", Options{MaxRetries: 2})
		if want := "connection refused (attempt 3), after the answer 502 Bad Gateway"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestBackoffDoublesWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{acts: []act{answers(502)}}
		_, err := w.over(t.Context(), t, "GET", Options{MaxRetries: 20})
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(w.at); i++ {
			wait, full := w.at[i]-w.at[i-1], min(500*time.Millisecond<<(i-1), 30*time.Second)
			if wait < full/2 || wait >= full { // some of it is left to chance
				t.Errorf("wait %d is %s, want between %s and %s", i, wait, full/2, full)
			}
		}
	})
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{acts: []act{asksToWait(413, "10"), asksToWait(503, time.Now().Add(30*time.Second).UTC().Format(http.TimeFormat)), answers(200)}}
		if status := statusOf(w.over(t.Context(), t, "POST", Options{MaxRetries: 2})); status != 200 {
			t.Fatalf("status %d", status)
		}
		if first := w.at[1]; first < 10*time.Second || first > 11*time.Second {
			t.Errorf("the first wait was %s, want 10 s and a little", first)
		}
		if at := w.at[2]; at < 30*time.Second || at > 33*time.Second {
			t.Errorf("the third attempt came at %s, want 30 s and a little", at)
		}
	})
}

func TestARefusalIsTheAnswerWhereTheWaitWouldOutlastTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		w := &wire{acts: []act{asksToWait(413, "10")}}
		if status := statusOf(w.over(ctx, t, "GET", Options{MaxRetries: 5})); status != 413 {
			t.Errorf("got status %d", status)
		}
		if waited := time.Since(w.began); waited != 0 {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestCancelingEndsTheBackoffAtOnce(t *testing.T) {
	for method, unknown := range map[string]bool{"POST": false, "DELETE": true} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				first := asksToWait(503, "100")
				if unknown {
					first = breaks() // may have been carried out
				}
				w := &wire{acts: []act{first, asksToWait(503, "100")}}
				_, err := w.over(ctx, t, method, Options{MaxRetries: 5})
				if !errors.Is(err, context.Canceled) || time.Since(w.began) != time.Second {
					t.Errorf("got %v after %s", err, time.Since(w.began))
				}
				if got := OutcomeUnknown(fault("change", err)); got != unknown {
					t.Errorf("outcome unknown: got %t, want %t", got, unknown)
				}
			})
		})
	}
}

func TestCancelingInFlightLeavesTheOutcomeUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("Ctrl-C")) })
		w := &wire{acts: []act{{silence: time.Hour}}}
		_, err := w.over(ctx, t, "POST", Options{MaxRetries: 5})
		if err = fault("create", err); !errors.Is(err, context.Canceled) || !OutcomeUnknown(err) {
			t.Errorf("got %v, outcome unknown: %t", err, OutcomeUnknown(err))
		}
	})
}

func TestTheRequestTimeoutBoundsEachAttemptAndIsNotTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{acts: []act{{silence: time.Hour}, {silence: time.Hour}, {silence: 9 * time.Second, status: 200}}}
		status := statusOf(w.over(t.Context(), t, "GET", Options{MaxRetries: 2, RequestTimeout: 10 * time.Second}))
		if status != 200 {
			t.Fatalf("status %d", status)
		}
		if took := time.Since(w.began); took < 29*time.Second || took > 31*time.Second {
			t.Errorf("took %s", took)
		}

		w = &wire{acts: []act{{silence: time.Hour}}}
		_, err := w.over(t.Context(), t, "GET", Options{RequestTimeout: 10 * time.Second})
		if errors.Is(err, context.DeadlineExceeded) || err == nil || !strings.Contains(err.Error(), "no answer within request_timeout (10s)") {
			t.Errorf("got %v", err)
		}
	})
}

// dripping is an answer whose body never ends.
type dripping struct{ ctx context.Context }

func (d dripping) Read([]byte) (int, error) {
	<-d.ctx.Done()
	return 0, d.ctx.Err()
}
func (dripping) Close() error { return nil }

type drippingWire struct{}

func (drippingWire) RoundTrip(req *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(req.Context()).GotConn(httptrace.GotConnInfo{})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: dripping{req.Context()}, Request: req}, nil
}

func TestTheRequestTimeoutCoversReadingTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), "POST", "http://trove.example.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = newTransport(Options{RequestTimeout: 10 * time.Second}, drippingWire{}).RoundTrip(req)
		if err = fault("create", err); !OutcomeUnknown(err) || time.Since(began) != 10*time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

func TestEachAttemptIsLoggedWithoutSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines []map[string]any
		opts := Options{MaxRetries: 1, RequestTimeout: time.Minute, Log: func(_ context.Context, _ string, fields map[string]any) { lines = append(lines, fields) }}
		req, err := http.NewRequestWithContext(t.Context(), "PUT", "http://user:hunter2@trove.example.com/v1.0/p/instances/7?secret=hunter2", strings.NewReader("hunter2"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Auth-Token", "hunter2")
		w := &wire{acts: []act{breaks(), {status: 202, silence: 2 * time.Second}}}
		if _, err := newTransport(opts, w).RoundTrip(req); err != nil {
			t.Fatal(err)
		}
		want := []map[string]any{
			{"method": "PUT", "path": "/v1.0/p/instances/7", "attempt": 1, "duration_ms": int64(0), "error": "unexpected EOF"},
			{"method": "PUT", "path": "/v1.0/p/instances/7", "attempt": 2, "duration_ms": int64(2000), "status": 202, "request_id": ""},
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("unexpected lines (-want +got):\n%s", diff)
		}
	})
}
