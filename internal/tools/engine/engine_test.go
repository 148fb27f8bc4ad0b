package engine

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine describes what a Finder meets, and records what it did.
type machine struct {
	onPath   []string // command names
	cached   []string // paths below the cache
	offline  bool     // nothing can be downloaded
	noModule bool     // nothing can be built
	did      []string
}

func (m *machine) finder(t *testing.T) *Finder {
	t.Helper()
	cache := t.TempDir()
	for _, path := range m.cached {
		writeExecutable(t, filepath.Join(cache, path))
	}
	f := New(cache, t.Output())
	f.lookPath = func(name string) (string, error) {
		if slices.Contains(m.onPath, name) {
			return "/usr/bin/" + name, nil
		}
		return "", exec.ErrNotFound
	}
	f.probe = func(_ context.Context, path, _ string) (string, error) {
		if strings.Contains(filepath.Base(path), "tofu") {
			return "OpenTofu v1.12.6", nil
		}
		return "Terraform v1.11.4", nil
	}
	f.download = m.obtain(t, "download", "terraform", &m.offline)
	f.build = m.obtain(t, "build", "tofu", &m.noModule)
	return f
}

func (m *machine) obtain(t *testing.T, verb, name string, fails *bool) func(context.Context, string) error {
	t.Helper()
	return func(_ context.Context, dir string) error {
		m.did = append(m.did, verb)
		if *fails {
			return errors.New("no route to host")
		}
		writeExecutable(t, filepath.Join(dir, name))
		return nil
	}
}

func writeExecutable(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestFindPrefersWhatIsThere(t *testing.T) {
	const terraform, tofu = "terraform-" + TerraformVersion + "/terraform", "tofu-" + OpenTofuVersion + "/tofu"
	tests := map[string]struct {
		machine machine
		choice  string
		want    string // the end of the path
		did     []string
	}{
		"terraform on the path":              {machine: machine{onPath: []string{"terraform", "tofu"}}, want: "/usr/bin/terraform"},
		"only tofu on the path":              {machine: machine{onPath: []string{"tofu"}, cached: []string{terraform}}, want: "/usr/bin/tofu"},
		"tofu asked for":                     {machine: machine{onPath: []string{"terraform", "tofu"}}, choice: "tofu", want: "/usr/bin/tofu"},
		"tofu asked for and cached":          {machine: machine{onPath: []string{"terraform"}, cached: []string{tofu}}, choice: "tofu", want: tofu},
		"tofu asked for and built":           {machine: machine{onPath: []string{"terraform"}}, choice: "tofu", want: tofu, did: []string{"build"}},
		"terraform asked for and downloaded": {machine: machine{onPath: []string{"tofu"}}, choice: "terraform", want: terraform, did: []string{"download"}},
		"cached before downloaded":           {machine: machine{cached: []string{tofu}}, want: tofu},
		"nothing there":                      {machine: machine{}, want: terraform, did: []string{"download"}},
		"nothing there and offline":          {machine: machine{offline: true}, want: tofu, did: []string{"download", "build"}},
		"a path":                             {machine: machine{onPath: []string{"terraform"}}, choice: "/opt/my-tofu", want: "/opt/my-tofu"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := test.machine.finder(t)
			got, err := f.Find(t.Context(), test.choice)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(got.Path, test.want) {
				t.Errorf("path = %s, want one that ends in %s", got.Path, test.want)
			}
			if want := strings.Contains(test.want, "tofu"); got.OpenTofu != want {
				t.Errorf("OpenTofu = %t, want %t", got.OpenTofu, want)
			}
			if diff := cmp.Diff(test.did, test.machine.did); diff != "" {
				t.Errorf("obtained (-want +got):\n%s", diff)
			}
			if parts, err := filepath.Glob(filepath.Join(f.Cache, "*.part-*")); err != nil || len(parts) > 0 {
				t.Errorf("left behind: %v, %v", parts, err)
			}
		})
	}
}

func TestFindObtainsOnce(t *testing.T) {
	m := machine{offline: true}
	f := m.finder(t)
	for range 2 {
		if _, err := f.Find(t.Context(), "tofu"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"build"}, m.did); diff != "" {
		t.Errorf("obtained (-want +got):\n%s", diff)
	}
}

func TestFindNamesEveryFailure(t *testing.T) {
	m := machine{offline: true, noModule: true}
	_, err := m.finder(t).Find(t.Context(), "")
	if err == nil {
		t.Fatal("no error though nothing could be obtained")
	}
	for _, want := range []string{"TROVE_TF", "obtaining terraform", "obtaining tofu"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not mention %q", err, want)
		}
	}
}

func TestFindStopsWhenCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := machine{}
	f := m.finder(t)
	f.download = func(ctx context.Context, _ string) error { cancel(); return ctx.Err() }
	if _, err := f.Find(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the cancellation", err)
	}
	if len(m.did) > 0 {
		t.Errorf("went on with %v", m.did)
	}
}

func TestEnvReplacesWhatNamesTheEngine(t *testing.T) {
	base := []string{"HOME=/home/u", "TF_CLI_CONFIG_FILE=/missing", "TF_ACC=1", "TF_ACC_TERRAFORM_PATH=/old", "TF_ACC_PROVIDER_HOST=old"}
	tests := map[string]struct {
		engine Engine
		want   []string
	}{
		"terraform": {Engine{Path: "/b/terraform"}, []string{
			"HOME=/home/u", "TF_ACC=1", "TF_ACC_TERRAFORM_PATH=/b/terraform", "TF_CLI_CONFIG_FILE=/c/cli.tfrc",
		}},
		"tofu": {Engine{Path: "/b/tofu", OpenTofu: true}, []string{
			"HOME=/home/u", "TF_ACC=1", "TF_ACC_TERRAFORM_PATH=/b/tofu", "TF_CLI_CONFIG_FILE=/c/cli.tfrc",
			"TF_ACC_PROVIDER_HOST=registry.opentofu.org", "TF_ACC_PROVIDER_NAMESPACE=hashicorp",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.engine.Env(base, "/c/cli.tfrc")); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
		})
	}
}
