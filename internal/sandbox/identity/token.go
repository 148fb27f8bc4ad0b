package identity

import (
	"net/http"
	"time"
)

// token is an issued token.
type token struct {
	principal
	issued  time.Time
	expires time.Time
	auditID string
}

// Keystone's time format.
const timeFormat = "2006-01-02T15:04:05.000000Z"

type tokenView struct {
	Methods   []string       `json:"methods"`
	User      userView       `json:"user"`
	AuditIDs  []string       `json:"audit_ids"`
	ExpiresAt string         `json:"expires_at"`
	IssuedAt  string         `json:"issued_at"`
	Project   *projectView   `json:"project,omitempty"`
	IsDomain  *bool          `json:"is_domain,omitempty"`
	Roles     []reference    `json:"roles,omitempty"`
	Catalog   []catalogEntry `json:"catalog,omitempty"`
}

type userView struct {
	reference
	Domain            reference `json:"domain"`
	PasswordExpiresAt *string   `json:"password_expires_at"`
}

type projectView struct {
	reference
	Domain reference `json:"domain"`
}

// writeToken answers with what a token is valid for.
func (s *Service) writeToken(w http.ResponseWriter, r *http.Request, status int, t *token) {
	view := tokenView{
		Methods:   t.methods,
		User:      userView{reference: reference{t.user.id, t.user.name}, Domain: defaultDomain},
		AuditIDs:  []string{t.auditID},
		ExpiresAt: t.expires.Format(timeFormat),
		IssuedAt:  t.issued.Format(timeFormat),
	}
	if t.parent != nil {
		view.AuditIDs = append(view.AuditIDs, t.parent.auditID)
	}
	if t.project != nil {
		view.Project = &projectView{reference: *t.project, Domain: defaultDomain}
		view.IsDomain = new(false)
		view.Roles = t.user.roles()
		if !r.URL.Query().Has("nocatalog") {
			view.Catalog = catalog(r, t.project.ID)
		}
	}
	w.Header().Set("Vary", "X-Auth-Token")
	writeJSON(w, status, map[string]any{"token": view})
}

// caller returns the token that a request carries; without a valid one it answers 401 and returns nil.
func (s *Service) caller(w http.ResponseWriter, r *http.Request) *token {
	t := s.find(r.Header.Get("X-Auth-Token"))
	if t == nil {
		unauthenticated.write(w, r)
	}
	return t
}

// subject returns the token that a request is about and its id; without a valid one it answers and returns nil.
func (s *Service) subject(w http.ResponseWriter, r *http.Request) (string, *token) {
	caller := s.caller(w, r)
	if caller == nil {
		return "", nil
	}
	id := r.Header.Get("X-Subject-Token")
	t := s.find(id)
	switch {
	case id == "":
		missing("X-Subject-Token", "headers").write(w, r)
		return "", nil
	case t == nil:
		WriteError(w, http.StatusNotFound, "Failed to validate token")
		return "", nil
	case t.user != caller.user:
		WriteError(w, http.StatusForbidden, "You are not authorized to perform the requested action: identity:validate_token.")
		return "", nil
	}
	return id, t
}

// validateToken serves GET and HEAD /v3/auth/tokens.
func (s *Service) validateToken(w http.ResponseWriter, r *http.Request) {
	if id, t := s.subject(w, r); t != nil {
		w.Header().Set("X-Subject-Token", id)
		s.writeToken(w, r, http.StatusOK, t)
	}
}

// revokeToken serves DELETE /v3/auth/tokens.
func (s *Service) revokeToken(w http.ResponseWriter, r *http.Request) {
	if id, t := s.subject(w, r); t != nil {
		s.revoke(id)
		w.WriteHeader(http.StatusNoContent)
	}
}

// listProjects serves GET /v3/auth/projects: the projects that an unscoped token can be exchanged for.
func (s *Service) listProjects(w http.ResponseWriter, r *http.Request) {
	t := s.caller(w, r)
	if t == nil {
		return
	}
	type project struct {
		reference
		DomainID string `json:"domain_id"`
		Enabled  bool   `json:"enabled"`
		IsDomain bool   `json:"is_domain"`
	}
	projects := []project{}
	for _, p := range t.user.projects {
		projects = append(projects, project{reference: *p, DomainID: defaultDomain.ID, Enabled: true})
	}
	writeJSON(w, http.StatusOK, map[string]any{"projects": projects, "links": selfLink(r, "/v3/auth/projects")})
}
