package troveapi

import (
	"net/http"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func (a *API) catalogRoutes() {
	a.on("GET /datastores", func(r *http.Request) (int, any, error) {
		var bodies []datastoreBody
		for _, d := range a.state.Datastores() {
			bodies = append(bodies, shownDatastore(r, d))
		}
		return http.StatusOK, map[string]any{"datastores": bodies}, nil
	})
	a.on("GET /datastores/{datastore}", a.showDatastore)
	a.on("GET /datastores/{datastore}/versions", a.listVersions)
	a.on("GET /datastores/{datastore}/versions/{version}", a.showVersion)
	a.on("GET /datastores/{datastore}/versions/{version}/parameters", a.listParameters)
	a.on("GET /datastores/{datastore}/versions/{version}/parameters/{name}", a.showParameter)
	a.on("GET /datastores/{datastore}/versions/{version}/volume-types", listVolumeTypes)
	a.on("GET "+versionsPath+"{version}", a.showVersion)
	a.on("GET "+versionsPath+"{version}/parameters", a.listParameters)
	a.on("GET "+versionsPath+"{version}/parameters/{name}", a.showParameter)
	a.on("GET /flavors", func(r *http.Request) (int, any, error) {
		var bodies []flavorBody
		for _, f := range a.state.Flavors() {
			bodies = append(bodies, a.shownFlavor(r, f))
		}
		return http.StatusOK, map[string]any{"flavors": bodies}, nil
	})
	a.on("GET /flavors/{id}", func(r *http.Request) (int, any, error) {
		f, err := a.state.FlavorByID(id(r))
		return http.StatusOK, map[string]any{"flavor": a.shownFlavor(r, f)}, err
	})
	a.on("GET /limits", a.limits)
}

type datastoreBody struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Links    []link        `json:"links"`
	Versions []versionBody `json:"versions"`
	Default  string        `json:"default_version"`
}

type versionBody struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Version   string `json:"version"`
	Links     []link `json:"links"`
	Datastore string `json:"datastore,omitempty"`
}

func shownDatastore(r *http.Request, d state.Datastore) datastoreBody {
	b := datastoreBody{ID: d.ID, Name: d.Name, Links: links(r, "datastores/"+d.ID), Default: d.Default().ID}
	for _, v := range d.Versions {
		b.Versions = append(b.Versions, shownVersion(r, v))
	}
	return b
}

func shownVersion(r *http.Request, v state.Version) versionBody {
	return versionBody{ID: v.ID, Name: v.Name, Version: v.Number, Links: links(r, "datastores/versions/"+v.ID)}
}

// standaloneVersion is a version that is not shown within its datastore.
func standaloneVersion(r *http.Request, v state.Version) versionBody {
	b := shownVersion(r, v)
	b.Datastore = v.DatastoreID
	return b
}

func (a *API) showDatastore(r *http.Request) (int, any, error) {
	d, err := a.state.DatastoreByName(r.PathValue("datastore"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]any{"datastore": shownDatastore(r, d)}, nil
}

func (a *API) listVersions(r *http.Request) (int, any, error) {
	d, err := a.state.DatastoreByName(r.PathValue("datastore"))
	var bodies []versionBody
	for _, v := range d.Versions {
		bodies = append(bodies, standaloneVersion(r, v))
	}
	return http.StatusOK, map[string]any{"versions": bodies}, err
}

// version finds the version that a path names: by its id, or below a datastore also by its name.
func (a *API) version(r *http.Request) (state.Version, error) {
	if r.PathValue("datastore") == "" {
		return a.state.VersionByID(r.PathValue("version"))
	}
	d, err := a.state.DatastoreByName(r.PathValue("datastore"))
	if err != nil {
		return state.Version{}, err
	}
	return d.Version(r.PathValue("version"))
}

func (a *API) showVersion(r *http.Request) (int, any, error) {
	v, err := a.version(r)
	return http.StatusOK, map[string]any{"version": standaloneVersion(r, v)}, err
}

type parameterBody struct {
	Name            string `json:"name"`
	VersionID       string `json:"datastore_version_id"`
	RestartRequired bool   `json:"restart_required"`
	Type            string `json:"type"`
	Max             *int64 `json:"max,omitempty"`
	Min             *int64 `json:"min,omitempty"`
}

func shownParameter(v state.Version, p state.Parameter) parameterBody {
	return parameterBody{p.Name, v.ID, p.RestartRequired, p.Type, p.Max, p.Min}
}

func (a *API) listParameters(r *http.Request) (int, any, error) {
	v, err := a.version(r)
	bodies := []parameterBody{}
	for _, p := range a.state.Parameters(v) {
		bodies = append(bodies, shownParameter(v, p))
	}
	return http.StatusOK, map[string]any{"configuration-parameters": bodies}, err
}

func (a *API) showParameter(r *http.Request) (int, any, error) {
	v, err := a.version(r)
	if err != nil {
		return 0, nil, err
	}
	p, err := a.state.Parameter(v, r.PathValue("name"))
	return http.StatusOK, shownParameter(v, p), err
}

type volumeTypeBody struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	IsPublic    bool   `json:"is_public"`
	Description string `json:"description"`
}

// listVolumeTypes checks neither the datastore nor the version, as Trove does.
func listVolumeTypes(*http.Request) (int, any, error) {
	var bodies []volumeTypeBody
	for _, v := range state.VolumeTypes() {
		bodies = append(bodies, volumeTypeBody{v.ID, v.Name, true, v.Description})
	}
	return http.StatusOK, map[string]any{"volume_types": bodies}, nil
}

type flavorBody struct {
	ID        int    `json:"id"`
	Links     []link `json:"links"`
	Name      string `json:"name"`
	RAM       int    `json:"ram"`
	VCPUs     int    `json:"vcpus"`
	Disk      int    `json:"disk"`
	Ephemeral int    `json:"ephemeral"`
	StrID     string `json:"str_id"`
	// LocalStorage is shown since Trove 23.
	LocalStorage *int `json:"local_storage,omitempty"`
}

func (a *API) shownFlavor(r *http.Request, f state.Flavor) flavorBody {
	var local *int
	if a.state.Since(23) {
		local = new(0)
	}
	return flavorBody{LocalStorage: local, ID: f.Number, Links: links(r, "flavors/"+f.ID), Name: f.Name, RAM: f.RAM, VCPUs: f.VCPUs, Disk: f.Disk, StrID: f.ID}
}

func (a *API) limits(r *http.Request) (int, any, error) {
	q := a.state.Quota(project(r))
	limits := []map[string]any{{
		"verb": "ABSOLUTE", "max_instances": q.Instances, "max_ram": q.RAM, "max_backups": q.Backups, "max_volumes": q.VolumeGB,
	}}
	for _, l := range a.limiter.Limits(project(r)) {
		limits = append(limits, map[string]any{
			"verb": l.Method, "unit": "MINUTE", "value": l.Value, "remaining": l.Remaining, "uri": "*", "regex": ".*",
			"nextAvailable": l.Next.UTC().Format(time.RFC3339),
		})
	}
	return http.StatusOK, map[string]any{"limits": limits}, nil
}
