package process

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// ownerFile is the name of the file that says which sandbox a directory belongs to.
const ownerFile = "owner.pid"

// Host runs the servers of one sandbox: it holds their directories and processes. It is safe for concurrent use.
type Host struct {
	dir string
	log *slog.Logger

	mu     sync.Mutex
	count  int
	closed bool
	all    []*Process
}

// NewHost makes a Host, and ends what killed sandboxes have left, using only their own files of process ids and start times.
func NewHost(log *slog.Logger) (*Host, error) {
	base := filepath.Join(os.TempDir(), "trove-sandbox-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(base, 0o711); err != nil { //nolint:gosec // servers run as users of their own, and pass through
		return nil, err
	}
	if info, err := os.Lstat(base); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no directory", base)
	}
	sweep(base, log)
	dir, err := os.MkdirTemp(base, "run-")
	if err != nil {
		return nil, err
	}
	h := &Host{dir: dir, log: log}
	//nolint:gosec // as above
	if err := errors.Join(os.Chmod(dir, 0o711), note(filepath.Join(dir, ownerFile), os.Getpid())); err != nil {
		return nil, err
	}
	return h, nil
}

// sweep ends what sandboxes have left that no longer run.
func sweep(base string, log *slog.Logger) {
	runs, err := filepath.Glob(filepath.Join(base, "run-*"))
	if err != nil {
		return
	}
	for _, dir := range runs {
		if _, err := os.Stat(filepath.Join(dir, ownerFile)); errors.Is(err, fs.ErrNotExist) {
			continue // it is being made
		}
		if _, alive := noted(filepath.Join(dir, ownerFile)); alive {
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.pid"))
		if err != nil {
			continue
		}
		for _, file := range files {
			if pid, alive := noted(file); alive {
				log.Info("a database server of a sandbox that is no more is ended", "pid", pid)
				if err := killGroup(pid); err != nil {
					log.Warn("unable to end a database server", "pid", pid, "reason", err)
				}
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			log.Warn("unable to remove the files of a sandbox that is no more", "dir", dir, "reason", err)
		}
	}
}

// Dir makes a directory for a server or a backup. If this process is root and a system user is given, it belongs to that user.
func (h *Host) Dir(name, user string) (string, error) {
	dir := filepath.Join(h.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	return dir, own(dir, user)
}

// File returns the path of a file next to the directories, such as a log.
func (h *Host) File(name string) string { return filepath.Join(h.dir, name) }

// begin starts a process, unless the host is closing.
func (h *Host) begin(p *Process) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errors.New("the sandbox is stopping")
	}
	if err := start(p.cmd); err != nil {
		return err
	}
	h.count++
	p.pidFile = h.File(strconv.Itoa(h.count) + ".pid")
	if _, err := startTime(p.PID()); err == nil { // otherwise it has already ended
		if err := note(p.pidFile, p.PID()); err != nil {
			return errors.Join(err, killGroup(p.PID()), p.cmd.Wait())
		}
	}
	h.all = append(h.all, p)
	return nil
}

// Close kills the processes that still run, and removes all files.
func (h *Host) Close() error {
	h.mu.Lock()
	h.closed = true
	all := h.all
	h.mu.Unlock()
	var errs []error
	for _, p := range all {
		if p.Alive() {
			errs = append(errs, p.Kill())
		}
	}
	return errors.Join(append(errs, os.RemoveAll(h.dir))...)
}

// RemoveDir removes a directory that Dir has made.
func (h *Host) RemoveDir(dir string) error {
	if filepath.Dir(dir) != h.dir {
		return fmt.Errorf("%s is no directory of this sandbox", dir)
	}
	return os.RemoveAll(dir)
}
