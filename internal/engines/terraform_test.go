package engines_test

import (
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/engines/enginetest"
)

//go:embed testdata/topologies.tf
var topologies string

// keys is how many keys the Redis Cluster holds: some in the slots of each master.
const keys = 200

// applied is what Terraform tells of the instances.
type applied struct {
	t         *testing.T
	cloud     cloud
	cli       *acctest.CLI
	vars      []string
	Addresses struct {
		Value struct{ Shop, Chain, Carts, Ledger []string }
	} `json:"addresses"`
	LedgerIDs struct {
		Value []string
	} `json:"ledger_ids"`
}

// apply changes what the variables say, after which nothing is left to plan.
func (a *applied) apply(vars ...string) {
	a.t.Helper()
	a.vars = a.vars[:0]
	for _, v := range vars {
		a.vars = append(a.vars, "-var", v)
	}
	a.cli.MustRun(append([]string{"apply", "-auto-approve"}, a.vars...)...)
	a.cli.MustRun(append([]string{"plan", "-detailed-exitcode"}, a.vars...)...)
	out, err := a.cli.Command(a.t.Context(), "output", "-json").Output()
	if err != nil {
		a.t.Fatal(err)
	}
	if err := json.Unmarshal(out, a); err != nil {
		a.t.Fatalf("%v: %s", err, out)
	}
}

// mysql runs a statement as an application, and returns the first column of its first row.
func (a *applied) mysql(address, app, statement string) (string, error) {
	db, err := sql.Open("mysql", fmt.Sprintf("app%s:app-password@tcp(%s:3306)/shop%s", app, address, app))
	if err != nil {
		return "", err
	}
	defer db.Close() //nolint:errcheck // of a test
	var text string
	if err := db.QueryRowContext(a.t.Context(), statement).Scan(&text); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	return text, nil
}

// psql is mysql for the ledger's root.
func (a *applied) psql(address, statement string) (string, error) {
	c, err := pgx.Connect(a.t.Context(), fmt.Sprintf("host=%s user=postgres password=root-password dbname=postgres sslmode=disable", address))
	if err != nil {
		return "", err
	}
	defer c.Close(a.t.Context()) //nolint:errcheck // of a test
	var text string
	if err := c.QueryRow(a.t.Context(), statement).Scan(&text); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", err
	}
	return text, nil
}

// must is what succeeds.
func (a *applied) must(text string, err error) string {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
	return text
}

// holds waits until a server answers with what it should hold.
func (a *applied) holds(what, want string, ask func() (string, error)) {
	a.t.Helper()
	enginetest.Eventually(a.t, what, want, ask)
}

// node connects to one Redis server.
func (a *applied) node(address string) *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: address + ":6379"})
	a.t.Cleanup(func() { _ = c.Close() }) //nolint:errcheck // its server may have gone
	return c
}

// carts connects to the Redis Cluster through any of its nodes.
func (a *applied) carts() *redis.ClusterClient {
	var addresses []string
	for _, address := range a.Addresses.Value.Carts {
		addresses = append(addresses, address+":6379")
	}
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addresses})
	a.t.Cleanup(func() { _ = c.Close() }) //nolint:errcheck // as above
	return c
}

// readAll reads every key of the Redis Cluster.
func (a *applied) readAll() {
	a.t.Helper()
	c := a.carts()
	for n := range keys {
		key := fmt.Sprint("key", n)
		if got, err := c.Get(a.t.Context(), key).Result(); err != nil || got != fmt.Sprint(n) {
			a.t.Errorf("%s is %q, %v", key, got, err)
		}
	}
}

// What is written through the addresses that Terraform shows is read there, whatever Terraform makes of the topologies.
func TestAccTopologiesKeepTheirData(t *testing.T) {
	a := &applied{t: t, cloud: newCloud(t, "redis", "mysql", "postgresql")}
	a.cli = acctest.NewCLI(t, topologies)
	a.cli.Set(a.cloud.Env()...)
	a.apply()

	shop, chain, ledger := a.Addresses.Value.Shop, a.Addresses.Value.Chain, a.Addresses.Value.Ledger
	for _, app := range []string{"1", "2"} {
		source := shop[0]
		if app == "2" {
			source = shop[1]
		}
		a.must(a.mysql(source, app, "CREATE TABLE orders (what VARCHAR(20))"))
		a.must(a.mysql(source, app, "INSERT INTO orders VALUES ('tea')"))
		a.holds("the replica of two sources", "tea", func() (string, error) { return a.mysql(shop[2], app, "SELECT what FROM orders") })
		if _, err := a.mysql(shop[2], app, "INSERT INTO orders VALUES ('refused')"); err == nil || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("a write of app%s on the read-only replica: %v", app, err)
		}
	}
	if err := a.node(chain[0]).Set(t.Context(), "greeting", "hello", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for _, address := range chain[1:] {
		a.holds("the chain", "hello", func() (string, error) { return a.node(address).Get(t.Context(), "greeting").Result() })
	}
	c := a.carts()
	for n := range keys {
		if err := c.Set(t.Context(), fmt.Sprint("key", n), fmt.Sprint(n), 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	a.must(a.psql(ledger[0], "CREATE TABLE entries (amount int)"))
	a.must(a.psql(ledger[0], "INSERT INTO entries SELECT generate_series(1, 1000)"))
	const sum = "SELECT sum(amount)::text FROM entries"
	for _, address := range ledger {
		a.holds("the ledger", "500500", func() (string, error) { return a.psql(address, sum) })
	}

	t.Log("grow the cluster, promote the middle of the chain, switch the ledger over")
	a.apply("masters=4", "promote=true", "source_of_ledger=1")
	a.readAll()
	if err := a.node(chain[1]).Set(t.Context(), "greeting", "promoted", 0).Err(); err != nil {
		t.Error(err)
	}
	a.holds("what follows the promoted", "promoted", func() (string, error) { return a.node(chain[2]).Get(t.Context(), "greeting").Result() })
	if got, err := a.node(chain[0]).Get(t.Context(), "greeting").Result(); err != nil || got != "hello" {
		t.Errorf("the first of the chain holds %q, %v", got, err)
	}
	a.must(a.psql(ledger[1], "INSERT INTO entries VALUES (1)"))
	for _, address := range ledger {
		a.holds("the ledger after the switchover", "500501", func() (string, error) { return a.psql(address, sum) })
	}

	t.Log("kill the ledger's source, eject it, and shrink the cluster")
	o, runs := a.cloud.State().Observe(project, a.LedgerIDs.Value[1])
	if !runs {
		t.Fatal("nothing runs as the source of the ledger")
	}
	if err := syscall.Kill(o.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	a.cloud.until(a.LedgerIDs.Value[1], "ACTIVE", "ERROR")
	if out := a.cli.MustRun(append([]string{"plan"}, a.vars...)...); !strings.Contains(out, "A database does not answer") {
		t.Errorf("the plan says nothing of the killed database:\n%s", out)
	}
	a.cli.MustRun("apply", "-auto-approve", "-var", "masters=3", "-var", "promote=true", "-var", "source_of_ledger=2",
		"-var", "eject_dead_source="+time.Now().UTC().Format(time.DateOnly))
	if got := a.must(a.psql(ledger[2], sum)); got != "500501" {
		t.Errorf("after the eject the sum is %s: rows are lost", got)
	}
	a.must(a.psql(ledger[2], "INSERT INTO entries VALUES (1)"))
	a.holds("the ledger after the eject", "500502", func() (string, error) { return a.psql(ledger[0], sum) })
	a.readAll()
	a.cli.MustRun("destroy", "-auto-approve")
	left, _ := a.cloud.State().Instances(project, "", 0)
	for _, i := range left {
		t.Errorf("%s is left", i.Name)
	}
}
