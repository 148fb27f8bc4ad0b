package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
)

// maxBody is the maximum size of a request in bytes, as in Keystone.
const maxBody = 114688

// authRequest is the body of POST /v3/auth/tokens.
type authRequest struct {
	Auth *struct {
		Identity *struct {
			Methods               []string           `json:"methods"`
			Password              *passwordRequest   `json:"password"`
			Token                 *tokenRequest      `json:"token"`
			ApplicationCredential *credentialRequest `json:"application_credential"`
		} `json:"identity"`
		Scope json.RawMessage `json:"scope"`
	} `json:"auth"`
}

type passwordRequest struct {
	User *userRequest `json:"user"`
}

type tokenRequest struct {
	ID string `json:"id"`
}

type credentialRequest struct {
	reference
	User   *userRequest `json:"user"`
	Secret string       `json:"secret"`
}

type scopeRequest struct {
	Project *struct {
		reference
		Domain *reference `json:"domain"`
	} `json:"project"`
	Domain   *reference      `json:"domain"`
	System   json.RawMessage `json:"system"`
	Unscoped json.RawMessage `json:"unscoped"`
}

// principal is who authenticated, with what, and for which project.
type principal struct {
	user    *user
	project *reference // nil: unscoped
	methods []string
	// confined says that the credential is valid only for its own project.
	confined bool
	// parent is the token that was exchanged, if one was.
	parent *token
}

// createToken serves POST /v3/auth/tokens.
func (s *Service) createToken(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			WriteError(w, http.StatusRequestEntityTooLarge, "Request is too large.")
			return
		}
		WriteError(w, http.StatusBadRequest, "The request's body could not be read.")
		return
	}
	var body authRequest
	if err := json.Unmarshal(data, &body); err != nil {
		// The decoder's own message may quote what was sent, such as a password.
		malformed("The request's body is not the JSON of an authentication.").write(w, r)
		return
	}
	p, f := s.authenticate(body)
	if f != nil {
		f.write(w, r)
		return
	}
	id, t := s.issue(*p)
	w.Header().Set("X-Subject-Token", id)
	s.writeToken(w, r, http.StatusCreated, t)
}

// authenticate finds out who makes the request, and for which project.
func (s *Service) authenticate(body authRequest) (*principal, *failure) {
	switch {
	case body.Auth == nil:
		return nil, missing("auth", "request body")
	case body.Auth.Identity == nil:
		return nil, missing("identity", "auth")
	case len(body.Auth.Identity.Methods) == 0:
		return nil, missing("methods", "identity")
	}
	id := body.Auth.Identity
	p := &principal{methods: slices.Clone(id.Methods)}
	for _, method := range id.Methods {
		var (
			found *principal
			f     *failure
		)
		switch method {
		case "password":
			found, f = id.Password.check()
		case "token":
			found, f = s.checkToken(id.Token)
		case "application_credential":
			found, f = id.ApplicationCredential.check()
		default:
			f = &failure{http.StatusUnauthorized, "Attempted to authenticate with an unsupported method."}
		}
		if f == nil && p.user != nil && p.user != found.user {
			f = unauthenticated
		}
		if f != nil {
			return nil, f
		}
		p.user = found.user
		if found.parent != nil {
			p.parent = found.parent
			p.methods = union(p.methods, found.parent.methods)
		}
		if found.confined {
			p.project, p.confined = found.project, true
		}
	}
	return p, p.scope(body.Auth.Scope)
}

func (q *passwordRequest) check() (*principal, *failure) {
	if q == nil {
		return nil, missing("password", "identity")
	}
	u, f := q.User.find()
	if f != nil {
		return nil, f
	}
	if q.User.Password != u.password {
		return nil, unauthenticated
	}
	return &principal{user: u}, nil
}

func (s *Service) checkToken(q *tokenRequest) (*principal, *failure) {
	if q == nil || q.ID == "" {
		return nil, missing("id", "token")
	}
	t := s.find(q.ID)
	if t == nil {
		return nil, unauthenticated
	}
	return &principal{user: t.user, project: t.project, confined: t.confined, parent: t}, nil
}

func (q *credentialRequest) check() (*principal, *failure) {
	if q == nil {
		return nil, missing("application_credential", "identity")
	}
	var owner *user
	if q.ID == "" { // a name is unique only for its user
		if q.Name == "" {
			return nil, missing("id or name", "application_credential")
		}
		var f *failure
		if owner, f = q.User.find(); f != nil {
			return nil, f
		}
	}
	i := slices.IndexFunc(credentials, func(c *applicationCredential) bool {
		return q.names(c.reference) && (owner == nil || owner == c.user)
	})
	if i < 0 || credentials[i].secret != q.Secret {
		return nil, unauthenticated
	}
	return &principal{user: credentials[i].user, project: credentials[i].project, confined: true}, nil
}

// scope sets the project that the request asks for.
func (p *principal) scope(raw json.RawMessage) *failure {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) || bytes.Equal(raw, []byte(`"unscoped"`)) {
		return nil
	}
	var q scopeRequest
	if err := json.Unmarshal(raw, &q); err != nil {
		return malformed("auth.scope is neither an object nor unscoped.")
	}
	switch {
	case q.Unscoped != nil:
		return nil
	case p.confined && p.parent == nil:
		return &failure{http.StatusUnauthorized, "Application credentials cannot request a scope."}
	case q.Project == nil: // nobody has a role on the domain or the system
		return unauthenticated
	case q.Project.ID == "" && q.Project.Name == "":
		return missing("id or name", "project")
	}
	if f := inDefaultDomain(q.Project.reference, q.Project.Domain, "project"); f != nil {
		return f
	}
	i := slices.IndexFunc(p.user.projects, func(r *reference) bool { return q.Project.names(*r) })
	if i < 0 || p.confined && p.user.projects[i] != p.project {
		return unauthenticated
	}
	p.project = p.user.projects[i]
	return nil
}

// union appends to a the elements of b that it lacks.
func union(a, b []string) []string {
	for _, m := range b {
		if !slices.Contains(a, m) {
			a = append(a, m)
		}
	}
	return a
}
