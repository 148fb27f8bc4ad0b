package troveapi

import (
	"cmp"
	"net/http"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func (a *API) datastoreVersionRoutes() {
	a.on("GET /mgmt/datastore-versions", managed(func(*http.Request) (int, any, error) {
		all, defaults := a.state.ManagedVersions()
		bodies := []managedVersionBody{}
		for n, v := range all {
			bodies = append(bodies, a.shownManagedVersion(v, defaults[n]))
		}
		return http.StatusOK, map[string]any{"versions": bodies}, nil
	}))
	a.on("POST /mgmt/datastore-versions", managed(a.addVersion))
	a.on("GET /mgmt/datastore-versions/{version}", managed(func(r *http.Request) (int, any, error) {
		v, isDefault, err := a.state.ManagedVersion(r.PathValue("version"))
		return http.StatusOK, map[string]any{"version": a.shownManagedVersion(v, isDefault)}, err
	}))
	a.on("PATCH /mgmt/datastore-versions/{version}", managed(a.changeVersion))
	a.on("DELETE /mgmt/datastore-versions/{version}", managed(func(r *http.Request) (int, any, error) {
		return done(a.state.RemoveVersion(r.PathValue("version")))
	}))
	const parameters = "/mgmt/datastores/versions/{version}/parameters"
	a.on("GET "+parameters, managed(a.listManagedParameters))
	a.on("POST "+parameters, managed(a.parameterChange(a.state.AddParameter)))
	a.on("PUT "+parameters+"/{name}", managed(a.parameterChange(a.state.ChangeParameter)))
	a.on("DELETE "+parameters+"/{name}", managed(func(r *http.Request) (int, any, error) {
		v, err := a.state.VersionByID(r.PathValue("version"))
		if err != nil {
			return 0, nil, err
		}
		return http.StatusNoContent, nil, a.state.RemoveParameter(v, r.PathValue("name"))
	}))
}

type managedVersionBody struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Version       string   `json:"version"`
	DatastoreID   string   `json:"datastore_id"`
	DatastoreName string   `json:"datastore_name"`
	Manager       string   `json:"datastore_manager"`
	Image         string   `json:"image"`
	ImageTags     []string `json:"image_tags"`
	Packages      []string `json:"packages"`
	Active        bool     `json:"active"`
	Default       bool     `json:"default"`

	*classesBody // nil before Trove 23
}

type classesBody struct {
	RegistryExt  string `json:"registry_ext"`
	ReplStrategy string `json:"repl_strategy"`
}

func (a *API) shownManagedVersion(v state.ManagedVersion, isDefault bool) managedVersionBody {
	var classes *classesBody
	if !a.state.Upstream() || a.state.Since(23) {
		classes = &classesBody{v.RegistryExt, v.ReplStrategy}
	}
	return managedVersionBody{
		v.ID, v.Name, v.Number, v.DatastoreID, v.DatastoreName, v.Manager, v.Image, orOneEmpty(v.ImageTags), orOneEmpty(v.Packages), v.Active, isDefault,
		classes,
	}
}

// orOneEmpty returns a list as Trove shows it: an empty one as one empty text.
func orOneEmpty(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

// managedVersionRequest describes a version; nil fields were omitted.
type managedVersionRequest struct {
	Name          *string  `json:"name"`
	DatastoreName string   `json:"datastore_name"`
	Version       string   `json:"version"`
	Manager       *string  `json:"datastore_manager"`
	Image         *string  `json:"image"`
	ImageTags     []string `json:"image_tags"`
	Packages      []string `json:"packages"`
	Active        *bool    `json:"active"`
	Default       *bool    `json:"default"`
	RegistryExt   *string  `json:"registry_ext"`
	ReplStrategy  *string  `json:"repl_strategy"`
}

func (b *managedVersionRequest) check(s *state.State) error {
	if s.Upstream() && !s.Since(23) && (b.RegistryExt != nil || b.ReplStrategy != nil) {
		return invalid("Validation error: version Additional properties are not allowed ('registry_ext', 'repl_strategy' were unexpected)")
	}
	for _, tag := range b.ImageTags {
		if len(tag) > 20 {
			return invalid("Validation error: image_tags '%s' is too long", tag)
		}
	}
	if b.Image != nil && !uuidPattern.MatchString(*b.Image) {
		return invalid("Validation error: image '%s' does not match '%s'", *b.Image, uuidPattern)
	}
	return nil
}

func (a *API) addVersion(r *http.Request) (int, any, error) {
	f, err := fields(r, "version", a.state.Upstream())
	if err != nil {
		return 0, nil, err
	}
	var b managedVersionRequest
	if err := cmp.Or(f.decode("version", &b), b.check(a.state)); err != nil {
		return 0, nil, err
	}
	if b.Name == nil || *b.Name == "" || b.DatastoreName == "" || b.Manager == nil || b.Active == nil {
		return 0, nil, invalid("Validation error: version 'name', 'datastore_name', 'datastore_manager' and 'active' are required properties")
	}
	v := state.ManagedVersion{
		Version: state.Version{Name: *b.Name, Number: cmp.Or(b.Version, *b.Name), DatastoreName: b.DatastoreName},
		Manager: *b.Manager, ImageTags: b.ImageTags, Packages: b.Packages, Active: *b.Active,
	}
	if b.Image != nil {
		v.Image = *b.Image
	}
	if b.RegistryExt != nil {
		v.RegistryExt = *b.RegistryExt
	}
	if b.ReplStrategy != nil {
		v.ReplStrategy = *b.ReplStrategy
	}
	return done(a.state.AddVersion(v, b.Default != nil && *b.Default))
}

func (a *API) changeVersion(r *http.Request) (int, any, error) {
	f, err := whole(r)
	if err != nil {
		return 0, nil, err
	}
	var b managedVersionRequest
	if err := cmp.Or(f.decode("body", &b), b.check(a.state)); err != nil {
		return 0, nil, err
	}
	return done(a.state.ChangeVersion(r.PathValue("version"), func(v *state.ManagedVersion) {
		if b.Name != nil {
			v.Name = *b.Name
		}
		if b.Manager != nil {
			v.Manager = *b.Manager
		}
		if b.ImageTags != nil {
			v.ImageTags = b.ImageTags
		}
		switch {
		case b.Image != nil:
			v.Image = *b.Image
		case len(b.ImageTags) > 0:
			v.Image = ""
		}
		if b.Packages != nil {
			v.Packages = b.Packages
		}
		if b.Active != nil {
			v.Active = *b.Active
		}
		if b.RegistryExt != nil {
			v.RegistryExt = *b.RegistryExt
		}
		if b.ReplStrategy != nil {
			v.ReplStrategy = *b.ReplStrategy
		}
	}, b.Default))
}

// managedParameterBody is a parameter as administrators see it. A limit of 0 is omitted, as in Trove.
type managedParameterBody struct {
	Name            string `json:"name"`
	VersionID       string `json:"datastore_version_id"`
	RestartRequired bool   `json:"restart_required"`
	Type            string `json:"type"`
	Max             int64  `json:"max_size,omitempty"`
	Min             int64  `json:"min_size,omitempty"`
}

func shownManagedParameter(v state.Version, p state.Parameter) managedParameterBody {
	b := managedParameterBody{Name: p.Name, VersionID: v.ID, RestartRequired: p.RestartRequired, Type: p.Type}
	if p.Max != nil {
		b.Max = *p.Max
	}
	if p.Min != nil {
		b.Min = *p.Min
	}
	return b
}

func (a *API) listManagedParameters(r *http.Request) (int, any, error) {
	v, err := a.state.VersionByID(r.PathValue("version"))
	bodies := []managedParameterBody{}
	for _, p := range a.state.Parameters(v) {
		bodies = append(bodies, shownManagedParameter(v, p))
	}
	return http.StatusOK, map[string]any{"configuration-parameters": bodies}, err
}

// parameterChange serves the creation or change of a parameter.
func (a *API) parameterChange(change func(state.Version, state.Parameter) error) handler {
	return func(r *http.Request) (int, any, error) {
		v, err := a.state.VersionByID(r.PathValue("version"))
		if err != nil {
			return 0, nil, err
		}
		f, err := fields(r, "configuration-parameter", true)
		if err != nil {
			return 0, nil, err
		}
		var b struct {
			Name            string `json:"name"`
			Type            string `json:"data_type"`
			RestartRequired *int   `json:"restart_required"`
			Min             *int64 `json:"min_size"`
			Max             *int64 `json:"max_size"`
		}
		if err := f.decode("configuration-parameter", &b); err != nil {
			return 0, nil, err
		}
		switch {
		case b.Name == "" || b.Type != "integer" && b.Type != "string" || b.RestartRequired == nil:
			return 0, nil, invalid("Validation error: configuration-parameter 'name', 'restart_required' and 'data_type' are required properties")
		case b.Type == "integer" && (b.Min == nil || b.Max == nil):
			return 0, nil, invalid("max_size is required for integer data type.")
		case b.Type == "integer" && *b.Max < *b.Min:
			return 0, nil, invalid("max_size must be greater than or equal to min_size.")
		}
		p := state.Parameter{Name: b.Name, Type: b.Type, RestartRequired: *b.RestartRequired != 0}
		if b.Type == "integer" {
			p.Min, p.Max = b.Min, b.Max
		}
		return http.StatusOK, shownManagedParameter(v, p), change(v, p)
	}
}
