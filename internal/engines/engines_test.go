package engines_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/opentrove/terraform-provider-trove/internal/engines"
	"github.com/opentrove/terraform-provider-trove/internal/engines/enginetest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const project = identity.DemoProjectID

// cloud is a sandbox with real servers.
type cloud struct {
	*sandbox.Sandbox
	t *testing.T
}

func newCloud(t *testing.T, datastores ...string) cloud {
	t.Helper()
	dir, err := os.MkdirTemp("", "e") //nolint:usetesting // short, for the paths of sockets
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	e, served, err := engines.Open(t.Context(), engine.Choice{Default: engine.Auto}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.New(sandbox.Options{BuildTime: 50 * time.Millisecond, ActionTime: 50 * time.Millisecond, Engine: e, Served: served})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		for _, err := range []error{s.Close(ctx), os.RemoveAll(dir)} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	for _, datastore := range datastores {
		serves, why := e.Serves(datastore)
		switch {
		case serves:
		case os.Getenv(enginetest.Required) == "required":
			t.Fatal(why)
		default:
			t.Skip(why)
		}
	}
	return cloud{s, t}
}

// create asks for an instance, and waits until it is ACTIVE.
func (c cloud) create(r state.CreateRequest) string {
	c.t.Helper()
	r.Networks = []state.Network{{ID: "sandbox"}}
	if r.ReplicaOf == "" {
		r.FlavorID, r.Volume = "1", &state.Volume{Size: 1}
	}
	i, err := c.State().Create(project, r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.until(i.ID, "ACTIVE", "HEALTHY")
	return i.ID
}

// until waits until an instance is in a status.
func (c cloud) until(id, status, operating string) {
	c.t.Helper()
	var last state.Instance
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(2 * time.Millisecond) {
		var err error
		if last, err = c.State().Instance(project, id); err != nil {
			c.t.Fatal(err)
		}
		if last.Status == status && last.OperatingStatus == operating {
			return
		}
		if last.Status == "ERROR" {
			break
		}
	}
	c.t.Fatalf("%s is %s (%s): %+v", last.Name, last.Status, last.OperatingStatus, last.Fault)
}

// address is what Terraform shows of an instance.
func (c cloud) address(id string) string {
	c.t.Helper()
	i, err := c.State().Instance(project, id)
	if err != nil || len(i.Addresses) != 1 || !strings.HasPrefix(i.Addresses[0].Address, "127.") {
		c.t.Fatalf("%+v, %v", i.Addresses, err)
	}
	return i.Addresses[0].Address
}

func TestInstanceIsActiveOnlyWhenClientsCanConnect(t *testing.T) {
	users := []state.User{{Name: "app", Password: "secret", Host: "%", Databases: []string{"shop"}}}
	for datastore, connect := range map[string]func(ctx context.Context, address string) error{
		"redis": func(ctx context.Context, address string) error {
			c := redis.NewClient(&redis.Options{Addr: address + ":6379", MaxRetries: -1})
			defer c.Close() //nolint:errcheck // of a test
			return c.Ping(ctx).Err()
		},
		"mysql": func(ctx context.Context, address string) error {
			db, err := sql.Open("mysql", fmt.Sprintf("app:secret@tcp(%s:3306)/shop", address))
			if err != nil {
				return err
			}
			defer db.Close() //nolint:errcheck // of a test
			return db.PingContext(ctx)
		},
		"postgresql": func(ctx context.Context, address string) error {
			c, err := pgx.Connect(ctx, fmt.Sprintf("host=%s user=os_admin dbname=postgres sslmode=disable", address))
			if err == nil {
				return c.Close(ctx)
			}
			if strings.Contains(err.Error(), "password authentication failed") || strings.Contains(err.Error(), "no password supplied") {
				return nil // it serves, and lets nobody in without a password
			}
			return err
		},
	} {
		t.Run(datastore, func(t *testing.T) {
			c := newCloud(t, datastore)
			r := state.CreateRequest{Name: "one", Datastore: &state.DatastoreRef{Type: datastore}}
			switch datastore {
			case "redis":
				r.Topology = &topology.Topology{Redis: &topology.Redis{}}
			case "mysql":
				r.Databases, r.Users = []state.Database{{Name: "shop"}}, users
			}
			id := c.create(r)
			if err := connect(t.Context(), c.address(id)); err != nil {
				t.Errorf("it is ACTIVE, and %v", err)
			}
		})
	}
}

func TestKilledSourceIsSeenAndItsReplicaTakesOver(t *testing.T) {
	c := newCloud(t, "mysql")
	source := c.create(state.CreateRequest{
		Name: "source", Datastore: &state.DatastoreRef{Type: "mysql"}, Databases: []state.Database{{Name: "shop"}},
		Users: []state.User{{Name: "app", Password: "secret", Host: "%", Databases: []string{"shop"}}},
	})
	replica := c.create(state.CreateRequest{Name: "replica", ReplicaOf: source})
	exec := func(id, statement string) error {
		db, err := sql.Open("mysql", fmt.Sprintf("app:secret@tcp(%s:3306)/shop", c.address(id)))
		if err != nil {
			return err
		}
		defer db.Close() //nolint:errcheck // of a test
		_, err = db.ExecContext(t.Context(), statement)
		return err
	}
	if err := exec(source, "CREATE TABLE t (v INT)"); err != nil {
		t.Fatal(err)
	}
	enginetest.Eventually(t, "the table on the replica", error(nil), func() (error, error) { return exec(replica, "SELECT * FROM t"), nil })
	if err := c.State().EjectReplicaSource(project, source); err == nil {
		t.Error("a source that is alive is ejected")
	}
	o, runs := c.State().Observe(project, source)
	if !runs {
		t.Fatal("nothing runs as the source")
	}
	if err := syscall.Kill(o.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c.until(source, "ACTIVE", "ERROR")
	if err := c.State().EjectReplicaSource(project, source); err != nil {
		t.Fatal(err)
	}
	c.until(replica, "ACTIVE", "HEALTHY")
	if err := exec(replica, "INSERT INTO t VALUES (1)"); err != nil {
		t.Errorf("the replica that took over: %v", err)
	}
}

func TestTwoSandboxesRunBesideEachOther(t *testing.T) {
	a, b := newCloud(t, "redis"), newCloud(t, "redis")
	r := state.CreateRequest{Name: "one", Datastore: &state.DatastoreRef{Type: "redis"}, Topology: &topology.Topology{Redis: &topology.Redis{}}}
	first, second := a.create(r), b.create(r)
	if a.address(first) == b.address(second) {
		t.Errorf("both have %s", a.address(first))
	}
}

func TestChoiceThatCannotBeIsAnError(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	_, _, err := engines.Open(t.Context(), engine.Choice{Default: engine.Auto, ByDatastore: map[string]engine.Mode{"cassandra": engine.Process}}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "cassandra") {
		t.Errorf("it is %v", err)
	}
}
