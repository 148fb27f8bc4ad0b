package provider_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// killed serves the provider anew as after a kill, which takes the locks that the process held.
func (w *world) killed() {
	w.t.Helper()
	held, err := filepath.Glob(filepath.Join(w.proxy.Journal, "run-*"))
	if err != nil || len(held) == 0 {
		w.t.Fatalf("no process has noted anything: %v", err)
	}
	for _, file := range held {
		if err := os.Remove(file); err != nil {
			w.t.Fatal(err)
		}
	}
	w.restart()
	w.proxy.Forget()
}

// journaled is a world whose provider notes creations.
func journaled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.proxy.Journal = t.TempDir()
	w.restart()
	return w
}

// A run that is killed between the creation and the state leaves an instance behind. The next creation of that name finds it, of whatever
// kind it is, and says how to import it; it does not make a second one.
func TestWhatAKilledRunLeavesIsOfferedForImport(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		typeName string
		config   settings
	}{
		"instance": {"trove_instance", lone}, "mongodb": {"trove_mongodb_member", mongoMember}, "cassandra": {"trove_cassandra_node", cassandraNode},
		"couchbase": {"trove_couchbase_node", couchbaseNode}, "redis": {"trove_redis_node", redisServer}, "redis cluster": {"trove_redis_cluster_node", redisMaster},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := journaled(t)
			left := w.create(kind.typeName, kind.config)
			w.killed()
			again := w.run.Create(kind.typeName, kind.config.json())
			w.fails("the next creation", again, w.run.ID(left), "terraform import", "Nothing was created")
			if w.run.Exists(again.Object) {
				t.Error("something is in the state")
			}
			w.expectAlive(left)
			if n := w.proxy.Count("POST", "/instances", ""); n != 0 {
				t.Errorf("%d creations were sent", n)
			}
			imported := w.run.Must(w.run.ImportByID(kind.typeName, w.run.ID(left)))
			if change, diagnostics := w.run.Plan(imported, kind.config.json()); diagnostics.Failed() || !w.run.NoOp(change) {
				t.Errorf("after the import there is a change of %v: %s", w.run.Changed(change), diagnostics.Text())
			}
			// With that it is known, for every later process: another of that name may be created.
			if notes, err := filepath.Glob(filepath.Join(w.proxy.Journal, "creation-*")); err != nil || len(notes) > 0 {
				t.Errorf("%v are left, %v", notes, err)
			}
		})
	}
}

// Also where the answer to the creation never came.
func TestACreationThatWasKilledBeforeItsAnswerIsFound(t *testing.T) {
	t.Parallel()
	w := journaled(t)
	left := w.create("trove_instance", lone)
	w.loseAnswer()
	w.killed()
	w.fails("the next creation", w.run.Create("trove_instance", lone.json()), w.run.ID(left), "terraform import")
	w.fails("with other settings nothing is in its way", w.run.Create("trove_instance", lone.with("flavor_id", "none").json()), "flavor")
}

// loseAnswer leaves the only note as it was before the answer came.
func (w *world) loseAnswer() {
	w.t.Helper()
	notes, err := filepath.Glob(filepath.Join(w.proxy.Journal, "creation-*"))
	if err != nil || len(notes) != 1 {
		w.t.Fatalf("%v, %v", notes, err)
	}
	if err := os.WriteFile(notes[0], []byte(`{"sent": "`+time.Now().Add(-time.Second).UTC().Format(time.RFC3339Nano)+`"}`), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// A run with create_before_destroy may be killed when the replacement is requested. What is to be replaced has the same name, and the next
// refresh reads it: that does not mean that the replacement was found.
func TestAReplacementOfTheSameNameThatWasKilledIsFound(t *testing.T) {
	t.Parallel()
	w := journaled(t)
	old := w.create("trove_instance", lone)
	w.killed()
	w.run.Must(w.run.Refresh(old))
	left := w.create("trove_instance", lone)
	w.loseAnswer()
	w.killed()
	w.run.Must(w.run.Refresh(old))
	w.restart() // the process that applies is another one than that which plans
	w.fails("the next creation", w.run.Create("trove_instance", lone.json()), "terraform import ADDRESS "+w.run.ID(left))
	w.run.Must(w.run.ImportByID("trove_instance", w.run.ID(left)))
	w.restart()
	w.succeeds("a third one", w.run.Create("trove_instance", lone.json()))
}

// Whatever is there of the name, a creation is sent where no run was killed while it created that.
func TestWhatIsNotLeftByAKilledRunIsNoObstacle(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(w *world, there acctest.Object){
		"the run goes on, and makes another of the name": func(*world, acctest.Object) {},
		"another run goes on": func(w *world, _ acctest.Object) {
			other := w.run
			w.t.Cleanup(func() { runtime.KeepAlive(other) }) // what it has locked ends with it
			w.restart()
		},
		"a later run has read it for its state": func(w *world, there acctest.Object) {
			w.killed()
			w.run.Must(w.run.Refresh(there))
			w.restart()
		},
		"it was deleted since": func(w *world, _ acctest.Object) {
			w.proxy.DeleteBehindOurBack(w.t, "orders")
			w.killed()
		},
		"it is being deleted or has failed": func(w *world, _ acctest.Object) {
			w.proxy.BreakBehindOurBack(w.t, "orders")
			w.killed()
		},
		"the notes are gone": func(w *world, _ acctest.Object) {
			w.killed()
			if err := os.RemoveAll(w.proxy.Journal); err != nil {
				w.t.Fatal(err)
			}
		},
		"the notes cannot be read": func(w *world, _ acctest.Object) {
			notes, err := filepath.Glob(filepath.Join(w.proxy.Journal, "creation-*"))
			if err != nil || len(notes) != 1 {
				w.t.Fatalf("%v, %v", notes, err)
			}
			if err := os.WriteFile(notes[0], []byte("{"), 0o600); err != nil {
				w.t.Fatal(err)
			}
			w.killed()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := journaled(t)
			prepare(w, w.create("trove_instance", lone))
			w.proxy.Forget()
			w.succeeds("create", w.run.Create("trove_instance", lone.json()))
			if n := w.proxy.Count("POST", "/instances", ""); n != 1 {
				t.Errorf("%d creations were sent", n)
			}
		})
	}
}

// A creation that was refused is not noted.
func TestARefusedCreationIsNotNoted(t *testing.T) {
	t.Parallel()
	w := journaled(t)
	w.fails("create", w.run.Create("trove_instance", lone.with("flavor_id", "none").json()))
	w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/instances", Times: acctest.Always, Do: acctest.Status(400, "badRequest", "No.", "")})
	w.fails("create", w.run.Create("trove_instance", lone.json()), "No.")
	if notes, err := filepath.Glob(filepath.Join(w.proxy.Journal, "creation-*")); err != nil || len(notes) > 0 {
		t.Errorf("%v are left, %v", notes, err)
	}
}

// The same holds of groups and backups, whose names are not unique either.
func TestAGroupOrABackupThatAKilledRunLeavesIsOfferedForImport(t *testing.T) {
	t.Parallel()
	for typeName, path := range map[string]string{"trove_configuration": "/configurations", "trove_backup": "/backups"} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			w := journaled(t)
			config := mysqlGroup
			if typeName == "trove_backup" {
				config = settings{"name": "full", "instance_id": w.run.ID(w.create("trove_instance", lone))}
			}
			left := w.create(typeName, config)
			w.killed()
			again := w.run.Create(typeName, config.json())
			w.fails("the next creation", again, "terraform import ADDRESS "+w.run.ID(left))
			if n := w.proxy.Count("POST", path, ""); n != 0 || w.run.Exists(again.Object) {
				t.Errorf("%d creations were sent; in the state: %v", n, w.run.Exists(again.Object))
			}
			imported := w.run.Must(w.run.ImportByID(typeName, w.run.ID(left)))
			if change, diagnostics := w.run.Plan(imported, config.json()); diagnostics.Failed() || !w.run.NoOp(change) {
				t.Errorf("after the import there is a change of %v: %s", w.run.Changed(change), diagnostics.Text())
			}
			w.restart()
			w.succeeds("a second one", w.run.Create(typeName, config.json()))
		})
	}
}
