//go:build unix

package operation

import (
	"errors"
	"os"
	"syscall"
)

// lock locks a file while it is open, at most until this process ends.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// locked reports whether a running process has the file locked.
func locked(path string) bool {
	f, err := os.Open(path) //nolint:gosec // in a directory of ours
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // it was only looked at
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
