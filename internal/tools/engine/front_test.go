package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFrontAnswersTheVersionAndRunsTheRest(t *testing.T) {
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	engine := filepath.Join(dir, "it's real", "terraform")
	writeExecutable(t, engine)
	script := "#!/bin/sh\necho \"$@\" >>" + asked + "\n[ \"$1\" = version ] && echo '{\"terraform_version\": \"1.11.4\"}' || { echo \"ran $1,$2\"; exit 3; }\n"
	if err := os.WriteFile(engine, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	e := Engine{Path: engine, Version: "Terraform v1.11.4"}
	front, err := New(t.TempDir(), t.Output()).Front(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(front.Path) != "terraform" || front.Version != e.Version {
		t.Errorf("the front is %+v", front)
	}

	out, err := exec.CommandContext(t.Context(), front.Path, "version", "-json").Output()
	if err != nil || string(out) != "{\"terraform_version\": \"1.11.4\"}\n" {
		t.Errorf("version -json: %q, %v", out, err)
	}
	cmd := exec.CommandContext(t.Context(), front.Path, "plan", "a b")
	out, err = cmd.Output()
	if err == nil || cmd.ProcessState.ExitCode() != 3 || string(out) != "ran plan,a b\n" {
		t.Errorf("plan: %q, %v", out, err)
	}
	lines, err := os.ReadFile(asked)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("version -json\nplan a b\n", string(lines)); diff != "" {
		t.Errorf("the engine was asked (-want +got):\n%s", diff)
	}
}

func TestFrontInitializesWhatHasSomethingToInstall(t *testing.T) {
	dir := t.TempDir()
	engine := filepath.Join(dir, "terraform")
	writeExecutable(t, engine)
	if err := os.WriteFile(engine, []byte("#!/bin/sh\necho \"ran $*\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	front, err := New(t.TempDir(), t.Output()).Front(t.Context(), Engine{Path: engine, Version: "Terraform v1.11.4"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		config, reattach, want string
	}{
		"a provider that runs":          {"provider \"trove\" {}\n", "{}", ""},
		"a provider to be installed":    {"provider \"trove\" {}\n", "", "ran init -upgrade=true\n"},
		"a module beside it":            {"module \"m\" {\n  source = \"./m\"\n}\n", "{}", "ran init -upgrade=true\n"},
		"a backend beside it":           {"terraform {\n  backend \"local\" {}\n}\n", "{}", "ran init -upgrade=true\n"},
		"a resource by a module's name": {"resource \"trove_instance\" \"module\" {}\n", "{}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			work := t.TempDir()
			if err := os.WriteFile(filepath.Join(work, "main.tf"), []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), front.Path, "init", "-upgrade=true")
			cmd.Dir, cmd.Env = work, append(os.Environ(), "TF_REATTACH_PROVIDERS="+tt.reattach)
			if out, err := cmd.Output(); err != nil || string(out) != tt.want {
				t.Errorf("it says %q, want %q: %v", out, tt.want, err)
			}
		})
	}
}
