package sandbox

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ledger"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// projectPrefix is the start of all routes of Trove.
const projectPrefix = "/v1.0/{project_id}"

// router returns the pattern of the route that serves a request, as http.ServeMux does.
type router interface {
	Handler(r *http.Request) (http.Handler, string)
}

// kinds finds the kind of a request before it is served, so that faults can depend on it.
type kinds struct {
	identity *identity.Service
	trove    router
}

// of returns the kind of a request as package ledger describes it, and "" for the sandbox's own routes.
func (k kinds) of(r *http.Request, body []byte) string {
	if isAdmin(r) {
		return ""
	}
	path, pattern := r.URL.Path, k.identity.Pattern(r)
	if isTrove(r) {
		path = withoutProject(path)
		_, pattern = k.trove.Handler(r)
	}
	_, route, ok := strings.Cut(pattern, " ") // a route without a method is for everything unknown
	if !ok {
		return r.Method + " " + path + ledger.UnknownRoute
	}
	kind := r.Method + " " + strings.TrimSuffix(strings.TrimPrefix(route, projectPrefix), "{$}")
	if operation := operation(route, body); operation != "" {
		kind += " " + operation
	}
	return kind
}

// withoutProject removes /v1.0 and the project's id from a path.
func withoutProject(path string) string {
	rest := strings.TrimPrefix(path, "/v1.0")
	_, rest, ok := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	if !ok {
		return path
	}
	return "/" + rest
}

// operation returns the action in the body of a request, "" if the route takes none or the body has no known one.
func operation(route string, body []byte) string {
	switch {
	case strings.HasSuffix(route, "/topology/action"):
		action, err := topology.DecodeAction(body)
		if err != nil {
			return ""
		}
		return topology.OperationName(action)
	case strings.HasSuffix(route, "/action"):
		var actions map[string]map[string]json.RawMessage
		if err := json.Unmarshal(body, &actions); err != nil || len(actions) != 1 {
			return ""
		}
		for name, arguments := range actions {
			if !instanceAction.MatchString(name) {
				return ""
			}
			if _, ok := arguments["volume"]; ok && name == "resize" {
				return "resize_volume" // a separate kind of work
			}
			return name
		}
	}
	return ""
}

// instanceAction matches the names of Trove's instance actions.
var instanceAction = regexp.MustCompile(`^[a-z_]{1,40}$`)
