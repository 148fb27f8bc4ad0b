// Package openstacktest provides a Keystone and a database service for tests that answer each request themselves.
package openstacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
)

// Cloud is a Keystone and a database service whose requests each test answers itself.
type Cloud struct {
	*httptest.Server

	mu              sync.Mutex
	Authentications []string         // the bodies of POST /auth/tokens
	Valid           map[string]bool  // tokens that are valid now
	Agents          map[string]bool  // User-Agent headers seen
	Keystone        http.HandlerFunc // replaces the identity service if set
	Catalog         string
	serve           http.HandlerFunc // the database service
}

// New starts a cloud with databases in two regions. serve answers requests with a valid token.
func New(tb testing.TB, serve http.HandlerFunc) *Cloud {
	tb.Helper()
	c := &Cloud{Valid: map[string]bool{}, Agents: map[string]bool{}, serve: serve}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/auth/tokens", func(w http.ResponseWriter, r *http.Request) {
		if c.Keystone != nil {
			c.Keystone(w, r)
			return
		}
		c.Issue(w, r)
	})
	mux.HandleFunc("GET /v3/auth/tokens", c.validate)
	mux.HandleFunc("/v1.0/", c.database)
	c.Server = httptest.NewServer(mux)
	tb.Cleanup(c.Close)
	c.Catalog = fmt.Sprintf(`[
		{"type": "identity", "name": "keystone", "endpoints": [{"interface": "public", "region": "one", "url": "%[1]s/v3"}]},
		{"type": "database", "name": "trove", "endpoints": [
			{"interface": "internal", "region": "one", "region_id": "one", "url": "http://10.0.0.1:8779/v1.0/p1"},
			{"interface": "public", "region": "one", "region_id": "one", "url": "%[1]s/v1.0/p1"},
			{"interface": "public", "region": "two", "region_id": "two", "url": "%[1]s/v1.0/two-p1/"}]}]`, c.URL)
	return c
}

// Issue issues a token, as Keystone does.
func (c *Cloud) Issue(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Agents[r.UserAgent()] = true
	c.Authentications = append(c.Authentications, string(body))
	token := fmt.Sprintf("token-%d", len(c.Authentications))
	c.Valid[token] = true
	w.Header().Set("X-Subject-Token", token)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"token": {"project": {"id": "p1", "name": "demo"}, "catalog": %s}}`, c.Catalog)
}

func (c *Cloud) validate(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if token := r.Header.Get("X-Subject-Token"); !c.Valid[token] || r.Header.Get("X-Auth-Token") != token {
		Refuse(w, http.StatusUnauthorized, "The request you have made requires authentication.")
		return
	}
	w.Header().Set("X-Subject-Token", r.Header.Get("X-Subject-Token"))
	fmt.Fprintf(w, `{"token": {"project": {"id": "p1", "name": "demo"}, "catalog": %s}}`, c.Catalog)
}

func (c *Cloud) database(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	good := c.Valid[r.Header.Get("X-Auth-Token")]
	c.Agents[r.UserAgent()] = true
	c.mu.Unlock()
	if !good {
		Refuse(w, http.StatusUnauthorized, "The request you have made requires authentication.")
		return
	}
	c.serve(w, r)
}

// Expire makes every token invalid.
func (c *Cloud) Expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.Valid)
}

// Logins returns how often a token was requested.
func (c *Cloud) Logins() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.Authentications)
}

// Auth returns valid credentials for the cloud.
func (c *Cloud) Auth() gophercloud.AuthOptions {
	return gophercloud.AuthOptions{
		IdentityEndpoint: c.URL + "/v3", Username: "demo", Password: "hunter2", DomainID: "default",
		Scope: &gophercloud.AuthScope{ProjectName: "demo", DomainID: "default"},
	}
}

// Refuse answers with a fault in the form of Keystone and Trove.
func Refuse(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fault, body := "error", map[string]any{"code": code, "message": message, "title": http.StatusText(code)}
	if code == http.StatusNotFound {
		fault, body = "itemNotFound", map[string]any{"code": code, "message": message}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{fault: body})
}

// ShowInstance answers a request for any instance.
func ShowInstance(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	fmt.Fprintf(w, `{"instance": {"id": %q, "name": %q, "status": "ACTIVE"}}`, id, r.URL.Path)
}

// Invalidate makes one token invalid.
func (c *Cloud) Invalidate(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.Valid, token)
}
