//go:build unix

package upstream

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps the terminal's signals from cmd.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
