package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ledger"
)

// ErrorWriter answers a request with an error; message may be "".
type ErrorWriter func(w http.ResponseWriter, r *http.Request, status int, message string)

// plan is what happens to one request.
type plan struct {
	before, after time.Duration // to wait before the work, and after it
	effect        Rule          // without Do if nothing else happens
}

// Wrap returns a handler that applies the rules to requests, and otherwise passes them on to next. It must be inside a ledger's middleware.
func (f *Faults) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entry := ledger.From(r.Context())
		p := f.plan(r, entry)
		if !f.wait(r.Context(), w, p.before) {
			drop(entry, 0)
		}
		switch rule := p.effect; rule.Do {
		case Drop:
			drop(entry, 0)
		case Status:
			if rule.AfterWork {
				carryOut(next, r)
			}
			if rule.RetryAfter != nil {
				w.Header().Set("Retry-After", strconv.Itoa(*rule.RetryAfter))
			}
			f.hooks.WriteError(w, r, rule.Status, rule.Message)
			return
		case ExpireTokens:
			f.hooks.ExpireTokens()
		default: // the rest happens after the work
		}
		if p.after == 0 && p.effect.Do != LoseAnswer {
			next.ServeHTTP(w, r)
			return
		}
		done := carryOut(next, r)
		if p.effect.Do == LoseAnswer || !f.wait(r.Context(), w, p.after) {
			drop(entry, done.status)
		}
		done.writeTo(w)
	})
}

// plan finds the rules that match a request and are due.
func (f *Faults) plan(r *http.Request, entry *ledger.Entry) plan {
	projectID, instance := target(r.URL.Path, entry.Body())
	project, name := f.hooks.ProjectName(projectID), ""
	if f.nameInstances() {
		name = f.hooks.InstanceName(projectID, instance) // before locking: it may wait for a state that calls InstanceFate or ActionFate
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var p plan
	for _, rule := range f.rules {
		switch {
		case !rule.onRequests() || !fits(rule.Kind, entry.Kind()):
		case !named(rule.Project, projectID, project) || !named(rule.Instance, instance, name):
		case rule.Do != Delay && p.effect.Do != "": // another rule fires, and this one only later
		case !rule.due():
		case rule.Do != Delay:
			p.effect = rule.Rule
		case rule.AfterWork:
			p.after += time.Duration(rule.Delay)
		default:
			p.before += time.Duration(rule.Delay)
		}
	}
	return p
}

// nameInstances reports whether a rule depends on the instance of a request.
func (f *Faults) nameInstances() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.rules, func(r *Injected) bool { return r.onRequests() && r.Instance != "" })
}

// target returns the id of a request's project and the instance that the request is about: its id, or the name of the one that it creates.
func target(path string, body []byte) (projectID, instance string) {
	rest, ok := strings.CutPrefix(path, "/v1.0/")
	if !ok {
		return "", ""
	}
	projectID, rest, _ = strings.Cut(rest, "/")
	rest, ok = strings.CutPrefix(rest, "instances")
	if !ok {
		return projectID, ""
	}
	if id := strings.TrimPrefix(rest, "/"); id != "" {
		id, _, _ = strings.Cut(id, "/")
		return projectID, id
	}
	var creation struct {
		Instance struct {
			Name string `json:"name"`
		} `json:"instance"`
	}
	if err := json.Unmarshal(body, &creation); err != nil {
		return projectID, "" // not a creation, or one that the API refuses
	}
	return projectID, creation.Instance.Name
}

// drop ends the connection without an answer. It does not return.
func drop(entry *ledger.Entry, status int) {
	entry.Lose(status)
	panic(http.ErrAbortHandler)
}

// wait waits, and reports whether the caller is still connected and the sandbox still runs.
func (f *Faults) wait(ctx context.Context, w http.ResponseWriter, d time.Duration) bool {
	if d == 0 {
		return true
	}
	// The server's own limits are meant for slow callers, not for intended delays.
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Time{})  //nolint:errcheck // fails only where there is no connection,
	control.SetWriteDeadline(time.Time{}) //nolint:errcheck // and then there is no limit either
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-f.stopping:
	}
	return false
}

// outcome is an answer that has not been sent.
type outcome struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// carryOut handles a request and holds its answer back.
func carryOut(next http.Handler, r *http.Request) *outcome {
	o := &outcome{header: http.Header{}}
	next.ServeHTTP(o, r)
	if o.status == 0 {
		o.status = http.StatusOK
	}
	return o
}

// Header implements http.ResponseWriter.
func (o *outcome) Header() http.Header { return o.header }

// WriteHeader implements http.ResponseWriter.
func (o *outcome) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
}

// Write implements http.ResponseWriter.
func (o *outcome) Write(b []byte) (int, error) {
	o.WriteHeader(http.StatusOK)
	return o.body.Write(b)
}

func (o *outcome) writeTo(w http.ResponseWriter) {
	maps.Copy(w.Header(), o.header)
	w.WriteHeader(o.status)
	_, _ = w.Write(o.body.Bytes()) // fails only if the caller has gone
}
