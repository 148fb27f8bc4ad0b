package redis_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	client "github.com/redis/go-redis/v9"

	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/engines/redis"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// required is the variable by which a run says that the programs must be there.
const required = "TROVE_ENGINES"

func newEngine(t *testing.T) *redis.Engine {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	host, err := process.NewHost(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	e := redis.New(t.Context(), host, &process.Addresses{})
	t.Cleanup(func() {
		if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	if serves, why := e.Serves("redis"); !serves {
		if os.Getenv(required) == "required" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	return e
}

// world are the servers that are wanted.
type world struct {
	*redis.Engine
	t       *testing.T
	servers []engine.Server
}

// want adds a server, or replaces the one of that id.
func (w *world) want(s engine.Server) {
	s.Name, s.Datastore, s.Starts = s.ID, "redis", max(s.Starts, 1)
	for n := range w.servers {
		if w.servers[n].ID == s.ID {
			w.servers[n] = s
			return
		}
	}
	w.servers = append(w.servers, s)
}

func (w *world) node(id, master string) engine.Server {
	s := engine.Server{ID: id, Cluster: "demo/cart", ClusterTimeout: 2000}
	if master != "" {
		s.Sources = []string{master}
	}
	return s
}

func (w *world) realize() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 90*time.Second)
	defer cancel()
	for id, err := range w.Realize(ctx, w.servers) {
		w.t.Fatalf("%s: %v", id, err)
	}
}

// to connects to a server where its instance's address says.
func (w *world) to(id string) *client.Client {
	w.t.Helper()
	o, runs := w.Observe(id)
	if !runs || !o.Up {
		w.t.Fatalf("%s: %+v, runs: %t", id, o, runs)
	}
	c := client.NewClient(&client.Options{Addr: fmt.Sprintf("%s:%d", o.Address, o.Port), DisableIdentity: true})
	w.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return c
}

// expect reads a key until it has a value.
func (w *world) expect(id, key, want string) {
	w.t.Helper()
	var got string
	var err error
	for range 100 {
		if got, err = w.to(id).Get(w.t.Context(), key).Result(); err == nil && got == want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.t.Errorf("%s has %q for %s, %v; want %q", id, got, key, err, want)
}

func (w *world) write(id, key, value string) {
	w.t.Helper()
	if err := w.to(id).Set(w.t.Context(), key, value, 0).Err(); err != nil {
		w.t.Fatalf("writing on %s: %v", id, err)
	}
}

func TestChainWhoseMiddleIsPromoted(t *testing.T) {
	w := &world{Engine: newEngine(t), t: t}
	w.want(engine.Server{ID: "a"})
	w.want(engine.Server{ID: "b", Sources: []string{"a"}})
	w.want(engine.Server{ID: "c", Sources: []string{"b"}})
	w.realize()
	w.write("a", "first", "1")
	w.expect("c", "first", "1")
	if err := w.to("b").Set(t.Context(), "x", "y", 0).Err(); err == nil {
		t.Error("a replica takes a write")
	}
	w.write("a", "last", "written just before")
	w.want(engine.Server{ID: "b"})
	w.realize()
	w.write("b", "second", "2")
	w.expect("c", "second", "2")
	w.expect("c", "last", "written just before")
	if n, err := w.to("a").Exists(t.Context(), "second").Result(); err != nil || n != 0 {
		t.Errorf("the old master has what was written to the new one: %d, %v", n, err)
	}
}

func TestParametersReachTheServerAndContentsOutliveARestart(t *testing.T) {
	w := &world{Engine: newEngine(t), t: t}
	w.want(engine.Server{ID: "a"})
	w.realize()
	w.write("a", "kept", "yes")
	value := func(name string) string {
		t.Helper()
		got, err := w.to("a").ConfigGet(t.Context(), name).Result()
		if err != nil {
			t.Fatal(err)
		}
		return got[name]
	}
	w.want(engine.Server{ID: "a", Parameters: map[string]string{"timeout": "77"}})
	w.realize()
	if got := value("timeout"); got != "77" {
		t.Errorf("timeout is %s", got)
	}
	w.want(engine.Server{ID: "a", Parameters: map[string]string{"timeout": "77", "databases": "3"}, Starts: 2})
	w.realize()
	if got := value("databases"); got != "3" || value("timeout") != "77" {
		t.Errorf("after the restart databases is %s and timeout %s", got, value("timeout"))
	}
	w.expect("a", "kept", "yes")
	w.want(engine.Server{ID: "a", Starts: 2})
	w.realize()
	if got := value("timeout"); got != "0" {
		t.Errorf("without a group timeout is %s", got)
	}
}

func TestRestoredServerBeginsWithWhatWasBackedUp(t *testing.T) {
	w := &world{Engine: newEngine(t), t: t}
	w.want(engine.Server{ID: "a"})
	w.realize()
	w.write("a", "before", "1")
	if err := w.Backup(t.Context(), "a", "backup"); err != nil {
		t.Fatal(err)
	}
	w.write("a", "after", "1")
	if err := w.Remove(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	w.servers = nil
	w.want(engine.Server{ID: "b", Backup: "backup"})
	w.realize()
	w.expect("b", "before", "1")
	if n, err := w.to("b").Exists(t.Context(), "after").Result(); err != nil || n != 0 {
		t.Errorf("what was written later is there: %d, %v", n, err)
	}
	if err := w.RemoveBackup(t.Context(), "backup"); err != nil {
		t.Error(err)
	}
}

func TestKilledServerIsSeenAndStaysDeadUntilItIsToStart(t *testing.T) {
	w := &world{Engine: newEngine(t), t: t}
	w.want(engine.Server{ID: "a"})
	w.realize()
	o, _ := w.Observe("a")
	p, err := os.FindProcess(o.PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	for o.Up && t.Context().Err() == nil {
		time.Sleep(5 * time.Millisecond)
		o, _ = w.Observe("a")
	}
	if errs := w.Realize(t.Context(), w.servers); errs["a"] == nil {
		t.Error("a server that was killed counts as well")
	}
	w.want(engine.Server{ID: "a", Starts: 2})
	w.realize()
	w.to("a")
}
