package process

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childVariable makes the test binary a sandbox that starts a program, tells its id, and waits.
const childVariable = "PROCESS_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	h, err := NewHost(slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	p, err := h.Start(Command{Path: "/bin/sh", Args: []string{"-c", "trap '' TERM INT; while :; do sleep 0.1; done"}, Log: h.File("log")})
	if err != nil {
		panic(err)
	}
	_, err = os.Stdout.WriteString(strconv.Itoa(p.PID()) + "\n")
	if err != nil {
		panic(err)
	}
	select {}
}

func host(t *testing.T) *Host {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	h, err := NewHost(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func TestProgramEndsWhenItIsStoppedAndIsKilledWhereItDoesNot(t *testing.T) {
	h := host(t)
	for name, tt := range map[string]struct {
		script string
		time   time.Duration
	}{
		"it ends":     {"sleep 60", time.Minute},
		"it does not": {"trap '' TERM; while :; do sleep 0.1; done", 300 * time.Millisecond},
	} {
		p, err := h.Start(Command{Path: "/bin/sh", Args: []string{"-c", tt.script}, Log: h.File("log")})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), tt.time)
		if err := p.Stop(ctx); err != nil || p.Alive() {
			t.Errorf("%s: %v, alive: %t", name, err, p.Alive())
		}
		cancel()
	}
}

func TestProgramThatEndsTooEarlySaysWhy(t *testing.T) {
	h := host(t)
	p, err := h.Start(Command{Path: "/bin/sh", Args: []string{"-c", "echo the port is taken; exit 3"}, Log: h.File("log")})
	if err != nil {
		t.Fatal(err)
	}
	err = p.Until(t.Context(), "starting", func(context.Context) error { return os.ErrNotExist })
	if err == nil || !strings.Contains(err.Error(), "the port is taken") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("it says %v", err)
	}
}

func TestClosedHostHasNeitherProcessesNorFiles(t *testing.T) {
	h := host(t)
	p, err := h.Start(Command{Path: "/bin/sh", Args: []string{"-c", "sleep 60 & wait"}, Log: h.File("log")})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil || p.Alive() {
		t.Errorf("%v, alive: %t", err, p.Alive())
	}
	if _, err := os.Stat(h.dir); !os.IsNotExist(err) {
		t.Errorf("its directory: %v", err)
	}
	if _, err := h.Start(Command{Path: "/bin/true", Log: filepath.Join(t.TempDir(), "log")}); err == nil {
		t.Error("a program starts after the end")
	}
}

// A sandbox that is killed leaves nothing that the next one does not end; what is another's stays.
func TestNextHostEndsWhatAKilledOneHasLeft(t *testing.T) {
	other := host(t) // of a sandbox that goes on
	kept, err := other.Start(Command{Path: "/bin/sleep", Args: []string{"60"}, Log: other.File("log")})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), childVariable+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait() //nolint:errcheck // it was killed
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("the program that minds no signal is to outlive its parent here: %v", err)
	}
	next, err := NewHost(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close() //nolint:errcheck // what it holds is its directory
	if !eventually(func() bool { _, err := startTime(pid); return err != nil }) {
		t.Error("the program outlives the next sandbox's start")
	}
	if !kept.Alive() {
		t.Error("the program of another sandbox was ended")
	}
	left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "trove-sandbox-*", "run-*"))
	if err != nil || len(left) != 2 {
		t.Errorf("directories: %v, %v; want those of the two that go on", left, err)
	}
}

// A process id that is another program's by now is left alone.
func TestReusedProcessIDIsLeftAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "1.pid")
	if err := os.WriteFile(file, []byte(strconv.Itoa(os.Getpid())+" 12345\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, alive := noted(file); alive {
		t.Error("this test is taken for a database server")
	}
	if err := note(file, os.Getpid()); err != nil {
		t.Fatal(err)
	}
	if pid, alive := noted(file); !alive || pid != os.Getpid() {
		t.Errorf("%d, alive: %t", pid, alive)
	}
}

func TestAddressesAreFreeAndOneForEach(t *testing.T) {
	var a Addresses
	seen := map[string]bool{}
	for range 40 {
		at, err := a.Take(6379)
		if err != nil {
			t.Fatal(err)
		}
		if seen[at.String()] || !at.Addr().IsLoopback() {
			t.Errorf("%s, which is given out already or not a loopback address", at)
		}
		seen[at.String()] = true
	}
}

func eventually(so func() bool) bool {
	for range 100 {
		if so() {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}
