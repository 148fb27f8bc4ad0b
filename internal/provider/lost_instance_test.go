package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

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
			w := newWorld(t)
			left := w.create(kind.typeName, kind.config) // by a process whose state is lost
			w.restart()
			w.proxy.Forget()
			again := w.run.Create(kind.typeName, kind.config.json())
			w.fails("the next creation", again, w.run.ID(left), "terraform import", "allow_same_name")
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
		})
	}
}

// The same holds of groups and backups, whose names are not unique either.
func TestAGroupOrABackupThatAKilledRunLeavesIsOfferedForImport(t *testing.T) {
	t.Parallel()
	for typeName, path := range map[string]string{"trove_configuration": "/configurations", "trove_backup": "/backups"} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			config := mysqlGroup
			if typeName == "trove_backup" {
				config = settings{"name": "full", "instance_id": w.run.ID(w.create("trove_instance", lone))}
			}
			left := w.create(typeName, config)
			w.restart()
			w.proxy.Forget()
			again := w.run.Create(typeName, config.json())
			w.fails("the next creation", again, "terraform import ADDRESS "+w.run.ID(left), "allow_same_name")
			if n := w.proxy.Count("POST", path, ""); n != 0 || w.run.Exists(again.Object) {
				t.Errorf("%d creations were sent; in the state: %v", n, w.run.Exists(again.Object))
			}
			imported := w.run.Must(w.run.ImportByID(typeName, w.run.ID(left)))
			if change, diagnostics := w.run.Plan(imported, config.json()); diagnostics.Failed() || !w.run.NoOp(change) {
				t.Errorf("after the import there is a change of %v: %s", w.run.Changed(change), diagnostics.Text())
			}
			w.configure(map[string]string{"allow_same_name": "true"})
			w.succeeds("a second one", w.run.Create(typeName, config.json()))
		})
	}
}

func TestWhatIsNotLeftByAKilledRunIsNoObstacle(t *testing.T) {
	t.Parallel()
	created := func(t *testing.T, w *world, config settings, warning string) {
		t.Helper()
		w.proxy.Forget()
		made := w.run.Create("trove_instance", config.json())
		w.succeeds("create", made)
		if !strings.Contains(made.Text(), warning) || warning == "" && made.Text() != "" {
			t.Errorf("it says %q, want %q", made.Text(), warning)
		}
		if n := w.proxy.Count("POST", "/instances", ""); n != 1 {
			t.Errorf("%d creations were sent", n)
		}
	}
	t.Run("other settings", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.create("trove_instance", lone)
		w.restart()
		created(t, w, lone.with("volume", settings{"size": 3}), "")
	})
	t.Run("the user wants two of one name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.create("trove_instance", lone)
		w.configure(map[string]string{"allow_same_name": "true"})
		created(t, w, lone, "")
		if n := w.proxy.Count("GET", "/instances", ""); n != 0 {
			t.Errorf("%d lists were read, to no use", n)
		}
	})
	t.Run("this run has made it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.create("trove_instance", lone)
		created(t, w, lone, "")
	})
	t.Run("this run has read it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		there := w.create("trove_instance", lone)
		w.restart()
		w.run.Must(w.run.Refresh(there))
		created(t, w, lone, "")
	})
	t.Run("it has failed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		there := w.create("trove_instance", lone)
		w.proxy.BreakBehindOurBack(t, "orders")
		w.restart()
		created(t, w, lone, "openstack database instance delete "+w.run.ID(there))
	})
	t.Run("it is older than a day", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(o *sandbox.Options) {
			o.Now, o.TokenLifetime = func() time.Time { return time.Now().Add(-25 * time.Hour) }, 48*time.Hour
		})
		w.create("trove_instance", lone)
		w.restart()
		created(t, w, lone, "")
	})
	t.Run("the user may not list", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances", Times: acctest.Always, Do: acctest.Status(http.StatusForbidden, "forbidden", "Not you.", "")})
		created(t, w, lone, "")
	})
}

// Where it cannot be told whether something is left, nothing is created.
func TestNothingIsCreatedWhereItCannotBeToldWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances", Times: acctest.Always, Do: passing["internal error"]})
	w.fails("create", w.run.Create("trove_instance", lone.json()), "Look for an instance of that name", "Nothing was created")
	w.expectAlive()
}

// Of many that are created at once, one looks.
func TestTheProjectIsListedOnceForAllCreations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var changes []acctest.Change
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		change, diagnostics := w.run.Plan(acctest.Object{Type: "trove_instance"}, lone.with("name", name).json())
		w.run.NoErrors(diagnostics)
		changes = append(changes, change)
	}
	for _, r := range w.run.ApplyAll(5, changes...) {
		w.succeeds("create", r)
	}
	before := 0
	for _, h := range w.proxy.Requests() {
		if h.Method == http.MethodPost && h.Path == "/instances" {
			break
		}
		if h.Method == http.MethodGet && h.Path == "/instances" {
			before++
		}
	}
	if before != 1 {
		t.Errorf("the project was listed %d times before the first creation", before)
	}
}
