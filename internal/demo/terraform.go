package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

const (
	providerBinary = "terraform-provider-trove"
	configuration  = "examples/demo/main.tf"
	everything     = "examples/demo/everything"
	planFile       = "plan.bin"

	shownAddress    = "data.trove_topology.shown"
	topologyAddress = "data.trove_topology.orders"
	promotedName    = "orders-reader-2"
	everyNode       = 3 + 3 + 3 + 3 + 3 + 6 + 2 // MySQL, MongoDB, Cassandra, Couchbase, Redis, Redis Cluster, PostgreSQL
	everyOther      = 3                         // a replica set's settings, a bucket, and a root
	promotedAddress = `trove_mysql_replica.reader["` + promotedName + `"]`
)

// terraform drives one working directory with Terraform or OpenTofu.
type terraform struct {
	path string
	dir  string
	env  []string
	// quiet leaves out all of a plan's and an apply's output but for its last words: of many resources it is too long to read.
	quiet bool
}

// newTerraform lays the working directory out in dir, where the provider has been built.
func newTerraform(path, dir string, sandboxEnv []string) (*terraform, error) {
	t := &terraform{path: path, dir: filepath.Join(dir, "work")}
	if err := os.Mkdir(t.dir, 0o700); err != nil {
		return nil, err
	}
	if err := t.copyIn(configuration); err != nil {
		return nil, fmt.Errorf("run from the top of the repository: %w", err)
	}
	cliConfig := filepath.Join(dir, "cli.tfrc")
	if err := os.WriteFile(cliConfig, []byte(devOverrides(dir)), 0o600); err != nil {
		return nil, err
	}
	t.env = append(cleanEnv(os.Environ()), sandboxEnv...)
	t.env = append(t.env, "TF_CLI_CONFIG_FILE="+cliConfig, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	return t, nil
}

// use goes on in a working directory of its own with the configuration of a folder.
func (t *terraform) use(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s holds no configuration (%w)", folder, err)
	}
	t.dir = filepath.Join(filepath.Dir(t.dir), filepath.Base(folder))
	if err := os.Mkdir(t.dir, 0o700); err != nil {
		return err
	}
	for _, file := range files {
		if err := t.copyIn(file); err != nil {
			return err
		}
	}
	return nil
}

// copyIn copies a file into the working directory.
func (t *terraform) copyIn(file string) error {
	text, err := os.ReadFile(file) //nolint:gosec // of this repository
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(t.dir, filepath.Base(file)), text, 0o600)
}

// name is what the reader calls the command.
func (t *terraform) name() string { return filepath.Base(t.path) }

// devOverrides is a command-line configuration that finds the provider in dir: no registry and no init.
func devOverrides(dir string) string {
	return fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"opentrove/trove\" = %q\n  }\n  direct {}\n}\n", filepath.ToSlash(dir))
}

// cleanEnv leaves out what the user has set for clouds and Terraform of their own.
func cleanEnv(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		return strings.HasPrefix(kv, "OS_") || strings.HasPrefix(kv, "TF_")
	})
}

// changes counts what a plan does to resources.
type changes struct {
	Create, Update, Replace, Delete int
}

func (c changes) String() string {
	return fmt.Sprintf("create %d, update %d, replace %d and delete %d", c.Create, c.Update, c.Replace, c.Delete)
}

// plan shows and saves a plan, and returns what it would do.
func (t *terraform) plan(ctx context.Context, args ...string) (changes, error) {
	if err := t.stream(ctx, append([]string{"plan", "-input=false", "-out=" + planFile}, args...)...); err != nil {
		return changes{}, err
	}
	out, err := t.output(ctx, "show", "-json", planFile)
	if err != nil {
		return changes{}, err
	}
	var plan tfjson.Plan
	if err := json.Unmarshal(out, &plan); err != nil {
		return changes{}, fmt.Errorf("reading the plan: %w", err)
	}
	return countChanges(&plan), nil
}

func countChanges(plan *tfjson.Plan) changes {
	var c changes
	for _, rc := range plan.ResourceChanges {
		switch actions := rc.Change.Actions; {
		case actions.Replace():
			c.Replace++
		case actions.Create():
			c.Create++
		case actions.Update():
			c.Update++
		case actions.Delete():
			c.Delete++
		}
	}
	return c
}

// apply carries the saved plan out.
func (t *terraform) apply(ctx context.Context) error {
	return t.stream(ctx, "apply", "-input=false", planFile)
}

// state is what the demo looks at after an apply.
type state struct {
	ids      map[string]string   // of the resources, by address
	topology                     // of the MySQL servers
	shown    map[string]topology // by kind, of examples/demo/everything
}

// A topology is what the data source tells of one.
type topology struct {
	members []member
	diagram string
}

func (t *terraform) state(ctx context.Context) (*state, error) {
	out, err := t.output(ctx, "show", "-json")
	if err != nil {
		return nil, err
	}
	return parseState(out)
}

// parseState reads what `terraform show -json` prints.
func parseState(text []byte) (*state, error) {
	var shown struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string
					Index   any
					Values  struct {
						ID      string
						Members json.RawMessage // other resources have members of another form
						Mermaid string
					}
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal(text, &shown); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	s := &state{ids: map[string]string{}, shown: map[string]topology{}}
	for _, r := range shown.Values.RootModule.Resources {
		s.ids[r.Address] = r.Values.ID
		kind, each := r.Index.(string)
		if r.Address != topologyAddress && (!each || !strings.HasPrefix(r.Address, shownAddress)) {
			continue
		}
		shown := topology{diagram: r.Values.Mermaid}
		if err := json.Unmarshal(r.Values.Members, &shown.members); err != nil {
			return nil, fmt.Errorf("reading %s: %w", r.Address, err)
		}
		if each {
			s.shown[kind] = shown
		} else {
			s.topology = shown
		}
	}
	return s, nil
}

func (t *terraform) printConfiguration() error {
	text, err := os.ReadFile(configuration)
	if err != nil {
		return err
	}
	fmt.Println()
	fmt.Print(indent(string(text)))
	return nil
}

// stream runs a command whose output the reader watches.
func (t *terraform) stream(ctx context.Context, args ...string) error {
	fmt.Printf("\n$ %s %s\n", t.name(), strings.Join(args, " "))
	if !isTerminal(os.Stdout) {
		args = slices.Insert(slices.Clone(args), 1, "-no-color") // Terraform colors pipes and files too
	}
	cmd := command(ctx, t.path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = t.dir, t.env, os.Stdout, os.Stderr
	var all bytes.Buffer
	if t.quiet {
		cmd.Stdout, cmd.Stderr = &all, &all
	}
	err := cmd.Run()
	if t.quiet {
		fmt.Print(gist(all.String(), err != nil))
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", t.name(), args[0], err)
	}
	return nil
}

// gist is what a reader wants of a long output: what came to its end, and the sums; all of it where something went wrong.
func gist(output string, failed bool) string {
	if failed {
		return output
	}
	var b strings.Builder
	for line := range strings.Lines(output) {
		if strings.Contains(line, " complete after ") || strings.HasPrefix(line, "Plan:") || strings.HasPrefix(line, "Apply complete!") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// output runs a command for its output alone.
func (t *terraform) output(ctx context.Context, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := command(ctx, t.path, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = t.dir, t.env, &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", t.name(), args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
