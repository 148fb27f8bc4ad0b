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
			bodies = append(bodies, shownManagedVersion(v, defaults[n]))
		}
		return http.StatusOK, map[string]any{"versions": bodies}, nil
	}))
	a.on("POST /mgmt/datastore-versions", managed(a.addVersion))
	a.on("GET /mgmt/datastore-versions/{version}", managed(func(r *http.Request) (int, any, error) {
		v, isDefault, err := a.state.ManagedVersion(r.PathValue("version"))
		return http.StatusOK, map[string]any{"version": shownManagedVersion(v, isDefault)}, err
	}))
	a.on("PATCH /mgmt/datastore-versions/{version}", managed(a.changeVersion))
	a.on("DELETE /mgmt/datastore-versions/{version}", managed(func(r *http.Request) (int, any, error) {
		return done(a.state.RemoveVersion(r.PathValue("version")))
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
}

func shownManagedVersion(v state.ManagedVersion, isDefault bool) managedVersionBody {
	return managedVersionBody{
		v.ID, v.Name, v.Number, v.DatastoreID, v.DatastoreName, v.Manager, v.Image, orOneEmpty(v.ImageTags), orOneEmpty(v.Packages), v.Active, isDefault,
	}
}

// orOneEmpty is how Trove shows a list: an empty one as one empty text.
func orOneEmpty(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

// managedVersionRequest is what a version is to be; nil is not said.
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
}

func (b *managedVersionRequest) check() error {
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
	if err := cmp.Or(f.decode("version", &b), b.check()); err != nil {
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
	return done(a.state.AddVersion(v, b.Default != nil && *b.Default))
}

func (a *API) changeVersion(r *http.Request) (int, any, error) {
	f, err := whole(r)
	if err != nil {
		return 0, nil, err
	}
	var b managedVersionRequest
	if err := cmp.Or(f.decode("body", &b), b.check()); err != nil {
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
	}, b.Default))
}
