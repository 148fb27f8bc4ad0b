package acctest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	clouds "github.com/gophercloud/gophercloud/v2/openstack"
)

// WithRegion is this cloud with the Trove of another as one more region of its catalog, under that name.
func (c *Cloud) WithRegion(t *testing.T, region string, other *Cloud) *Cloud {
	t.Helper()
	session, err := clouds.AuthenticatedClient(t.Context(), other.credentials())
	if err != nil {
		t.Fatal(err)
	}
	const there = "/there" // leads to the other cloud, which does not know this one's tokens
	proxyTo := func(s *Cloud) *httputil.ReverseProxy {
		target, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the catalog leads back here
		}}
	}
	here, away := proxyTo(c), proxyTo(other)
	here.ModifyResponse = func(resp *http.Response) error {
		if resp.Request.Method != http.MethodPost || !strings.HasSuffix(resp.Request.URL.Path, "/auth/tokens") || resp.StatusCode != http.StatusCreated {
			return nil
		}
		return addRegion(resp, region, "http://"+resp.Request.Host+there)
	}
	mux := http.NewServeMux()
	mux.Handle("/", here)
	mux.Handle(there+"/", http.StripPrefix(there, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Auth-Token", session.TokenID)
		away.ServeHTTP(w, r)
	})))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	both := *c.Account
	both.IdentityURL = server.URL + "/v3"
	return &Cloud{Sandbox: c.Sandbox, Account: NewAccount(t, both)}
}

// addRegion adds to the catalog of a token a region whose Trove is at base.
func addRegion(resp *http.Response, region, base string) error {
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var body struct {
		Token map[string]any `json:"token"`
	}
	if err := json.Unmarshal(text, &body); err != nil {
		return err
	}
	services, _ := body.Token["catalog"].([]any)
	for _, s := range services {
		service, _ := s.(map[string]any)
		if service["type"] != "database" {
			continue
		}
		endpoints, _ := service["endpoints"].([]any)
		for _, e := range slices.Clone(endpoints) {
			endpoint, _ := e.(map[string]any)
			at, _ := endpoint["url"].(string)
			_, project, _ := strings.Cut(at, "/v1.0/")
			more := maps.Clone(endpoint)
			more["region"], more["region_id"], more["url"] = region, region, base+"/v1.0/"+project
			endpoints = append(endpoints, more)
		}
		service["endpoints"] = endpoints
	}
	if text, err = json.Marshal(body); err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	resp.ContentLength = int64(len(text))
	resp.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return nil
}
