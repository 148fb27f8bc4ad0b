// Package redis runs Redis servers: masters, replicas and chains of them, and Redis Cluster.
package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

const (
	datastore = "redis"
	port      = 6379
	program   = "redis-server"
)

// Engine runs Redis servers.
type Engine struct {
	host *process.Host
	*process.Servers[*server]
	path    string // path of redis-server; "" if none are run
	version string
	why     string // why none are run

	mu sync.Mutex // for the nodes' ids
}

// server is one server. It is changed by one call at a time.
type server struct {
	*process.Server
	engine *Engine
	want   engine.Server // as it was last realized
	client *redis.Client
	node   string // its id in a Redis Cluster, "" if it is in none; protected by the engine's lock
}

var _ engine.Engine = (*Engine)(nil)

// New makes an Engine.
func New(ctx context.Context, host *process.Host, addresses *process.Addresses) *Engine {
	e := &Engine{host: host, Servers: process.NewServers[*server](ctx, host, addresses)}
	path, err := exec.LookPath(program)
	if err != nil {
		e.why = program + " is not installed"
		return e
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output() //nolint:gosec // found on the PATH
	if err != nil {
		e.why = err.Error()
		return e
	}
	_, rest, _ := strings.Cut(string(out), "v=")
	e.version, _, _ = strings.Cut(rest, " ")
	if e.why = process.Blocked(port); e.why == "" {
		e.path = path
	}
	return e
}

// Serves implements engine.Engine.
func (e *Engine) Serves(name string) (serves bool, why string) {
	if name != datastore {
		return false, ""
	}
	return e.path != "", e.why
}

// Version returns the version of the program.
func (e *Engine) Version() engine.Version { return engine.NewVersion(program, e.version, datastore, 2) }

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
	for _, w := range engine.SourcesFirst(wanted) {
		s := all[w.ID]
		if s == nil || w.Cluster != "" || e.nodeOf(s) != "" {
			continue
		}
		if err := e.replicate(ctx, s, w); err != nil {
			errs[w.ID] = err
		}
	}
	maps.Copy(errs, e.clusters(ctx, wanted, all))
	for _, w := range wanted {
		// A server that has left its cluster restarts as a standalone one when its slots have moved.
		if s := all[w.ID]; s != nil && w.Cluster == "" && e.nodeOf(s) != "" {
			if err := e.again(ctx, s); err != nil {
				errs[w.ID] = err
			}
		}
	}
	for id, s := range all {
		if errs[id] == nil {
			e.Look(ctx, s)
		}
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
		s.want = w
		return s, e.again(ctx, s)
	case !s.Alive():
		return nil, fmt.Errorf("the server of instance %s (%s) has ended", w.Name, w.ID)
	}
	return s, s.set(ctx, w)
}

// create starts a new server.
func (e *Engine) create(ctx context.Context, w engine.Server) (*server, error) {
	base, err := e.Place("redis-"+w.ID, port, "")
	if err != nil {
		return nil, err
	}
	s := &server{Server: base, engine: e, want: w, client: redis.NewClient(&redis.Options{
		Addr: base.At.String(), DisableIdentity: true, MaxRetries: -1, DialTimeout: 2 * time.Second, ReadTimeout: 5 * time.Second,
	})}
	if w.Backup != "" {
		err = e.restore(s, w.Backup)
	}
	if err == nil {
		err = e.begin(ctx, s)
	}
	if err != nil {
		return nil, errors.Join(err, e.End(ctx, s))
	}
	e.Add(w.ID, s)
	return s, nil
}

// begin starts the program, and waits until it serves.
func (e *Engine) begin(ctx context.Context, s *server) error {
	args := []string{
		"--bind", s.At.Addr().String(), "--port", strconv.Itoa(int(s.At.Port())), "--dir", s.Dir, "--daemonize", "no",
		"--protected-mode", "no", // only this machine can reach it
		"--save", "", "--appendonly", "no", "--replica-announce-ip", s.At.Addr().String(), "--repl-diskless-sync-delay", "0",
		"--repl-ping-replica-period", "1",
	}
	if s.want.Cluster != "" {
		args = append(args, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-announce-ip", s.At.Addr().String(),
			"--cluster-node-timeout", strconv.FormatInt(s.want.ClusterTimeout, 10), "--cluster-allow-replica-migration", "no")
	}
	for _, name := range slices.Sorted(maps.Keys(s.want.Parameters)) {
		args = append(args, "--"+name, s.want.Parameters[name])
	}
	p, err := e.host.Start(process.Command{Path: e.path, Args: args, Dir: s.Dir, Log: s.Dir + ".log"})
	if err != nil {
		return err
	}
	s.SetProcess(p)
	return p.Until(ctx, "waiting for Redis to serve", func(ctx context.Context) error { return s.client.Ping(ctx).Err() })
}

// again stops a server and starts it with its contents, in cluster mode only if it should be in a cluster.
func (e *Engine) again(ctx context.Context, s *server) error {
	if s.Alive() {
		if err := s.client.Save(ctx).Err(); err != nil {
			return fmt.Errorf("saving before the restart: %w", err)
		}
	}
	if err := s.Process().Stop(ctx); err != nil {
		return err
	}
	if s.want.Cluster == "" {
		e.setNode(s, "")
	}
	return e.begin(ctx, s)
}

// set sets parameters that take effect without a start, and leaves the others to the next start.
func (s *server) set(ctx context.Context, w engine.Server) error {
	for name, value := range w.Parameters {
		if s.want.Parameters[name] == value {
			continue
		}
		if err := s.client.ConfigSet(ctx, name, value).Err(); err != nil {
			return fmt.Errorf("setting %s to %q: %w", name, value, err)
		}
	}
	for name := range s.want.Parameters {
		if _, still := w.Parameters[name]; still {
			continue
		}
		if value, known := defaults[name]; known {
			if err := s.client.ConfigSet(ctx, name, value).Err(); err != nil {
				return fmt.Errorf("setting %s back to %q: %w", name, value, err)
			}
		}
	}
	s.want = w
	return nil
}

// defaults are Redis's own values of the parameters that the sandbox offers and that take effect without a start.
var defaults = map[string]string{"appendonly": "no", "maxclients": "10000", "maxmemory-policy": "noeviction", "timeout": "0"}

func (e *Engine) nodeOf(s *server) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return s.node
}

func (e *Engine) setNode(s *server, id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s.node = id
}

// Base implements process.Member.
func (s *server) Base() *process.Server { return s.Server }

// Disconnect implements process.Member.
func (s *server) Disconnect() error { return s.client.Close() }

// Look implements process.Member.
func (s *server) Look(ctx context.Context) engine.Observation {
	o := engine.Observation{Program: program, Version: s.engine.version}
	info, err := replication(ctx, s.client)
	if err != nil {
		return o
	}
	o.Up, o.Link, o.Lag = true, info["master_link_status"] == "up", lag(info)
	switch {
	case info["role"] == "slave":
		o.Role = engine.Replica
	case info["connected_slaves"] != "0":
		o.Role = engine.Source
	}
	return o
}
