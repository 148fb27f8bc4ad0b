// Command bench measures what the provider costs: requests, processor time, memory, and the time beyond that which the server needs.
// It runs a Terraform or OpenTofu, and the provider as a process of its own, against sandboxes in this process, which behave as released
// Trove and limit requests to 200 a minute and method, as Trove does by default; some scenarios are run without that limit too. `make bench`
// sets what it requires.
//
//	bench [-run pattern] [-provider binary] [-into file]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"

	"github.com/opentrove/terraform-provider-trove/internal/acctest/readme"
)

func main() {
	if binary := os.Getenv(measuredProvider); binary != "" && os.Getenv("TF_PLUGIN_MAGIC_COOKIE") != "" {
		os.Exit(measure(binary, os.Getenv(measuredInto)))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // nothing is deferred but the end of signal handling
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	pattern := flags.String("run", ".", "`pattern` of the scenarios to run")
	provider := flags.String("provider", "", "`binary` of the provider to measure; if omitted, the one of this tree is built")
	into := flags.String("into", "", "`file` whose table is replaced, between the marks <!-- make bench -->; if omitted, the table is only printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := regexp.Compile(*pattern)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	engine := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if engine == "" {
		return errors.New("TF_ACC_TERRAFORM_PATH does not name a terraform or tofu: run `make bench`")
	}
	dir, err := os.MkdirTemp("", "trove-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if *provider == "" {
		*provider = filepath.Join(dir, "provider")
		build := exec.CommandContext(ctx, "go", "build", "-o", *provider, ".")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building the provider: %w", err)
		}
	}
	b := &bench{dir: dir, engine: engine, provider: *provider}
	var rows []row
	for _, s := range scenarios {
		if !chosen.MatchString(s.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, s.name)
		made, err := b.run(ctx, s)
		for _, r := range made {
			fmt.Fprintln(os.Stderr, "  "+r.detail())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		rows = append(rows, made...)
	}
	text := table(rows)
	fmt.Print(text)
	if *into == "" {
		return nil
	}
	return readme.Replace(*into, "make bench", text)
}
