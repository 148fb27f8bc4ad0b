// Package identity is the sandbox's Keystone, version 3: it issues random tokens for the sandbox's users, tells them where the database
// service is, and tells that service who a token belongs to.
//
// It supports what gophercloud and the openstack command line use: version discovery (GET / and GET /v3), the methods password, token and
// application_credential, scoped to a project or unscoped, validation and revocation of tokens, the catalog, and the projects that a token
// can be exchanged for.
package identity

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

// DefaultLifetime is how long a token is valid unless Options say otherwise; Keystone's default is the same.
const DefaultLifetime = time.Hour

// Region is the one region of the catalog.
const Region = "RegionOne"

// Options are the options of a Service. The zero value is useful.
type Options struct {
	// Lifetime is how long a token is valid; 0 means DefaultLifetime.
	Lifetime time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Service is a Keystone. It is safe for concurrent use.
type Service struct {
	lifetime time.Duration
	now      func() time.Time
	mux      *http.ServeMux

	mu     sync.Mutex
	tokens map[string]*token // by id: neither expired nor revoked at the last check
	issued int
}

// New makes a Keystone with no tokens.
func New(opts Options) *Service {
	s := &Service{lifetime: opts.Lifetime, now: opts.Now, mux: http.NewServeMux(), tokens: map[string]*token{}}
	if s.lifetime == 0 {
		s.lifetime = DefaultLifetime
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.mux.HandleFunc("GET /{$}", s.showVersions)
	s.mux.HandleFunc("GET /v3", s.showVersion)
	s.mux.HandleFunc("GET /v3/{$}", s.showVersion)
	s.mux.HandleFunc("POST /v3/auth/tokens", s.createToken)
	s.mux.HandleFunc("GET /v3/auth/tokens", s.validateToken)
	s.mux.HandleFunc("DELETE /v3/auth/tokens", s.revokeToken)
	s.mux.HandleFunc("GET /v3/auth/catalog", s.showCatalog)
	s.mux.HandleFunc("GET /v3/auth/projects", s.listProjects)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		WriteError(w, http.StatusNotFound, "Could not find: "+r.URL.Path+". The sandbox serves authentication only.")
	})
	return s
}

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Pattern returns the pattern of the route that serves r, such as "GET /v3/auth/tokens", or "" if there is none.
func (s *Service) Pattern(r *http.Request) string {
	if _, pattern := s.mux.Handler(r); pattern != "/" {
		return pattern
	}
	return ""
}

// Grant says who a token belongs to and what it is valid for.
type Grant struct {
	UserID      string
	UserName    string
	ProjectID   string // "" if the token is unscoped
	ProjectName string
	Admin       bool // the user has the role of an administrator
}

// Check returns the grant of a token, and false if there is no such token or it has expired or been revoked.
func (s *Service) Check(tokenID string) (Grant, bool) {
	t := s.find(tokenID)
	if t == nil {
		return Grant{}, false
	}
	g := Grant{UserID: t.user.id, UserName: t.user.name, Admin: t.user.admin}
	if t.project != nil {
		g.ProjectID, g.ProjectName = t.project.ID, t.project.Name
	}
	return g, true
}

// Issued returns how many tokens have been issued.
func (s *Service) Issued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issued
}

// ExpireTokens makes every issued token invalid, as if it had expired.
func (s *Service) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// find returns a token that is still valid, or nil.
func (s *Service) find(id string) *token {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[id]
	if t == nil || !s.now().Before(t.expires) {
		return nil
	}
	return t
}

// issue issues a token. It expires with the token that it was exchanged for, if there is one.
func (s *Service) issue(p principal) (string, *token) {
	now := s.now().UTC()
	t := &token{principal: p, issued: now, expires: now.Add(s.lifetime), auditID: random(16)}
	if p.parent != nil {
		t.expires = p.parent.expires
	}
	id := random(32)
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, o := range s.tokens {
		if !now.Before(o.expires) {
			delete(s.tokens, old)
		}
	}
	s.tokens[id] = t
	s.issued++
	return id, t
}

func (s *Service) revoke(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, id)
}

// random returns n random bytes in hexadecimal.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails: it ends the program if there is no randomness
	return hex.EncodeToString(b)
}
