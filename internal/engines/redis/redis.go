// Package redis runs Redis servers: masters, replicas and chains of them, and Redis Cluster.
package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
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
	host      *process.Host
	addresses *process.Addresses
	path      string // of redis-server; "" where there is none
	version   string
	why       string // none are run
	watching  context.CancelFunc
	watched   sync.WaitGroup

	mu      sync.Mutex
	servers map[string]*server
}

// server is one server that was started. What is not of Observe is touched by one call at a time.
type server struct {
	engine.Server
	at      netip.AddrPort
	dir     string
	client  *redis.Client
	process *process.Process
	node    string // its id in a Redis Cluster, "" where it is in none

	observed engine.Observation // with the engine locked
}

var _ engine.Engine = (*Engine)(nil)

// New makes an Engine.
func New(ctx context.Context, host *process.Host, addresses *process.Addresses) *Engine {
	e := &Engine{host: host, addresses: addresses, servers: map[string]*server{}}
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
	if e.why = process.Blocked(port); e.why != "" {
		return e
	}
	e.path = path
	ctx, e.watching = context.WithCancel(context.WithoutCancel(ctx))
	e.watched.Go(func() { e.watch(ctx) })
	return e
}

// Serves implements engine.Engine.
func (e *Engine) Serves(name string) (serves bool, why string) {
	return name == datastore && e.path != "", e.why
}

// Version is that of the program.
func (e *Engine) Version() string { return program + " " + e.version }

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
	for _, w := range inOrder(wanted) {
		s := all[w.ID]
		if s == nil || w.Cluster != "" || s.node != "" {
			continue
		}
		if err := e.replicate(ctx, s, w); err != nil {
			errs[w.ID] = err
		}
	}
	maps.Copy(errs, e.clusters(ctx, wanted, all))
	for _, w := range wanted {
		// What has left its cluster goes on by itself, when its slots have moved.
		if s := all[w.ID]; s != nil && w.Cluster == "" && s.node != "" {
			if err := e.again(ctx, s); err != nil {
				errs[w.ID] = err
			}
		}
	}
	for id, s := range all {
		if errs[id] == nil {
			e.look(ctx, s)
		}
	}
	return errs
}

// inOrder puts what others replicate from before those.
func inOrder(wanted []engine.Server) []engine.Server {
	var order []engine.Server
	left := slices.Clone(wanted)
	for len(left) > 0 {
		n := slices.IndexFunc(left, func(w engine.Server) bool {
			return !slices.ContainsFunc(left, func(o engine.Server) bool { return slices.Contains(w.Sources, o.ID) })
		})
		n = max(n, 0) // a circle cannot be
		order, left = append(order, left[n]), slices.Delete(left, n, n+1)
	}
	return order
}

// up makes a server run as far as it is not about others. One that has ended by itself is started again only where it is wanted to start.
func (e *Engine) up(ctx context.Context, w engine.Server) (*server, error) {
	e.mu.Lock()
	s := e.servers[w.ID]
	e.mu.Unlock()
	if s == nil {
		return e.create(ctx, w)
	}
	if w.Starts > s.Starts {
		s.Server = w
		return s, e.again(ctx, s)
	}
	if !s.process.Alive() {
		return nil, fmt.Errorf("the server of instance %s (%s) has ended", w.Name, w.ID)
	}
	return s, e.set(ctx, s, w)
}

// create starts a new server.
func (e *Engine) create(ctx context.Context, w engine.Server) (s *server, err error) {
	at, err := e.addresses.Take(port)
	if err != nil {
		return nil, err
	}
	s = &server{Server: w, at: at}
	if s.dir, err = e.host.Dir("redis-"+w.ID, ""); err != nil {
		e.addresses.Give(at)
		return nil, err
	}
	if w.Backup != "" {
		if err := e.restore(s, w.Backup); err != nil {
			return nil, errors.Join(err, e.remove(ctx, s))
		}
	}
	if err := e.begin(ctx, s); err != nil {
		return nil, errors.Join(err, e.remove(ctx, s))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.servers[w.ID] = s
	return s, nil
}

// begin starts the program, and waits until it serves.
func (e *Engine) begin(ctx context.Context, s *server) error {
	args := []string{
		"--bind", s.at.Addr().String(), "--port", strconv.Itoa(int(s.at.Port())), "--dir", s.dir, "--daemonize", "no",
		"--protected-mode", "no", // only this machine reaches it
		"--save", "", "--appendonly", "no", "--replica-announce-ip", s.at.Addr().String(), "--repl-diskless-sync-delay", "0",
		"--repl-ping-replica-period", "1",
	}
	if s.Cluster != "" {
		args = append(args, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-announce-ip", s.at.Addr().String(),
			"--cluster-node-timeout", strconv.FormatInt(s.ClusterTimeout, 10), "--cluster-allow-replica-migration", "no")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		args = append(args, "--"+name, s.Parameters[name])
	}
	p, err := e.host.Start(process.Command{Path: e.path, Args: args, Dir: s.dir, Stop: syscall.SIGTERM, Log: e.host.File("redis-" + s.ID + ".log")})
	if err != nil {
		return err
	}
	e.mu.Lock()
	s.process = p
	e.mu.Unlock()
	if s.client == nil {
		s.client = redis.NewClient(&redis.Options{
			Addr: s.at.String(), DisableIdentity: true, MaxRetries: -1, DialTimeout: 2 * time.Second, ReadTimeout: 5 * time.Second,
		})
	}
	return p.Until(ctx, "waiting for Redis to serve", func(ctx context.Context) error {
		return s.client.Ping(ctx).Err()
	})
}

// again stops a server and starts it with its contents, in a cluster only where it is wanted in one.
func (e *Engine) again(ctx context.Context, s *server) error {
	if s.process.Alive() {
		if err := s.client.Save(ctx).Err(); err != nil {
			return fmt.Errorf("saving before the restart: %w", err)
		}
	}
	if err := s.process.Stop(ctx); err != nil {
		return err
	}
	if s.Cluster == "" {
		e.mu.Lock()
		s.node = ""
		e.mu.Unlock()
	}
	return e.begin(ctx, s)
}

// set puts parameters in force that need no start. What a server takes only at its start is left to that.
func (e *Engine) set(ctx context.Context, s *server, w engine.Server) error {
	for name, value := range w.Parameters {
		if s.Parameters[name] == value {
			continue
		}
		if err := s.client.ConfigSet(ctx, name, value).Err(); err != nil {
			return fmt.Errorf("setting %s to %q: %w", name, value, err)
		}
	}
	for name := range s.Parameters {
		if _, still := w.Parameters[name]; still {
			continue
		}
		if value, known := defaults[name]; known {
			if err := s.client.ConfigSet(ctx, name, value).Err(); err != nil {
				return fmt.Errorf("setting %s back to %q: %w", name, value, err)
			}
		}
	}
	s.Server = w
	return nil
}

// defaults are Redis's own, of the parameters that the sandbox offers and that need no start.
var defaults = map[string]string{"appendonly": "no", "maxclients": "10000", "maxmemory-policy": "noeviction", "timeout": "0"}

// Remove implements engine.Engine.
func (e *Engine) Remove(ctx context.Context, id string) error {
	e.mu.Lock()
	s := e.servers[id]
	delete(e.servers, id)
	e.mu.Unlock()
	if s == nil {
		return nil
	}
	return e.remove(ctx, s)
}

func (e *Engine) remove(ctx context.Context, s *server) error {
	var errs []error
	if s.client != nil {
		errs = append(errs, s.client.Close())
	}
	if s.process != nil {
		errs = append(errs, s.process.Stop(ctx))
	}
	e.addresses.Give(s.at)
	return errors.Join(append(errs, e.host.RemoveDir(s.dir))...)
}

// Observe implements engine.Engine.
func (e *Engine) Observe(id string) (engine.Observation, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.servers[id]
	if s == nil {
		return engine.Observation{}, false
	}
	o := s.observed
	o.Up = o.Up && s.process.Alive()
	return o, true
}

// watch looks at all servers again and again.
func (e *Engine) watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(500 * time.Millisecond):
		}
		e.mu.Lock()
		all := slices.Collect(maps.Values(e.servers))
		e.mu.Unlock()
		for _, s := range all {
			e.look(ctx, s)
		}
	}
}

// look notes how a server is.
func (e *Engine) look(ctx context.Context, s *server) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	o := engine.Observation{Program: program, Version: e.version, Address: s.at.Addr().String(), Port: int(s.at.Port())}
	if info, err := replication(ctx, s.client); err == nil {
		o.Up, o.Link, o.Lag = true, info["master_link_status"] == "up", lag(info)
		switch {
		case info["role"] == "slave":
			o.Role = "replica"
		case info["connected_slaves"] != "0":
			o.Role = "source"
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	o.PID = s.process.PID()
	s.observed = o
}

// Close implements engine.Engine.
func (e *Engine) Close(ctx context.Context) error {
	if e.watching != nil {
		e.watching()
	}
	e.watched.Wait()
	e.mu.Lock()
	all := slices.Collect(maps.Values(e.servers))
	e.servers = map[string]*server{}
	e.mu.Unlock()
	errs := make([]error, len(all))
	var ends sync.WaitGroup
	for n, s := range all {
		ends.Go(func() { errs[n] = e.remove(ctx, s) })
	}
	ends.Wait()
	return errors.Join(errs...)
}
