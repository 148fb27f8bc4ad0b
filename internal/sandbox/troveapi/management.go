package troveapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// managementRoutes are Trove's routes for administrators only.
func (a *API) managementRoutes() {
	a.on("GET /mgmt/instances/{id}", managed(a.showManagedInstance))
	a.on("POST /mgmt/instances/{id}/action", managed(a.managementAction))
	a.datastoreVersionRoutes()
	a.on("GET /mgmt/quotas/{project}", a.showQuotas)
	a.on("PUT /mgmt/quotas/{project}", managed(a.changeQuotas))
}

// managed serves only administrators. Trove answers others with 401.
func managed(h handler) handler {
	return func(r *http.Request) (int, any, error) {
		if !CallerFrom(r.Context()).Admin {
			return 0, nil, &state.Error{Code: http.StatusUnauthorized, Fault: "unauthorized", Message: "User does not have admin privileges."}
		}
		return h(r)
	}
}

// asOwner treats an administrator's request about an instance as one from the project of the instance: administrators can use the instances
// of all projects by their ids.
func (a *API) asOwner(r *http.Request, caller Caller, below string) *http.Request {
	id, ok := strings.CutPrefix(strings.TrimPrefix(below, "/mgmt"), "/instances/")
	if !ok || !caller.Admin {
		return r
	}
	id, _, _ = strings.Cut(id, "/")
	owner := a.state.Owner(id)
	if owner == "" {
		return r
	}
	caller.ProjectID = owner
	return r.WithContext(WithCaller(r.Context(), caller))
}

// managedBody is an instance as administrators see it.
type managedBody struct {
	instanceBody
	TenantID string            `json:"tenant_id"`
	Server   map[string]string `json:"server"`
}

func (a *API) showManagedInstance(r *http.Request) (int, any, error) {
	i, err := a.state.Instance(project(r), id(r))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]any{"instance": managedBody{
		instanceBody: full(r, i), TenantID: i.ProjectID, Server: map[string]string{"host": i.Host, "name": i.Name},
	}}, nil
}

func (a *API) managementAction(r *http.Request) (int, any, error) {
	body, err := whole(r)
	if err != nil {
		return 0, nil, err
	}
	var b struct {
		Reboot  *struct{} `json:"reboot"`
		Migrate *struct {
			Host string `json:"host"`
		} `json:"migrate"`
	}
	if err := body.decode("body", &b); err != nil {
		return 0, nil, err
	}
	switch {
	case len(body) > 1:
		return 0, nil, invalid("Only one action can be specified per request.")
	case b.Reboot != nil:
		return done(a.state.Reboot(project(r), id(r)))
	case b.Migrate != nil:
		return done(a.state.Migrate(project(r), id(r), b.Migrate.Host))
	}
	return 0, nil, invalid("Invalid request body.")
}

// showQuotas shows every caller the quotas of its own project.
func (a *API) showQuotas(r *http.Request) (int, any, error) {
	of := r.PathValue("project")
	if of != project(r) && !CallerFrom(r.Context()).Admin {
		return 0, nil, &state.Error{Code: http.StatusForbidden, Fault: "forbidden", Message: "User with tenant id " + project(r) + " cannot access this resource."}
	}
	type body struct {
		Resource string `json:"resource"`
		InUse    int64  `json:"in_use"`
		Reserved int64  `json:"reserved"`
		Limit    int64  `json:"limit"`
	}
	var all []body
	for _, q := range a.state.Quotas(of) {
		all = append(all, body{q.Resource, q.InUse, 0, q.Limit})
	}
	return http.StatusOK, map[string]any{"quotas": all}, nil
}

func (a *API) changeQuotas(r *http.Request) (int, any, error) {
	f, err := whole(r)
	if err != nil {
		return 0, nil, err
	}
	var b struct {
		Quotas map[string]*int64 `json:"quotas"`
	}
	if err := f.decode("body", &b); err != nil {
		return 0, nil, err
	}
	var limits []state.QuotaUse
	changed := map[string]int64{}
	for _, name := range slices.Sorted(maps.Keys(b.Quotas)) {
		if limit := b.Quotas[name]; limit != nil {
			limits, changed[name] = append(limits, state.QuotaUse{Resource: name, Limit: *limit}), *limit
		}
	}
	return http.StatusOK, map[string]any{"quotas": changed}, a.state.ChangeQuotas(r.PathValue("project"), limits)
}
