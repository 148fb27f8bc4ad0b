package chaos

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a Terraform that runs, with what it has printed so far.
type process struct {
	*os.Process
	ended chan struct{} // closed when it has ended
	heeds chan struct{} // closed when it has said that it was interrupted

	mu      sync.Mutex
	out     bytes.Buffer
	orphans []int // the providers that it has left behind, and which are to end by themselves
}

// heeded is in what Terraform and OpenTofu print when they are interrupted, by -json too.
const heeded = "Interrupt received"

// Write implements io.Writer.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, err := p.out.Write(b)
	if bytes.Contains(p.out.Bytes(), []byte(heeded)) {
		select {
		case <-p.heeds:
		default:
			close(p.heeds)
		}
	}
	return n, err
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// terraform is the one that runs, nil where none does.
func (c *commandLine) terraform() *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.process
}

func send(p *process, signal syscall.Signal) {
	if p != nil {
		p.Signal(signal) //nolint:errcheck // it may have ended this moment
	}
}

// interrupt sends one SIGINT, and no second one to the same process: that has another meaning.
func (c *commandLine) interrupt() {
	p := c.terraform()
	if p != nil && p != c.interrupted.Swap(p) {
		send(p, syscall.SIGINT)
	}
}

// interruptTwice is the user's second Ctrl-C, when Terraform has said that it heeds the first. After that it waits for nothing.
func (c *commandLine) interruptTwice() {
	p := c.terraform()
	if p == nil {
		return
	}
	c.interrupted.Store(p)
	send(p, syscall.SIGINT)
	select {
	case <-p.heeds:
		send(p, syscall.SIGINT)
	case <-p.ended:
	}
}

// kill ends Terraform and the provider.
func (c *commandLine) kill() {
	providers := c.providers()
	send(c.terraform(), syscall.SIGKILL)
	kill(providers)
}

// killTerraform ends Terraform alone.
func (c *commandLine) killTerraform() {
	p, providers := c.terraform(), c.providers()
	if p == nil {
		return
	}
	p.mu.Lock()
	p.orphans = append(p.orphans, providers...)
	p.mu.Unlock()
	send(p, syscall.SIGKILL)
}

// orphanLife is how long a provider may take to end when its Terraform has gone.
const orphanLife = 20 * time.Second

// awaitOrphans waits for the providers that a Terraform has left behind, which end by themselves.
func (c *commandLine) awaitOrphans(p *process) {
	p.mu.Lock()
	left := p.orphans
	p.mu.Unlock()
	if len(left) > 0 {
		c.awaitEnd("after their Terraform was killed", func(one running) bool { return slices.Contains(left, one.pid) })
	}
}

// awaitEnd waits until none of the chosen processes runs.
func (c *commandLine) awaitEnd(since string, chosen func(running) bool) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(orphanLife); ; {
		alive := c.processes(chosen)
		if len(alive) == 0 {
			return
		}
		select {
		case <-deadline:
			c.t.Errorf("%d providers still run %s %s", len(alive), orphanLife, since)
			return
		case <-tick.C:
		}
	}
}

// killProvider ends the provider.
func (c *commandLine) killProvider() { kill(c.providers()) }

func kill(processes []int) {
	for _, pid := range processes {
		syscall.Kill(pid, syscall.SIGKILL) //nolint:errcheck // it may have ended this moment
	}
}

// providers are the processes that Terraform has started.
func (c *commandLine) providers() []int {
	p := c.terraform()
	if p == nil {
		return nil
	}
	return c.processes(func(one running) bool { return one.parent == p.Pid })
}

// running is a process that the system shows.
type running struct{ pid, parent, group int }

// processes are the ids of the chosen ones of those that run.
func (c *commandLine) processes(chosen func(running) bool) (all []int) {
	out, err := exec.CommandContext(context.WithoutCancel(c.t.Context()), "ps", "-A", "-o", "pid=,ppid=,pgid=,stat=").Output()
	if err != nil {
		c.t.Error(err)
	}
	for line := range strings.Lines(string(out)) {
		var one running
		var stat string
		if _, err := fmt.Sscan(line, &one.pid, &one.parent, &one.group, &stat); err != nil {
			c.t.Errorf("ps: %q: %v", line, err)
		}
		if !strings.HasPrefix(stat, "Z") && chosen(one) { // Z is what has ended, and nobody has asked how
			all = append(all, one.pid)
		}
	}
	return all
}
