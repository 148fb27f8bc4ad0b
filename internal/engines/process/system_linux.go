package process

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// attributes make a program end with this process, in its own process group, as another user if this process is root.
func attributes(c Command) (*syscall.SysProcAttr, error) {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: c.Stop}
	if c.User == "" || os.Getuid() != 0 {
		return a, nil
	}
	uid, gid, err := ids(c.User)
	if err != nil {
		return nil, err
	}
	a.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	return a, nil
}

// starts starts processes on a thread that lives as long as this process: the signal for a parent's death is sent when the thread that
// started the child ends.
var starts = func() chan func() {
	queue := make(chan func())
	go func() {
		runtime.LockOSThread()
		for begin := range queue {
			begin()
		}
	}()
	return queue
}()

func start(cmd *exec.Cmd) error {
	started := make(chan error, 1)
	starts <- func() { started <- cmd.Start() }
	return <-started
}

func ids(name string) (uid, gid uint32, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	first, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return 0, 0, err
	}
	second, err := strconv.ParseUint(u.Gid, 10, 32)
	return uint32(first), uint32(second), err
}

// own gives a directory with all its contents to a user, if this process is root.
func own(dir, name string) error {
	if name == "" || os.Getuid() != 0 {
		return nil
	}
	uid, gid, err := ids(name)
	if err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(uid), int(gid)) //nolint:gosec // in a directory that nobody else enters
	})
}

// killGroup kills a process and those that it has started.
func killGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

// startTime tells processes apart that have had the same id, one after the other.
func startTime(pid int) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	// The second field is a name in parentheses, which may contain anything.
	_, rest, found := strings.Cut(string(text[strings.LastIndexByte(string(text), ')'):]), ") ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 || fields[0] == "Z" {
		return "", fmt.Errorf("process %d has ended", pid)
	}
	return fields[19], nil
}
