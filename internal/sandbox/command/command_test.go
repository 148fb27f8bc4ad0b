package command

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asCommand makes the test's binary the command itself, for tests of signals and exit codes.
const asCommand = "TROVE_SANDBOX_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(Main(nil))
	}
	os.Exit(m.Run())
}

// output may be written by the command while the test reads it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

var authURL = regexp.MustCompile(`(?m)^export OS_AUTH_URL=(http://127\.0\.0\.1:\d+/v3)$`)

// ready waits until the command has said where it listens.
func ready(t *testing.T, stdout *output) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if m := authURL.FindStringSubmatch(stdout.String()); m != nil {
			return m[1]
		}
	}
	t.Fatalf("not ready: %s", stdout)
	return ""
}

func get(t *testing.T, url string) (int, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

const wantExports = `export OS_AUTH_URL=<url>
export OS_USERNAME=demo
export OS_PASSWORD=demo
export OS_PROJECT_NAME=demo
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_REGION_NAME=RegionOne
export OS_IDENTITY_API_VERSION=3
# Or, in place of user, password and project:
# export OS_AUTH_TYPE=v3applicationcredential
# export OS_APPLICATION_CREDENTIAL_ID=c0ffee5a0b1d4e2f8a9b7c6d5e4f3a21
# export OS_APPLICATION_CREDENTIAL_SECRET=demo-application-credential
`

func TestRunPrintsExportsServesAndStopsWithItsContext(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.env")
	if err := os.WriteFile(file, []byte("old, and readable by all"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr output
	done := make(chan error)
	go func() { done <- run(ctx, []string{"-listen", "127.0.0.1:0", "-env", file}, nil, &stdout, &stderr) }()
	url := ready(t, &stdout)
	if status, err := get(t, url); status != 200 || err != nil {
		t.Errorf("Keystone answers %d, %v", status, err)
	}
	want := strings.Replace(wantExports, "<url>", url, 1)
	if got := stdout.String(); got != want {
		t.Errorf("printed:\n%s\nwant:\n%s", got, want)
	}
	written, err := os.ReadFile(file)
	if err != nil || string(written) != want {
		t.Errorf("the file holds:\n%s\n%v", written, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 1 {
		t.Errorf("left beside the file: %v, %v", entries, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := get(t, url); err == nil {
		t.Error("it still serves")
	}
	if !strings.Contains(stderr.String(), `kind="GET /v3"`) {
		t.Errorf("the log on stderr is %s", stderr.String())
	}
}

func TestRunRefusesWrongFlags(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag":             {[]string{"-verbose"}, "-verbose"},
		"an argument":                 {[]string{"serve"}, `unexpected argument "serve"`},
		"no duration":                 {[]string{"-build-time", "soon"}, "soon"},
		"a negative duration":         {[]string{"-build-time", "-1s"}, "BuildTime is -1s"},
		"tokens that are never good":  {[]string{"-token-lifetime", "0"}, "-token-lifetime"},
		"a rate below nothing":        {[]string{"-rate", "-1"}, "the rate is -1"},
		"an address for all to reach": {[]string{"-listen", "0.0.0.0:0"}, "-allow-remote"},
		"all addresses":               {[]string{"-listen", ":0"}, "-allow-remote"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr output
			err := run(t.Context(), tt.args, nil, &stdout, &stderr)
			var usage usageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want a usageError with %q", err, tt.want)
			}
			if stdout.String() != "" {
				t.Errorf("printed %s", stdout.String())
			}
		})
	}
}

func TestRunPrintsHelp(t *testing.T) {
	var stdout, stderr output
	if err := run(t.Context(), []string{"-h"}, nil, &stdout, &stderr); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"Usage:", "-listen address", "-allow-remote", "-build-time", "-action-time", "-token-lifetime", "-upstream", "-rate int", "-env file", "/sandbox/ledger"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the help lacks %q:\n%s", want, stdout.String())
		}
	}
}

// takenAddress is one on which somebody listens already.
func takenAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func TestRunFailsWhereItCannotServeOrAnnounce(t *testing.T) {
	taken := takenAddress(t)
	for name, tt := range map[string]struct {
		args []string
		want error
	}{
		"the port is taken":          {[]string{"-listen", taken}, syscall.EADDRINUSE},
		"the file cannot be written": {[]string{"-listen", "127.0.0.1:0", "-env", filepath.Join(t.TempDir(), "no", "such", "folder")}, os.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr output
			err := run(t.Context(), tt.args, nil, &stdout, &stderr)
			var usage usageError
			if !errors.Is(err, tt.want) || errors.As(err, &usage) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if stdout.String() != "" {
				t.Errorf("printed %s", stdout.String())
			}
		})
	}
}

// command prepares the command as a process of its own.
func command(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *output) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	stdout, stderr = &output{}, &output{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

func TestCommandEndsWellOnSignals(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			cmd, stdout, stderr := command(t, "-listen", "127.0.0.1:0")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			url := ready(t, stdout)
			if status, err := get(t, url); status != 200 || err != nil {
				t.Errorf("Keystone answers %d, %v", status, err)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v:\n%s", err, stderr)
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	taken := takenAddress(t)
	for name, tt := range map[string]struct {
		args []string
		code int
		want string // on stderr
	}{
		"help":      {[]string{"-h"}, 0, ""},
		"bad flags": {[]string{"-listen", "0.0.0.0:0"}, 2, "-allow-remote"},
		"failure":   {[]string{"-listen", taken}, 1, "address already in use"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd, _, stderr := command(t, tt.args...)
			err := cmd.Run()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("exit code %d, want %d with %q:\n%s", code, tt.code, tt.want, stderr)
			}
		})
	}
}
