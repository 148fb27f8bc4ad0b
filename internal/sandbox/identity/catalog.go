package identity

import "net/http"

type catalogEntry struct {
	ID        string     `json:"id"`
	Type      string     `json:"type"`
	Name      string     `json:"name"`
	Endpoints []endpoint `json:"endpoints"`
}

type endpoint struct {
	ID        string `json:"id"`
	Interface string `json:"interface"`
	Region    string `json:"region"`
	RegionID  string `json:"region_id"`
	URL       string `json:"url"`
}

// catalog returns the addresses of the services for a project.
func catalog(r *http.Request, projectID string) []catalogEntry {
	return []catalogEntry{
		entry("6f8d2c1b4a5e4f7089abcdef01234567", "database", "trove", base(r)+"/v1.0/"+projectID),
		entry("7a9e3d2c5b6f4081a9bcdef012345678", "identity", "keystone", base(r)+"/v3"),
	}
}

func entry(id, kind, name, url string) catalogEntry {
	e := catalogEntry{ID: id, Type: kind, Name: name}
	for i, iface := range []string{"public", "internal", "admin"} {
		e.Endpoints = append(e.Endpoints, endpoint{
			ID:        id[:31] + string(rune('a'+i)), // as permanent as the service's
			Interface: iface,
			Region:    Region,
			RegionID:  Region,
			URL:       url,
		})
	}
	return e
}

// base returns the address by which the caller reached the sandbox, so that the catalog refers to the same place.
func base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

func selfLink(r *http.Request, path string) map[string]any {
	return map[string]any{"self": base(r) + path}
}

// showCatalog serves GET /v3/auth/catalog.
func (s *Service) showCatalog(w http.ResponseWriter, r *http.Request) {
	t := s.caller(w, r)
	switch {
	case t == nil:
	case t.project == nil:
		WriteError(w, http.StatusForbidden, "A project-scoped token is required to produce a service catalog.")
	default:
		writeJSON(w, http.StatusOK, map[string]any{"catalog": catalog(r, t.project.ID), "links": selfLink(r, "/v3/auth/catalog")})
	}
}

// version describes the one version that is offered.
func version(r *http.Request) map[string]any {
	return map[string]any{
		"id":          "v3.14",
		"status":      "stable",
		"updated":     "2020-04-07T00:00:00Z",
		"links":       []map[string]string{{"rel": "self", "href": base(r) + "/v3/"}},
		"media-types": []map[string]string{{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}},
	}
}

// showVersions serves GET /.
func (s *Service) showVersions(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusMultipleChoices, map[string]any{"versions": map[string]any{"values": []any{version(r)}}})
}

// showVersion serves GET /v3.
func (s *Service) showVersion(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"version": version(r)})
}
