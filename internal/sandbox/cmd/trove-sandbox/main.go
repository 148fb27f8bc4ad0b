// Command trove-sandbox runs a complete local Trove with the topology API, and the Keystone before it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "trove-sandbox: %v\nRun trove-sandbox -h for its flags.\n", err)
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "trove-sandbox: %v\n", err)
		os.Exit(1)
	}
}
