// Package process runs the programs of database servers, so that none outlives the sandbox, even if it is killed.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// mostStopping is how long a program has to end when it is told to, before it is killed.
const mostStopping = 10 * time.Second

// Command is a program to run.
type Command struct {
	// Path and Args are the program and its arguments, without its name.
	Path string
	Args []string
	// Dir is its working directory, which it writes temporary files to, and Env is added to the environment of this process.
	Dir string
	Env []string
	// Stop is the signal that tells it to end; 0 means SIGTERM.
	Stop syscall.Signal
	// User is the system user that runs it if this process is root; "" means the user of this process.
	User string
	// Log is the file for its output; the end of the output is part of the error if the program ends too early.
	Log string
}

// Process is a program that was started.
type Process struct {
	command Command
	cmd     *exec.Cmd
	pidFile string
	done    chan struct{}
	err     error
}

// Start starts a program. It ends with this process, and the next Host ends what a killed process has left.
func (h *Host) Start(c Command) (*Process, error) {
	if c.Stop == 0 {
		c.Stop = syscall.SIGTERM
	}
	out, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()                      //nolint:errcheck // the program has its own
	cmd := exec.Command(c.Path, c.Args...) //nolint:noctx,gosec // Stop ends it; the engine chose the program
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.Dir, append(append(os.Environ(), "TMPDIR="+c.Dir), c.Env...), out, out
	if cmd.SysProcAttr, err = attributes(c); err != nil {
		return nil, err
	}
	p := &Process{command: c, cmd: cmd, done: make(chan struct{})}
	if err := h.begin(p); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
		os.Remove(p.pidFile) //nolint:errcheck // its directory may be gone already
	}()
	return p, nil
}

// Run runs a program until it ends, such as one that prepares a data directory. The error contains the end of its output.
func (h *Host) Run(ctx context.Context, c Command) error {
	p, err := h.Start(c)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.Kill())
	case <-p.done:
		if p.err != nil {
			return p.failure()
		}
		return nil
	}
}

// PID returns the id of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Alive reports whether it still runs.
func (p *Process) Alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Stop tells the program to end, and kills it if it does not.
func (p *Process) Stop(ctx context.Context) error {
	if !p.Alive() {
		return nil
	}
	if err := p.cmd.Process.Signal(p.command.Stop); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	if p.endsWithin(ctx, mostStopping) {
		return nil
	}
	return p.Kill()
}

// endsWithin waits for its end that long, or until ctx ends, and reports whether it has ended.
func (p *Process) endsWithin(ctx context.Context, d time.Duration) bool {
	select {
	case <-p.done:
	case <-ctx.Done():
	case <-time.After(d):
	}
	return !p.Alive()
}

// Kill ends the program, and those that it has started, at once.
func (p *Process) Kill() error {
	err := killGroup(p.PID())
	if errors.Is(err, syscall.ESRCH) {
		err = nil
	}
	<-p.done
	return err
}

// Until waits until ready reports true, at intervals that are short at first. It returns early, with an error, if the program has ended.
func (p *Process) Until(ctx context.Context, what string, ready func(context.Context) error) error {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", what, ctx.Err(), err)
		case <-p.done:
			return p.failure()
		case <-time.After(pause):
		}
	}
}

// failure explains why a program ended that should not have.
func (p *Process) failure() error {
	if p.err == nil {
		return fmt.Errorf("%s has ended: %s", filepath.Base(p.command.Path), tail(p.command.Log))
	}
	return fmt.Errorf("%s has ended: %w: %s", filepath.Base(p.command.Path), p.err, tail(p.command.Log))
}

// tail returns the end of a program's output.
func tail(file string) string {
	f, err := os.Open(file) //nolint:gosec // in a directory of ours
	if err != nil {
		return err.Error()
	}
	defer f.Close() //nolint:errcheck // it was only read
	const most = 600
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return err.Error()
		}
	}
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// note writes the file with which a later sandbox finds a process that has outlived this one.
func note(file string, pid int) error {
	began, err := startTime(pid)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strconv.Itoa(pid)+" "+began+"\n"), 0o600)
}

// noted reports whether the process in such a file is still the same one, and returns its id.
func noted(file string) (pid int, alive bool) {
	text, err := os.ReadFile(file) //nolint:gosec // a file of a directory of ours
	if err != nil {
		return 0, false
	}
	first, began, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	if pid, err = strconv.Atoi(first); err != nil || pid <= 1 {
		return 0, false
	}
	now, err := startTime(pid)
	return pid, err == nil && now == began
}
