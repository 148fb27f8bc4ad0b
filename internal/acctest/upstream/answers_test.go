package upstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// call is one request of a conversation. {name} in path and body stands for the id that an earlier answer gave: save
// names that. until is what the answer must hold, and while what it must not, before the conversation goes on: until then it
// is asked again.
type call struct {
	method, path, body string
	save               string
	until, while       string
}

// conversation is what a client says to a server, in order.
type conversation []call

func get(path string) call         { return call{method: http.MethodGet, path: path} }
func put(path, body string) call   { return call{method: http.MethodPut, path: path, body: body} }
func patch(path, body string) call { return call{method: http.MethodPatch, path: path, body: body} }
func remove(path string) call      { return call{method: http.MethodDelete, path: path} }
func post(path, body string) call  { return call{method: http.MethodPost, path: path, body: body} }
func made(name, path, body string) call {
	return call{method: http.MethodPost, path: path, body: body, save: name}
}
func ready(name string) call { return shows(name, `"operating_status":"HEALTHY"`) }
func gone(name string) call  { return shows(name, `"itemNotFound"`) }
func shows(name, text string) call {
	return call{method: http.MethodGet, path: "/instances/{" + name + "}", until: text}
}
func change(name, body string) call { return post("/instances/{"+name+"}/action", body) }
func newInstance(name, more string) call {
	return made(name, "/instances", fmt.Sprintf(`{"instance":{"name":%q,"flavorRef":"2","volume":{"size":2},"datastore":{"type":"mysql","version":"mysql-5.7"}%s}}`, name, more))
}

// alone waits until an instance replicates from nothing.
func alone(name string) call {
	c := ready(name)
	c.while = `"replica_of"`
	return c
}

// noSnapshots waits until those are deleted that replicas were made from.
func noSnapshots(name string) call {
	return call{method: http.MethodGet, path: "/instances/{" + name + "}/backups", until: `"backups":[]`}
}
func newReplica(name, source, more string) call {
	return made(name, "/instances", fmt.Sprintf(`{"instance":{"name":%q,"replica_of":"{%s}"%s}}`, name, source, more))
}

// TestReleasedTroveAnswersAsTheSandbox holds the same conversations with both servers, and compares what they answer, word
// for word but for ids, times, addresses and ports.
func TestReleasedTroveAnswersAsTheSandbox(t *testing.T) {
	t.Parallel()
	server := realServer(t)
	for name, c := range conversations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// How far a real server has come when the next call arrives is not ours to say: what differs differs twice.
			if first := differences(t, server, c); len(first) > 0 {
				t.Logf("it is said once more, since this differed (-released Trove +sandbox):\n%s", strings.Join(first, "\n"))
				for _, diff := range differences(t, server, c) {
					t.Error("the sandbox answers otherwise (-released Trove +sandbox):\n" + diff)
				}
			}
		})
	}
}

// differences holds a conversation with both servers, and tells where their answers differ.
func differences(t *testing.T, s *server, c conversation) []string {
	t.Helper()
	want := newSpeaker(t, newReleased(t, s).Account).hold(c)
	// The sandbox takes its time, lest something be done before the next call.
	sandboxed := acctest.NewCloud(t, imitated, func(o *sandbox.Options) { o.BuildTime, o.ActionTime = 500*time.Millisecond, 300*time.Millisecond })
	got := newSpeaker(t, sandboxed.Account).hold(c)
	var all []string
	for n, call := range c {
		if diff := cmp.Diff(want[n], got[n]); diff != "" {
			all = append(all, fmt.Sprintf("%d: %s %s %s:\n%s", n, call.method, call.path, call.body, diff))
		}
	}
	return all
}

// speaker speaks to one server.
type speaker struct {
	t    *testing.T
	db   *gophercloud.ServiceClient
	ids  map[string]string // by name
	name map[string]string // by id
}

func newSpeaker(t *testing.T, a *acctest.Account) *speaker {
	t.Helper()
	provider, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: a.IdentityURL, Username: a.Username, Password: a.Password, DomainName: "Default", TenantName: a.Project,
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := openstack.NewDBV1(provider, gophercloud.EndpointOpts{Region: acctest.Region})
	if err != nil {
		t.Fatal(err)
	}
	return &speaker{t: t, db: db, ids: map[string]string{}, name: map[string]string{}}
}

// answer is what a server said.
type answer struct {
	Status int
	Body   any // what JSON it is, or text
}

// patience is how long a server may take to come to where a conversation waits for it.
const patience = 90 * time.Second

// hold says it all and returns the answers.
func (s *speaker) hold(c conversation) []answer {
	s.t.Helper()
	answers := make([]answer, len(c))
	for n, call := range c {
		answers[n] = s.say(call)
	}
	return answers
}

func (s *speaker) say(c call) answer {
	s.t.Helper()
	for start := time.Now(); ; {
		status, raw := s.send(c)
		packed := strings.ReplaceAll(raw, `": `, `":`)
		if strings.Contains(packed, c.until) && (c.while == "" || !strings.Contains(packed, c.while)) {
			return s.normal(c, status, raw)
		}
		if time.Since(start) > patience {
			s.t.Fatalf("%s %s: no %s after %s, but %s", c.method, c.path, c.until, patience, raw)
		}
		select {
		case <-s.t.Context().Done():
			s.t.Fatal(s.t.Context().Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (s *speaker) send(c call) (status int, body string) {
	s.t.Helper()
	fill := func(text string) string {
		for name, id := range s.ids {
			text = strings.ReplaceAll(text, "{"+name+"}", id)
		}
		return text
	}
	if lacking := placeholder.FindString(fill(c.path)); lacking != "" {
		s.t.Fatalf("%s %s: %s was refused", c.method, c.path, lacking)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), c.method, strings.TrimSuffix(s.db.Endpoint, "/")+fill(c.path), bytes.NewBufferString(fill(c.body)))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Auth-Token", s.db.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// passing are the texts that differ from server to server and from run to run.
var passing = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}`), "(time)"},
	{regexp.MustCompile(`(https?://)?127\.0\.0\.1:\d+`), "(server)"},
	{regexp.MustCompile(`\b(10|203)(\.\d+){3}`), "($1)"},
	{regexp.MustCompile(`v1\.0/[0-9a-f]{32}`), "v1.0/(project)"},
	{regexp.MustCompile(`("(?:datastore_version_id|version_id|project_id|datastore)": *)"[^"]*"`), `$1"(id)"`},
	{regexp.MustCompile(`AUTH_\w+`), "AUTH_(account)"},
	{regexp.MustCompile(`went wrong: \([0-9a-f-]{36}\)`), "went wrong: (id)"},
	{regexp.MustCompile(`is too short|does not have enough properties|should be non-empty`), "is empty"}, // by the release of the library that judges
	// How far an instance that builds has got, which the speed of the machine decides.
	{regexp.MustCompile(`is not ready, status: new\.|is not currently available for an action to be performed \(task status was BUILDING\)\.`), "is not ready."},
	{regexp.MustCompile(`(\\n| )+`), " "}, // how Trove breaks lines in faults
}

// normal is an answer with names in place of ids, and without what differs from run to run.
func (s *speaker) normal(c call, status int, raw string) answer {
	s.t.Helper()
	if c.save != "" && status < 300 {
		var created map[string]struct{ ID string }
		if err := json.Unmarshal([]byte(raw), &created); err != nil {
			s.t.Fatalf("%s %s: %v in %s", c.method, c.path, err, raw)
		}
		for _, object := range created {
			s.ids[c.save], s.name[object.ID] = object.ID, c.save
		}
	}
	for id, name := range s.name {
		raw = strings.ReplaceAll(raw, id, "{"+name+"}")
	}
	for _, p := range passing {
		raw = p.pattern.ReplaceAllString(raw, p.name)
	}
	a := answer{Status: status, Body: raw}
	var parsed any
	if json.Unmarshal([]byte(raw), &parsed) == nil {
		a.Body = parsed
		if i, ok := instanceIn(parsed); ok && i["status"] == "BUILD" {
			delete(i, "fault") // of what was asked too early, which is noted when the instance has got so far
		}
	}
	return a
}

// instanceIn is the instance that an answer shows.
func instanceIn(parsed any) (map[string]any, bool) {
	envelope, ok := parsed.(map[string]any)
	if !ok {
		return nil, false
	}
	i, ok := envelope["instance"].(map[string]any)
	return i, ok
}

// conversations cover the calls that the provider makes. Between a change and what waits for its end nothing is asked that
// depends on how far it has got.
var conversations = map[string]conversation{
	"an instance": {
		newInstance("db", `,"nics":[{"net-id":"`+private+`"}],"access":{"is_public":true,"allowed_cidrs":["192.0.2.0/24"]},"databases":[{"name":"app"}],"users":[{"name":"u","password":"p","databases":[{"name":"app"}]}]`),
		remove("/instances/{db}"),
		ready("db"),
		get("/instances/{db}"),
		get("/instances"),
		get("/instances/detail"),
		get("/instances/{db}/backups"),
		get("/instances/{db}/topology"),
		get("/instances/{db}/nonsense"),
		get("/instances/11111111-1111-4111-8111-111111111111"),
		get("/instances/11111111-1111-4111-8111-111111111111/topology"),
		patch("/instances/{db}", `{"instance":{"name":"renamed"}}`),
		get("/instances/{db}"),
		patch("/instances/{db}", `{"instance":{"access":{"is_public":false}}}`),
		patch("/instances/{db}", `{"instance":{"topology":{}}}`),
		put("/instances/{db}", `{"instance":{"access":{"is_public":false}}}`),
		ready("db"),
		put("/instances/{db}", `{"instance":{"access":{"allowed_cidrs":["10.0.0.0/8"]}}}`),
		ready("db"),
		change("db", `{"resize":{"flavorRef":"2"}}`),
		change("db", `{"resize":{"flavorRef":"99"}}`),
		change("db", `{"resize":{"flavorRef":"3"}}`),
		ready("db"),
		change("db", `{"resize":{"volume":{"size":1}}}`),
		change("db", `{"resize":{"volume":{"size":2}}}`),
		change("db", `{"resize":{"volume":{"size":4000}}}`),
		change("db", `{"resize":{"volume":{"size":3}}}`),
		ready("db"),
		change("db", `{"restart":{}}`),
		ready("db"),
		patch("/instances/{db}", `{"instance":{"datastore_version":"mysql-9"}}`),
		patch("/instances/{db}", `{"instance":{"datastore_version":"mysql-8.0"}}`),
		ready("db"),
		change("db", `{"promote_to_replica_source":{}}`),
		change("db", `{"eject_replica_source":{}}`),
		patch("/instances/{db}", `{"instance":{"replica_of":""}}`),
		get("/instances/{db}"),
		remove("/instances/{db}"),
		gone("db"),
		remove("/instances/{db}"),
	},
	"a flavor by its name and a version by its id": {
		call{method: http.MethodGet, path: "/datastores/mysql/versions/mysql-5.7", save: "version"},
		call{method: http.MethodGet, path: "/datastores/mysql/versions/mysql-8.0", save: "newer"},
		post("/instances", `{"instance":{"name":"x","flavorRef":"db.small","volume":{"size":2}}}`),
		made("db", "/instances", `{"instance":{"name":"db","flavorRef":"2","volume":{"size":2},"datastore":{"type":"mysql","version":"{version}"}}}`),
		ready("db"),
		change("db", `{"resize":{"flavorRef":"db.medium"}}`),
		patch("/instances/{db}", `{"instance":{"datastore_version":"{newer}"}}`),
		ready("db"),
		get("/instances/{db}"),
		remove("/instances/{db}"), gone("db"),
	},
	"what a creation is refused for": {
		post("/instances", `{"instance":{"name":"","flavorRef":"2","volume":{"size":2}}}`),
		post("/instances", `{"instance":{"name":"x","flavorRef":"99","volume":{"size":2}}}`),
		post("/instances", `{"instance":{"name":"x","volume":{"size":2}}}`),
		post("/instances", `{"instance":{"name":"x","flavorRef":"2"}}`),
		post("/instances", `{"instance":{"name":"x","flavorRef":"2","volume":{"size":0}}}`),
		post("/instances", `{"instance":{"name":"x","flavorRef":"2","volume":{"size":4000}}}`),
		post("/instances", `{"instance":{"name":"x","flavorRef":"2","volume":{"size":2},"datastore":{"type":"oracle","version":"1"}}}`),
		post("/instances", `{"instance":{"name":"x","flavorRef":"2","volume":{"size":2},"datastore":{"type":"mysql","version":"9"}}}`),
		post("/instances", `{"instance":{"name":"x","flavorRef":"2","volume":{"size":2},"configuration":"11111111-1111-4111-8111-111111111111"}}`),
		post("/instances", `{"instance":{"name":"x","replica_of":"11111111-1111-4111-8111-111111111111"}}`),
		post("/instances", `{"instance":{"name":"x","replica_of":"nonsense"}}`),
		post("/instances", `{"instance":{"name":"x","flavorRef":"2","volume":{"size":2},"access":{"allowed_cidrs":["nonsense"]}}}`),
		post("/instances", `{"instance":`),
	},
	"replicas": {
		newInstance("source", ``),
		ready("source"),
		newReplica("r1", "source", `,"flavorRef":"3"`),
		newReplica("r1", "source", `,"volume":{"size":3}`),
		newReplica("r1", "source", `,"datastore":{"type":"mysql","version":"mysql-5.7"}`),
		newReplica("r1", "source", `,"access":{"is_public":false}`),
		shows("source", `"BACKUP"`),
		newReplica("busy", "source", ``),
		ready("r1"),
		get("/instances/{r1}"),
		get("/instances/{source}"),
		newReplica("chained", "r1", ``),
		remove("/instances/{source}"),
		change("r1", `{"eject_replica_source":{}}`),
		change("source", `{"eject_replica_source":{}}`),
		change("source", `{"promote_to_replica_source":{}}`),
		noSnapshots("source"),
		newReplica("r2", "source", ``),
		ready("r2"),
		change("source", `{"resize":{"volume":{"size":4}}}`),
		ready("source"), ready("r1"), ready("r2"),
		change("r2", `{"resize":{"volume":{"size":5}}}`),
		ready("r2"),
		change("r1", `{"promote_to_replica_source":{}}`),
		ready("r1"), ready("r2"), ready("source"),
		get("/instances/{r1}"), get("/instances/{r2}"), get("/instances/{source}"), get("/instances"),
		change("r1", `{"promote_to_replica_source":{}}`),
		patch("/instances/{r2}", `{"instance":{"replica_of":""}}`),
		alone("r2"),
		get("/instances/{r2}"), get("/instances/{r1}"),
		put("/instances/{source}", `{"instance":{"replica_of":null}}`),
		alone("source"),
		remove("/instances/{r1}"), gone("r1"),
		remove("/instances/{r2}"), gone("r2"),
		remove("/instances/{source}"), gone("source"),
	},
	"configuration groups": {
		made("online", "/configurations", `{"configuration":{"name":"online","values":{"max_connections":100},"datastore":{"type":"mysql","version":"mysql-5.7"}}}`),
		get("/configurations"),
		made("start", "/configurations", `{"configuration":{"name":"start","description":"d","values":{"innodb_open_files":200},"datastore":{"type":"mysql","version":"mysql-5.7"}}}`),
		post("/configurations", `{"configuration":{"name":"x","values":{"max_connections":0},"datastore":{"type":"mysql","version":"mysql-5.7"}}}`),
		post("/configurations", `{"configuration":{"name":"x","values":{"max_connections":1000000},"datastore":{"type":"mysql","version":"mysql-5.7"}}}`),
		post("/configurations", `{"configuration":{"name":"x","values":{"max_connections":"many"},"datastore":{"type":"mysql","version":"mysql-5.7"}}}`),
		post("/configurations", `{"configuration":{"name":"x","values":{"nonsense":1},"datastore":{"type":"mysql","version":"mysql-5.7"}}}`),
		post("/configurations", `{"configuration":{"name":"x","values":{"read_only":true},"datastore":{"type":"mysql","version":"mysql-5.7"}}}`),
		made("empty", "/configurations", `{"configuration":{"name":"empty","values":{},"datastore":{"type":"mysql","version":"mysql-5.7"}}}`),
		post("/configurations", `{"configuration":{"name":"x","values":{"a":1},"datastore":{"type":"mysql","version":"mysql-9"}}}`),
		get("/configurations/{online}"),
		get("/configurations/11111111-1111-4111-8111-111111111111"),
		newInstance("db", `,"configuration":"{online}"`),
		ready("db"),
		get("/instances/{db}"),
		get("/configurations/{online}/instances"),
		remove("/configurations/{online}"),
		put("/instances/{db}", `{"instance":{"configuration":"{start}"}}`),
		put("/instances/{db}", `{"instance":{"configuration":"11111111-1111-4111-8111-111111111111"}}`),
		patch("/configurations/{online}", `{"configuration":{"values":{"max_connections":120}}}`),
		ready("db"),
		get("/configurations/{online}"),
		put("/instances/{db}", `{"instance":{"configuration":null}}`),
		ready("db"),
		put("/instances/{db}", `{"instance":{"configuration":null}}`),
		put("/instances/{db}", `{"instance":{"configuration":"{start}"}}`),
		shows("db", `"RESTART_REQUIRED"`),
		get("/instances/{db}"),
		change("db", `{"resize":{"flavorRef":"3"}}`),
		change("db", `{"restart":{}}`),
		ready("db"),
		put("/configurations/{start}", `{"configuration":{"name":"renamed","values":{"innodb_open_files":300}}}`),
		shows("db", `"RESTART_REQUIRED"`),
		get("/configurations/{start}"),
		put("/instances/{db}", `{"instance":{"configuration":null}}`),
		remove("/instances/{db}"), gone("db"),
		remove("/configurations/{start}"),
		remove("/configurations/{empty}"),
		remove("/configurations/{online}"),
		remove("/configurations/{online}"),
	},
	"databases and users": {
		newInstance("db", ``),
		post("/instances/{db}/databases", `{"databases":[{"name":"early"}]}`),
		ready("db"),
		post("/instances/{db}/databases", `{"databases":[{"name":"app"},{"name":"log","character_set":"utf8","collate":"utf8_bin"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"app"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"mysql"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"x","character_set":"nonsense"}]}`),
		get("/instances/{db}/databases"),
		post("/instances/{db}/users", `{"users":[{"name":"u","password":"p","databases":[{"name":"app"}]},{"name":"v","password":"p","host":"192.0.2.1"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"u","password":"p"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"root","password":"p"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"x","password":"p","host":"nonsense!"}]}`),
		get("/instances/{db}/users"),
		get("/instances/{db}/users/u"),
		get("/instances/{db}/users/nobody"),
		get("/instances/{db}/users/u/databases"),
		put("/instances/{db}/users/u/databases", `{"databases":[{"name":"log"}]}`),
		put("/instances/{db}/users/u/databases", `{"databases":[{"name":"nonsense"}]}`),
		get("/instances/{db}/users/u/databases"),
		remove("/instances/{db}/users/u/databases/log"),
		remove("/instances/{db}/users/u/databases/log"),
		put("/instances/{db}/users/u", `{"user":{"password":"q"}}`),
		put("/instances/{db}/users/nobody", `{"user":{"password":"q"}}`),
		put("/instances/{db}/users", `{"users":[{"name":"u","password":"r"}]}`),
		get("/instances/{db}/users/v%40192%2E0%2E2%2E1"),
		remove("/instances/{db}/users/u"),
		remove("/instances/{db}/users/u"),
		remove("/instances/{db}/databases/app"),
		remove("/instances/{db}/databases/app"),
		get("/instances/{db}/databases"),
		get("/instances/{db}/root"), remove("/instances/{db}/root"), post("/instances/{db}/root", `{"password":"mine"}`),
		get("/instances/{db}/root"), remove("/instances/{db}/root"), get("/instances/{db}/root"),
		remove("/instances/{db}"), gone("db"),
	},
	"users are renamed": {
		newInstance("db", ``),
		ready("db"),
		post("/instances/{db}/databases", `{"databases":[{"name":"app"},{"name":"log"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"u","password":"p","databases":[{"name":"app"},{"name":"log"}]},{"name":"v","password":"p","host":"192.0.2.1"}]}`),
		put("/instances/{db}/users/u", `{"user":{}}`),
		put("/instances/{db}/users/u", `{"user":{"name":""}}`),
		put("/instances/{db}/users/u", `{"user":{"name":"!"}}`),
		put("/instances/{db}/users/u", `{"user":{"host":""}}`),
		put("/instances/{db}/users/u", `{"user":{"host":"10.0.0.0/24"}}`),
		put("/instances/{db}/users/u", `{"user":{"host":"db.example.org"}}`),
		put("/instances/{db}/users/u", `{"user":{"password":""}}`),
		put("/instances/{db}/users/u", `{"user":{"name":"root"}}`),
		put("/instances/{db}/users/u", `{"user":{"name":"averyveryverylongname"}}`),
		put("/instances/{db}/users/u", `{"user":{"name":"a'b"}}`),
		put("/instances/{db}/users/u", `{"user":{"name":"u"}}`),
		put("/instances/{db}/users/u", `{"user":{"host":"%"}}`),
		put("/instances/{db}/users/u", `{"user":{"name":"v","host":"192.0.2.1"}}`),
		put("/instances/{db}/users/v%40192%2E0%2E2%2E1", `{"user":{"name":"u","host":"%"}}`),
		put("/instances/{db}/users/nobody", `{"user":{"name":"somebody"}}`),
		get("/instances/{db}/users"),
		put("/instances/{db}/users/u", `{"user":{"name":"w"}}`),
		get("/instances/{db}/users/u"),
		get("/instances/{db}/users/w"),
		put("/instances/{db}/users/w", `{"user":{"host":"10.0.0.%"}}`),
		get("/instances/{db}/users/w"),
		get("/instances/{db}/users/w%4010%2E0%2E0%2E%25"),
		put("/instances/{db}/users/w%4010%2E0%2E0%2E%25", `{"user":{"name":"a@b.json","host":"%","password":"q","nonsense":1}}`),
		get("/instances/{db}/users/a%40b%2Ejson%40%25"),
		get("/instances/{db}/users"),
		remove("/instances/{db}"), gone("db"),
	},
	"pages of users and databases": {
		newInstance("db", ``),
		ready("db"),
		post("/instances/{db}/users", `{"users":[{"name":"app","password":"p"},{"name":"app1","password":"p"},{"name":"app-2","password":"p","host":"10.0.0.%"},{"name":"a b","password":"p"},{"name":"b","password":"p"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"a b"},{"name":"a-c"},{"name":"a@d"},{"name":"e1"}]}`),
		get("/instances/{db}/users?limit=4"),
		get("/instances/{db}/users?limit=4&marker=app%40%25"),
		get("/instances/{db}/users?limit=4&marker=app%2540%2525"),
		get("/instances/{db}/databases?limit=1"),
		get("/instances/{db}/databases?limit=1&marker=a+b"),
		get("/instances/{db}/databases?limit=1&marker=a%2520b"),
		remove("/instances/{db}"), gone("db"),
	},
	"names, hosts and passwords": {
		newInstance("db", ``),
		ready("db"),
		post("/instances/{db}/databases", `{"databases":[{"name":"x.y"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"a"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"`+strings.Repeat("a", 65)+`"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"cs","character_set":"latin1","collate":"utf8_general_ci"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"cs","collate":"nonsense"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"dup"},{"name":"dup"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"a@b"},{"name":"a b"}]}`),
		get("/instances/{db}/databases"),
		remove("/instances/{db}/databases/mysql"),
		remove("/instances/{db}/databases/a%40b"),
		post("/instances/{db}/users", `{"users":[{"name":"averyveryverylongname","password":"pw"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"a/b","password":"pw"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"u","password":"p,w"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"u","password":"pw","host":"localhost"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"u","password":"pw"},{"name":"u","password":"pw"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"u","password":"pw","databases":[{"name":"nonsense"}]}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"a.json","password":"pw"},{"name":"a@b","password":"pw"},{"name":"a%41","password":"pw"},{"name":"h","password":"pw","host":"192.0.2.%"}]}`),
		get("/instances/{db}/users"),
		get("/instances/{db}/users/a%252Ejson%2540%2525"),
		get("/instances/{db}/users/a%2540b%2540%2525"),
		get("/instances/{db}/users/a%252541%2540%2525"),
		get("/instances/{db}/users/h%2540192%252E0%252E2%252E%2525"),
		get("/instances/{db}/users/a@b"),
		get("/instances/{db}/users/h"),
		get("/instances/{db}/users/root"),
		put("/instances/{db}/users", `{"users":[{"name":"h","password":"new"}]}`),
		put("/instances/{db}/users", `{"users":[{"name":"h","host":"192.0.2.%","password":"n,w"}]}`),
		put("/instances/{db}/users", `{"users":[{"name":"h","host":"192.0.2.%","password":"new"}]}`),
		change("db", `{"restart":{}}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"mysql"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"down"}]}`),
		ready("db"),
		remove("/instances/{db}"), gone("db"),
		get("/instances/{db}/users"),
		post("/instances/{db}/databases", `{"databases":[{"name":"app"}]}`),
	},
	"databases of what has none": {
		made("db", "/instances", `{"instance":{"name":"db","flavorRef":"2","volume":{"size":2},"datastore":{"type":"postgresql","version":"postgresql-16"}}}`),
		ready("db"),
		get("/instances/{db}/databases"),
		post("/instances/{db}/databases", `{"databases":[{"name":"app"}]}`),
		post("/instances/{db}/databases", `{"databases":[{"name":"mysql"}]}`),
		post("/instances/{db}/users", `{"users":[{"name":"u","password":"pw"}]}`),
		remove("/instances/{db}"), gone("db"),
	},
	"backups": {
		newInstance("db", ``),
		post("/backups", `{"backup":{"name":"early","instance":"{db}"}}`),
		ready("db"),
		post("/backups", `{"backup":{"name":"","instance":"{db}"}}`),
		post("/backups", `{"backup":{"name":"--","instance":"{db}"}}`),
		post("/backups", `{"backup":{"instance":"{db}"}}`),
		post("/backups", `{"backup":{"name":"x"}}`),
		post("/backups", `{"backup":{"name":"x","instance":"nonsense"}}`),
		post("/backups", `{"backup":{"name":"x","instance":"{db}","description":""}}`),
		post("/backups", `{"backup":{"name":"x","instance":"{db}","incremental":2}}`),
		post("/backups", `{"backup":{"name":"x","instance":"11111111-1111-4111-8111-111111111111"}}`),
		post("/backups", `{"backup":{"name":"x","instance":"{db}","parent_id":"11111111-1111-4111-8111-111111111111"}}`),
		made("full", "/backups", `{"backup":{"name":"full","instance":"{db}","description":"text"}}`),
		call{method: http.MethodGet, path: "/backups/{full}", until: `"BUILDING"`},
		post("/backups", `{"backup":{"name":"x","instance":"{db}"}}`),
		remove("/backups/{full}"),
		post("/instances", `{"instance":{"name":"r","flavorRef":"2","volume":{"size":2},"datastore":{"type":"mysql","version":"mysql-5.7"},"restorePoint":{"backupRef":"{full}"}}}`),
		call{method: http.MethodGet, path: "/backups/{full}", until: `"COMPLETED"`},
		made("child", "/backups", `{"backup":{"name":"child","instance":"{db}","incremental":1}}`),
		remove("/backups/{full}"),
		call{method: http.MethodGet, path: "/backups/{child}", until: `"COMPLETED"`},
		get("/backups"),
		get("/instances/{db}/backups"),
		get("/backups?instance_id=11111111-1111-4111-8111-111111111111"),
		get("/instances/11111111-1111-4111-8111-111111111111/backups"),
		newInstance("restored", `,"restorePoint":{"backupRef":"{child}"}`),
		post("/instances", `{"instance":{"name":"r","flavorRef":"2","volume":{"size":2},"datastore":{"type":"mariadb","version":"mariadb-10.11"},"restorePoint":{"backupRef":"{full}"}}}`),
		post("/instances", `{"instance":{"name":"r","flavorRef":"2","volume":{"size":2},"restorePoint":{}}}`),
		post("/instances", `{"instance":{"name":"r","flavorRef":"2","volume":{"size":2},"restorePoint":{"backupRef":"nonsense"}}}`),
		newInstance("none", `,"restorePoint":{"backupRef":"11111111-1111-4111-8111-111111111111"}`),
		ready("restored"),
		get("/instances/{restored}"),
		remove("/instances/{db}"), gone("db"),
		remove("/instances/{restored}"), gone("restored"),
		get("/backups/{full}"),
		get("/instances/{db}/backups"),
		remove("/backups/{full}"),
		call{method: http.MethodGet, path: "/backups/{full}", until: `"itemNotFound"`},
		call{method: http.MethodGet, path: "/backups/{child}", until: `"itemNotFound"`},
		remove("/backups/{full}"),
		get("/backups"),
	},
	"backup strategies": {
		newInstance("db", ``),
		get("/backup_strategies"),
		post("/backup_strategies", `{"backup_strategy":{"instance_id":"{db}","swift_container":"cont"}}`),
		post("/backup_strategies", `{"backup_strategy":{"instance_id":"{db}","swift_container":"other"}}`),
		post("/backup_strategies", `{"backup_strategy":{"swift_container":"all"}}`),
		post("/backup_strategies", `{"backup_strategy":{"instance_id":"11111111-1111-4111-8111-111111111111","swift_container":"x"}}`),
		post("/backup_strategies", `{"backup_strategy":{"instance_id":"nonsense","swift_container":"x"}}`),
		post("/backup_strategies", `{"backup_strategy":{}}`),
		post("/backup_strategies", `{"backup_strategy":{"swift_container":"x","more":1}}`),
		get("/backup_strategies?instance_id={db}"),
		remove("/backup_strategies?instance_id=11111111-1111-4111-8111-111111111111"),
		get("/backup_strategies"),
		remove("/backup_strategies?instance_id={db}"),
		remove("/backup_strategies?instance_id={db}"),
		remove("/backup_strategies"),
		get("/backup_strategies"),
		ready("db"), remove("/instances/{db}"), gone("db"),
	},
	"SSL": {
		made("db", "/instances", `{"instance":{"name":"db","flavorRef":"2","volume":{"size":2},"datastore":{"type":"mariadb","version":"mariadb-10.11"}}}`),
		made("lone", "/instances", `{"instance":{"name":"lone","flavorRef":"2","volume":{"size":2},"datastore":{"type":"mysql","version":"mysql-8.0"}}}`),
		ready("db"),
		newReplica("r", "db", ``),
		ready("r"), ready("db"), noSnapshots("db"),
		get("/instances/11111111-1111-4111-8111-111111111111/ssl"),
		get("/instances/{db}/ssl"),
		post("/instances/{db}/ssl", `{"ssl":{"enable":true}}`),
		post("/instances/{db}/ssl", `{"ssl":{"enable":true,"disable":true,"container_ref":"https://keys/orders.p12"}}`),
		post("/instances/{db}/ssl", `{"ssl":{"enable":true,"mode":"strict","container_ref":"https://keys/orders.p12"}}`),
		post("/instances/{db}/ssl", `{"ssl":{"enable":true,"container_ref":"https://keys/missing.p12"}}`),
		post("/instances/{db}/ssl", `{"ssl":{"enable":true,"container_ref":"https://keys/orders.locked.p12"}}`),
		post("/instances/{db}/ssl", `{"ssl":{"rollback":true}}`),
		post("/instances/{r}/ssl", `{"ssl":{"enable":true,"container_ref":"https://keys/orders.p12"}}`),
		post("/instances/{db}/ssl", `{"ssl":{"enable":true,"container_ref":"https://keys/orders.p12"}}`),
		get("/instances/{db}/ssl"), get("/instances/{r}/ssl"),
		ready("db"), ready("r"),
		post("/instances/{db}/ssl", `{"ssl":{"enable":true,"mode":"mtls","container_ref":"https://keys/renewed.locked.p12","password_ref":"https://keys/secret"}}`),
		ready("db"), ready("r"),
		get("/instances/{db}/ssl"), get("/instances/{r}/ssl"),
		post("/instances/{r}/ssl", `{"ssl":{"rollback":true}}`),
		ready("r"),
		get("/instances/{r}/ssl"), get("/instances/{db}/ssl"),
		post("/instances/{r}/ssl", `{"ssl":{"rollback":true}}`),
		post("/instances/{db}/ssl", `{"ssl":{"disable":true}}`),
		ready("db"), ready("r"),
		get("/instances/{db}/ssl"), get("/instances/{r}/ssl"),
		ready("lone"),
		get("/instances/{lone}/ssl"),
		post("/instances/{lone}/ssl", `{"ssl":{"disable":true}}`),
		remove("/instances/{r}"), gone("r"), remove("/instances/{db}"), gone("db"), remove("/instances/{lone}"), gone("lone"),
	},
	"the catalog": {
		get("/flavors"), get("/flavors/1"), get("/flavors/99"), get("/datastores/mysql/versions/anything/volume-types"),
		get("/datastores/mysql/versions/mysql-9"),
		get("/datastores/oracle"),
		get("/datastores/oracle/versions"),
	},
	"over quota and on a datastore without replication": {
		made("db", "/instances", `{"instance":{"name":"db","flavorRef":"2","volume":{"size":2},"datastore":{"type":"couchbase","version":"couchbase-7.2"}}}`),
		ready("db"),
		newReplica("r", "db", ``),
		remove("/instances/{db}"), gone("db"),
	},
}
