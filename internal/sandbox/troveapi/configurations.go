package troveapi

import (
	"net/http"
	"regexp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func (a *API) configurationRoutes() {
	a.on("GET /configurations", a.listConfigurations)
	a.on("POST /configurations", a.createConfiguration)
	a.on("GET /configurations/{id}", func(r *http.Request) (int, any, error) {
		c, err := a.state.Configuration(project(r), id(r))
		return http.StatusOK, map[string]any{"configuration": shownConfiguration(c)}, err
	})
	a.on("PUT /configurations/{id}", a.replaceConfiguration)
	a.on("PATCH /configurations/{id}", a.mergeConfiguration)
	a.on("DELETE /configurations/{id}", func(r *http.Request) (int, any, error) {
		return done(a.state.DeleteConfiguration(project(r), id(r)))
	})
	a.on("GET /configurations/{id}/instances", a.listConfigured)
}

// listedConfiguration is a group in a list.
type listedConfiguration struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Created     string  `json:"created"`
	Updated     string  `json:"updated"`
	VersionID   string  `json:"datastore_version_id"`
	Datastore   string  `json:"datastore_name"`
	VersionName string  `json:"datastore_version_name"`
}

type configurationBody struct {
	listedConfiguration
	Values        map[string]any `json:"values"`
	InstanceCount int            `json:"instance_count"`
	VersionNumber string         `json:"datastore_version_number"`
}

func listConfiguration(c state.Configuration) listedConfiguration {
	return listedConfiguration{
		ID: c.ID, Name: c.Name, Description: c.Description, Created: timestamp(c.Created), Updated: timestamp(c.Updated),
		VersionID: c.Version.ID, Datastore: c.Version.DatastoreName, VersionName: c.Version.Name,
	}
}

func shownConfiguration(c state.Configuration) configurationBody {
	return configurationBody{listConfiguration(c), c.Values, c.InstanceCount, c.Version.Number}
}

func (a *API) listConfigurations(r *http.Request) (int, any, error) {
	marker, limit, err := page(r)
	if err != nil {
		return 0, nil, err
	}
	groups, more := a.state.Configurations(project(r), marker, limit)
	bodies := make([]listedConfiguration, len(groups))
	for n, c := range groups {
		bodies[n] = listConfiguration(c)
	}
	return http.StatusOK, next(r, map[string]any{"configurations": bodies}, more), nil
}

type configurationRequest struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
	Datastore   *struct {
		Type    string `json:"type"`
		Version string `json:"version"`
	} `json:"datastore"`
	Values map[string]any `json:"values"`
}

// wordy is Trove's rule for a description, so that one cannot be emptied.
var wordy = regexp.MustCompile(`[0-9a-zA-Z]`)

// configurationOf reads the body of a request on a group. A change may omit the values.
func (a *API) configurationOf(r *http.Request, known ...string) (b configurationRequest, err error) {
	f, err := fields(r, "configuration", a.state.Upstream())
	if err != nil {
		return b, err
	}
	if err := f.only("configuration", a.state.Upstream(), known...); err != nil {
		return b, err
	}
	switch values, ok := f["values"]; {
	case !ok && r.Method == http.MethodPost:
		return b, invalid("Validation error: configuration 'values' is a required property")
	case ok && string(values) == "null":
		return b, invalid("Validation error: configuration['values'] None is not of type 'object'")
	}
	if text, ok := f["description"]; ok && string(text) == "null" {
		return b, invalid("Validation error: configuration['description'] None is not of type 'string'")
	}
	if err := f.decode("configuration", &b); err != nil {
		return b, err
	}
	if b.Description != nil && !wordy.MatchString(*b.Description) {
		return b, invalid("Validation error: configuration['description'] '%s' does not match '^.*[0-9a-zA-Z]+.*$'", *b.Description)
	}
	return b, nil
}

func (a *API) createConfiguration(r *http.Request) (int, any, error) {
	b, err := a.configurationOf(r, "name", "description", "datastore", "values")
	if err != nil {
		return 0, nil, err
	}
	if b.Name == nil || *b.Name == "" {
		return 0, nil, invalid("Validation error: configuration 'name' is a required property")
	}
	var ds state.DatastoreRef
	if b.Datastore != nil {
		ds = state.DatastoreRef{Type: b.Datastore.Type, Version: b.Datastore.Version}
	}
	c, err := a.state.CreateConfiguration(project(r), *b.Name, b.Description, ds, b.Values)
	return http.StatusOK, map[string]any{"configuration": shownConfiguration(c)}, err
}

func (a *API) replaceConfiguration(r *http.Request) (int, any, error) {
	b, err := a.configurationOf(r, "name", "description", "values")
	if err != nil {
		return 0, nil, err
	}
	return done(a.state.ReplaceConfiguration(project(r), id(r), b.Name, b.Description, b.Values))
}

// mergeConfiguration accepts a name as Trove does, and ignores it.
func (a *API) mergeConfiguration(r *http.Request) (int, any, error) {
	b, err := a.configurationOf(r, "name", "description", "values")
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, nil, a.state.MergeConfiguration(project(r), id(r), b.Values)
}

func (a *API) listConfigured(r *http.Request) (int, any, error) {
	instances, err := a.state.ConfiguredInstances(project(r), id(r))
	bodies := make([]map[string]string, len(instances))
	for n, i := range instances {
		bodies[n] = map[string]string{"id": i.ID, "name": i.Name}
	}
	return http.StatusOK, map[string]any{"instances": bodies}, err
}
