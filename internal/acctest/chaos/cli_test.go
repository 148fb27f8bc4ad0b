package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
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
	process     *process                // while it runs
	interrupted atomic.Pointer[process] // the last one
	truncated   int                     // how often a Terraform that was killed has left a state that cannot be read
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
	p := &process{ended: make(chan struct{}), heeds: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p, p
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	p.Process = cmd.Process
	c.mu.Lock()
	c.process = p
	c.mu.Unlock()
	err := cmd.Wait()
	close(p.ended)
	c.mu.Lock()
	c.process = nil
	c.mu.Unlock()
	c.awaitOrphans(p)
	if syscall.Kill(-p.Pid, syscall.SIGKILL) == nil { // it has left something, which ends in its own time
		c.awaitEnd("after they were killed", func(one running) bool { return one.group == p.Pid })
	}
	out := p.text()
	var failed *exec.ExitError
	switch {
	case err == nil:
		return out, 0
	case errors.As(err, &failed):
		return out, failed.ExitCode()
	}
	return out + "\n" + err.Error(), -1
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
