package process

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// watchInterval is how often servers are checked, mostLooking how long a check may take, and mostEnding how much later than its listener the
// end of a program is noticed.
const (
	watchInterval = 500 * time.Millisecond
	mostLooking   = time.Second
	mostEnding    = 5 * time.Second
)

// Server holds what all kinds of servers have. It is safe for concurrent use.
type Server struct {
	// At is the address on which it listens, and Dir the directory of its data.
	At  netip.AddrPort
	Dir string

	mu       sync.Mutex
	process  *Process
	observed engine.Observation
}

// Process returns the program that runs as the server now; nil before the first.
func (s *Server) Process() *Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// SetProcess notes that another program runs as the server.
func (s *Server) SetProcess(p *Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process = p
}

// Alive reports whether a program runs as the server.
func (s *Server) Alive() bool {
	p := s.Process()
	return p != nil && p.Alive()
}

// Ended reports whether a server that has just failed to answer has ended. It may refuse connections before its end is noticed, which is
// waited for.
func (s *Server) Ended(ctx context.Context) bool {
	p := s.Process()
	return p == nil || p.endsWithin(ctx, mostEnding)
}

// Member is a server of one kind.
type Member interface {
	// Base returns the server.
	Base() *Server
	// Disconnect ends the engine's own connections to it.
	Disconnect() error
	// Look returns its state, without what all servers have.
	Look(ctx context.Context) engine.Observation
}

// Servers holds the servers of one family, by the ids of their instances. It is safe for concurrent use.
type Servers[M Member] struct {
	host      *Host
	addresses *Addresses

	mu       sync.Mutex
	all      map[string]M
	stop     context.CancelFunc
	watching sync.WaitGroup
}

// NewServers makes Servers, which checks its servers until Close.
func NewServers[M Member](ctx context.Context, host *Host, addresses *Addresses) *Servers[M] {
	s := &Servers[M]{host: host, addresses: addresses, all: map[string]M{}}
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // Close calls it
	s.watching.Go(func() { s.watch(ctx) })
	return s
}

// Place gives a new server an address and a directory, which belongs to the given user if this process is root.
func (s *Servers[M]) Place(dir string, port int, user string) (*Server, error) {
	at, err := s.addresses.Take(port)
	if err != nil {
		return nil, err
	}
	path, err := s.host.Dir(dir, user)
	if err != nil {
		s.addresses.Give(at)
		return nil, err
	}
	return &Server{At: at, Dir: path}, nil
}

// Add adds a server.
func (s *Servers[M]) Add(id string, m M) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[id] = m
}

// Find returns the server of an instance.
func (s *Servers[M]) Find(id string) (m M, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, found = s.all[id]
	return m, found
}

// All returns all servers.
func (s *Servers[M]) All() []M {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.all))
}

// Remove implements engine.Engine: it ends the server of an instance, and removes its data.
func (s *Servers[M]) Remove(ctx context.Context, id string) error {
	s.mu.Lock()
	m, found := s.all[id]
	delete(s.all, id)
	s.mu.Unlock()
	if !found {
		return nil
	}
	return s.End(ctx, m)
}

// BackupDir returns the directory of a backup.
func (s *Servers[M]) BackupDir(backup string) string { return s.host.File("backup-" + backup) }

// NewBackupDir makes the directory of a backup, which belongs to the given user if this process is root.
func (s *Servers[M]) NewBackupDir(backup, user string) (string, error) {
	return s.host.Dir("backup-"+backup, user)
}

// RemoveBackup implements engine.Engine.
func (s *Servers[M]) RemoveBackup(_ context.Context, backup string) error {
	return s.host.RemoveDir(s.BackupDir(backup))
}

// End ends a server that may not have been added yet, and removes its data.
func (s *Servers[M]) End(ctx context.Context, m M) error {
	errs := []error{m.Disconnect()}
	base := m.Base()
	if p := base.Process(); p != nil {
		errs = append(errs, p.Stop(ctx))
	}
	s.addresses.Give(base.At)
	return errors.Join(append(errs, s.host.RemoveDir(base.Dir))...)
}

// Observe implements engine.Engine: it returns the result of the last check of a server; false if there is none.
func (s *Servers[M]) Observe(id string) (engine.Observation, bool) {
	m, found := s.Find(id)
	if !found {
		return engine.Observation{}, false
	}
	base := m.Base()
	base.mu.Lock()
	defer base.mu.Unlock()
	o := base.observed
	o.Up = o.Up && base.process != nil && base.process.Alive()
	return o, true
}

// Look checks a server now.
func (s *Servers[M]) Look(ctx context.Context, m M) {
	ctx, cancel := context.WithTimeout(ctx, mostLooking)
	defer cancel()
	o := m.Look(ctx)
	base := m.Base()
	base.mu.Lock()
	defer base.mu.Unlock()
	o.Address, o.Port = base.At.Addr().String(), int(base.At.Port())
	if base.process != nil {
		o.PID = base.process.PID()
	}
	base.observed = o
}

// watch checks all servers at intervals.
func (s *Servers[M]) watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchInterval):
		}
		for _, m := range s.All() {
			s.Look(ctx, m)
		}
	}
}

// Close implements engine.Engine: it ends all servers.
func (s *Servers[M]) Close(ctx context.Context) error {
	s.stop()
	s.watching.Wait()
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.all))
	s.all = map[string]M{}
	s.mu.Unlock()
	errs := make([]error, len(all))
	var ends sync.WaitGroup
	for n, m := range all {
		ends.Go(func() { errs[n] = s.End(ctx, m) })
	}
	ends.Wait()
	return errors.Join(errs...)
}
