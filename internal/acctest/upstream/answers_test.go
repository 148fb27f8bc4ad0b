package upstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
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
// is asked again. With held or resumed nothing is asked: see hold and resume.
type call struct {
	method, path, body string
	save               string
	until, while       string
	held, resumed      string
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

// hold keeps a real server from ending what it does to the instance of that name, from its creation on, until resume: what is refused
// meanwhile is refused on the slowest machine. The sandbox takes a second for everything.
func hold(name string) call   { return call{held: name} }
func resume(name string) call { return call{resumed: name} }

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
	for name, c := range conversations() {
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
	want := newSpeaker(t, newReleased(t, s)).converse(c)
	slow := func(o *sandbox.Options) { o.BuildTime, o.ActionTime = time.Second, time.Second }
	got := newSpeaker(t, newSandboxed(t, slow)).converse(c)
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
	to   behind
	db   *gophercloud.ServiceClient
	ids  map[string]string // by name
	name map[string]string // by id
}

func newSpeaker(t *testing.T, a *cloud) *speaker {
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
	return &speaker{t: t, to: a.behind, db: db, ids: map[string]string{}, name: map[string]string{}}
}

// answer is what a server said.
type answer struct {
	Status int
	Body   any // what JSON it is, or text
}

// patience is how long a server may take to come to where a conversation waits for it. It is for what never comes.
const patience = 10 * time.Minute

// converse says it all and returns the answers.
func (s *speaker) converse(c conversation) []answer {
	s.t.Helper()
	answers := make([]answer, len(c))
	for n, call := range c {
		switch {
		case call.held != "":
			s.to.hold(s.t, call.held)
		case call.resumed != "":
			s.to.resume(s.t, call.resumed)
		default:
			answers[n] = s.say(call)
		}
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
	{regexp.MustCompile(`(\\n| )+`), " "}, // how Trove breaks lines in faults
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
		if i, ok := instanceIn(parsed); ok && (i["status"] == "BUILD" || askedTooEarly(i["fault"])) {
			delete(i, "fault") // it is noted when the instance has got so far, and may be taken off when it is built
		}
	}
	return a
}

// askedTooEarly tells whether a fault is that of a call which an instance was not ready for.
func askedTooEarly(fault any) bool {
	f, ok := fault.(map[string]any)
	if !ok {
		return false
	}
	message, ok := f["message"].(string)
	return ok && strings.HasSuffix(message, "is not ready.")
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

// conversations are all conversations, by file: answers_of_..._test.go. They cover the calls that the provider makes. Between a change
// and what waits for its end nothing is asked that depends on how far it has got.
func conversations() map[string]conversation {
	all := map[string]conversation{}
	for _, some := range []map[string]conversation{instanceConversations, contentConversations, backupConversations} {
		maps.Copy(all, some)
	}
	return all
}
