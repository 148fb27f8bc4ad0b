package openstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// limited is a server that limits the rate of requests as Trove does: a leaky bucket for each method.
type limited struct {
	perMinute int
	mute      bool // its refusals do not name the rate
	limits    int  // status of GET /limits

	mu      sync.Mutex
	level   map[string]float64 // in requests
	last    map[string]time.Time
	sent    []sentRequest
	refused int
	asked   int // for its limits
}

type sentRequest struct {
	method, name, body string
	at                 time.Time
}

func newLimited(perMinute int) *limited {
	return &limited{perMinute: perMinute, limits: 200, level: map[string]float64{}, last: map[string]time.Time{}}
}

func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	resp := &http.Response{StatusCode: 200, Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader("{}"))}
	name := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
	if name == "limits" {
		l.asked++
		resp.StatusCode = l.limits
		resp.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(`{"limits": [{"verb": "ABSOLUTE", "max_instances": 5}, {"verb": %q, "value": %d, "unit": "MINUTE", "regex": ".*"}]}`, "GET", l.perMinute)))
		return resp, nil
	}
	now, rate := time.Now(), float64(l.perMinute)/60
	level := max(l.level[req.Method]-now.Sub(l.last[req.Method]).Seconds()*rate, 0)
	l.last[req.Method], l.level[req.Method] = now, level
	if over := level + 1 - float64(l.perMinute); over > 1e-9 {
		l.refused++
		seconds := math.Ceil(over / rate)
		resp.StatusCode = 413
		resp.Header.Set("Retry-After", strconv.Itoa(int(seconds)))
		text := fmt.Sprintf("Only %d %s request(s) can be made to * every minute.", l.perMinute, req.Method)
		if l.mute {
			text = ""
		}
		resp.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(`{"overLimit": {"code": 413, "message": "This request was rate-limited.", "details": %q}}`, text)))
		return resp, nil
	}
	l.level[req.Method]++
	body := []byte{}
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	l.sent = append(l.sent, sentRequest{req.Method, name, string(body), now})
	return resp, nil
}

// process is one process of the provider: a transport with a pacer.
type process struct {
	transport http.RoundTripper
	pacer     *pacer
}

func newProcess(base http.RoundTripper) *process {
	return &process{newTransport(Options{RequestTimeout: time.Minute}, base), &pacer{}} // it never retries
}

func (p *process) send(ctx context.Context, method, name string) error {
	req, err := http.NewRequestWithContext(withPace(ctx, pace{pacer: p.pacer, endpoint: "http://trove/v1.0/p/", token: "t"}), method, "http://trove/v1.0/p/"+name, strings.NewReader("body of "+name))
	if err != nil {
		return err
	}
	resp, err := p.transport.RoundTrip(req)
	if err == nil && resp.StatusCode != 200 {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return err
}

// workers sends so many requests, so many at once.
func (p *process) workers(t *testing.T, method string, requests, atOnce int) {
	t.Helper()
	work := make(chan int)
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for n := range work {
				if err := p.send(t.Context(), method, strconv.Itoa(n)); err != nil {
					t.Errorf("%s %d: %v", method, n, err)
				}
			}
		})
	}
	for n := range requests {
		work <- n
	}
	close(work)
	all.Wait()
}

func TestARefusalForTheRateHoldsAllRequestsOfItsMethod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newLimited(200)
		p := newProcess(server)
		began := time.Now()
		p.workers(t, "GET", 600, 10)
		took := time.Since(began)
		if server.refused > 10 {
			t.Errorf("%d requests were refused, want no more than were sent at once: 10", server.refused)
		}
		// 200 pass at once; the other 400 take 120 s at the server's rate.
		if took < 120*time.Second || took > 140*time.Second {
			t.Errorf("600 requests took %v, want 120 s and a little", took)
		}
		if server.asked != 0 {
			t.Errorf("the server was asked %d times for its limits, although the refusal named them", server.asked)
		}
		began = time.Now()
		if err := p.send(t.Context(), "POST", "x"); err != nil || time.Since(began) != 0 {
			t.Errorf("a request of another method: %v after %v, want it sent at once", err, time.Since(began))
		}
	})
}

func TestPacingKeepsWhatTheServerTakesAtOnceAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newLimited(200)
		p := newProcess(server)
		p.workers(t, "GET", 210, 10)
		time.Sleep(2 * time.Minute)
		before, began := server.refused, time.Now()
		p.workers(t, "GET", 180, 10)
		if took := time.Since(began); took > time.Second || server.refused != before {
			t.Errorf("after a pause 180 requests took %v, %d refused; want none, at once", took, server.refused-before)
		}
	})
}

func TestProcessesShareTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newLimited(200)
		var all sync.WaitGroup
		began := time.Now()
		for range 3 {
			all.Go(func() { newProcess(server).workers(t, "GET", 400, 10) })
		}
		all.Wait()
		took := time.Since(began)
		// 1,200 requests: 200 at once, and 1,000 at the rate.
		if took < 5*time.Minute || took > 10*time.Minute {
			t.Errorf("took %v, want between 5 and 10 minutes", took)
		}
		if server.refused > 240 {
			t.Errorf("%d requests were refused of 1,200, want a fifth at most", server.refused)
		}
	})
}

func TestTheRateIsAskedForWhereARefusalDoesNotNameIt(t *testing.T) {
	for status, want := range map[int]struct {
		asked int
		most  time.Duration
	}{200: {1, 70 * time.Second}, 403: {1, 5 * time.Minute}} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := newLimited(200)
				server.mute, server.limits = true, status
				began := time.Now()
				newProcess(server).workers(t, "GET", 400, 10)
				if took := time.Since(began); took < 60*time.Second || took > want.most {
					t.Errorf("took %v, want at most %v", took, want.most)
				}
				if server.asked != want.asked {
					t.Errorf("asked for the limits %d times, want %d", server.asked, want.asked)
				}
			})
		})
	}
}

func TestWithoutARefusalNothingIsAskedOrHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newLimited(200)
		began := time.Now()
		newProcess(server).workers(t, "GET", 200, 10)
		if server.asked != 0 || time.Since(began) != 0 {
			t.Errorf("asked for the limits %d times, took %v", server.asked, time.Since(began))
		}
	})
}

func TestThoseThatWaitGoInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newLimited(60)
		p := newProcess(server)
		p.workers(t, "POST", 61, 1)
		before := len(server.sent)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		var canceled error
		var ended time.Duration
		began := time.Now()
		for n := range 20 {
			all.Go(func() {
				if n != 7 {
					if err := p.send(t.Context(), "POST", strconv.Itoa(n)); err != nil {
						t.Error(err)
					}
					return
				}
				canceled = p.send(ctx, "POST", "7")
				ended = time.Since(began)
			})
			synctest.Wait()
		}
		time.Sleep(time.Second)
		cancel()
		all.Wait()
		var order, want []string
		for _, r := range server.sent[before:] {
			order = append(order, r.name)
			if r.body != "body of "+r.name {
				t.Errorf("request %s had the body %q", r.name, r.body)
			}
		}
		for n := range 20 {
			if n != 7 {
				want = append(want, strconv.Itoa(n))
			}
		}
		if !slices.Equal(order, want) {
			t.Errorf("sent in the order %v, want %v", order, want)
		}
		if !errors.Is(canceled, context.Canceled) || !strings.Contains(canceled.Error(), "Only 60 POST request(s)") || ended != time.Second {
			t.Errorf("the one that was canceled ended with %v after %v, want at once, and what the server said", canceled, ended)
		}
		if OutcomeUnknown(fault("create", canceled)) {
			t.Error("a request that never was sent has a known outcome")
		}
		// 19 others at 0.95 a second: a place that was given up delays nobody.
		if took := time.Since(began); took > 21*time.Second {
			t.Errorf("the others took %v, want 20 s", took)
		}
	})
}

func TestEveryFormOfRetryAfterIsWaitedForWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tests := map[string]struct {
			header   string
			status   int
			low, top time.Duration
			want     int
		}{
			"seconds":             {"10", 413, 10 * time.Second, 12 * time.Second, 200},
			"a date":              {"", 429, 29 * time.Second, 32 * time.Second, 200},
			"nothing":             {"0", 413, time.Second, 2 * time.Second, 200},
			"a time that is gone": {time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), 413, time.Second, 2 * time.Second, 200},
			"a day":               {"86400", 413, 0, 0, 413},
			"an absurd number":    {"99999999999999999999", 413, 0, 0, 413},
			"no number":           {"soon", 413, 0, 0, 413},
		}
		for name, tt := range tests {
			if name == "a date" {
				tt.header = time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)
			}
			w := &wire{acts: []act{asksToWait(tt.status, tt.header), answers(200)}}
			p := newProcess(w)
			began := time.Now()
			err := p.send(t.Context(), "POST", "x")
			if took := time.Since(began); took < tt.low || took > tt.top {
				t.Errorf("%s: waited %v, want %v to %v", name, took, tt.low, tt.top)
			}
			if (err == nil) != (tt.want == 200) {
				t.Errorf("%s: %v, want status %d", name, err, tt.want)
			}
		}
	})
}

func TestTheRateInARefusal(t *testing.T) {
	tests := map[string]struct {
		text string
		want quota
	}{
		"minute":         {"This request was rate-limited. Only 200 GET request(s) can be made to * every minute.", quota{200, time.Minute}},
		"hour":           {"Only 50 GET request(s) can be made to */x every hour.", quota{50, time.Hour}},
		"another method": {"Only 200 POST request(s) can be made to * every minute.", quota{}},
		"nothing":        {"Only 0 GET request(s) can be made to * every minute.", quota{per: time.Minute}},
		"too large":      {"Only 99999999999 GET request(s) can be made to * every minute.", quota{}},
		"another text":   {"Too many requests.", quota{}},
	}
	for name, tt := range tests {
		if got := quotaIn(tt.text, "GET"); got != tt.want || got.known() != (tt.want.requests > 0) {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
