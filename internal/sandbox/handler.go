package sandbox

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ledger"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/troveapi"
)

// newHandler puts the parts together. A request is recorded in the ledger first, so that a request that a fault drops is counted; faults
// come before the token check, so that they can expire the token; then the services see the request.
func (s *Sandbox) newHandler() http.Handler {
	admin, trove := s.newAdmin(), troveapi.New(s.state, s.limiter)
	services := s.faults.Wrap(pick(isTrove, s.authenticated(trove), s.identity))
	return ledger.Middleware{
		Ledger: s.ledger,
		Kind:   kinds{identity: s.identity, trove: trove}.of,
		Now:    s.opts.Now,
		Done:   s.logRequest,
	}.Wrap(s.recovering(pick(isAdmin, admin, services)))
}

func isAdmin(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/sandbox/") }

func isTrove(r *http.Request) bool {
	return r.URL.Path == "/v1.0" || strings.HasPrefix(r.URL.Path, "/v1.0/")
}

// pick passes a request on to one of two handlers.
func pick(first func(*http.Request) bool, a, b http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first(r) {
			a.ServeHTTP(w, r)
		} else {
			b.ServeHTTP(w, r)
		}
	})
}

// authenticated passes on requests with a valid token, with their caller.
func (s *Sandbox) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		grant, ok := s.identity.Check(r.Header.Get("X-Auth-Token"))
		if !ok {
			w.Header().Set("WWW-Authenticate", `Keystone uri="http://`+r.Host+`/v3"`)
			writeError(w, r, http.StatusUnauthorized, "The request you have made requires authentication.")
			return
		}
		ledger.From(r.Context()).Identify(grant.ProjectName, grant.UserName)
		caller := troveapi.Caller{ProjectID: grant.ProjectID, UserID: grant.UserID, UserName: grant.UserName, Admin: grant.Admin}
		next.ServeHTTP(w, r.WithContext(troveapi.WithCaller(r.Context(), caller)))
	})
}

// recovering turns a panic of the sandbox into a 500, so that it does not look like a lost answer.
func (s *Sandbox) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // the connection must be dropped
			}
			s.opts.Logger.ErrorContext(ctx, "defect of the sandbox", "panic", p, "path", r.URL.Path, "stack", string(debug.Stack()))
			writeError(w, r, http.StatusInternalServerError, "The sandbox has a defect: its log says more.")
		}()
		next.ServeHTTP(w, r)
	})
}

// logRequest writes one line for each request.
func (s *Sandbox) logRequest(ctx context.Context, r ledger.Request) {
	attrs := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("path", r.Path),
		slog.String("kind", r.Kind),
		slog.Int("status", r.Status),
		slog.Duration("took", r.Took),
		slog.String("request_id", r.ID),
		slog.String("project", r.Project),
		slog.String("user", r.User),
	}
	if r.Lost {
		attrs = append(attrs, slog.Bool("lost", true))
	}
	s.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
}

// faultNames are Trove's names for its errors.
var faultNames = map[int]string{
	http.StatusBadRequest:            "badRequest",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "itemNotFound",
	http.StatusMethodNotAllowed:      "badMethod",
	http.StatusConflict:              "conflict",
	http.StatusRequestEntityTooLarge: "overLimit",
	http.StatusUnprocessableEntity:   "unprocessableEntity",
	http.StatusTooManyRequests:       "overLimit",
	http.StatusNotImplemented:        "notImplemented",
	http.StatusServiceUnavailable:    "serviceUnavailable",
}

// writeError answers in the form of the service that the request was sent to.
func writeError(w http.ResponseWriter, r *http.Request, status int, message string) {
	if message == "" {
		message = http.StatusText(status)
	}
	if !isTrove(r) {
		identity.WriteError(w, status, message)
		return
	}
	name, ok := faultNames[status]
	if !ok {
		name = "instanceFault"
	}
	writeJSON(w, status, map[string]any{name: map[string]any{"code": status, "message": message}})
}
