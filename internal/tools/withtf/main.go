// Command withtf runs a command with a Terraform or OpenTofu to drive: it finds or obtains one (TROVE_TF chooses: terraform,
// tofu or a path), and hands it over in the variables that terraform-plugin-testing reads.
//
//	withtf -cache .cache go test ./...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/opentrove/terraform-provider-trove/internal/tools/engine"
)

func main() {
	cache := flag.String("cache", ".cache", "directory for engines that are not on the PATH")
	flag.Parse()
	if err := run(*cache, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "withtf:", err)
		os.Exit(1)
	}
}

func run(cache string, command []string) error {
	if len(command) == 0 {
		return errors.New("no command to run")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	finder := engine.New(cache, os.Stderr)
	e, err := finder.Find(ctx, os.Getenv("TROVE_TF"))
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Using %s (%s).\n", e.Version, e.Path)
	if e, err = finder.Front(ctx, e); err != nil {
		return err
	}
	cliConfig, err := finder.CLIConfig()
	if err != nil {
		return err
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	stop()
	// Becoming the command, rather than being its parent, leaves signals and the exit status to it.
	return syscall.Exec(path, command, e.Env(os.Environ(), cliConfig)) //nolint:gosec // running what it is told to is its purpose
}
