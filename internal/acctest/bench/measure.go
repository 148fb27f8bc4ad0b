package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// Where the command is run in the provider's place, these name the provider that it runs, and the file that gets what that used.
const (
	measuredProvider = "TROVE_BENCH_PROVIDER"
	measuredInto     = "TROVE_BENCH_USAGE"
)

// usage is what one process of the provider used.
type usage struct {
	CPU      time.Duration `json:"cpu"`
	MemoryKB int64         `json:"memory_kb"` // at its peak
}

// measure runs the provider with this process's own input and output, and notes what it used. It returns the exit code.
func measure(binary, into string) int {
	provider := exec.Command(binary, os.Args[1:]...) //nolint:noctx // it is the provider that is measured, and ends as Terraform tells it
	provider.Stdin, provider.Stdout, provider.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := provider.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	go func() {
		for s := range signals {
			provider.Process.Signal(s) //nolint:errcheck // it has ended already
		}
	}()
	code := 0
	if err := provider.Wait(); err != nil {
		code = 1
	}
	used := usage{CPU: provider.ProcessState.UserTime() + provider.ProcessState.SystemTime()}
	if of, ok := provider.ProcessState.SysUsage().(*syscall.Rusage); ok {
		used.MemoryKB = of.Maxrss
	}
	if err := appendUsage(into, used); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return code
}

// appendUsage adds a line to the file. Terraform starts the provider several times in one command.
func appendUsage(file string, used usage) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(f).Encode(used), f.Close())
}

// takeUsage reads the file, and removes it: processor time together, memory the most that one process had.
func takeUsage(file string) (sum usage, err error) {
	f, err := os.Open(file)
	if err != nil {
		return usage{}, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	for d := json.NewDecoder(f); d.More(); {
		var one usage
		if err := d.Decode(&one); err != nil {
			return usage{}, err
		}
		sum.CPU += one.CPU
		sum.MemoryKB = max(sum.MemoryKB, one.MemoryKB)
	}
	return sum, os.Remove(file)
}
