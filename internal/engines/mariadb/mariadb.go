// Package mariadb runs MariaDB servers, with replication by global transaction ids. They serve MySQL's datastore as well.
package mariadb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-sql-driver/mysql"

	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

const (
	port       = 3306
	program    = "mariadbd"
	systemUser = "mysql" // runs the programs if this process is root
	// Accounts of the engine itself, in addition to those of users.
	adminUser       = "os_admin"
	replicationUser = "os_replication"
)

// Engine runs MariaDB servers.
type Engine struct {
	host *process.Host
	*process.Servers[*server]
	programs programs
	version  string
	why      string // why none are run
	password string // of the engine's own accounts

	mu       sync.Mutex
	template string // the initial data directory of servers, "" before the first
}

// programs are the paths of the programs.
type programs struct{ server, install, dump, client string }

// server is one server. It is changed by one call at a time.
type server struct {
	*process.Server
	engine *Engine
	want   engine.Server // as it was last realized
	db     *sql.DB
}

var _ engine.Engine = (*Engine)(nil)

// New makes an Engine.
func New(ctx context.Context, host *process.Host, addresses *process.Addresses) *Engine {
	e := &Engine{host: host, Servers: process.NewServers[*server](ctx, host, addresses), password: rand.Text()}
	var found programs
	var err error
	for _, p := range []struct {
		into *string
		name string
	}{{&found.server, program}, {&found.install, "mariadb-install-db"}, {&found.dump, "mariadb-dump"}, {&found.client, "mariadb"}} {
		if *p.into, err = lookPath(p.name); err != nil {
			e.why = p.name + " is not installed"
			return e
		}
	}
	out, err := exec.CommandContext(ctx, found.server, "--version").Output() //nolint:gosec // found on the PATH
	if err != nil {
		e.why = err.Error()
		return e
	}
	_, rest, _ := strings.Cut(string(out), "Ver ")
	e.version, _, _ = strings.Cut(rest, "-")
	if e.why = process.Blocked(port); e.why == "" {
		e.programs = found
	}
	return e
}

// lookPath finds a program, even outside of a user's PATH.
func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	return exec.LookPath(filepath.Join("/usr/sbin", name))
}

// Serves implements engine.Engine.
func (e *Engine) Serves(datastore string) (serves bool, why string) {
	if datastore != "mysql" && datastore != "mariadb" {
		return false, ""
	}
	return e.programs.server != "", e.why
}

// Version returns the version of the program.
func (e *Engine) Version() engine.Version {
	return engine.NewVersion("MariaDB", e.version, "mariadb", 2)
}

// Realize implements engine.Engine.
func (e *Engine) Realize(ctx context.Context, wanted []engine.Server) map[string]error {
	errs := map[string]error{}
	all := map[string]*server{}
	for _, w := range wanted {
		s, err := e.up(ctx, w)
		if err != nil {
			errs[w.ID] = err
			continue
		}
		all[w.ID] = s
	}
	order := engine.SourcesFirst(wanted)
	for _, w := range order {
		if s := all[w.ID]; s != nil && len(w.Sources) == 0 {
			if err := e.lead(ctx, s, wanted, all); err != nil {
				errs[w.ID] = fmt.Errorf("making it a source: %w", err)
			}
		}
	}
	for _, w := range order {
		if s := all[w.ID]; s != nil && errs[w.ID] == nil {
			if err := e.follow(ctx, s, w); err != nil {
				errs[w.ID] = fmt.Errorf("replicating: %w", err)
			}
		}
	}
	for _, w := range order {
		s := all[w.ID]
		if s == nil || errs[w.ID] != nil {
			continue
		}
		if err := s.fill(ctx, w); err != nil {
			errs[w.ID] = err
			continue
		}
		s.want = w
		e.Look(ctx, s)
	}
	return errs
}

// up starts a server, and does everything that does not concern other servers. A server that has ended by itself is started again only if a
// start is wanted.
func (e *Engine) up(ctx context.Context, w engine.Server) (*server, error) {
	s, found := e.Find(w.ID)
	switch {
	case !found:
		return e.create(ctx, w)
	case w.Starts > s.want.Starts:
		if err := s.Process().Stop(ctx); err != nil {
			return nil, err
		}
		s.want.Starts, s.want.Parameters = w.Starts, w.Parameters
		return s, e.begin(ctx, s)
	case !s.Alive():
		return nil, fmt.Errorf("the server of instance %s (%s) has ended", w.Name, w.ID)
	}
	return s, s.set(ctx, w)
}

// create starts a new server.
func (e *Engine) create(ctx context.Context, w engine.Server) (*server, error) {
	template, err := e.prepared(ctx)
	if err != nil {
		return nil, err
	}
	base, err := e.Place("mariadb-"+w.ID, port, systemUser)
	if err != nil {
		return nil, err
	}
	s := &server{Server: base, engine: e, want: engine.Server{ID: w.ID, Name: w.Name, ServerID: w.ServerID, Starts: w.Starts, Parameters: w.Parameters}}
	err = process.CopyDir(template, filepath.Join(base.Dir, "data"), systemUser)
	if err == nil {
		s.db, err = sql.Open("mysql", e.dsn(base))
	}
	if err == nil {
		s.db.SetMaxOpenConns(4)
		err = e.begin(ctx, s)
	}
	if err == nil && w.Backup != "" && len(w.Sources) == 0 {
		err = e.restore(ctx, s, w.Backup)
	}
	if err != nil {
		return nil, errors.Join(err, e.End(ctx, s))
	}
	e.Add(w.ID, s)
	return s, nil
}

// dsn returns the data source name with which the engine connects to a server.
func (e *Engine) dsn(s *process.Server) string {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr = adminUser, e.password, "tcp", s.At.String()
	c.InterpolateParams = true
	c.Logger = quiet{}
	return c.FormatDSN()
}

// quiet keeps the driver from writing to the terminal: errors report failures.
type quiet struct{}

// Print implements mysql.Logger.
func (quiet) Print(v ...any) { slog.Debug("mysql driver", "said", fmt.Sprint(v...)) }

// prepared returns the initial data directory of all servers. It is made once.
func (e *Engine) prepared(ctx context.Context) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.template != "" {
		return e.template, nil
	}
	dir, err := e.host.Dir("mariadb-template-"+rand.Text(), systemUser)
	if err != nil {
		return "", err
	}
	err = e.host.Run(ctx, process.Command{
		Path: e.programs.install, Args: []string{
			"--no-defaults", "--datadir=" + dir, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-log-bin", "--innodb-log-file-size=8M",
		}, Dir: dir, User: systemUser, Log: dir + ".log",
	})
	if err != nil {
		return "", err
	}
	e.template = dir
	return dir, nil
}

// begin starts the program, and waits until it serves.
func (e *Engine) begin(ctx context.Context, s *server) error {
	first := filepath.Join(s.Dir, "first.sql")
	// The account that the installation makes needs no password.
	accounts := fmt.Sprintf("SET SESSION sql_log_bin=0;\nDELETE FROM mysql.global_priv WHERE User IN ('root', 'mysql', '') AND Host <> '%%';\nFLUSH PRIVILEGES;\n"+
		"CREATE OR REPLACE USER %[1]s@'127.%%' IDENTIFIED BY '%[3]s';\nGRANT ALL ON *.* TO %[1]s@'127.%%' WITH GRANT OPTION;\n"+
		"CREATE OR REPLACE USER %[2]s@'127.%%' IDENTIFIED BY '%[3]s';\nGRANT REPLICATION SLAVE ON *.* TO %[2]s@'127.%%';\n", adminUser, replicationUser, e.password)
	if err := process.WriteFile(first, accounts, systemUser); err != nil {
		return err
	}
	id := strconv.FormatUint(uint64(max(s.want.ServerID, 1)), 10)
	args := []string{
		"--no-defaults", "--datadir=" + filepath.Join(s.Dir, "data"), "--bind-address=" + s.At.Addr().String(), "--port=" + strconv.Itoa(int(s.At.Port())),
		"--socket=" + filepath.Join(s.Dir, "s"), "--pid-file=" + filepath.Join(s.Dir, "pid"), "--init-file=" + first, "--skip-name-resolve",
		"--log-bin=binlog", "--log-slave-updates", "--binlog-format=ROW", "--server-id=" + id, "--gtid-domain-id=" + id, "--report-host=" + s.At.Addr().String(),
		"--sync-binlog=0", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--performance-schema=OFF",
		"--key-buffer-size=1M", "--aria-pagecache-buffer-size=1M", "--max-connections=60", "--slave-net-timeout=5", "--skip-slave-start=0", "--read-only=1",
	}
	for _, name := range slices.Sorted(maps.Keys(s.want.Parameters)) {
		if name != "server_id" { // the engine chooses that one
			args = append(args, "--"+strings.ReplaceAll(name, "_", "-")+"="+s.want.Parameters[name])
		}
	}
	p, err := e.host.Start(process.Command{Path: e.programs.server, Args: args, Dir: s.Dir, User: systemUser, Log: s.Dir + ".log"})
	if err != nil {
		return err
	}
	s.SetProcess(p)
	return p.Until(ctx, "waiting for MariaDB to serve", s.db.PingContext)
}

// set sets parameters that take effect without a start.
func (s *server) set(ctx context.Context, w engine.Server) error {
	change := func(name, value string) error {
		if name == "server_id" || s.want.Parameters[name] == value {
			return nil
		}
		text := value
		if _, err := strconv.ParseFloat(value, 64); err != nil && value != "DEFAULT" {
			text = quote(value)
		}
		_, err := s.db.ExecContext(ctx, "SET GLOBAL "+identifier(name)+" = "+text)
		var refused *mysql.MySQLError
		if errors.As(err, &refused) && refused.Number == readOnlyVariable {
			return nil // it takes effect at the next start
		}
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.Parameters)) {
		if err := change(name, w.Parameters[name]); err != nil {
			return fmt.Errorf("setting %s to %q: %w", name, w.Parameters[name], err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.want.Parameters)) {
		if _, still := w.Parameters[name]; still {
			continue
		}
		if err := change(name, "DEFAULT"); err != nil {
			return fmt.Errorf("setting %s back: %w", name, err)
		}
	}
	s.want.Parameters = w.Parameters
	return nil
}

// readOnlyVariable is the number of MariaDB's error about a variable that can be set only at a start.
const readOnlyVariable = 1238

// Base implements process.Member.
func (s *server) Base() *process.Server { return s.Server }

// Disconnect implements process.Member.
func (s *server) Disconnect() error {
	if s.db == nil {
		return nil
	}
	return s.db.Close()
}

// Look implements process.Member.
func (s *server) Look(ctx context.Context) engine.Observation {
	o := engine.Observation{Program: program, Version: s.engine.version}
	links, err := s.links(ctx)
	if err != nil {
		return o
	}
	o.Up = true
	var replicas int
	if err := s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Binlog Dump'").Scan(&replicas); err != nil {
		return o
	}
	switch {
	case len(links) > 0:
		o.Role, o.Link = engine.Replica, true
		for _, l := range links {
			o.Link = o.Link && l.running()
		}
	case replicas > 0:
		o.Role = engine.Source
	}
	return o
}

// quote quotes a text as a literal, and identifier as a name.
func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\x00", `\0`).Replace(text) + "'"
}

func identifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
