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
	planFile       = "plan.bin"
)

// terraform drives one working directory with Terraform or OpenTofu.
type terraform struct {
	path string
	dir  string
	env  []string
}

// newTerraform lays the working directory out in dir, where the provider has been built.
func newTerraform(path, dir string, sandboxEnv []string) (*terraform, error) {
	t := &terraform{path: path, dir: filepath.Join(dir, "work")}
	if err := os.Mkdir(t.dir, 0o700); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(configuration)
	if err != nil {
		return nil, fmt.Errorf("run from the top of the repository: %w", err)
	}
	if err := os.WriteFile(filepath.Join(t.dir, "main.tf"), text, 0o600); err != nil {
		return nil, err
	}
	cliConfig := filepath.Join(dir, "cli.tfrc")
	if err := os.WriteFile(cliConfig, []byte(devOverrides(dir)), 0o600); err != nil {
		return nil, err
	}
	t.env = append(cleanEnv(os.Environ()), sandboxEnv...)
	t.env = append(t.env, "TF_CLI_CONFIG_FILE="+cliConfig, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	return t, nil
}

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

// topology reads the outputs of the configuration.
func (t *terraform) topology(ctx context.Context) ([]member, string, error) {
	out, err := t.output(ctx, "output", "-json")
	if err != nil {
		return nil, "", err
	}
	var outputs struct {
		Members struct{ Value []member }
		Mermaid struct{ Value string }
	}
	if err := json.Unmarshal(out, &outputs); err != nil {
		return nil, "", fmt.Errorf("reading the outputs: %w", err)
	}
	return outputs.Members.Value, outputs.Mermaid.Value, nil
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
	fmt.Printf("\n$ %s %s\n", filepath.Base(t.path), strings.Join(args, " "))
	cmd := command(ctx, t.path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = t.dir, t.env, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(t.path), args[0], err)
	}
	return nil
}

// output runs a command for its output alone.
func (t *terraform) output(ctx context.Context, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := command(ctx, t.path, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = t.dir, t.env, &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", filepath.Base(t.path), args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
