// Command demo shows the provider at work without any cloud: it starts the sandbox, has Terraform or OpenTofu plan and
// apply examples/demo, writes on the source and reads on the replicas where real databases run, promotes one replica in place, destroys
// everything, and tells what that cost in requests.
// It checks what it shows: it fails where a plan is not what it should be, or where the server is left with an instance.
//
// TF_ACC_TERRAFORM_PATH names the executable to use. `make demo` sets it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("interrupted, and cleaned up: %w", err)
		}
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1) //nolint:gocritic // nothing is deferred but the end of signal handling
	}
}

const promote = "-var=promote=" + promotedName

// A demo is one run: a folder that goes away at the end, the sandbox, and the command line that is driven against it.
type demo struct {
	dir     string
	sandbox *sandbox
	tf      *terraform
	steps   []step // what has been applied so far, and its cost
}

func run(ctx context.Context) (err error) {
	engine := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if engine == "" {
		return errors.New("TF_ACC_TERRAFORM_PATH does not name a terraform or tofu: run `make demo`")
	}
	dir, err := os.MkdirTemp("", "trove-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := &demo{dir: dir}

	heading("Build the provider and the sandbox")
	if err := d.build(ctx); err != nil {
		return err
	}

	heading("Start the sandbox: a Trove in one process, on a free loopback port")
	if d.sandbox, err = startSandbox(ctx, d.dir); err != nil {
		return err
	}
	defer func() {
		if err != nil && ctx.Err() == nil {
			fmt.Fprintf(os.Stderr, "\nThe sandbox logged last:\n%s", d.sandbox.logTail(20))
		}
		err = errors.Join(err, d.sandbox.stop())
	}()
	fmt.Printf("It listens on %s and takes two seconds to build an instance. It runs:\n", d.sandbox.url)
	if err := d.served(ctx); err != nil {
		return err
	}

	if d.tf, err = newTerraform(engine, d.dir, d.sandbox.env); err != nil {
		return err
	}
	return d.story(ctx)
}

// story is what the reader came for.
func (d *demo) story(ctx context.Context) error {
	heading("A MySQL source with two replicas: " + configuration)
	if err := d.tf.printConfiguration(); err != nil {
		return err
	}
	fmt.Printf("\n%s finds the provider where it was just built, without a registry or an init. It warns of that every time.\n", d.tf.name())
	if err := d.change(ctx, "create", changes{Create: 5}); err != nil { // a database and a user as well
		return err
	}
	before, err := d.showTopology(ctx, 3)
	if err != nil {
		return err
	}
	if err := d.replicates(ctx); err != nil {
		return err
	}

	heading("Promote one replica: replica_of goes away, the server stays")
	if err := d.change(ctx, "promote", changes{Update: 1}, promote); err != nil {
		return err
	}
	after, err := d.showTopology(ctx, 2)
	if err != nil {
		return err
	}
	if was, is := before.ids[promotedAddress], after.ids[promotedAddress]; was != is {
		return fmt.Errorf("%s was %s before its promotion and is %s now", promotedName, was, is)
	}
	fmt.Printf("%s has left it, and is a server of its own with the id and the data it had.\n", promotedName)
	if err := d.promoted(ctx); err != nil {
		return err
	}
	heading("Destroy that")
	if err := d.change(ctx, "destroy", changes{Delete: 5}, "-destroy", promote); err != nil {
		return err
	}

	heading("One topology of each kind, in one apply: " + everything)
	d.tf.quiet = true
	if err := d.tf.use(everything); err != nil {
		return err
	}
	fmt.Print("\nMySQL, MongoDB, Cassandra, Couchbase, Redis, Redis Cluster and PostgreSQL. No node of a cluster names another: one creates it, the others join.\n")
	if err := d.change(ctx, "create all", changes{Create: everyNode + everyOther}); err != nil {
		return err
	}
	all, err := d.tf.state(ctx)
	if err != nil {
		return err
	}
	if err := showAll(all); err != nil {
		return err
	}
	if err := d.redisData(ctx); err != nil {
		return err
	}
	if err := d.postgresData(ctx); err != nil {
		return err
	}

	heading("Destroy everything: whole clusters go, so nothing is drained or rebalanced")
	if err := d.change(ctx, "destroy all", changes{Delete: everyNode + everyOther}, "-destroy"); err != nil {
		return err
	}

	heading("What it cost")
	return d.account(ctx)
}

// change plans, insists on want, applies, and takes down what both cost.
func (d *demo) change(ctx context.Context, name string, want changes, args ...string) error {
	started := time.Now()
	got, err := d.tf.plan(ctx, args...)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the plan to %s is to %s; expected it to %s", name, got, want)
	}
	if err := d.tf.apply(ctx); err != nil {
		return err
	}
	ledger, err := d.sandbox.takeLedger(ctx)
	if err != nil {
		return err
	}
	d.steps = append(d.steps, step{name: name, took: time.Since(started), requests: merged(ledger.Requests)})
	return nil
}

func (d *demo) showTopology(ctx context.Context, want int) (*state, error) {
	s, err := d.tf.state(ctx)
	if err != nil {
		return nil, err
	}
	fmt.Printf("\nThe topology, as %s has it; the output above is the same for a Mermaid viewer:\n\n%s\n", topologyAddress, tree(s.members))
	if !strings.Contains(s.diagram, "graph") {
		return nil, fmt.Errorf("%s has no diagram", topologyAddress)
	}
	if len(s.members) != want {
		return nil, fmt.Errorf("the topology has %d members; expected %d", len(s.members), want)
	}
	return s, nil
}

// account shows the requests of every step, and fails where an instance is left or was made more often than once.
func (d *demo) account(ctx context.Context) error {
	fmt.Printf("\n%s\n", costTable(d.steps))
	ledger, err := d.sandbox.takeLedger(ctx)
	if err != nil {
		return err
	}
	alive := ledger.alive()
	fmt.Printf("Instances ever made: %d. Still alive: %d.\n", len(ledger.Instances), len(alive))
	if len(alive) > 0 {
		return fmt.Errorf("the server still has %s", strings.Join(alive, ", "))
	}
	if made, want := len(ledger.Instances), 3+everyNode; made != want {
		return fmt.Errorf("%d instances were made; expected %d", made, want)
	}
	return nil
}

// build compiles both programs into d.dir. The provider needs no release and no registry: dev_overrides points here.
func (d *demo) build(ctx context.Context) error {
	for _, b := range []struct{ name, module, pkg string }{{providerBinary, ".", "."}, {sandboxBinary, "internal/engines", "./cmd/trove-sandbox"}} {
		fmt.Printf("go -C %s build %s\n", b.module, b.pkg)
		cmd := command(ctx, "go", "-C", b.module, "build", "-o", filepath.Join(d.dir, b.name), b.pkg)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("building %s: %w", b.name, err)
		}
	}
	return nil
}

// command prepares a child that is asked to stop when ctx ends, and killed where it does not within the grace period.
// It has its own process group: a Ctrl-C at the terminal reaches it once, from here, and not twice. Terraform takes a
// second interrupt as an order to drop everything.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	ownGroup(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

func heading(text string) {
	fmt.Printf("\n%s\n%s\n", text, strings.Repeat("=", len(text)))
}
