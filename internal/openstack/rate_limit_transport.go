package openstack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// quota is how many requests a server accepts in a unit of time.
type quota struct {
	requests int
	per      time.Duration
}

func (q quota) known() bool { return q.requests > 0 && q.per > 0 }

func (q quota) perSecond() float64 { return float64(q.requests) / q.per.Seconds() }

// units are the units of time of Trove's rates.
var units = map[string]time.Duration{"SECOND": time.Second, "MINUTE": time.Minute, "HOUR": time.Hour, "DAY": 24 * time.Hour}

// rateText matches the rate in Trove's refusals, such as "Only 200 GET request(s) can be made to * every minute".
var rateText = regexp.MustCompile(`Only (\d{1,9}) ([A-Z]+) request\(s\) can be made to \S+ every (second|minute|hour|day)\b`)

// quotaIn reads the rate of a method from the text of a refusal.
func quotaIn(text, method string) quota {
	m := rateText.FindStringSubmatch(text)
	if m == nil || m[2] != method {
		return quota{}
	}
	requests, err := strconv.Atoi(m[1])
	if err != nil {
		return quota{}
	}
	return quota{requests, units[strings.ToUpper(m[3])]}
}

// pace holds the request counter of one endpoint, and what is needed to ask that for its limits.
type pace struct {
	pacer    *pacer
	endpoint string // its URL, with a trailing slash
	token    string
}

type paceKey struct{}

// withPace marks requests that count toward the rate.
func withPace(ctx context.Context, p pace) context.Context {
	return context.WithValue(ctx, paceKey{}, p)
}

// paced delays requests as their pacer says, and sends requests again that are refused because of the rate: they had no effect, so that is
// safe for every method. It does not count as a retry: only the context ends it. Requests without a pace pass.
type paced struct {
	inner http.RoundTripper
	log   func(ctx context.Context, msg string, fields map[string]any)
}

// RoundTrip implements http.RoundTripper.
func (p *paced) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	known, ok := ctx.Value(paceKey{}).(pace)
	if !ok {
		return p.inner.RoundTrip(req)
	}
	lane := known.pacer.lane(req.Method)
	for {
		err := lane.enter(ctx, func(wait time.Duration, before int) {
			p.note(ctx, "Waiting for the rate limit of the server", map[string]any{
				"method": req.Method, "path": req.URL.Path, "wait_ms": wait.Milliseconds(), "requests_before": before,
			})
		})
		if err != nil {
			return nil, err
		}
		sent := time.Now()
		resp, err := p.inner.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		wait, asked := retryAfter(resp.Header, time.Now())
		if !asked || resp.StatusCode != http.StatusRequestEntityTooLarge && resp.StatusCode != http.StatusTooManyRequests {
			lane.accept()
			return resp, nil
		}
		body, err := io.ReadAll(resp.Body) // it is a copy in memory
		if err != nil {
			return nil, err
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		if wait > maxRetryAfter {
			return resp, nil // waiting does not help, and other requests may not be affected
		}
		name, message := refusal(body)
		limit := quotaIn(message, req.Method)
		if !limit.known() && lane.mayAsk() {
			limit = p.ask(ctx, known, req.Method)
		}
		lane.refuse(sent, wait, limit, strings.TrimSpace(fmt.Sprintf("%d %s: %s", resp.StatusCode, cmp.Or(name, http.StatusText(resp.StatusCode)), message)))
		p.note(ctx, "The server limits the rate of requests", map[string]any{
			"method": req.Method, "path": req.URL.Path, "wait_ms": wait.Milliseconds(), "requests": limit.requests, "per_ms": limit.per.Milliseconds(),
		})
		if endsWithin(ctx, wait) {
			return resp, nil
		}
		if req, err = again(req); err != nil {
			return nil, err
		}
	}
}

// again returns the request with its body from the beginning.
func again(req *http.Request) (*http.Request, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil
	}
	if req.GetBody == nil {
		return nil, fmt.Errorf("%s %s was refused because of the rate limit, and its body cannot be sent again", req.Method, req.URL.Path)
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	repeated := req.Clone(req.Context())
	repeated.Body = body
	return repeated, nil
}

func (p *paced) note(ctx context.Context, msg string, fields map[string]any) {
	if p.log != nil {
		p.log(ctx, msg, fields)
	}
}

// ask asks the endpoint how many requests of a method it accepts, if a refusal does not say. It may fail: the rate is then found by trial.
func (p *paced) ask(ctx context.Context, of pace, method string) quota {
	req, err := http.NewRequestWithContext(withoutCall(withoutDecoder(ctx)), http.MethodGet, of.endpoint+"limits", nil)
	if err != nil {
		return quota{}
	}
	req.Header.Set("X-Auth-Token", of.token)
	req.Header.Set("Accept", "application/json")
	resp, err := p.inner.RoundTrip(req) //nolint:bodyclose // it is a copy in memory
	if err != nil || resp.StatusCode != http.StatusOK {
		return quota{}
	}
	var body struct {
		Limits []struct {
			Verb, Unit, Regex string
			Value             int
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return quota{}
	}
	for _, l := range body.Limits {
		if l.Verb == method && (l.Regex == "" || l.Regex == ".*") {
			return quota{l.Value, units[strings.ToUpper(l.Unit)]}
		}
	}
	return quota{}
}
