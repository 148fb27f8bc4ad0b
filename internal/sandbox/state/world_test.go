package state_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const (
	buildTime  = 10 * time.Second
	actionTime = 4 * time.Second
	backupTime = buildTime * 3 / 5
	demo       = "demo"
)

// world is a State whose clock the test moves.
type world struct {
	*state.State
	t   *testing.T
	now time.Time

	fates       map[string]state.Fate // by the instance's name
	actionFates map[string]error      // by kind
}

func newWorld(t *testing.T, change ...func(*state.Options)) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), fates: map[string]state.Fate{}, actionFates: map[string]error{},
	}
	options := state.Options{
		BuildTime: buildTime, ActionTime: actionTime, Now: func() time.Time { return w.now },
		InstanceFate: func(_, name string) state.Fate { return w.fates[name] },
		ActionFate:   func(kind, _, _, _ string) error { return w.actionFates[kind] },
	}
	for _, c := range change {
		c(&options)
	}
	w.State = state.New(options)
	return w
}

func upstream(o *state.Options) { o.Upstream = true }

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// request asks for an instance of that datastore version with a topology in JSON, "" for none.
func request(t *testing.T, name, version, topologyJSON string) state.CreateRequest {
	t.Helper()
	r := state.CreateRequest{
		Name: name, FlavorID: "2", Volume: &state.Volume{Size: 5}, Datastore: &state.DatastoreRef{Version: version},
		Networks: []state.Network{{ID: "net"}},
	}
	r.Datastore.Type, _, _ = strings.Cut(version, "-")
	if r.Datastore.Type == "tokumx" {
		r.Datastore.Type = "mongodb"
	}
	if topologyJSON != "" {
		decoded, err := topology.Decode([]byte(topologyJSON))
		if err != nil {
			t.Fatal(err)
		}
		r.Topology = decoded
	}
	return r
}

// create asks for an instance and returns its id.
func (w *world) create(name, version, topologyJSON string) string {
	w.t.Helper()
	i, err := w.Create(demo, request(w.t, name, version, topologyJSON))
	if err != nil {
		w.t.Fatalf("create %s: %v", name, err)
	}
	return i.ID
}

// built is create, and the time that it takes.
func (w *world) built(name, version, topologyJSON string) string {
	w.t.Helper()
	id := w.create(name, version, topologyJSON)
	w.pass(buildTime)
	w.wantStatus(id, "ACTIVE")
	return id
}

// refused asks for an instance that cannot be, and checks why.
func (w *world) refused(name, version, topologyJSON string, code int, message string) {
	w.t.Helper()
	_, err := w.Create(demo, request(w.t, name, version, topologyJSON))
	wantError(w.t, err, code, message)
}

// act starts a topology action given as JSON.
func (w *world) act(via, actionJSON string) error {
	w.t.Helper()
	a, err := topology.DecodeAction([]byte(actionJSON))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.Act(demo, via, a)
}

// acted is act, which is accepted, and the time that it takes.
func (w *world) acted(via, actionJSON string) {
	w.t.Helper()
	if err := w.act(via, actionJSON); err != nil {
		w.t.Fatalf("%s through %s: %v", actionJSON, via, err)
	}
	w.pass(actionTime)
}

func (w *world) get(id string) state.Instance {
	w.t.Helper()
	i, err := w.Instance(demo, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

func (w *world) wantStatus(id, want string) {
	w.t.Helper()
	if i := w.get(id); i.Status != want {
		w.t.Fatalf("instance %s has status %s (fault %+v), want %s", i.Name, i.Status, i.Fault, want)
	}
}

// members shows the topology as "name: block", by names and in the order of the members.
func (w *world) members(id string) []string {
	w.t.Helper()
	view, err := w.View(demo, id)
	if err != nil {
		w.t.Fatal(err)
	}
	var list []string
	names := map[string]string{}
	for _, m := range view.Members {
		names[m.ID] = m.Name
	}
	for _, m := range view.Members {
		list = append(list, m.Name+": "+describe(m.Topology, names))
	}
	return list
}

func describe(t topology.Topology, names map[string]string) string {
	name := func(id string) string {
		if n, ok := names[id]; ok {
			return n
		}
		return "!" + id
	}
	switch {
	case t.MySQL != nil:
		var sources []string
		for _, id := range t.MySQL.Sources() {
			sources = append(sources, name(id))
		}
		return fmt.Sprintf("of %s, read-only %t", strings.Join(sources, "+"), !t.MySQL.Writable())
	case t.Redis != nil && t.Redis.SlaveOf != nil:
		return "of " + name(*t.Redis.SlaveOf)
	case t.Redis != nil:
		return "master"
	case t.RedisCluster != nil && t.RedisCluster.SlaveOf != nil:
		return fmt.Sprintf("%s, of %s, %d ms", t.RedisCluster.ClusterName, name(*t.RedisCluster.SlaveOf), *t.RedisCluster.ClusterTimeout)
	case t.RedisCluster != nil:
		return fmt.Sprintf("%s, master, %d ms", t.RedisCluster.ClusterName, *t.RedisCluster.ClusterTimeout)
	case t.MongoDB != nil && t.MongoDB.IsArbiter():
		return fmt.Sprintf("%s, arbiter", t.MongoDB.ReplSet)
	case t.MongoDB != nil:
		return fmt.Sprintf("%s, priority %v", t.MongoDB.ReplSet, *t.MongoDB.Priority)
	case t.Cassandra != nil:
		return fmt.Sprintf("%s, seed %t", t.Cassandra.ClusterName, *t.Cassandra.IsSeed)
	case t.Couchbase != nil:
		return t.Couchbase.ClusterName
	}
	return "bare"
}

// wantMembers checks the topology, asked of each of these members.
func (w *world) wantMembers(want []string, ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		if diff := cmp.Diff(want, w.members(id)); diff != "" {
			w.t.Fatalf("members, asked of %s (-want +got):\n%s", w.get(id).Name, diff)
		}
	}
}

// wantError checks the code of a refusal and a part of its message.
func wantError(t *testing.T, err error, code int, message string) {
	t.Helper()
	var refusal *state.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error is %v, want %d with %q", err, code, message)
	}
	faults := map[int]string{400: "badRequest", 401: "unauthorized", 403: "forbidden", 404: "itemNotFound", 409: "conflict", 413: "overLimit", 422: "unprocessableEntity"}
	if refusal.Code != code || refusal.Fault != faults[code] || !strings.Contains(refusal.Message, message) {
		t.Fatalf("refused with %d %s %q, want %d %s with %q", refusal.Code, refusal.Fault, refusal.Message, code, faults[code], message)
	}
}

// deleted deletes an instance and lets the time pass.
func (w *world) deleted(ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		if err := w.Delete(demo, id, "tester"); err != nil {
			w.t.Fatalf("delete %s: %v", id, err)
		}
	}
	w.pass(actionTime)
}

func (w *world) names() []string {
	instances, _ := w.Instances(demo, "", 0)
	var names []string
	for _, i := range instances {
		names = append(names, i.Name)
	}
	slices.Sort(names)
	return names
}
