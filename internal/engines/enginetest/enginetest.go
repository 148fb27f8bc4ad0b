// Package enginetest holds what the tests of all engines share.
package enginetest

import (
	"context"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// Required is an environment variable. If it is "required", tests fail if the programs are missing; otherwise they are skipped.
const Required = "TROVE_ENGINES"

// World is the wanted state of the servers of one engine.
type World struct {
	engine.Engine
	T         *testing.T
	datastore string
	servers   []engine.Server
}

// New makes a World of an engine for a datastore. The test is skipped if the programs are not installed.
func New(t *testing.T, datastore string, open func(context.Context, *process.Host, *process.Addresses) engine.Engine) *World {
	t.Helper()
	dir, err := os.MkdirTemp("", "e") //nolint:usetesting // short, for the paths of sockets
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // servers run as users of their own, and pass through
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	host, err := process.NewHost(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	e := open(t.Context(), host, &process.Addresses{})
	t.Cleanup(func() {
		for _, err := range []error{e.Close(context.WithoutCancel(t.Context())), host.Close(), os.RemoveAll(dir)} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	if serves, why := e.Serves(datastore); !serves {
		if os.Getenv(Required) == "required" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	return &World{Engine: e, T: t, datastore: datastore}
}

// Want adds a server, or replaces the one of that id.
func (w *World) Want(s engine.Server) {
	s.Name, s.Datastore, s.Starts = s.ID, w.datastore, max(s.Starts, 1)
	for n := range w.servers {
		if w.servers[n].ID == s.ID {
			w.servers[n] = s
			return
		}
	}
	w.servers = append(w.servers, s)
}

// Forget removes a server from the wanted state.
func (w *World) Forget(id string) {
	for n := range w.servers {
		if w.servers[n].ID == id {
			w.servers = append(w.servers[:n:n], w.servers[n+1:]...)
			return
		}
	}
}

// Try realizes the wanted state, and returns the errors by id.
func (w *World) Try() map[string]error {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.T.Context(), 90*time.Second)
	defer cancel()
	return w.Realize(ctx, w.servers)
}

// Make realizes the wanted state, and fails the test on an error.
func (w *World) Make() {
	w.T.Helper()
	for id, err := range w.Try() {
		w.T.Fatalf("%s: %v", id, err)
	}
}

// Up returns what is known of a server, which must answer.
func (w *World) Up(id string) engine.Observation {
	w.T.Helper()
	o, runs := w.Observe(id)
	if !runs || !o.Up {
		w.T.Fatalf("%s: %+v, runs: %t", id, o, runs)
	}
	return o
}

// Kill kills a server, and waits until the engine notices.
func (w *World) Kill(id string) {
	w.T.Helper()
	if err := syscall.Kill(w.Up(id).PID, syscall.SIGKILL); err != nil {
		w.T.Fatal(err)
	}
	for w.T.Context().Err() == nil {
		if o, _ := w.Observe(id); !o.Up {
			return
		}
		time.Sleep(5 * time.Millisecond) //nolint:forbidigo // of tests
	}
}

// Eventually asks until an answer is the wanted one, and fails the test if that does not happen.
func Eventually[T comparable](t *testing.T, what string, want T, ask func() (T, error)) {
	t.Helper()
	var got T
	var err error
	for range 250 {
		if got, err = ask(); err == nil && got == want {
			return
		}
		time.Sleep(20 * time.Millisecond) //nolint:forbidigo // of tests
	}
	t.Errorf("%s: %v, %v; want %v", what, got, err, want)
}
