// Package command implements the command trove-sandbox: its flags, output and exit. Two programs use it: one simulates all database
// servers, and the one in the module internal/engines runs real ones.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

// Main runs the command and returns its exit code. open makes the engine that runs database servers; it is nil if the program simulates
// all.
func Main(open Opener) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) //nolint:forbidigo // of the whole program
	err := run(ctx, os.Args[1:], open, os.Stdout, os.Stderr)
	stop()
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "trove-sandbox: %v\nRun trove-sandbox -h for its flags.\n", err)
		return 2
	default:
		fmt.Fprintf(os.Stderr, "trove-sandbox: %v\n", err)
		return 1
	}
}

// Opener makes an engine for a choice. served says for each datastore which program serves it, or why it is simulated.
type Opener func(ctx context.Context, choice engine.Choice, log *slog.Logger) (e engine.Engine, served []engine.Served, err error)

// closing is how long requests may continue after the sandbox is told to stop.
const closing = 5 * time.Second

const help = `Usage: trove-sandbox [flags]

A complete local OpenStack Trove with the topology API, and the Keystone before it, in memory. When it is ready it prints
the variables that lead Terraform, OpenTofu or the openstack command line to it, and then serves until it is interrupted.
In one terminal, then in another:

  trove-sandbox -env sandbox.env
  . ./sandbox.env && terraform apply

Projects and users: demo, other and admin, each with its name as the password, in domain Default. User admin is an administrator, also in
project demo.
Without a token, from this machine: GET /sandbox/ledger tells what it was asked and which instances it ever had,
POST /sandbox/faults makes it fail on demand, GET /sandbox/health says that it serves.

Flags:
`

// usageError says that the command was called with wrong arguments.
type usageError struct{ error }

// Unwrap returns what was wrong.
func (e usageError) Unwrap() error { return e.error }

type config struct {
	listen  string
	env     string
	engine  string
	servers int
	options sandbox.Options
}

// parse reads the flags. The error is flag.ErrHelp if help was asked for and has been written to stdout, else a usageError.
func parse(args []string, stdout io.Writer) (config, error) {
	c := config{options: sandbox.Options{}}
	flags := flag.NewFlagSet("trove-sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8779", "`address` to listen on; port 0 picks a free one")
	flags.BoolVar(&c.options.AllowRemote, "allow-remote", false, "allow an address that other machines reach; the passwords are public")
	flags.DurationVar(&c.options.BuildTime, "build-time", 2*time.Second, "how long an instance builds")
	flags.DurationVar(&c.options.ActionTime, "action-time", time.Second, "how long any other work takes: a resize, a promotion, a deletion")
	flags.DurationVar(&c.options.TokenLifetime, "token-lifetime", identity.DefaultLifetime, "how long a token is good for")
	flags.BoolVar(&c.options.Upstream, "upstream", false, "behave as released Trove: no topology calls, and a topology is ignored")
	flags.IntVar(&c.options.Release, "release", 18, "with -upstream: the release of Trove to behave as, 18, 23 or 26")
	flags.BoolVar(&c.options.Bare, "bare", false, "serve the topology proposal alone, without what was added to it")
	flags.IntVar(&c.options.Rate, "rate", 0, "how many requests of each method a project may send in a minute, 0 for any number; Trove's default is 200")
	flags.StringVar(&c.engine, "engine", string(engine.Auto), "what runs as an instance: real database servers where their programs are installed (auto), none (simulated), "+
		"or real ones alone (process); for a datastore of its own, as in simulated,redis=process")
	flags.IntVar(&c.servers, "max-servers", 40, "how many instances a project may have where real database servers run; its quota says so")
	flags.StringVar(&c.env, "env", "", "`file` to write the export lines to as well")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		if _, err := io.WriteString(stdout, help); err != nil {
			return config{}, err
		}
		flags.PrintDefaults()
		return config{}, flag.ErrHelp
	case err != nil:
		return config{}, usageError{err}
	case flags.NArg() > 0:
		return config{}, usageError{fmt.Errorf("unexpected argument %q: everything is a flag", flags.Arg(0))}
	case c.options.TokenLifetime == 0:
		return config{}, usageError{errors.New("-token-lifetime must be above 0")}
	}
	return c, nil
}

// run serves until ctx ends. It writes the export lines to stdout as soon as it listens, and its log to stderr.
func run(ctx context.Context, args []string, open Opener, stdout, stderr io.Writer) error {
	c, err := parse(args, stdout)
	if err != nil {
		return err
	}
	c.options.Logger = slog.New(slog.NewTextHandler(stderr, nil))
	if err := c.openEngine(ctx, open); err != nil {
		return err
	}
	s, err := sandbox.New(c.options)
	if err != nil {
		return usageError{err}
	}
	switch err := s.Start(c.listen); {
	case errors.Is(err, sandbox.ErrRemote):
		return errors.Join(usageError{fmt.Errorf("-listen %w; -allow-remote allows it", err)}, stop(ctx, s))
	case err != nil:
		return errors.Join(err, stop(ctx, s))
	}
	if err := announce(s, c.env, stdout); err != nil {
		return errors.Join(err, stop(ctx, s))
	}
	c.options.Logger.InfoContext(ctx, "ready", "url", s.URL(), "page", s.URL()+"/sandbox/")
	select {
	case <-ctx.Done():
		c.options.Logger.InfoContext(ctx, "stopping", "why", context.Cause(ctx))
	case <-s.Done():
	}
	return stop(ctx, s)
}

// openEngine opens the engine that runs database servers, and logs what it runs.
func (c *config) openEngine(ctx context.Context, open Opener) error {
	choice, err := engine.ParseChoice(c.engine)
	switch {
	case err != nil:
		return usageError{fmt.Errorf("-engine: %w", err)}
	case open == nil && choice.Insists():
		return usageError{errors.New("-engine: this program simulates all database servers: the released trove-sandbox and make sandbox run real ones")}
	case open == nil || choice.SimulatesAll():
		return nil
	}
	e, served, err := open(ctx, choice, c.options.Logger)
	if err != nil {
		return err
	}
	for _, s := range served {
		c.options.Logger.InfoContext(ctx, s.String())
	}
	c.options.Engine, c.options.Served, c.options.Quota.Instances = e, served, c.servers
	return nil
}

// stop ends the sandbox. It cuts off requests that do not end in time, which is not a failure of the command.
func stop(ctx context.Context, s *sandbox.Sandbox) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	if err := s.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// announce prints the export lines, and writes them to a file if one is named. It writes the file first, so that it exists when the lines
// appear.
func announce(s *sandbox.Sandbox, file string, stdout io.Writer) error {
	text := exports(s)
	if file != "" {
		if err := writeFile(file, text); err != nil {
			return fmt.Errorf("writing -env: %w", err)
		}
	}
	_, err := io.WriteString(stdout, text)
	return err
}

// exports returns the lines that tell a shell where the sandbox is.
func exports(s *sandbox.Sandbox) string {
	var b strings.Builder
	for _, variable := range s.Env() {
		b.WriteString("export " + variable + "\n") // no value needs quoting in a shell
	}
	b.WriteString("# Or, in place of user, password and project:\n")
	b.WriteString("# export OS_AUTH_TYPE=v3applicationcredential\n")
	b.WriteString("# export OS_APPLICATION_CREDENTIAL_ID=" + identity.ApplicationCredentialID + "\n")
	b.WriteString("# export OS_APPLICATION_CREDENTIAL_SECRET=" + identity.ApplicationCredentialSecret + "\n")
	return b.String()
}

// writeFile writes a file that only its owner can read, and that nobody can see half written.
func writeFile(path, text string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err := f.WriteString(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
