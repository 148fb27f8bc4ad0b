// Package sandbox is a complete local Trove with the topology API, together with a Keystone: for newcomers, who start it as a command, and
// for tests, which run it in their own process.
//
// In addition to the two services it serves, under /sandbox/ and without a token:
//
//	GET    /sandbox/         a page that shows the topologies, and what was asked, live
//	GET    /sandbox/ledger   how many requests of each kind it has received, and every instance ever made
//	DELETE /sandbox/ledger   sets the counts to zero
//	GET    /sandbox/faults   the faults that are injected; package faults says what they are
//	POST   /sandbox/faults   injects one
//	DELETE /sandbox/faults   takes all away
//	GET    /sandbox/health   whether it serves
//
// Everything is in memory and is lost when it stops.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ledger"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ratelimit"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// Options are the options of a Sandbox. With the zero value, work in the background is done at the next access.
type Options struct {
	// BuildTime is how long an instance is in BUILD.
	BuildTime time.Duration
	// ActionTime is how long all other work in the background takes.
	ActionTime time.Duration
	// UsageTimeout is the time after which an instance that hangs in BUILD fails; 0 means 10 minutes.
	UsageTimeout time.Duration
	// TokenLifetime is how long a token is valid; 0 means an hour.
	TokenLifetime time.Duration
	// Upstream makes it behave like released Trove, which has no topology calls and ignores a topology.
	Upstream bool
	// Release is the release of Trove for Upstream: 18, 23 or 26; 0 means 18.
	Release int
	// Bare makes it serve only the proposal, without what the topology API adds to it.
	Bare bool
	// Rate is how many requests of each method a project may send in a minute; 0 means no limit. Trove's own default is 200.
	Rate int
	// Quota is the quota of every project.
	Quota state.Quota
	// AllowRemote allows it to listen on addresses that other machines can reach. Its passwords are public.
	AllowRemote bool
	// Engine runs database servers for instances, and is closed with the sandbox; nil if all are simulated.
	Engine engine.Engine
	// Served says for each datastore what the engine serves it with: the page shows it, and the datastore offers that version.
	Served []engine.Served
	// Now is the clock for tokens and for work in the background; nil means time.Now.
	Now func() time.Time
	// Logger logs every request; nil means no log.
	Logger *slog.Logger
}

// Sandbox is a local cloud. Its methods may be called from several goroutines.
type Sandbox struct {
	opts     Options
	identity *identity.Service
	ledger   *ledger.Ledger
	faults   *faults.Faults
	state    *state.State
	runner   *engine.Runner // nil if there is no engine
	limiter  *ratelimit.Limiter
	handler  http.Handler
	streams  chan struct{} // closed when the streams of the page must end

	mu       sync.Mutex
	server   *http.Server // nil before Start
	address  string
	fresh    map[net.Conn]struct{} // connections without a request so far
	closing  bool                  // connections without a request are closed, also new ones
	done     chan struct{}         // closed when server no longer serves
	serveErr error                 // why; may be read after done
}

// New makes an empty sandbox. Start makes it listen; Handler is for a server of your own.
func New(opts Options) (*Sandbox, error) {
	for name, d := range map[string]time.Duration{"BuildTime": opts.BuildTime, "ActionTime": opts.ActionTime, "UsageTimeout": opts.UsageTimeout, "TokenLifetime": opts.TokenLifetime} {
		if d < 0 {
			return nil, fmt.Errorf("%s is %s; it cannot be below 0", name, d)
		}
	}
	if opts.Rate < 0 {
		return nil, fmt.Errorf("the rate is %d; it cannot be below 0", opts.Rate)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Sandbox{
		opts:     opts,
		identity: identity.New(identity.Options{Lifetime: opts.TokenLifetime, Now: opts.Now}),
		ledger:   ledger.New(),
		limiter:  ratelimit.New(opts.Rate, opts.Now),
		fresh:    map[net.Conn]struct{}{},
		done:     make(chan struct{}),
		streams:  make(chan struct{}),
	}
	s.faults = faults.New(faults.Hooks{
		ExpireTokens: s.identity.ExpireTokens,
		InstanceName: s.instanceName,
		ProjectName:  identity.ProjectName,
		WriteError:   writeError,
	})
	var runner state.Engine
	if opts.Engine != nil {
		s.runner = engine.NewRunner(opts.Engine, opts.Logger)
		runner = s.runner
	}
	s.state = state.New(state.Options{
		Engine:       runner,
		Served:       opts.Served,
		BuildTime:    opts.BuildTime,
		ActionTime:   opts.ActionTime,
		UsageTimeout: opts.UsageTimeout,
		Upstream:     opts.Upstream,
		Release:      opts.Release,
		Bare:         opts.Bare,
		Now:          opts.Now,
		Quota:        opts.Quota,
		Region:       identity.Region,
		InstanceFate: func(project, name string) state.Fate {
			failure, hangs := s.faults.InstanceFate(project, name)
			return state.Fate{Fault: failure, Hang: hangs}
		},
		ActionFate: s.faults.ActionFate,
	})
	s.handler = s.newHandler()
	return s, nil
}

// Start listens on an address such as 127.0.0.1:8779, or 127.0.0.1:0 for any free port, and serves until Close. The error is ErrRemote if
// other machines can reach the address and Options do not allow it.
func (s *Sandbox) Start(listen string) error {
	if !s.opts.AllowRemote && !isLoopback(listen) {
		return fmt.Errorf("%q: %w", listen, ErrRemote)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return errors.New("the sandbox has been started before")
	}
	listener, err := net.Listen("tcp", listen) //nolint:noctx // nothing to wait for: no name but localhost is looked up
	if err != nil {
		return err
	}
	s.address = listener.Addr().String()
	s.server = &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.opts.Logger.Handler(), slog.LevelError),
		ConnState:         s.trackFresh,
	}
	s.server.RegisterOnShutdown(s.closeFresh)
	s.server.RegisterOnShutdown(sync.OnceFunc(func() { close(s.streams) }))
	go func(server *http.Server) {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.serveErr = err
		}
		close(s.done)
	}(s.server)
	return nil
}

// Close stops listening, waits for running requests, and returns when nothing runs any more. Requests that still run when ctx ends are cut
// off, which the error says. Injected delays end at once. Database servers end with it.
func (s *Sandbox) Close(ctx context.Context) (closed error) {
	s.faults.Stop()
	s.mu.Lock()
	server := s.server
	s.mu.Unlock()
	if s.runner != nil {
		defer func() { closed = errors.Join(closed, s.runner.Close(ctx)) }()
	}
	if server == nil {
		return nil
	}
	err := server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were cut off: %w", err), server.Close())
	}
	<-s.done
	return errors.Join(err, s.serveErr)
}

// Done is closed when the sandbox no longer serves, because of Close or an error; Close then returns why.
func (s *Sandbox) Done() <-chan struct{} { return s.done }

// Address returns where the sandbox listens, such as 127.0.0.1:8779, and "" before Start.
func (s *Sandbox) Address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address
}

// URL returns the sandbox's base, such as http://127.0.0.1:8779.
func (s *Sandbox) URL() string { return "http://" + s.Address() }

// AuthURL returns the URL of Keystone.
func (s *Sandbox) AuthURL() string { return s.URL() + "/v3" }

// Handler returns the handler of all requests, for use with a server of your own instead of Start.
func (s *Sandbox) Handler() http.Handler { return s.handler }

// Ledger returns the ledger of requests.
func (s *Sandbox) Ledger() *ledger.Ledger { return s.ledger }

// Faults returns the injected faults.
func (s *Sandbox) Faults() *faults.Faults { return s.faults }

// State returns the state behind the API.
func (s *Sandbox) State() *state.State { return s.state }

// SetRate changes how many requests of each method a project may send in a minute; 0 means no limit.
func (s *Sandbox) SetRate(rate int) { s.limiter.SetRate(rate) }

// TokensIssued returns how many tokens have been issued.
func (s *Sandbox) TokensIssued() int { return s.identity.Issued() }

// ExpireTokens makes every issued token invalid.
func (s *Sandbox) ExpireTokens() { s.identity.ExpireTokens() }

// Env returns the variables with which OpenStack's clients use the sandbox as user demo, as NAME=value.
func (s *Sandbox) Env() []string {
	return []string{
		"OS_AUTH_URL=" + s.AuthURL(),
		"OS_USERNAME=demo",
		"OS_PASSWORD=demo",
		"OS_PROJECT_NAME=demo",
		"OS_USER_DOMAIN_NAME=Default",
		"OS_PROJECT_DOMAIN_NAME=Default",
		"OS_REGION_NAME=" + identity.Region,
		"OS_IDENTITY_API_VERSION=3",
	}
}

// instanceName returns the name of an instance, "" if the project has none with that id.
func (s *Sandbox) instanceName(projectID, id string) string {
	i, err := s.state.Instance(projectID, id)
	if err != nil {
		return ""
	}
	return i.Name
}

// trackFresh implements http.Server.ConnState.
func (s *Sandbox) trackFresh(c net.Conn, now http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case now != http.StateNew:
		delete(s.fresh, c)
	case s.closing:
		c.Close() //nolint:errcheck // accepted a moment too late
	default:
		s.fresh[c] = struct{}{}
	}
}

// closeFresh closes connections without a request so far. Clients open some in advance, and Shutdown would wait five seconds for each.
func (s *Sandbox) closeFresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	for c := range s.fresh {
		c.Close() //nolint:errcheck // nothing was to be said on it
	}
}
