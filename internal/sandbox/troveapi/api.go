// Package troveapi serves the database service's API over a state.State, field for field as Trove does. It translates between HTTP and the
// state, and has no state or rules of its own, except those for the form of bodies.
package troveapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ratelimit"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// Caller is who sends a request, according to its token.
type Caller struct {
	UserID, UserName, ProjectID string
	// Admin says whether it has the role of an administrator.
	Admin bool
}

type callerKey struct{}

// WithCaller returns a context for requests of that caller. API serves no request without one.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom returns the caller that WithCaller put there; the zero Caller if there is none.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// prefix is the start of every route.
const prefix = "/v1.0/{project_id}"

// API is the http.Handler of the database service.
type API struct {
	mux *http.ServeMux
	// versions serves the routes below versionsPath: one mux could not tell it from a datastore's own versions.
	versions *http.ServeMux
	state    *state.State
	limiter  *ratelimit.Limiter
}

// versionsPath is the path of versions that are named by their id alone, without their datastore.
const versionsPath = "/datastores/versions/"

// New returns the API of a State, with a limit on requests.
func New(s *state.State, limiter *ratelimit.Limiter) *API {
	a := &API{mux: http.NewServeMux(), versions: http.NewServeMux(), state: s, limiter: limiter}
	a.mux.HandleFunc("/", noRoute)
	a.versions.HandleFunc("/", noRoute)
	a.instanceRoutes()
	a.topologyRoutes()
	a.configurationRoutes()
	a.databaseRoutes()
	a.backupRoutes()
	a.logRoutes()
	a.catalogRoutes()
	a.managementRoutes()
	a.sslRoutes()
	return a
}

// Handler returns the pattern of the route that serves a request, as http.ServeMux does; it is "/" for unknown ones.
func (a *API) Handler(r *http.Request) (http.Handler, string) {
	_, below := split(r.URL.Path)
	return a.muxFor(below).Handler(r)
}

// split splits a path into the project and the route below it.
func split(path string) (project, below string) {
	path, _ = strings.CutPrefix(path, "/v1.0")
	project, below, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return project, "/" + below
}

// muxFor returns the mux that has a route below the project.
func (a *API) muxFor(below string) *http.ServeMux {
	if strings.HasPrefix(below, versionsPath) {
		return a.versions
	}
	return a.mux
}

// ServeHTTP lets callers into their own project only.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller := CallerFrom(r.Context())
	project, below := split(r.URL.Path)
	switch {
	case caller.ProjectID == "" || project != caller.ProjectID:
		denied(w, caller.ProjectID)
	case r.Method == http.MethodHead: // the mux treats it as GET, Trove does not
		noRoute(w, r)
	default:
		if wait := a.limiter.Take(project, r.Method); wait > 0 {
			a.limiter.Refuse(w, r.Method, wait)
			return
		}
		a.muxFor(below).ServeHTTP(w, a.asOwner(r, caller, below))
	}
}

// handler returns the status and body of an answer; nil means an empty body. An error is answered in Trove's form.
type handler func(r *http.Request) (status int, body any, err error)

// on serves a route below the project, such as "GET /instances/{id}".
func (a *API) on(route string, h handler) {
	method, path, _ := strings.Cut(route, " ")
	a.muxFor(path).HandleFunc(method+" "+prefix+path, func(w http.ResponseWriter, r *http.Request) {
		status, body, err := h(r)
		if err != nil {
			refuse(w, r, err)
			return
		}
		write(w, status, body)
	})
}

func project(r *http.Request) string { return CallerFrom(r.Context()).ProjectID }

func id(r *http.Request) string { return r.PathValue("id") }

// done is the answer to a change that was made or started.
func done(err error) (int, any, error) { return http.StatusAccepted, nil, err }
