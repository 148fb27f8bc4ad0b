package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// commandLine is the real Terraform or OpenTofu, with the provider as a process of its own.
type commandLine struct {
	t     *testing.T
	cli   *acctest.CLI
	proxy *acctest.FaultProxy
	block map[string]string
	ctx   context.Context //nolint:containedctx // of the present run

	mu          sync.Mutex
	process     *exec.Cmd                  // while it runs
	interrupted atomic.Pointer[os.Process] // the last one
	truncated   int                        // how often a Terraform that was killed has left a state that cannot be read
}

func newCommandLine(t *testing.T, proxy *acctest.FaultProxy, block map[string]string) *commandLine {
	t.Helper()
	return &commandLine{t: t, cli: acctest.NewCLI(t, ""), proxy: proxy, block: block}
}

// configure writes the configuration.
func (c *commandLine) configure(config configuration) {
	var lines []string
	for name, value := range c.block {
		lines = append(lines, fmt.Sprintf("%s = %q", name, value))
	}
	slices.Sort(lines)
	c.cli.Configure(c.proxy.Config("", lines...))
	c.cli.Write("resources.tf.json", config.tfJSON())
}

// run runs a command; signals may meet it.
func (c *commandLine) run(args ...string) (string, int) {
	cmd := c.cli.Command(c.ctx, slices.Insert(args, 1, "-no-color")...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that what it leaves behind is ended with it
	cmd.WaitDelay = 10 * time.Second                      // where a provider that it leaves behind holds its output
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	c.process = cmd
	c.mu.Unlock()
	err := cmd.Wait()
	c.mu.Lock()
	c.process = nil
	c.mu.Unlock()
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // there is none where it has left nothing
	var failed *exec.ExitError
	switch {
	case err == nil:
		return out.String(), 0
	case errors.As(err, &failed):
		return out.String(), failed.ExitCode()
	}
	return out.String() + "\n" + err.Error(), -1
}

// report runs a command that tells in JSON what it plans and what is wrong. It returns the exit code as well.
func (c *commandLine) report(args ...string) (out outcome, code int) {
	text, code := c.run(append(args, "-json", "-input=false")...)
	out.failed = code != 0
	for line := range strings.Lines(text) {
		var said struct {
			Type       string
			Diagnostic struct{ Severity, Summary, Detail, Address string }
			Change     struct {
				Resource struct{ Addr string }
				Action   string
			}
		}
		if json.Unmarshal([]byte(line), &said) != nil {
			out.text += line // it was killed, or is at a loss
			continue
		}
		switch said.Type {
		case "planned_change":
			out.changes = append(out.changes, said.Change.Action+" "+said.Change.Resource.Addr)
		case "diagnostic":
			if d := said.Diagnostic; d.Summary != overridden {
				out.text += fmt.Sprintf("%s: %s: %s: %s\n", d.Address, strings.ToUpper(d.Severity), d.Summary, d.Detail)
			}
		}
	}
	return out, code
}

// overridden is what Terraform warns of with every command that uses a provider which is not installed.
const overridden = "Provider development overrides are in effect"

func (c *commandLine) apply(config configuration, replace ...string) outcome {
	c.configure(config)
	args := []string{"apply", "-auto-approve"}
	for _, address := range replace {
		if _, ok := config.block(address); ok {
			args = append(args, "-replace="+address)
		}
	}
	out, _ := c.report(args...)
	return out
}

func (c *commandLine) plan(config configuration) outcome {
	c.configure(config)
	out, code := c.report("plan", "-detailed-exitcode")
	out.failed = code != 0 && code != 2
	if code == 2 && len(out.changes) == 0 {
		out.changes = []string{"something"}
	}
	return out
}

func (c *commandLine) destroy(config configuration) outcome {
	c.configure(config)
	out, _ := c.report("destroy", "-auto-approve")
	return out
}

func (c *commandLine) within(ctx context.Context) { c.ctx = ctx }

func (c *commandLine) taint(address string) {
	if _, ok := c.ids()[address]; ok {
		c.cli.MustRun("taint", address)
	}
}

func (c *commandLine) forget(address string) { c.cli.MustRun("state", "rm", address) }

func (c *commandLine) adopt(config configuration, address, id string) outcome {
	c.configure(config)
	out, code := c.run("import", "-input=false", address, id)
	return outcome{failed: code != 0, text: acctest.Unwrap(out)}
}

// stored is what is read of a state file.
type stored struct {
	Resources []struct {
		Mode, Type, Name string
		Instances        []struct {
			Status     string
			Deposed    string
			Attributes struct{ ID string }
		}
	}
}

// state reads the state. Where a Terraform that was killed has left half a file, or an empty one, the backup takes its place, as the user would
// have it.
func (c *commandLine) state() (s stored) {
	text, backup := c.cli.Read("terraform.tfstate"), c.cli.Read("terraform.tfstate.backup")
	if text == "" && backup == "" || json.Unmarshal([]byte(text), &s) == nil {
		return s
	}
	c.truncated++
	s = stored{}
	if err := json.Unmarshal([]byte(backup), &s); backup != "" && err != nil {
		c.t.Fatal(err)
	}
	c.cli.PutState(backup)
	return s
}

func (c *commandLine) ids() map[string]string {
	all := map[string]string{}
	for _, r := range c.state().Resources {
		for _, i := range r.Instances {
			address := r.Type + "." + r.Name
			if i.Deposed != "" {
				address += deposedMark + i.Deposed
			}
			all[address] = i.Attributes.ID
		}
	}
	return all
}

func (c *commandLine) tainted() (all []string) {
	for _, r := range c.state().Resources {
		for _, i := range r.Instances {
			if i.Status == "tainted" && i.Deposed == "" {
				all = append(all, r.Type+"."+r.Name)
			}
		}
	}
	return all
}

// running is the Terraform that runs, nil where none does.
func (c *commandLine) running() *os.Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return nil
	}
	return c.process.Process
}

func send(p *os.Process, signal syscall.Signal) {
	if p != nil {
		p.Signal(signal) //nolint:errcheck // it may have ended this moment
	}
}

// interrupt sends one SIGINT, and no second one to the same process: that has another meaning.
func (c *commandLine) interrupt() {
	p := c.running()
	if p != nil && p != c.interrupted.Swap(p) {
		send(p, syscall.SIGINT)
	}
}

// interruptTwice is the user's second Ctrl-C, after which Terraform waits for nothing.
func (c *commandLine) interruptTwice() {
	p := c.running()
	c.interrupted.Store(p)
	send(p, syscall.SIGINT)
	time.Sleep(100 * time.Millisecond) // until it has seen the first
	send(p, syscall.SIGINT)
}

// kill ends Terraform, and the provider, which would wait for it for ever.
func (c *commandLine) kill() {
	providers := c.providers()
	send(c.running(), syscall.SIGKILL)
	kill(providers)
}

// killProvider ends the provider.
func (c *commandLine) killProvider() { kill(c.providers()) }

func kill(processes []int) {
	for _, pid := range processes {
		syscall.Kill(pid, syscall.SIGKILL) //nolint:errcheck // it may have ended this moment
	}
}

// providers are the processes that Terraform has started.
func (c *commandLine) providers() (all []int) {
	p := c.running()
	if p == nil {
		return nil
	}
	out, err := exec.CommandContext(c.t.Context(), "ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		c.t.Error(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[1] == strconv.Itoa(p.Pid) {
			if pid, err := strconv.Atoi(fields[0]); err == nil {
				all = append(all, pid)
			}
		}
	}
	return all
}
