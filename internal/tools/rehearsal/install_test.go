package rehearsal

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/tools/engine"
)

// registries are the hosts that are meant where an address names none.
var registries = map[string]string{"terraform": "registry.terraform.io", "tofu": "registry.opentofu.org"}

const header = `
terraform {
  required_providers {
    trove = {
      source  = "opentrove/trove"
      version = "` + version + `"
    }
  }
}

provider "trove" {}
`

// A newUser has an empty home, a Terraform or OpenTofu, and the archive for this platform in a mirror: README.md, "Install".
type newUser struct {
	t    *testing.T
	path string // of the command line
	dir  string // to work in
	env  []string
}

func newcomer(t *testing.T, choice, config string, env ...string) *newUser {
	t.Helper()
	found, err := engine.New(filepath.Join(release.root, ".cache"), os.Stderr).Find(t.Context(), choice)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s (%s)", found.Version, found.Path)
	home := t.TempDir()
	mirror := filepath.Join(home, "mirror", registries[choice], "opentrove", "trove")
	u := &newUser{t: t, path: found.Path, dir: filepath.Join(home, "work"), env: append(env,
		"HOME="+home, "PATH="+os.Getenv("PATH"), "TF_CLI_CONFIG_FILE="+filepath.Join(home, "cli.tfrc"), "CHECKPOINT_DISABLE=1")}
	for _, dir := range []string{mirror, u.dir} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	archive := asset(runtime.GOOS + "_" + runtime.GOARCH + ".zip")
	u.write(filepath.Join(mirror, archive), string(readFile(t, filepath.Join(release.dist, archive))))
	u.write(filepath.Join(home, "cli.tfrc"), strings.ReplaceAll(instructions(t), "/home/you", filepath.ToSlash(home)))
	u.write(filepath.Join(u.dir, "main.tf"), header+config)
	return u
}

// instructions are the lines of README.md that lead to a mirror.
func instructions(t *testing.T) string {
	t.Helper()
	_, text, found := strings.Cut(string(readFile(t, filepath.Join(release.root, "README.md"))), "provider_installation {")
	block, _, closed := strings.Cut(text, "```")
	if !found || !closed || !strings.Contains(block, `"/home/you/mirror"`) {
		t.Fatal("README.md does not say how a mirror in /home/you/mirror is configured")
	}
	return "provider_installation {" + block
}

func (u *newUser) write(path, text string) {
	u.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		u.t.Fatal(err)
	}
}

// run fails the test where the command fails.
func (u *newUser) run(args ...string) string {
	u.t.Helper()
	out, err := u.try(args...)
	if err != nil {
		u.t.Fatal(err)
	}
	return out
}

func (u *newUser) try(args ...string) (string, error) {
	return command(u.t.Context(), u.dir, u.env, append([]string{u.path}, append(args, "-no-color")...)...)
}

func TestANewUserInstallsTheArchiveFromAMirrorAndFollowsTheFirstGuide(t *testing.T) {
	guide := string(readFile(t, filepath.Join(release.root, "examples", "guides", "getting-started", "main.tf")))
	for choice := range registries {
		t.Run(choice, func(t *testing.T) {
			url, env := sandbox(t)
			u := newcomer(t, choice, guide, env...)
			if out := u.run("init"); !strings.Contains(out, "Installed opentrove/trove v"+version) {
				t.Errorf("init installed something else:\n%s", out)
			}
			u.run("apply", "-auto-approve", "-input=false")
			if topology := u.run("output", "-raw", "topology"); !strings.Contains(topology, "orders-reader-2") {
				t.Errorf("the topology has no second replica:\n%s", topology)
			}
			if len(alive(t, url)) != 3 {
				t.Errorf("the server has %v, not a source with two replicas", alive(t, url))
			}
			u.run("plan", "-detailed-exitcode", "-input=false") // fails where it has something to do
			u.run("destroy", "-auto-approve", "-input=false")
			if left := alive(t, url); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// sandbox starts the sandbox of the release, and returns where it is and the variables that lead to it.
func sandbox(t *testing.T) (url string, env []string) {
	t.Helper()
	dir := t.TempDir()
	archive, err := zip.OpenReader(filepath.Join(release.dist, "trove-sandbox-"+runtime.GOOS+"-"+runtime.GOARCH+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.CopyFS(dir, archive), archive.Close()); err != nil {
		t.Fatal(err)
	}
	program, exports := filepath.Join(dir, "trove-sandbox"), filepath.Join(dir, "sandbox.env")
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-listen", "127.0.0.1:0", "-build-time", "100ms", "-action-time", "50ms", "-env", exports)
	cmd.Env = environment()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait()); err != nil {
			t.Errorf("the sandbox: %v", err)
		}
	})
	text := await(t, exports)
	for line := range strings.Lines(text) {
		if variable, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			env = append(env, variable)
			if auth, ok := strings.CutPrefix(variable, "OS_AUTH_URL="); ok {
				url = strings.TrimSuffix(strings.TrimSuffix(auth, "/"), "/v3")
			}
		}
	}
	return strings.TrimSuffix(url, "/identity"), env
}

// await returns what the file holds once it is there: it is written whole.
func await(t *testing.T, path string) string {
	t.Helper()
	deadline, ticker := time.After(30*time.Second), time.NewTicker(20*time.Millisecond)
	defer ticker.Stop()
	for {
		content, err := os.ReadFile(path)
		switch {
		case err == nil:
			return string(content)
		case !errors.Is(err, fs.ErrNotExist):
			t.Fatal(err)
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("no %s after 30 s", path)
		}
	}
}

// alive returns the names of the instances that the sandbox has.
func alive(t *testing.T, url string) []string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/sandbox/ledger", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var ledger struct {
		Instances []struct{ Name, Deleted string } `json:"instances"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&ledger); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, instance := range ledger.Instances {
		if instance.Deleted == "" {
			names = append(names, instance.Name)
		}
	}
	return names
}

func TestTheServerIsToldTheVersionOfTheReleaseAndTheTerraformThatRunsIt(t *testing.T) {
	var mu sync.Mutex
	var agents []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		agents = append(agents, r.UserAgent())
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	u := newcomer(t, "terraform", `data "trove_flavor" "any" { name = "any" }`,
		"OS_AUTH_URL="+server.URL, "OS_USERNAME=demo", "OS_PASSWORD=demo", "OS_PROJECT_NAME=demo", "OS_DOMAIN_NAME=Default")
	u.run("init")
	if out, err := u.try("plan", "-input=false"); err == nil {
		t.Errorf("a plan against nothing succeeded:\n%s", out)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(agents) == 0 || !strings.HasPrefix(agents[0], project+"/"+version+" Terraform/1.") {
		t.Errorf("user agents %q", agents)
	}
}
