package acctest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// CLI is a working directory in which the real command line runs with the provider as a process of its own: for what
// plugin-testing cannot do, such as interrupting an apply.
type CLI struct {
	t    *testing.T
	path string
	dir  string
	env  []string
	rc   string // the configuration of the command line itself
}

// built is the folder with the provider's binary, made once for all tests of a package.
var built struct {
	sync.Mutex
	dir string
}

// buildProvider returns the folder with the provider's binary: TROVE_TEST_PROVIDER, in which make test has built it for all packages; without that
// a folder of this package's own, where it builds it once.
func buildProvider(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("TROVE_TEST_PROVIDER"); dir != "" {
		return dir
	}
	built.Lock()
	defer built.Unlock()
	if built.dir != "" {
		return built.dir
	}
	dir, err := os.MkdirTemp("", "terraform-provider-trove-") //nolint:usetesting // it outlives the test: others use it too
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/opentrove/terraform-provider-trove"
	root, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output() // of nested modules, it is the one above
	if err != nil {
		t.Fatalf("finding the provider's module: %v", err)
	}
	build := exec.CommandContext(t.Context(), "go", "-C", strings.TrimSpace(string(root)), "build", "-o", filepath.Join(dir, "terraform-provider-trove"), module)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, out)
	}
	built.dir = dir
	return dir
}

// RemoveBuild deletes what NewCLI has built; a package that uses it calls this at the end of its TestMain.
func RemoveBuild() {
	if built.dir != "" {
		_ = os.RemoveAll(built.dir) // a temporary directory: nothing depends on its going
	}
}

// NewCLI lays out a working directory with this configuration. The configuration must hold its provider block.
func NewCLI(t *testing.T, config string) *CLI {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1, as make test sets it")
	}
	provider := buildProvider(t)
	dir := t.TempDir()
	rc := filepath.Join(dir, "cli.tfrc")
	write(t, rc, overrides("opentrove/trove", provider))
	c := &CLI{t: t, path: engine(t), dir: filepath.Join(dir, "work"), rc: rc}
	if err := os.Mkdir(c.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OS_") && !strings.HasPrefix(kv, "TF_") {
			c.env = append(c.env, kv)
		}
	}
	// Certificates for the socket between Terraform and the provider take half of the processor time of a plan. The demo and the rehearsal of a
	// release have them.
	c.env = append(c.env, "TF_CLI_CONFIG_FILE="+rc, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", "TF_DISABLE_PLUGIN_TLS=1")
	c.Configure(config)
	return c
}

// overrides is a configuration by which these providers are found: address, folder, address, folder.
func overrides(addressesAndFolders ...string) string {
	text := "provider_installation {\n  dev_overrides {\n"
	for pair := range slices.Chunk(addressesAndFolders, 2) {
		text += fmt.Sprintf("    %q = %q\n", pair[0], pair[1])
	}
	return text + "  }\n  direct {}\n}\n"
}

// StandIn lets the provider under test be found at the address (namespace/type) of another one as well: a state that is to be
// moved away from that takes it to be installed, and asks nothing of it but a schema.
func (c *CLI) StandIn(address string) {
	c.t.Helper()
	dir := c.t.TempDir()
	_, name, _ := strings.Cut(address, "/")
	provider := buildProvider(c.t)
	if err := os.Symlink(filepath.Join(provider, "terraform-provider-trove"), filepath.Join(dir, "terraform-provider-"+name)); err != nil {
		c.t.Fatal(err)
	}
	write(c.t, c.rc, overrides("opentrove/trove", provider, address, dir))
}

// PutState replaces the state.
func (c *CLI) PutState(state string) {
	c.t.Helper()
	write(c.t, filepath.Join(c.dir, "terraform.tfstate"), state)
}

// engine is the Terraform or OpenTofu that the tests are to use.
func engine(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("neither terraform nor tofu is on the PATH: run the tests by make test, which obtains one")
	return ""
}

// Terraform says whether the command line is Terraform 1.minor or later; of no OpenTofu it is true.
func (c *CLI) Terraform(minor int) bool {
	c.t.Helper()
	out := c.MustRun("version")
	var have int
	if _, err := fmt.Sscanf(out, "Terraform v1.%d.", &have); err != nil && !strings.HasPrefix(out, "OpenTofu v") {
		c.t.Fatalf("which version is %q?", out)
	}
	return have >= minor
}

// Write puts a further file into the working directory.
func (c *CLI) Write(name, text string) {
	c.t.Helper()
	write(c.t, filepath.Join(c.dir, name), text)
}

// Remove takes a file away that Write or the command line has put there.
func (c *CLI) Remove(name string) {
	c.t.Helper()
	if err := os.Remove(filepath.Join(c.dir, name)); err != nil {
		c.t.Fatal(err)
	}
}

// Set adds to the environment of what runs from now on: KEY=value.
func (c *CLI) Set(environment ...string) { c.env = append(c.env, environment...) }

// Configure replaces the configuration.
func (c *CLI) Configure(config string) {
	c.t.Helper()
	write(c.t, filepath.Join(c.dir, "main.tf"), `
terraform {
  required_providers {
    trove = { source = "opentrove/trove" }
  }
}
`+config)
}

// Read returns what stands in a file of the working directory; "" where there is none.
func (c *CLI) Read(file string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, file))
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	return string(text)
}

// Command prepares a run without starting it.
func (c *CLI) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	return cmd
}

// Run runs the command line and returns what it printed, without line breaks inside sentences.
func (c *CLI) Run(args ...string) (string, error) {
	out, err := c.Command(c.t.Context(), append(args, "-no-color")...).CombinedOutput()
	return Unwrap(string(out)), err
}

// MustRun is Run for what must succeed.
func (c *CLI) MustRun(args ...string) string {
	c.t.Helper()
	out, err := c.Run(args...)
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// EditState changes the state by hand, as `terraform state push` would.
func (c *CLI) EditState(edit func(state string) string) {
	c.t.Helper()
	path := filepath.Join(c.dir, "terraform.tfstate")
	state, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	write(c.t, path, edit(string(state)))
}

// Unwrap undoes the frame and the line breaks that the command line puts around diagnostics.
func Unwrap(out string) string {
	return strings.Join(strings.FieldsFunc(out, func(r rune) bool { return r == '\n' || r == ' ' || r == '│' || r == '╷' || r == '╵' }), " ")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
