package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// scenario is one configuration that is created, refreshed and destroyed.
type scenario struct {
	name        string
	instances   int
	parallelism int
	build       time.Duration // of an instance
	action      time.Duration // of a deletion and of any other change
	foreign     int           // other instances in the project
	kinds       bool          // nodes of all kinds, on a server with the topology API, in place of lone instances
	unlimited   bool          // the rate is not limited while they are created and destroyed: only the refresh is measured
	free        bool          // the rate is not limited at all
}

const rate = 200

// scenarios are what is measured, in the order of the table.
var scenarios = []scenario{
	{name: "10 of 20 s", instances: 10, parallelism: 10, build: 20 * time.Second, action: 5 * time.Second},
	{name: "50 of 20 s", instances: 50, parallelism: 10, build: 20 * time.Second, action: 5 * time.Second},
	{name: "50 of 20 s at once", instances: 50, parallelism: 50, build: 20 * time.Second, action: 5 * time.Second},
	{name: "60 of 20 s", instances: 60, parallelism: 10, build: 20 * time.Second, action: 5 * time.Second},
	{name: "60 of 20 s at once", instances: 60, parallelism: 50, build: 20 * time.Second, action: 5 * time.Second},
	{name: "200 of 20 s at once", instances: 200, parallelism: 50, build: 20 * time.Second, action: 5 * time.Second},
	{name: "50 of 20 s at once, no limit", instances: 50, parallelism: 50, build: 20 * time.Second, action: 5 * time.Second, free: true},
	{name: "60 of 20 s at once, no limit", instances: 60, parallelism: 50, build: 20 * time.Second, action: 5 * time.Second, free: true},
	{name: "200 of 20 s at once, no limit", instances: 200, parallelism: 50, build: 20 * time.Second, action: 5 * time.Second, free: true},
	{name: "10 of 60 s", instances: 10, parallelism: 10, build: time.Minute, action: 10 * time.Second},
	{name: "10 of 300 s", instances: 10, parallelism: 10, build: 5 * time.Minute, action: 10 * time.Second},
	{name: "43 nodes of 6 kinds of 20 s", kinds: true, instances: 43, parallelism: 10, build: 20 * time.Second, action: 5 * time.Second},
	{name: "refresh of 1 among 2000", instances: 1, parallelism: 10, foreign: 2000, unlimited: true},
	{name: "refresh of 50", instances: 50, parallelism: 10, unlimited: true},
	{name: "refresh of 200", instances: 200, parallelism: 10, unlimited: true},
	{name: "refresh of 600", instances: 600, parallelism: 10, unlimited: true},
	{name: "refresh of 1000", instances: 1000, parallelism: 10, unlimited: true},
	{name: "refresh of 3000", instances: 3000, parallelism: 10, unlimited: true},
}

// row is what one command cost.
type row struct {
	scenario
	step     string
	requests map[string]int // by kind
	refused  int
	wall     time.Duration
	used     usage
	err      error
}

func (r row) total() (n int) {
	for _, count := range r.requests {
		n += count
	}
	return n
}

// serverTime is what the server alone takes for a creation; 0 where that is not known.
func (r row) serverTime() time.Duration {
	if r.step != "create" || r.kinds || r.unlimited {
		return 0
	}
	rounds := (r.instances + r.parallelism - 1) / r.parallelism
	return time.Duration(rounds) * r.build
}

// detail is the row for who watches.
func (r row) detail() string {
	var kinds []string
	for kind, n := range r.requests {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, n))
	}
	sort.Strings(kinds)
	failed := ""
	if r.err != nil {
		failed = ", FAILED"
	}
	return fmt.Sprintf("%s: %d requests, %d refused, %.1f s, %.2f s of CPU, %d MB%s (%s)", r.step, r.total(), r.refused, r.wall.Seconds(),
		r.used.CPU.Seconds(), r.used.MemoryKB>>10, failed, strings.Join(kinds, ", "))
}

// table is Markdown.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| what | step | requests | per instance | refused | wall, of the server's own time | provider's CPU, s | provider's memory, MB |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if r.unlimited && r.step != "refresh" {
			continue
		}
		ratio := ""
		if own := r.serverTime(); own > 0 {
			ratio = fmt.Sprintf("%.2f", r.wall.Seconds()/own.Seconds())
		}
		fmt.Fprintf(&b, "| %s, parallelism %d | %s | %d | %.1f | %d | %s | %.1f | %d |\n", r.name, r.parallelism, r.step, r.total(),
			float64(r.total())/float64(r.instances), r.refused, ratio, r.used.CPU.Seconds(), r.used.MemoryKB>>10)
	}
	return b.String()
}

// bench is what all scenarios share.
type bench struct {
	dir, engine, provider string
}

// run creates, refreshes and destroys.
func (b *bench) run(ctx context.Context, s scenario) (rows []row, err error) {
	cloud, err := sandbox.New(sandbox.Options{
		BuildTime: s.build, ActionTime: s.action, Upstream: !s.kinds,
		Quota: state.Quota{Instances: -1, VolumeGB: -1},
	})
	if err != nil {
		return nil, err
	}
	if err := cloud.Start("127.0.0.1:0"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cloud.Close(context.WithoutCancel(ctx))) }()
	for n := range s.foreign {
		_, err := cloud.State().Create(identity.DemoProjectID, state.CreateRequest{
			Name: fmt.Sprintf("foreign-%d", n), FlavorID: "1", Volume: &state.Volume{Size: 1}, Datastore: &state.DatastoreRef{Type: "mysql"},
		})
		if err != nil {
			return nil, err
		}
	}
	w, err := b.workspace(cloud, s)
	if err != nil {
		return nil, err
	}
	parallelism := fmt.Sprintf("-parallelism=%d", s.parallelism)
	steps := []struct {
		name string
		args []string
	}{
		{"create", []string{"apply", "-auto-approve", "-input=false", parallelism}},
		{"refresh", []string{"plan", "-detailed-exitcode", "-input=false", parallelism}},
		{"destroy", []string{"apply", "-destroy", "-auto-approve", "-input=false", parallelism}},
	}
	for _, step := range steps {
		cloud.SetRate(rate)
		if s.free || s.unlimited && step.name != "refresh" {
			cloud.SetRate(0)
		}
		cloud.Ledger().Reset()
		began := time.Now()
		failure := w.terraform(ctx, step.args...)
		r := row{scenario: s, step: step.name, requests: cloud.Ledger().Counts(), wall: time.Since(began), err: failure}
		for _, q := range cloud.Ledger().Requests() {
			if q.Status == 413 {
				r.refused++
			}
		}
		if r.used, err = takeUsage(w.usage); err != nil {
			return rows, errors.Join(failure, err)
		}
		rows = append(rows, r)
		if failure != nil {
			return rows, fmt.Errorf("%s: %w", step.name, failure)
		}
	}
	return rows, nil
}

// workspace is a working directory of Terraform.
type workspace struct {
	engine, dir, usage string
	env                []string
}

// lone are instances by themselves.
const lone = `
terraform {
  required_providers {
    trove = { source = "opentrove/trove" }
  }
}

resource "trove_instance" "it" {
  count     = %d
  name      = "bench-${count.index}"
  flavor_id = "1"
  volume    = { size = 1 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`

// workspace lays a working directory out, in which the provider is this command, which runs the measured one.
func (b *bench) workspace(cloud *sandbox.Sandbox, s scenario) (*workspace, error) {
	dir, err := os.MkdirTemp(b.dir, "work-")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w := &workspace{engine: b.engine, dir: filepath.Join(dir, "work"), usage: filepath.Join(dir, "usage.json")}
	bin, rc := filepath.Join(dir, "bin"), filepath.Join(dir, "cli.tfrc")
	config := []byte(fmt.Sprintf(lone, s.instances))
	if s.kinds {
		if config, err = os.ReadFile("examples/demo/everything/main.tf"); err != nil {
			return nil, err
		}
		provider, err := os.ReadFile("examples/demo/everything/provider.tf")
		if err != nil {
			return nil, err
		}
		config = append(config, provider...)
	}
	err = errors.Join(
		os.Mkdir(w.dir, 0o700), os.Mkdir(bin, 0o700),
		os.Symlink(self, filepath.Join(bin, "terraform-provider-trove")),
		os.WriteFile(filepath.Join(w.dir, "main.tf"), config, 0o600),
		os.WriteFile(rc, fmt.Appendf(nil, "provider_installation {\n  dev_overrides {\n    \"opentrove/trove\" = %q\n  }\n  direct {}\n}\n", bin), 0o600),
	)
	if err != nil {
		return nil, err
	}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OS_") && !strings.HasPrefix(kv, "TF_") {
			w.env = append(w.env, kv)
		}
	}
	w.env = append(append(w.env, cloud.Env()...), "TF_CLI_CONFIG_FILE="+rc, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "TF_VAR_nodes=6",
		measuredProvider+"="+b.provider, measuredInto+"="+w.usage)
	return w, nil
}

// terraform runs one command. The error has the end of what it printed.
func (w *workspace) terraform(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, w.engine, append(args, "-no-color")...)
	cmd.Dir, cmd.Env = w.dir, w.env
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	lines := bytes.Split(out, []byte("\n"))
	return fmt.Errorf("%w\n%s", err, bytes.Join(lines[max(len(lines)-60, 0):], []byte("\n")))
}
