package state_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// slowest is the longest time that a slowEngine takes.
const slowest = 2 * time.Minute

// slowEngine is an engine that takes a random time by the machine's clock, and fails at random. It runs all but couchbase.
type slowEngine struct {
	t        *rapid.T
	m        *machine
	servers  map[string]engine.Server // as they were realized last
	realized map[string]bool          // all that ever were
	unlike   map[string]bool          // what the last call about them, which failed, has left as it was
	last     map[string]time.Time     // when the last call about each ends: one comes after the other
}

// work is one Ticket of it.
type work struct {
	m    *machine
	due  time.Time
	err  error
	done func()
}

func (w *work) Done() (bool, error) {
	if w.m.now.Before(w.due) {
		return false, nil
	}
	if w.done != nil {
		w.done()
		w.done = nil
	}
	return true, w.err
}

func (e *slowEngine) begin(what string, ids []string, done, failed func()) engine.Ticket {
	w := &work{m: e.m, due: e.m.now.Add(time.Duration(rapid.Int64Range(0, int64(slowest)).Draw(e.t, what+" takes"))), done: done}
	for _, id := range ids {
		if e.last[id].After(w.due) {
			w.due = e.last[id]
		}
	}
	for _, id := range ids {
		e.last[id] = w.due
	}
	if !e.m.quiet && rapid.IntRange(0, 9).Draw(e.t, what+" fails") == 0 {
		w.err, w.done = errors.New("the server did not start"), failed
	}
	return w
}

func (e *slowEngine) Serves(datastore string) bool { return datastore != "couchbase" }

func (e *slowEngine) Realize(wanted []engine.Server, about []string) engine.Ticket {
	ids := map[string]bool{}
	for _, s := range wanted {
		if ids[s.ID] {
			e.t.Fatalf("%s is asked for twice at a time", s.ID)
		}
		ids[s.ID] = true
	}
	for _, id := range about {
		if !ids[id] {
			e.t.Fatalf("%s is waited for, and not asked for", id)
		}
	}
	return e.begin("realize", slices.Collect(maps.Keys(ids)), func() {
		for _, s := range wanted {
			e.servers[s.ID], e.realized[s.ID] = s, true
			delete(e.unlike, s.ID)
		}
	}, func() {
		for _, s := range wanted {
			e.unlike[s.ID] = true
		}
	})
}

func (e *slowEngine) Remove(id string) engine.Ticket {
	w := &work{m: e.m, due: e.m.now, done: func() { delete(e.servers, id) }}
	if e.last[id].After(w.due) {
		w.due = e.last[id]
	}
	return w
}

func (e *slowEngine) Backup(string, string) engine.Ticket { return e.begin("back up", nil, nil, nil) }

func (e *slowEngine) RemoveBackup(string) engine.Ticket {
	return e.begin("remove a backup", nil, nil, nil)
}

func (e *slowEngine) Observe(id string) (engine.Observation, bool) {
	_, runs := e.servers[id]
	return engine.Observation{Up: runs, Address: "127.1.2.3"}, e.realized[id]
}

func slow(t *rapid.T) func(*machine, *state.Options) {
	return func(m *machine, o *state.Options) {
		m.engine = &slowEngine{t: t, m: m, servers: map[string]engine.Server{}, realized: map[string]bool{}, unlike: map[string]bool{}, last: map[string]time.Time{}}
		o.Engine = m.engine
	}
}

// checkEngine holds what the engine was told last against what the API shows.
func (m *machine) checkEngine(t *rapid.T) {
	if m.engine == nil {
		return
	}
	for id, s := range m.engine.servers {
		i, err := m.Instance(m.home[id], id)
		if err != nil || i.Status != "ACTIVE" || m.engine.unlike[id] {
			continue
		}
		view, err := m.View(m.home[id], id)
		if err != nil {
			t.Fatal(err)
		}
		self, _ := view.Find(id)
		want := sources(self.Topology)
		if i.ReplicaOf != "" {
			want = []string{i.ReplicaOf}
		}
		if got := slices.Sorted(slices.Values(s.Sources)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Fatalf("the server of %s was last told to replicate from %v, and the API shows %v (all: %v)", id, got, want, slices.Sorted(maps.Keys(m.engine.servers)))
		}
	}
}

func TestWhateverIsAskedTheInvariantsHoldWithAnEngineThatIsSlowAndFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t, slow(t))
		m.populate(t)
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create, "create again": m.create, "create replica": m.createReplica, "change": m.change,
			"act": m.act, "act again": m.act, "pass": m.pass, "": m.check,
		})
		m.checkRest(t)
	})
}
