//go:build !linux && !windows

package process

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// attributes start a program in its own process group. It cannot be made to end with this process: the next sandbox ends what is left.
func attributes(Command) (*syscall.SysProcAttr, error) {
	return &syscall.SysProcAttr{Setpgid: true}, nil
}

func start(cmd *exec.Cmd) error { return cmd.Start() }

func own(string, string) error { return nil }

// killGroup kills a process and those that it has started.
func killGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

// startTime tells processes apart that have had the same id, one after the other.
func startTime(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "lstart=", "-p", fmt.Sprint(pid)).Output() //nolint:noctx,gosec // it ends at once
	if err != nil {
		return "", err
	}
	return strings.Join(strings.Fields(string(out)), "-"), nil
}
