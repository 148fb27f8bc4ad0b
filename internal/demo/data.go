package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// What the demo signs in to its databases with; examples/demo declares it.
const (
	appUser     = "app"
	appPassword = "demo-password"
	appDatabase = "orders"
)

// dataArrives is how long what was written on a source may take to be seen on a replica.
const dataArrives = 20 * time.Second

// An overview is what the sandbox's page shows.
type overview struct {
	Served []string
	Groups []struct {
		Instances []server
	}
}

// A server is one instance as the page shows it.
type server struct {
	Name, Address, Server, Status, Role, Datastore string
}

// simulated says that no database runs as it.
func (s server) simulated() bool { return s.Server == "simulated" }

// overview reads what the page shows.
func (s *sandbox) overview(ctx context.Context) (*overview, error) {
	body, err := s.call(ctx, "GET", "/sandbox/topologies")
	if err != nil {
		return nil, err
	}
	o := &overview{}
	return o, json.Unmarshal(body, o)
}

// find returns the servers whose names begin so, in the order of their names.
func (o *overview) find(prefix string) (found []server) {
	for _, g := range o.Groups {
		for _, i := range g.Instances {
			if strings.HasPrefix(i.Name, prefix) {
				found = append(found, i)
			}
		}
	}
	slices.SortFunc(found, func(a, b server) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// served says what runs as the instances.
func (d *demo) served(ctx context.Context) error {
	o, err := d.sandbox.overview(ctx)
	if err != nil {
		return err
	}
	if len(o.Served) == 0 {
		o.Served = []string{"all database servers are simulated"}
	}
	for _, line := range o.Served {
		fmt.Println("  " + line)
	}
	fmt.Printf("Its page draws the topologies while they change: %s/sandbox/\n", d.sandbox.url)
	return nil
}

// query runs SQL on an instance as the application does, and returns what it prints.
func query(ctx context.Context, s server, statement string) (string, error) {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return "", err
	}
	return client(ctx, []string{"MYSQL_PWD=" + appPassword}, "mariadb", "--no-defaults", "--protocol=tcp", "--host="+host, "--port="+port, "--user="+appUser,
		"--skip-column-names", "--batch", "--execute="+statement, appDatabase)
}

// redis runs a command on an instance.
func redis(ctx context.Context, s server, args ...string) (string, error) {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return "", err
	}
	return client(ctx, nil, "redis-cli", append([]string{"-c", "-h", host, "-p", port}, args...)...)
}

// postgres runs SQL on an instance as its root, and returns what it prints.
func postgres(ctx context.Context, s server, statement string) (string, error) {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return "", err
	}
	return client(ctx, []string{"PGPASSWORD=" + appPassword}, "psql", "--no-psqlrc", "--host="+host, "--port="+port, "--username=postgres",
		"--dbname=postgres", "--tuples-only", "--no-align", "--quiet", "--command="+statement)
}

// client runs a database's own client.
func client(ctx context.Context, env []string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(cmd.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// reads waits until a server answers with what was written, and says so.
func reads(ctx context.Context, s server, want string, ask func(context.Context, server) (string, error)) error {
	ctx, cancel := context.WithTimeout(ctx, dataArrives)
	defer cancel()
	for {
		got, err := ask(ctx, s)
		if err == nil && got == want {
			fmt.Printf("  %-22s %-18s reads  %s\n", s.Address, s.Name, got)
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s at %s reads %q (%w), expected %q", s.Name, s.Address, got, errors.Join(err, ctx.Err()), want)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// orders asks for all orders, in a line.
func orders(ctx context.Context, s server) (string, error) {
	return query(ctx, s, "SELECT GROUP_CONCAT(what ORDER BY what SEPARATOR ', ') FROM orders")
}

// order writes an order on a server.
func order(ctx context.Context, s server, what string) error {
	if _, err := query(ctx, s, "CREATE TABLE IF NOT EXISTS orders (what VARCHAR(40)); INSERT INTO orders VALUES ('"+what+"')"); err != nil {
		return err
	}
	fmt.Printf("  %-22s %-18s writes %s\n", s.Address, s.Name, what)
	return nil
}

// mysqlServers are the instances of examples/demo, where databases run as them; ok is false where they are simulated, which it says.
func (d *demo) mysqlServers(ctx context.Context) (servers map[string]server, ok bool, err error) {
	o, err := d.sandbox.overview(ctx)
	if err != nil {
		return nil, false, err
	}
	servers = map[string]server{}
	for _, s := range o.find("orders") {
		if s.simulated() {
			fmt.Println("\nThe databases are simulated, so nothing is written: see above for what is missing.")
			return nil, false, nil
		}
		servers[s.Name] = s
	}
	return servers, true, nil
}

// replicates writes on the source and reads on the replicas.
func (d *demo) replicates(ctx context.Context) error {
	servers, ok, err := d.mysqlServers(ctx)
	if err != nil || !ok {
		return err
	}
	fmt.Printf("\nReal databases, at the addresses that the instances show (%s):\n\n", servers["orders"].Server)
	if err := order(ctx, servers["orders"], "tea"); err != nil {
		return err
	}
	for _, name := range []string{"orders-reader-1", promotedName} {
		if err := reads(ctx, servers[name], "tea", orders); err != nil {
			return err
		}
	}
	if _, err := query(ctx, servers[promotedName], "INSERT INTO orders VALUES ('refused')"); err == nil {
		return fmt.Errorf("the replica %s takes a write", promotedName)
	}
	fmt.Printf("  %-22s %-18s refuses to be written to: it is a read-only replica\n", servers[promotedName].Address, promotedName)
	return nil
}

// promoted writes on the promoted server and on the old source, which go separate ways.
func (d *demo) promoted(ctx context.Context) error {
	servers, ok, err := d.mysqlServers(ctx)
	if err != nil || !ok {
		return err
	}
	fmt.Println()
	if err := order(ctx, servers[promotedName], "coffee"); err != nil {
		return err
	}
	if err := order(ctx, servers["orders"], "water"); err != nil {
		return err
	}
	for name, want := range map[string]string{promotedName: "coffee, tea", "orders-reader-1": "tea, water"} {
		if err := reads(ctx, servers[name], want, orders); err != nil {
			return err
		}
	}
	return nil
}

// redisData writes through one node of the Redis Cluster and the master of the chain, and reads through others.
func (d *demo) redisData(ctx context.Context) error {
	o, err := d.sandbox.overview(ctx)
	if err != nil {
		return err
	}
	get := func(ctx context.Context, s server) (string, error) { return redis(ctx, s, "GET", "greeting") }
	for _, prefix := range []string{"sessions", "carts"} {
		nodes := o.find(prefix)
		if len(nodes) == 0 || nodes[0].simulated() {
			fmt.Println("\nRedis is simulated, so nothing is written.")
			return nil
		}
		fmt.Println()
		first := slices.IndexFunc(nodes, func(s server) bool { return s.Role != "replica" })
		if _, err := redis(ctx, nodes[max(first, 0)], "SET", "greeting", "hello"); err != nil {
			return err
		}
		fmt.Printf("  %-22s %-18s writes greeting=hello\n", nodes[max(first, 0)].Address, nodes[max(first, 0)].Name)
		for n, s := range nodes {
			if n != first {
				if err := reads(ctx, s, "hello", get); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// postgresData writes on the PostgreSQL source, and reads on its replica, which takes no write.
func (d *demo) postgresData(ctx context.Context) error {
	o, err := d.sandbox.overview(ctx)
	if err != nil {
		return err
	}
	servers := o.find("ledger")
	if len(servers) != 2 || servers[0].simulated() {
		fmt.Println("\nPostgreSQL is simulated, so nothing is written.")
		return nil
	}
	source, standby := servers[0], servers[1]
	fmt.Println()
	if _, err := postgres(ctx, source, "CREATE TABLE entries (what text); INSERT INTO entries VALUES ('rent')"); err != nil {
		return err
	}
	fmt.Printf("  %-22s %-18s writes rent\n", source.Address, source.Name)
	entries := func(ctx context.Context, s server) (string, error) {
		return postgres(ctx, s, "SELECT string_agg(what, ', ' ORDER BY what) FROM entries")
	}
	if err := reads(ctx, standby, "rent", entries); err != nil {
		return err
	}
	if _, err := postgres(ctx, standby, "INSERT INTO entries VALUES ('refused')"); err == nil {
		return fmt.Errorf("the replica %s takes a write", standby.Name)
	}
	fmt.Printf("  %-22s %-18s refuses to be written to: it is a replica\n", standby.Address, standby.Name)
	return nil
}
