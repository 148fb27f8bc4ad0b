package mariadb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/opentrove/terraform-provider-trove/internal/engines/enginetest"
	"github.com/opentrove/terraform-provider-trove/internal/engines/mariadb"
	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// world are MariaDB servers.
type world struct{ *enginetest.World }

func newWorld(t *testing.T) world {
	t.Helper()
	return world{enginetest.New(t, "mariadb", func(ctx context.Context, h *process.Host, a *process.Addresses) engine.Engine {
		return mariadb.New(ctx, h, a)
	})}
}

var ids = map[string]uint32{"a": 1, "b": 2, "c": 3, "d": 4}

// source is a server with a database and a user that may use it.
func source(id string) engine.Server {
	return engine.Server{
		ID: id, ServerID: ids[id], Databases: []engine.Database{{Name: "shop" + id}},
		Users: []engine.User{{Name: "app", Password: "secret", Host: "%", Databases: []string{"shop" + id}}},
	}
}

func replica(id string, sources ...string) engine.Server {
	return engine.Server{ID: id, ServerID: ids[id], Sources: sources, ReadOnly: true}
}

// to connects as a user does.
func (w world) to(id, user, password string) *sql.DB {
	w.T.Helper()
	o := w.Up(id)
	db, err := sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s:%d)/", user, password, o.Address, o.Port))
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() {
		if err := db.Close(); err != nil {
			w.T.Error(err)
		}
	})
	return db
}

func (w world) app(id string) *sql.DB { return w.to(id, "app", "secret") }

func (w world) write(id, table, value string) {
	w.T.Helper()
	for _, statement := range []string{"CREATE TABLE IF NOT EXISTS " + table + " (v VARCHAR(50))", "INSERT INTO " + table + " VALUES ('" + value + "')"} {
		if _, err := w.app(id).ExecContext(w.T.Context(), statement); err != nil {
			w.T.Fatalf("on %s: %s: %v", id, statement, err)
		}
	}
}

func (w world) expect(id, table string, rows int) {
	w.T.Helper()
	enginetest.Eventually(w.T, "rows of "+table+" on "+id, rows, func() (n int, err error) {
		err = w.app(id).QueryRowContext(w.T.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n)
		return n, err
	})
}

func TestReplicasFollowTheirSourcesAndTakeNoWrites(t *testing.T) {
	w := newWorld(t)
	w.Want(source("a"))
	w.Make()
	w.write("a", "shopa.t", "before")
	w.Want(replica("b", "a"))
	w.Make()
	w.write("a", "shopa.t", "after")
	w.expect("b", "shopa.t", 2)
	_, err := w.app("b").ExecContext(t.Context(), "INSERT INTO shopa.t VALUES ('on the replica')")
	var refused *mysql.MySQLError
	if !errors.As(err, &refused) || refused.Number != 1290 {
		t.Errorf("a write on the replica: %v, want it refused since the server is read-only", err)
	}

	// Promoted, it goes on by itself.
	w.write("a", "shopa.t", "just before the promotion")
	w.Want(engine.Server{ID: "b", ServerID: 2})
	w.Make()
	w.expect("b", "shopa.t", 3)
	w.write("b", "shopa.t", "alone")
	w.expect("a", "shopa.t", 3)
}

func TestReplicaOfTwoSourcesHasBoth(t *testing.T) {
	w := newWorld(t)
	w.Want(source("a"))
	other := source("b")
	other.Users[0].Name = "other"
	w.Want(other)
	w.Make()
	w.write("a", "shopa.t", "1")
	if _, err := w.to("b", "other", "secret").ExecContext(t.Context(), "CREATE TABLE shopb.t (v INT)"); err != nil {
		t.Fatal(err)
	}
	w.Want(replica("c", "a", "b"))
	w.Make()
	w.expect("c", "shopa.t", 1)
	var tables int
	if err := w.to("c", "other", "secret").QueryRowContext(t.Context(), "SELECT COUNT(*) FROM shopb.t").Scan(&tables); err != nil {
		t.Errorf("what the second source has: %v", err)
	}
}

func TestRolesChangeWithoutALostWrite(t *testing.T) {
	w := newWorld(t)
	w.Want(source("a"))
	w.Make()
	w.Want(replica("b", "a"))
	w.Want(replica("c", "a"))
	w.Make()
	w.write("a", "shopa.t", "1")
	w.write("a", "shopa.t", "just before the switchover")

	b := source("b") // switched over to b
	b.Databases, b.Users = source("a").Databases, source("a").Users
	w.Want(b)
	w.Want(replica("a", "b"))
	w.Want(replica("c", "b"))
	w.Make()
	w.write("b", "shopa.t", "3")
	for _, id := range []string{"a", "b", "c"} {
		w.expect(id, "shopa.t", 3)
	}
	if o := w.Up("a"); o.Role != engine.Replica {
		t.Errorf("the old source is %q", o.Role)
	}

	w.Kill("b") // ejected, when it is dead: a takes over
	a := source("a")
	w.Want(a)
	w.Want(replica("c", "a"))
	w.Forget("b")
	w.Make()
	w.write("a", "shopa.t", "4")
	w.expect("c", "shopa.t", 4)
}

func TestContentsAreWhatTheGuestWasTold(t *testing.T) {
	w := newWorld(t)
	w.Want(source("a"))
	w.Make()
	w.write("a", "shopa.t", "1")
	changed := source("a")
	changed.Databases = append(changed.Databases, engine.Database{Name: "more", CharacterSet: "utf8mb4", Collate: "utf8mb4_bin"})
	changed.Users[0].Password = "another"
	changed.Users[0].Databases = []string{"more"}
	changed.RootPassword = "top"
	w.Want(changed)
	w.Make()
	app := w.to("a", "app", "another")
	if _, err := app.ExecContext(t.Context(), "CREATE TABLE more.t (v INT)"); err != nil {
		t.Errorf("what was granted: %v", err)
	}
	if _, err := app.ExecContext(t.Context(), "INSERT INTO shopa.t VALUES ('x')"); err == nil {
		t.Error("what was revoked is allowed")
	}
	var collation string
	err := w.to("a", "root", "top").QueryRowContext(t.Context(), "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = 'more'").Scan(&collation)
	if err != nil || collation != "utf8mb4_bin" {
		t.Errorf("as root: %q, %v", collation, err)
	}
	changed.Users, changed.RootPassword, changed.Databases = nil, "", changed.Databases[:1]
	w.Want(changed)
	w.Make()
	for user, password := range map[string]string{"app": "another", "root": "top"} {
		if err := w.to("a", user, password).PingContext(t.Context()); err == nil {
			t.Errorf("%s comes in, and is no more", user)
		}
	}
}

func TestParametersReachTheServer(t *testing.T) {
	w := newWorld(t)
	s := source("a")
	w.Want(s)
	w.Make()
	value := func(name string) (got string) {
		t.Helper()
		if err := w.app("a").QueryRowContext(t.Context(), "SELECT @@GLOBAL."+name).Scan(&got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	before := value("wait_timeout")
	s.Parameters = map[string]string{"wait_timeout": "123"}
	w.Want(s)
	w.Make()
	if got := value("wait_timeout"); got != "123" {
		t.Errorf("wait_timeout is %s", got)
	}
	s.Parameters, s.Starts = map[string]string{"performance_schema": "1"}, 2
	w.Want(s)
	w.Make()
	if got := value("performance_schema"); got != "1" || value("wait_timeout") != before {
		t.Errorf("after the restart performance_schema is %s, and wait_timeout %s", got, value("wait_timeout"))
	}
}

func TestRestoredServerHasWhatWasBackedUp(t *testing.T) {
	w := newWorld(t)
	w.Want(source("a"))
	w.Make()
	w.write("a", "shopa.t", "1")
	if err := w.Backup(t.Context(), "a", "backup"); err != nil {
		t.Fatal(err)
	}
	w.write("a", "shopa.t", "2")
	b := source("a")
	b.ID, b.ServerID, b.Backup = "b", 2, "backup"
	w.Want(b)
	w.Make()
	w.expect("b", "shopa.t", 1)
	w.Want(replica("c", "b")) // a replica of it has the same
	w.Make()
	w.expect("c", "shopa.t", 1)
	if err := w.RemoveBackup(t.Context(), "backup"); err != nil {
		t.Error(err)
	}
}
