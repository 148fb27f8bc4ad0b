package identity

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// answer is what a request was answered with.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

// call sends a request; header holds names and values in turn.
func call(t *testing.T, s *Service, method, target, body string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header()}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			t.Fatalf("%s %s: the answer is no JSON: %v\n%s", method, target, err, w.Body)
		}
	}
	return a
}

const (
	byPassword = `"identity":{"methods":["password"],"password":{"user":{"name":"demo","domain":{"name":"Default"},"password":"demo"}}}`
	toDemo     = `"scope":{"project":{"name":"demo","domain":{"id":"default"}}}`
	scoped     = `{"auth":{` + byPassword + `,` + toDemo + `}}`
	unscoped   = `{"auth":{` + byPassword + `}}`
)

// login returns a new token.
func login(t *testing.T, s *Service, body string) string {
	t.Helper()
	a := call(t, s, "POST", "/v3/auth/tokens", body)
	if a.status != http.StatusCreated {
		t.Fatalf("status %d: %v", a.status, a.body)
	}
	return a.header.Get("X-Subject-Token")
}

func TestCreateTokenAcceptsEveryWayToNameUserAndProject(t *testing.T) {
	demoInDemo := Grant{UserID: DemoUserID, UserName: "demo", ProjectID: DemoProjectID, ProjectName: "demo"}
	demoUnscoped := Grant{UserID: DemoUserID, UserName: "demo"}
	for name, tt := range map[string]struct {
		auth string
		want Grant
	}{
		"password, by names":            {byPassword + `,` + toDemo, demoInDemo},
		"password, user by id":          {`"identity":{"methods":["password"],"password":{"user":{"id":"` + DemoUserID + `","password":"demo"}}},` + toDemo, demoInDemo},
		"password, project by id":       {byPassword + `,"scope":{"project":{"id":"` + DemoProjectID + `"}}`, demoInDemo},
		"password, domain by id":        {`"identity":{"methods":["password"],"password":{"user":{"name":"demo","domain":{"id":"default"},"password":"demo"}}},` + toDemo, demoInDemo},
		"password, without a scope":     {byPassword, demoUnscoped},
		"password, unscoped as a word":  {byPassword + `,"scope":"unscoped"`, demoUnscoped},
		"password, unscoped as a field": {byPassword + `,"scope":{"unscoped":{}}`, demoUnscoped},
		"password, the other user": {
			`"identity":{"methods":["password"],"password":{"user":{"name":"other","domain":{"name":"Default"},"password":"other"}}},"scope":{"project":{"name":"other","domain":{"name":"Default"}}}`,
			Grant{UserID: OtherUserID, UserName: "other", ProjectID: OtherProjectID, ProjectName: "other"},
		},
		"application credential by id": {
			`"identity":{"methods":["application_credential"],"application_credential":{"id":"` + ApplicationCredentialID + `","secret":"` + ApplicationCredentialSecret + `"}}`,
			demoInDemo,
		},
		"application credential by name and user": {
			`"identity":{"methods":["application_credential"],"application_credential":{"name":"demo","user":{"name":"demo","domain":{"name":"Default"}},"secret":"` + ApplicationCredentialSecret + `"}}`,
			demoInDemo,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{})
			got, ok := s.Check(login(t, s, `{"auth":{`+tt.auth+`}}`))
			if !ok {
				t.Fatal("the token is not good")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCreateTokenRefuses(t *testing.T) {
	user := func(fields string) string {
		return `{"auth":{"identity":{"methods":["password"],"password":{"user":{` + fields + `}}},` + toDemo + `}}`
	}
	credential := func(fields string) string {
		return `{"auth":{"identity":{"methods":["application_credential"],"application_credential":{` + fields + `}}}}`
	}
	for name, tt := range map[string]struct {
		body   string
		status int
	}{
		"no JSON":                           {`{`, 400},
		"no auth":                           {`{}`, 400},
		"no identity":                       {`{"auth":{}}`, 400},
		"no methods":                        {`{"auth":{"identity":{"methods":[]}}}`, 400},
		"a method without its part":         {`{"auth":{"identity":{"methods":["password"]}}}`, 400},
		"a wrong password":                  {user(`"name":"demo","domain":{"id":"default"},"password":"wrong"`), 401},
		"no password":                       {user(`"name":"demo","domain":{"id":"default"}`), 401},
		"an unknown user":                   {user(`"name":"nobody","domain":{"id":"default"},"password":"demo"`), 401},
		"an unknown user id":                {user(`"id":"nobody","password":"demo"`), 401},
		"a user name without domain":        {user(`"name":"demo","password":"demo"`), 400},
		"a user of another domain":          {user(`"name":"demo","domain":{"name":"Elsewhere"},"password":"demo"`), 401},
		"no user":                           {user(`"password":"demo"`), 400},
		"another user's project":            {`{"auth":{` + byPassword + `,"scope":{"project":{"id":"` + OtherProjectID + `"}}}}`, 401},
		"an unknown project":                {`{"auth":{` + byPassword + `,"scope":{"project":{"id":"nothing"}}}}`, 401},
		"a project name without domain":     {`{"auth":{` + byPassword + `,"scope":{"project":{"name":"demo"}}}}`, 400},
		"a domain scope":                    {`{"auth":{` + byPassword + `,"scope":{"domain":{"id":"default"}}}}`, 401},
		"a system scope":                    {`{"auth":{` + byPassword + `,"scope":{"system":{"all":true}}}}`, 401},
		"a scope of the wrong type":         {`{"auth":{` + byPassword + `,"scope":7}}`, 400},
		"an unknown method":                 {`{"auth":{"identity":{"methods":["totp"],"totp":{}}}}`, 401},
		"an unknown token":                  {`{"auth":{"identity":{"methods":["token"],"token":{"id":"x"}}}}`, 401},
		"a credential's wrong secret":       {credential(`"id":"` + ApplicationCredentialID + `","secret":"wrong"`), 401},
		"an unknown credential":             {credential(`"id":"x","secret":"` + ApplicationCredentialSecret + `"`), 401},
		"a credential's name without user":  {credential(`"name":"demo","secret":"` + ApplicationCredentialSecret + `"`), 400},
		"a credential's name, another user": {credential(`"name":"demo","user":{"id":"` + OtherUserID + `"},"secret":"` + ApplicationCredentialSecret + `"`), 401},
		"a scope for a credential":          {`{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":"` + ApplicationCredentialID + `","secret":"` + ApplicationCredentialSecret + `"}},` + toDemo + `}}`, 401},
		"a body past the limit":             {`{"auth":"` + strings.Repeat("x", maxBody) + `"}`, 413},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{})
			a := call(t, s, "POST", "/v3/auth/tokens", tt.body)
			fault, ok := a.body["error"].(map[string]any)
			if a.status != tt.status || !ok || fault["code"] != float64(tt.status) || fault["title"] != http.StatusText(tt.status) || fault["message"] == "" {
				t.Errorf("status %d, body %v; want %d in Keystone's form", a.status, a.body, tt.status)
			}
			if got := a.header.Get("X-Subject-Token"); got != "" {
				t.Errorf("a token was given out: %s", got)
			}
			if (tt.status == http.StatusUnauthorized) != (a.header.Get("WWW-Authenticate") != "") {
				t.Errorf("status %d with WWW-Authenticate %q", a.status, a.header.Get("WWW-Authenticate"))
			}
			if n := s.Issued(); n != 0 {
				t.Errorf("%d tokens were issued", n)
			}
		})
	}
}

func TestTokenShowsUserProjectRolesAndCatalog(t *testing.T) {
	s := New(Options{Now: newClock().Now, Lifetime: 90 * time.Second})
	a := call(t, s, "POST", "http://cloud.example.com:1234/v3/auth/tokens", scoped)
	shown, ok := a.body["token"].(map[string]any)
	if !ok {
		t.Fatal(a.body)
	}
	for field, want := range map[string]any{
		"methods":    []any{"password"},
		"issued_at":  "2026-01-02T03:04:05.000000Z",
		"expires_at": "2026-01-02T03:05:35.000000Z",
		"is_domain":  false,
		"user":       map[string]any{"id": DemoUserID, "name": "demo", "domain": map[string]any{"id": "default", "name": "Default"}, "password_expires_at": nil},
		"project":    map[string]any{"id": DemoProjectID, "name": "demo", "domain": map[string]any{"id": "default", "name": "Default"}},
	} {
		if diff := cmp.Diff(want, shown[field]); diff != "" {
			t.Errorf("%s: %s", field, diff)
		}
	}
	urls := map[string]string{}
	raw, err := json.Marshal(shown["catalog"])
	if err != nil {
		t.Fatal(err)
	}
	var entries []catalogEntry
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&entries); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		for _, p := range e.Endpoints {
			urls[e.Type+" "+p.Interface+" "+p.Region] = p.URL
		}
	}
	database, keystone := "http://cloud.example.com:1234/v1.0/"+DemoProjectID, "http://cloud.example.com:1234/v3"
	if diff := cmp.Diff(map[string]string{
		"database public RegionOne": database, "database internal RegionOne": database, "database admin RegionOne": database,
		"identity public RegionOne": keystone, "identity internal RegionOne": keystone, "identity admin RegionOne": keystone,
	}, urls); diff != "" {
		t.Error(diff)
	}
}

func TestUnscopedTokenHasNoProjectAndNoCatalog(t *testing.T) {
	s := New(Options{})
	a := call(t, s, "POST", "/v3/auth/tokens", unscoped)
	shown, ok := a.body["token"].(map[string]any)
	if !ok {
		t.Fatal(a.body)
	}
	for _, field := range []string{"project", "catalog", "roles"} {
		if v, has := shown[field]; has {
			t.Errorf("%s is shown: %v", field, v)
		}
	}
	if a := call(t, s, "GET", "/v3/auth/catalog", "", "X-Auth-Token", a.header.Get("X-Subject-Token")); a.status != http.StatusForbidden {
		t.Errorf("the catalog was answered with %d: %v", a.status, a.body)
	}
}

func TestTokensAreRandomAndCounted(t *testing.T) {
	s := New(Options{})
	seen := map[string]bool{}
	for range 50 {
		seen[login(t, s, scoped)] = true
	}
	if len(seen) != 50 || s.Issued() != 50 {
		t.Errorf("%d different tokens, %d counted; want 50", len(seen), s.Issued())
	}
}

func TestTokenExpires(t *testing.T) {
	clock := newClock()
	s := New(Options{Lifetime: time.Minute, Now: clock.Now})
	id := login(t, s, scoped)
	clock.advance(time.Minute - 1)
	if _, ok := s.Check(id); !ok {
		t.Error("the token ended before its time")
	}
	clock.advance(1)
	if _, ok := s.Check(id); ok {
		t.Error("the token outlived its time")
	}
	login(t, s, scoped)
	if n := len(s.tokens); n != 1 {
		t.Errorf("%d tokens are kept, want the living one alone", n)
	}
}

func TestExpireTokensEndsAllAndLetsNewOnesBeGivenOut(t *testing.T) {
	s := New(Options{})
	a, b := login(t, s, scoped), login(t, s, unscoped)
	s.ExpireTokens()
	for _, id := range []string{a, b} {
		if _, ok := s.Check(id); ok {
			t.Error("a token is still good")
		}
	}
	if _, ok := s.Check(login(t, s, scoped)); !ok {
		t.Error("a new token is not good")
	}
}

func TestExchangedTokenKeepsTheEndOfItsParent(t *testing.T) {
	clock := newClock()
	s := New(Options{Lifetime: time.Minute, Now: clock.Now})
	parent := login(t, s, unscoped)
	clock.advance(40 * time.Second)
	child := login(t, s, `{"auth":{"identity":{"methods":["token"],"token":{"id":"`+parent+`"}},`+toDemo+`}}`)
	if g, ok := s.Check(child); !ok || g.ProjectID != DemoProjectID {
		t.Fatalf("%+v, %v", g, ok)
	}
	a := call(t, s, "GET", "/v3/auth/tokens", "", "X-Auth-Token", child, "X-Subject-Token", child)
	shown, ok := a.body["token"].(map[string]any)
	if !ok {
		t.Fatal(a.body)
	}
	if diff := cmp.Diff([]any{"token", "password"}, shown["methods"]); diff != "" {
		t.Error(diff)
	}
	clock.advance(20 * time.Second)
	if _, ok := s.Check(child); ok {
		t.Error("the exchanged token outlived its parent")
	}
}

func TestCredentialsTokenStaysInItsProject(t *testing.T) {
	s := New(Options{})
	id := login(t, s, `{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":"`+ApplicationCredentialID+`","secret":"`+ApplicationCredentialSecret+`"}}}}`)
	exchange := func(project string) int {
		return call(t, s, "POST", "/v3/auth/tokens", `{"auth":{"identity":{"methods":["token"],"token":{"id":"`+id+`"}},"scope":{"project":{"id":"`+project+`"}}}}`).status
	}
	if got := exchange(OtherProjectID); got != http.StatusUnauthorized {
		t.Errorf("the other project: %d", got)
	}
	if got := exchange(DemoProjectID); got != http.StatusCreated {
		t.Errorf("its own project: %d", got)
	}
}

func TestValidateAndRevoke(t *testing.T) {
	s := New(Options{})
	mine, subject := login(t, s, scoped), login(t, s, scoped)
	foreign := login(t, s, `{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"`+OtherUserID+`","password":"other"}}}}}`)
	for name, tt := range map[string]struct {
		caller, subject string
		status          int
	}{
		"one's own":           {mine, subject, 200},
		"another user's":      {foreign, subject, 403},
		"an unknown one":      {mine, "x", 404},
		"none":                {mine, "", 400},
		"with a bad token":    {"x", subject, 401},
		"without a token":     {"", subject, 401},
		"the token by itself": {subject, subject, 200},
	} {
		t.Run(name, func(t *testing.T) {
			a := call(t, s, "GET", "/v3/auth/tokens", "", "X-Auth-Token", tt.caller, "X-Subject-Token", tt.subject)
			if a.status != tt.status {
				t.Errorf("status %d, want %d: %v", a.status, tt.status, a.body)
			}
		})
	}
	if a := call(t, s, "DELETE", "/v3/auth/tokens", "", "X-Auth-Token", foreign, "X-Subject-Token", subject); a.status != http.StatusForbidden {
		t.Errorf("another user may revoke: %d", a.status)
	}
	if a := call(t, s, "DELETE", "/v3/auth/tokens", "", "X-Auth-Token", mine, "X-Subject-Token", subject); a.status != http.StatusNoContent {
		t.Errorf("revoking: %d %v", a.status, a.body)
	}
	if _, ok := s.Check(subject); ok {
		t.Error("the revoked token is still good")
	}
	if _, ok := s.Check(mine); !ok {
		t.Error("the revoking token has gone too")
	}
}

func TestVersionsLeadToVersion3(t *testing.T) {
	s := New(Options{})
	for target, status := range map[string]int{"http://h:1/": 300, "http://h:1/v3": 200, "http://h:1/v3/": 200} {
		a := call(t, s, "GET", target, "")
		raw, err := json.Marshal(a.body)
		if err != nil {
			t.Fatal(err)
		}
		if a.status != status || !bytes.Contains(raw, []byte(`"href":"http://h:1/v3/"`)) {
			t.Errorf("GET %s: %d %s", target, a.status, raw)
		}
	}
}

func TestUnknownPathIsNotFoundInKeystonesForm(t *testing.T) {
	s := New(Options{})
	a := call(t, s, "GET", "/v3/users", "")
	if _, ok := a.body["error"].(map[string]any); a.status != http.StatusNotFound || !ok {
		t.Errorf("%d %v", a.status, a.body)
	}
}

func TestPatternNamesRoutes(t *testing.T) {
	s := New(Options{})
	for request, want := range map[[2]string]string{
		{"POST", "/v3/auth/tokens"}: "POST /v3/auth/tokens",
		{"GET", "/v3/auth/catalog"}: "GET /v3/auth/catalog",
		{"GET", "/v3/users"}:        "",
		{"PUT", "/v3/auth/tokens"}:  "",
	} {
		if got := s.Pattern(httptest.NewRequestWithContext(t.Context(), request[0], request[1], nil)); got != want {
			t.Errorf("%v: %q, want %q", request, got, want)
		}
	}
}
