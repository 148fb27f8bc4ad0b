// Package engine finds the Terraform or OpenTofu that the tests and the demo drive, and obtains one where there is none.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// What is obtained where the machine has nothing.
const (
	TerraformVersion = "1.15.9"
	OpenTofuVersion  = "1.12.6"
)

// An Engine is an executable that speaks the Terraform command line.
type Engine struct {
	Path     string // absolute
	OpenTofu bool
	Version  string // its own first line, such as "Terraform v1.11.4"
}

// Finder looks for an engine: on the PATH, then among those obtained earlier, and then obtains one.
type Finder struct {
	Cache string    // directory for what is obtained; holds the command-line configuration file as well
	Log   io.Writer // where slow steps are announced

	lookPath func(name string) (string, error)
	probe    func(ctx context.Context, path, cliConfig string) (string, error)
	download func(ctx context.Context, dir string) error // puts terraform into dir
	build    func(ctx context.Context, dir string) error // puts tofu into dir
}

// New returns a Finder that keeps what it obtains in cache.
func New(cache string, log io.Writer) *Finder {
	f := &Finder{Cache: cache, Log: log, lookPath: exec.LookPath, probe: probe}
	f.download = f.downloadTerraform
	f.build = f.buildOpenTofu
	return f
}

// Find returns the engine that choice names: "terraform", "tofu", or the path of an executable. Empty means whichever
// there is, terraform first; where there is none, Terraform is downloaded, and where that fails OpenTofu is built.
func (f *Finder) Find(ctx context.Context, choice string) (Engine, error) {
	path, err := f.locate(ctx, choice)
	if err != nil {
		return Engine{}, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return Engine{}, err
	}
	cliConfig, err := f.CLIConfig()
	if err != nil {
		return Engine{}, err
	}
	version, err := f.probe(ctx, path, cliConfig)
	if err != nil {
		return Engine{}, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	return Engine{Path: path, OpenTofu: strings.HasPrefix(version, "OpenTofu"), Version: version}, nil
}

func (f *Finder) locate(ctx context.Context, choice string) (string, error) {
	terraform := source{name: "terraform", dir: "terraform-" + TerraformVersion, obtain: f.download}
	tofu := source{name: "tofu", dir: "tofu-" + OpenTofuVersion, obtain: f.build}
	switch choice {
	case terraform.name:
		return f.first(ctx, terraform)
	case tofu.name:
		return f.first(ctx, tofu)
	case "":
		return f.first(ctx, terraform, tofu)
	default:
		return choice, nil
	}
}

// A source is one engine: the command on the PATH, the folder of the cache that holds it, and how it gets there.
type source struct {
	name, dir string
	obtain    func(ctx context.Context, dir string) error
}

// first prefers what is there over what must be obtained, and earlier sources over later ones.
func (f *Finder) first(ctx context.Context, sources ...source) (string, error) {
	for _, s := range sources {
		if path, err := f.lookPath(s.name); err == nil {
			return path, nil
		}
	}
	for _, s := range sources {
		if path := f.cached(s); isFile(path) {
			return path, nil
		}
	}
	var failures []error
	for _, s := range sources {
		err := f.fill(ctx, s)
		if err == nil {
			return f.cached(s), nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		failures = append(failures, err)
		f.logf("%v", err)
	}
	return "", fmt.Errorf("no Terraform and no OpenTofu: put one on the PATH, or name one in TROVE_TF: %w", errors.Join(failures...))
}

// fill obtains s in a folder beside its final one: what was interrupted half-way never looks finished.
func (f *Finder) fill(ctx context.Context, s source) error {
	if err := os.MkdirAll(f.Cache, 0o750); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(f.Cache, s.dir+".part-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // nothing is left to remove once it has been renamed
	if err := s.obtain(ctx, tmp); err != nil {
		return fmt.Errorf("obtaining %s: %w", s.name, err)
	}
	if !isFile(filepath.Join(tmp, executable(s.name))) {
		return fmt.Errorf("obtaining %s: no executable came of it", s.name)
	}
	final := filepath.Join(f.Cache, s.dir)
	if err := os.Rename(tmp, final); err != nil && !isFile(f.cached(s)) { // another run may have been faster
		return err
	}
	return nil
}

func (f *Finder) cached(s source) string {
	return filepath.Join(f.Cache, s.dir, executable(s.name))
}

func (f *Finder) logf(format string, args ...any) {
	fmt.Fprintf(f.Log, format+"\n", args...) //nolint:errcheck // progress on a terminal: nobody is left to tell
}

// CLIConfig writes the command-line configuration file that every engine is given, and returns its path. The user's own
// could redirect the provider's address, and a TF_CLI_CONFIG_FILE that names a missing file stops OpenTofu altogether.
func (f *Finder) CLIConfig() (string, error) {
	if err := os.MkdirAll(f.Cache, 0o750); err != nil {
		return "", err
	}
	path, err := filepath.Abs(filepath.Join(f.Cache, "cli.tfrc"))
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, []byte("disable_checkpoint = true\n"), 0o600)
}

// Env returns the environment in which terraform-plugin-testing and the demo use e: base, with what names the engine replaced.
func (e Engine) Env(base []string, cliConfig string) []string {
	set := []string{"TF_ACC_TERRAFORM_PATH=" + e.Path, "TF_CLI_CONFIG_FILE=" + cliConfig}
	if e.OpenTofu {
		// Without these terraform-plugin-testing offers the provider under Terraform's legacy namespace, which OpenTofu
		// refuses. This namespace is the one of a provider whose source is not said, as in some of the steps that it makes up.
		set = append(set, "TF_ACC_PROVIDER_HOST=registry.opentofu.org", "TF_ACC_PROVIDER_NAMESPACE=hashicorp")
	}
	owned := []string{"TF_ACC_TERRAFORM_PATH", "TF_ACC_TERRAFORM_VERSION", "TF_ACC_PROVIDER_HOST", "TF_ACC_PROVIDER_NAMESPACE", "TF_CLI_CONFIG_FILE"}
	var env []string
	for _, kv := range base {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.Contains(owned, name) {
			env = append(env, kv)
		}
	}
	return append(env, set...)
}

func probe(ctx context.Context, path, cliConfig string) (string, error) {
	out, err := versionOutput(ctx, path, cliConfig)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(out, "\n")
	return strings.TrimSpace(line), nil
}

// versionOutput is what an engine prints for `version` and these options.
func versionOutput(ctx context.Context, path, cliConfig string, options ...string) (string, error) {
	cmd := exec.CommandContext(ctx, path, append([]string{"version"}, options...)...)
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+cliConfig, "CHECKPOINT_DISABLE=1")
	out, err := cmd.Output()
	return string(out), err
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
