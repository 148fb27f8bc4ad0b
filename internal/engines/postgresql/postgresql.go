// Package postgresql runs PostgreSQL servers, with streaming replication.
package postgresql

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

const (
	datastore  = "postgresql"
	port       = 5432
	systemUser = "postgres" // runs the programs if this process is root
	adminUser  = "os_admin" // the account of the engine itself
	installed  = "/usr/lib/postgresql/*/bin"
	parameters = "parameters.conf"
	dataDir    = "data"
)

// settings are the settings of all servers, for small ones whose data need not survive a crash of this machine. Those of a configuration
// group follow and override them.
const settings = `
unix_socket_directories = ''
ssl = off
fsync = off
shared_buffers = 8MB
max_connections = 60
max_wal_senders = 10
max_replication_slots = 4
max_worker_processes = 2
max_logical_replication_workers = 0
wal_keep_size = 64MB
max_wal_size = 64MB
min_wal_size = 32MB
jit = off
hot_standby = on
wal_receiver_status_interval = 1
wal_retrieve_retry_interval = 100ms
max_standby_streaming_delay = 1s
logging_collector = off
include_if_exists = '` + parameters + `'
`

// Engine runs PostgreSQL servers.
type Engine struct {
	host *process.Host
	*process.Servers[*server]
	bin      string // the directory of the programs; "" if none are run
	version  string
	why      string // why none are run
	password string // of the engine's own account

	mu       sync.Mutex
	template string // the initial data directory of servers, "" before the first
}

// server is one server. It is changed by one call at a time.
type server struct {
	*process.Server
	engine *Engine
	want   engine.Server // as it was last realized
	source string        // the id of its source, "" for none
	pool   *pgxpool.Pool
}

var _ engine.Engine = (*Engine)(nil)

// New makes an Engine.
func New(ctx context.Context, host *process.Host, addresses *process.Addresses) *Engine {
	e := &Engine{host: host, Servers: process.NewServers[*server](ctx, host, addresses), password: rand.Text()}
	bin, err := programs()
	if err != nil {
		e.why = err.Error()
		return e
	}
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output() //nolint:gosec // found above
	if err != nil {
		e.why = err.Error()
		return e
	}
	if fields := strings.Fields(string(out)); len(fields) > 2 {
		e.version = fields[2]
	}
	if e.why = process.Blocked(port); e.why == "" {
		e.bin = bin
	}
	return e
}

// programs returns the directory of the newest installed programs.
func programs() (string, error) {
	dirs, err := filepath.Glob(installed)
	if err != nil {
		return "", err
	}
	slices.SortFunc(dirs, func(a, b string) int { return number(b) - number(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "pg_basebackup")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("postgresql is not installed")
}

// number returns the release that a directory of programs belongs to.
func number(dir string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	if err != nil {
		return 0
	}
	return n
}

// Serves implements engine.Engine.
func (e *Engine) Serves(name string) (serves bool, why string) {
	if name != datastore {
		return false, ""
	}
	return e.bin != "", e.why
}

// Version returns the version of the program.
func (e *Engine) Version() engine.Version {
	return engine.NewVersion("PostgreSQL", e.version, datastore, 1)
}

// Realize implements engine.Engine.
func (e *Engine) Realize(ctx context.Context, wanted []engine.Server) map[string]error {
	errs := map[string]error{}
	order := engine.SourcesFirst(wanted)
	note := func(w engine.Server, err error) {
		if err != nil && errs[w.ID] == nil {
			errs[w.ID] = err
		}
	}
	for _, w := range order {
		note(w, e.up(ctx, w))
	}
	for _, w := range order {
		if s, runs := e.Find(w.ID); runs && errs[w.ID] == nil && len(w.Sources) == 0 && s.source != "" {
			note(w, e.lead(ctx, s, wanted))
		}
	}
	for _, w := range order {
		if s, runs := e.Find(w.ID); runs && errs[w.ID] == nil && len(w.Sources) > 0 {
			note(w, e.follow(ctx, s, w.Sources[0]))
		}
	}
	for _, w := range order {
		s, runs := e.Find(w.ID)
		if !runs || errs[w.ID] != nil {
			continue
		}
		if err := s.fill(ctx, w); err != nil {
			note(w, err)
			continue
		}
		s.want = w
		e.Look(ctx, s)
	}
	return errs
}

// up starts a server, and does everything that does not concern other servers. A server that has ended by itself is started again only if a
// start is wanted.
func (e *Engine) up(ctx context.Context, w engine.Server) error {
	s, found := e.Find(w.ID)
	switch {
	case !found:
		return e.create(ctx, w)
	case w.Starts > s.want.Starts:
		s.want.Starts, s.want.Parameters = w.Starts, w.Parameters
		return e.again(ctx, s)
	case !s.Alive():
		return fmt.Errorf("the server of instance %s (%s) has ended", w.Name, w.ID)
	case maps.Equal(s.want.Parameters, w.Parameters):
		return nil
	}
	s.want.Parameters = w.Parameters
	if err := s.configure(); err != nil {
		return err
	}
	_, err := s.pool.Exec(ctx, "SELECT pg_reload_conf()")
	return err
}

// create starts a new server.
func (e *Engine) create(ctx context.Context, w engine.Server) error {
	base, err := e.Place("postgresql-"+w.ID, port, systemUser)
	if err != nil {
		return err
	}
	s := &server{Server: base, engine: e, want: engine.Server{ID: w.ID, Name: w.Name, Starts: w.Starts, Parameters: w.Parameters}}
	switch {
	case len(w.Sources) > 0:
		err = e.copyFrom(ctx, s, w.Sources[0])
	case w.Backup != "":
		err = process.CopyDir(e.BackupDir(w.Backup), s.data(), systemUser)
	default:
		var template string
		if template, err = e.prepared(ctx); err == nil {
			err = process.CopyDir(template, s.data(), systemUser)
		}
	}
	if err == nil {
		s.pool, err = pgxpool.New(ctx, e.dsn(base, "postgres"))
	}
	if err == nil {
		err = e.begin(ctx, s)
	}
	if err != nil {
		return errors.Join(err, e.End(ctx, s))
	}
	e.Add(w.ID, s)
	return nil
}

func (s *server) data() string { return filepath.Join(s.Dir, dataDir) }

// dsn returns the connection string with which the engine connects to a server.
func (e *Engine) dsn(s *process.Server, database string) string {
	return fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=%s sslmode=disable connect_timeout=3 pool_max_conns=4",
		s.At.Addr(), s.At.Port(), adminUser, e.password, quoteValue(database))
}

// quoteValue quotes a value of a connection string.
func quoteValue(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}

// prepared returns the initial data directory of all sources. It is made once.
func (e *Engine) prepared(ctx context.Context) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.template != "" {
		return e.template, nil
	}
	dir, err := e.host.Dir("postgresql-template-"+rand.Text(), systemUser)
	if err != nil {
		return "", err
	}
	data, secret := filepath.Join(dir, dataDir), filepath.Join(dir, "password")
	if err := process.WriteFile(secret, e.password+"\n", systemUser); err != nil {
		return "", err
	}
	err = e.run(ctx, dir, "initdb", "-D", data, "-U", adminUser, "--pwfile="+secret, "--auth-host=scram-sha-256", "--auth-local=reject", "-E", "UTF8", "--locale=C.UTF-8",
		"--no-sync", "--no-instructions", "--wal-segsize=1", "-k")
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0) //nolint:gosec // in a directory of ours
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(settings)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	e.template = data
	return data, nil
}

// run runs one of PostgreSQL's programs until it ends.
func (e *Engine) run(ctx context.Context, dir, name string, args ...string) error {
	return e.host.Run(ctx, process.Command{
		Path: filepath.Join(e.bin, name), Args: args, Dir: dir, User: systemUser, Env: []string{"PGPASSWORD=" + e.password, "LC_ALL=C.UTF-8"}, Log: dir + ".log",
	})
}

// begin starts the program, and waits until it serves.
func (e *Engine) begin(ctx context.Context, s *server) error {
	if err := s.configure(); err != nil {
		return err
	}
	args := []string{"-D", s.data(), "-h", s.At.Addr().String(), "-p", strconv.Itoa(int(s.At.Port())), "-c", "cluster_name=" + s.want.ID}
	p, err := e.host.Start(process.Command{
		Path: filepath.Join(e.bin, "postgres"), Args: args, Dir: s.Dir, User: systemUser, Stop: syscall.SIGINT, Env: []string{"LC_ALL=C.UTF-8"}, Log: s.Dir + ".log",
	})
	if err != nil {
		return err
	}
	s.SetProcess(p)
	return p.Until(ctx, "waiting for PostgreSQL to serve", s.pool.Ping)
}

// again stops a server and starts it with its contents.
func (e *Engine) again(ctx context.Context, s *server) error {
	if err := s.Process().Stop(ctx); err != nil {
		return err
	}
	return e.begin(ctx, s)
}

// configure writes the values of the configuration group, which the server reads when it starts or is told to. For parameters that
// PostgreSQL requires to be at least as high on a standby as on its source, it uses at least the source's value.
func (s *server) configure() error {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.want.Parameters)) {
		value := s.want.Parameters[name]
		if source, runs := s.engine.Find(s.source); runs && name == connections {
			value = strconv.Itoa(max(source.connections(), s.connections()))
		}
		fmt.Fprintf(&text, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''"))
	}
	if source, runs := s.engine.Find(s.source); runs && s.want.Parameters[connections] == "" {
		fmt.Fprintf(&text, "%s = %d\n", connections, source.connections())
	}
	return process.WriteFile(filepath.Join(s.data(), parameters), text.String(), systemUser)
}

// connections is the parameter that must not be lower on a standby than on its source.
const connections = "max_connections"

// connections returns how many connections a server accepts.
func (s *server) connections() int {
	n, err := strconv.Atoi(s.want.Parameters[connections])
	if err != nil {
		return 60
	}
	return n
}

// Base implements process.Member.
func (s *server) Base() *process.Server { return s.Server }

// Disconnect implements process.Member.
func (s *server) Disconnect() error {
	if s.pool != nil {
		s.pool.Close()
	}
	return nil
}

// Look implements process.Member.
func (s *server) Look(ctx context.Context) engine.Observation {
	o := engine.Observation{Program: "postgres", Version: s.engine.version}
	var standby, streams bool
	var replicas int
	err := s.pool.QueryRow(ctx, "SELECT pg_is_in_recovery(), EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'), "+
		"(SELECT count(*) FROM pg_stat_replication), COALESCE(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0)::bigint").
		Scan(&standby, &streams, &replicas, &o.Lag)
	if err != nil {
		return o
	}
	o.Up, o.Link = true, streams
	switch {
	case standby:
		o.Role = engine.Replica
	case replicas > 0:
		o.Role = engine.Source
	}
	return o
}

// Backup implements engine.Engine.
func (e *Engine) Backup(ctx context.Context, id, backup string) error {
	s, found := e.Find(id)
	if !found {
		return fmt.Errorf("no server runs as instance %s", id)
	}
	dir, err := e.NewBackupDir(backup, systemUser)
	if err != nil {
		return err
	}
	return e.baseBackup(ctx, s, dir)
}

// baseBackup copies the data of a server that runs.
func (e *Engine) baseBackup(ctx context.Context, from *server, to string) error {
	return e.run(ctx, filepath.Dir(to), "pg_basebackup", "-h", from.At.Addr().String(), "-p", strconv.Itoa(int(from.At.Port())), "-U", adminUser, "-D", to, "-X", "stream",
		"-c", "fast", "--no-sync", "--no-manifest")
}

// identifier quotes a name.
func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal quotes a text.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
