package trove

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

// cloud is a Keystone and a database service whose requests each test answers itself.
type cloud struct {
	*httptest.Server

	mu              sync.Mutex
	authentications []string         // the bodies of POST /auth/tokens
	valid           map[string]bool  // tokens that are good now
	agents          map[string]bool  // User-Agent headers seen
	keystone        http.HandlerFunc // in place of the identity service, where set
	catalog         string
	serve           http.HandlerFunc // the database service
}

// newCloud starts a cloud with databases in two regions. serve answers what comes with a valid token.
func newCloud(t *testing.T, serve http.HandlerFunc) *cloud {
	t.Helper()
	c := &cloud{valid: map[string]bool{}, agents: map[string]bool{}, serve: serve}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/auth/tokens", func(w http.ResponseWriter, r *http.Request) {
		if c.keystone != nil {
			c.keystone(w, r)
			return
		}
		c.issue(w, r)
	})
	mux.HandleFunc("GET /v3/auth/tokens", c.validate)
	mux.HandleFunc("/v1.0/", c.database)
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	c.catalog = fmt.Sprintf(`[
		{"type": "identity", "name": "keystone", "endpoints": [{"interface": "public", "region": "one", "url": "%[1]s/v3"}]},
		{"type": "database", "name": "trove", "endpoints": [
			{"interface": "internal", "region": "one", "region_id": "one", "url": "http://10.0.0.1:8779/v1.0/p1"},
			{"interface": "public", "region": "one", "region_id": "one", "url": "%[1]s/v1.0/p1"},
			{"interface": "public", "region": "two", "region_id": "two", "url": "%[1]s/v1.0/two-p1/"}]}]`, c.URL)
	return c
}

func (c *cloud) issue(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.agents[r.UserAgent()] = true
	c.authentications = append(c.authentications, string(body))
	token := fmt.Sprintf("token-%d", len(c.authentications))
	c.valid[token] = true
	w.Header().Set("X-Subject-Token", token)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"token": {"project": {"id": "p1", "name": "demo"}, "catalog": %s}}`, c.catalog)
}

func (c *cloud) validate(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if token := r.Header.Get("X-Subject-Token"); !c.valid[token] || r.Header.Get("X-Auth-Token") != token {
		refuse(w, http.StatusUnauthorized, "The request you have made requires authentication.")
		return
	}
	w.Header().Set("X-Subject-Token", r.Header.Get("X-Subject-Token"))
	fmt.Fprintf(w, `{"token": {"project": {"id": "p1", "name": "demo"}, "catalog": %s}}`, c.catalog)
}

func (c *cloud) database(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	good := c.valid[r.Header.Get("X-Auth-Token")]
	c.agents[r.UserAgent()] = true
	c.mu.Unlock()
	if !good {
		refuse(w, http.StatusUnauthorized, "The request you have made requires authentication.")
		return
	}
	c.serve(w, r)
}

// expire makes every token invalid.
func (c *cloud) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.valid)
}

// logins is how often a token was asked for.
func (c *cloud) logins() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.authentications)
}

// options are good credentials for the cloud, without retries.
func (c *cloud) options() Options {
	return Options{Region: "one", Auth: gophercloud.AuthOptions{
		IdentityEndpoint: c.URL + "/v3", Username: "demo", Password: "hunter2", DomainID: "default",
		Scope: &gophercloud.AuthScope{ProjectName: "demo", DomainID: "default"},
	}}
}

// connect returns a client of the cloud; change may alter its options.
func (c *cloud) connect(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	opts := c.options()
	for _, f := range change {
		f(&opts)
	}
	client, err := Connect(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func refuse(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fault, body := "error", map[string]any{"code": code, "message": message, "title": http.StatusText(code)}
	if code == http.StatusNotFound {
		fault, body = faultNotFound, map[string]any{"code": code, "message": message}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{fault: body})
}

// showInstance answers any request for one instance.
func showInstance(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	fmt.Fprintf(w, `{"instance": {"id": %q, "name": %q, "status": "ACTIVE"}}`, id, r.URL.Path)
}
