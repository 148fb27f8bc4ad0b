package postgresql_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/opentrove/terraform-provider-trove/internal/engines/enginetest"
	"github.com/opentrove/terraform-provider-trove/internal/engines/postgresql"
	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// world are PostgreSQL servers.
type world struct{ *enginetest.World }

func newWorld(t *testing.T) world {
	t.Helper()
	return world{enginetest.New(t, "postgresql", func(ctx context.Context, h *process.Host, a *process.Addresses) engine.Engine {
		return postgresql.New(ctx, h, a)
	})}
}

// source is a server with a database and a user that may use it.
func source(id string) engine.Server {
	return engine.Server{
		ID: id, Databases: []engine.Database{{Name: "shop"}},
		Users: []engine.User{{Name: "app", Password: "secret", Host: "%", Databases: []string{"shop"}}},
	}
}

func replica(id, source string) engine.Server {
	return engine.Server{ID: id, Sources: []string{source}, ReadOnly: true}
}

func (w world) connect(id, user, password, database string) (*pgx.Conn, error) {
	o := w.Up(id)
	return pgx.Connect(w.T.Context(), fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=%s sslmode=disable", o.Address, o.Port, user, password, database))
}

// ask runs a statement as the application does, which returns a number.
func (w world) ask(id, statement string) (n int, err error) {
	conn, err := w.connect(id, "app", "secret", "shop")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(w.T.Context())) }()
	err = conn.QueryRow(w.T.Context(), statement).Scan(&n)
	return n, err
}

func (w world) write(id string, n int) {
	w.T.Helper()
	conn, err := w.connect(id, "app", "secret", "shop")
	if err != nil {
		w.T.Fatal(err)
	}
	for _, statement := range []string{"CREATE TABLE IF NOT EXISTS t (v int)", fmt.Sprintf("INSERT INTO t VALUES (%d)", n)} {
		if _, err := conn.Exec(w.T.Context(), statement); err != nil {
			w.T.Fatalf("on %s: %s: %v", id, statement, err)
		}
	}
	if err := conn.Close(w.T.Context()); err != nil {
		w.T.Error(err)
	}
}

func (w world) expect(id string, rows int) {
	w.T.Helper()
	enginetest.Eventually(w.T, "rows on "+id, rows, func() (int, error) { return w.ask(id, "SELECT count(*)::int FROM t") })
}

func TestReplicaFollowsItsSourceAndTakesNoWrites(t *testing.T) {
	w := newWorld(t)
	w.Want(source("a"))
	w.Make()
	w.write("a", 1)
	w.Want(replica("b", "a"))
	w.Make()
	w.write("a", 2)
	w.expect("b", 2)
	_, err := w.ask("b", "INSERT INTO t VALUES (3) RETURNING v")
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "25006" {
		t.Errorf("a write on the replica: %v, want it refused in a read-only transaction", err)
	}

	w.write("a", 3) // just before the promotion
	w.Want(engine.Server{ID: "b"})
	w.Make()
	w.expect("b", 3)
	w.write("b", 4)
	w.expect("a", 3)
}

func TestRolesChangeWithoutALostRow(t *testing.T) {
	w := newWorld(t)
	w.Want(source("a"))
	w.Make()
	w.Want(replica("b", "a"))
	w.Want(replica("c", "a"))
	w.Make()
	w.write("a", 1)
	w.write("a", 2) // just before the switchover
	w.Want(source("b"))
	w.Want(replica("a", "b"))
	w.Want(replica("c", "b"))
	w.Make()
	w.write("b", 3)
	for _, id := range []string{"a", "b", "c"} {
		w.expect(id, 3)
	}
	if o := w.Up("a"); o.Role != engine.Replica {
		t.Errorf("the old source is %q", o.Role)
	}

	w.write("b", 4)
	w.expect("a", 4)
	w.expect("c", 4)
	w.Kill("b")
	w.Want(source("a"))
	w.Want(replica("c", "a"))
	w.Forget("b")
	w.Make()
	w.write("a", 5)
	w.expect("c", 5)

	// The dead one starts again, and stands alone.
	dead := source("b")
	dead.Starts = 2
	w.Want(dead)
	w.Make()
	w.expect("b", 4)
}

func TestContentsAndParametersReachTheServer(t *testing.T) {
	w := newWorld(t)
	s := source("a")
	w.Want(s)
	w.Make()
	w.write("a", 1)
	s = source("a")
	s.Databases = append(s.Databases, engine.Database{Name: "more", CharacterSet: "UTF8"})
	s.Users[0].Databases = []string{"shop", "more"}
	s.RootPassword = "top"
	s.Parameters = map[string]string{"statement_timeout": "12345", "max_connections": "77"}
	w.Want(s)
	w.Make()
	if _, err := w.connect("a", "app", "secret", "more"); err != nil {
		t.Errorf("what was granted: %v", err)
	}
	setting := func(name string) (value string) {
		t.Helper()
		conn, err := w.connect("a", "postgres", "top", "postgres")
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT setting FROM pg_settings WHERE name = $1", name).Scan(&value); err != nil {
			t.Fatal(err)
		}
		return value
	}
	enginetest.Eventually(t, "statement_timeout", "12345", func() (string, error) { return setting("statement_timeout"), nil })
	if got := setting("max_connections"); got != "60" {
		t.Errorf("max_connections is %s before the restart", got)
	}
	s.Starts = 2
	w.Want(s)
	w.Make()
	if got := setting("max_connections"); got != "77" {
		t.Errorf("max_connections is %s after the restart", got)
	}
	w.Want(replica("b", "a")) // which may not have fewer
	w.Make()
	w.expect("b", 1)
	s.Users, s.Databases = nil, s.Databases[:1]
	w.Want(s)
	w.Make()
	if _, err := w.connect("a", "app", "secret", "shop"); err == nil {
		t.Error("a user that was dropped comes in")
	}
	if _, err := w.connect("a", "postgres", "top", "more"); err == nil {
		t.Error("a database that was dropped is there")
	}
}

func TestRestoredServerHasWhatWasBackedUp(t *testing.T) {
	w := newWorld(t)
	w.Want(source("a"))
	w.Make()
	w.write("a", 1)
	if err := w.Backup(t.Context(), "a", "backup"); err != nil {
		t.Fatal(err)
	}
	w.write("a", 2)
	b := source("b")
	b.Backup = "backup"
	w.Want(b)
	w.Make()
	w.expect("b", 1)
	w.write("b", 3)
	w.expect("a", 2)
	if err := w.RemoveBackup(t.Context(), "backup"); err != nil {
		t.Error(err)
	}
}
