package operation

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// journalAge is how long an entry of the journal is valid.
const journalAge = 24 * time.Hour

// journal records creations in files, so that the next run can tell what a run left that was killed before Terraform saved the id. An
// entry is written before the request is sent, gets the id with the answer, and is removed when a later run reads that id for a state, or
// when nothing was created. An entry without an id collects the ids of its name that later runs read: those are not lost. It holds only a
// digest of the endpoint, kind and name. Only the search for lost objects depends on it: an entry that cannot be written or read is ignored.
// It is safe for concurrent use.
type journal struct {
	dir string // "" records nothing

	mu      sync.Mutex
	run     string          // names this process
	held    *os.File        // locked while this process lives
	read    bool            // earlier has been read
	earlier []*journalEntry // of other processes, as first read by this one
}

// journalEntry is one creation. Its file is named creation-key-run-random, and holds the rest.
type journalEntry struct {
	path, key, run string
	Sent           time.Time `json:"sent"`
	ID             string    `json:"id,omitempty"`
	Managed        []string  `json:"managed,omitempty"` // ids of that kind and name that are in a state; only if ID is ""
}

// mayBe reports whether the entry can have created what has this id.
func (e *journalEntry) mayBe(id string) bool {
	return e.ID == id || e.ID == "" && !slices.Contains(e.Managed, id)
}

// Prefixes of file names: of an entry, and of the file that a process has locked.
const (
	journalEntryPrefix = "creation-"
	journalRunPrefix   = "run-"
)

// journalKey identifies what is created by its endpoint, kind and name.
func journalKey(endpoint, kind, name string) string {
	sum := sha256.Sum256([]byte(endpoint + "\x00" + kind + "\x00" + name))
	return hex.EncodeToString(sum[:12])
}

// begin records a creation that is about to be sent; nil if it cannot.
func (j *journal) begin(key string, now time.Time) *journalEntry {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.hold() {
		return nil
	}
	e := &journalEntry{key: key, run: j.run, Sent: now}
	e.path = filepath.Join(j.dir, journalEntryPrefix+key+"-"+j.run+"-"+rand.Text()[:8])
	if !e.write() {
		return nil
	}
	return e
}

// hold locks the file that tells other processes that this one lives. The lock must be held.
func (j *journal) hold() bool {
	if j.held != nil {
		return true
	}
	if j.dir == "" || os.MkdirAll(j.dir, 0o700) != nil {
		return false
	}
	run := rand.Text()
	f, err := os.OpenFile(j.runPath(run), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil || lock(f) != nil {
		return false
	}
	j.run, j.held = run, f
	return true
}

func (j *journal) runPath(run string) string { return filepath.Join(j.dir, journalRunPrefix+run) }

// write replaces the file. A process that is killed meanwhile leaves the entry as it was.
func (e *journalEntry) write() bool {
	text, err := json.Marshal(e)
	return err == nil && openstack.WriteFile(e.path, text) == nil
}

// made records the id. Like forget, it may be called on nil.
func (e *journalEntry) made(id string) {
	if e != nil {
		e.ID = id
		e.write()
	}
}

// ended removes the entry of a creation that has failed, unless something may have been created anyway.
func (e *journalEntry) ended(err error) {
	var unknown *UnknownOutcomeError
	var ambiguous *AmbiguousCreateError
	if !errors.As(err, &unknown) && !errors.As(err, &ambiguous) {
		e.forget()
	}
}

// forget removes the entry of a creation that has created nothing.
func (e *journalEntry) forget() {
	if e != nil {
		_ = os.Remove(e.path) //nolint:errcheck // an entry too many is looked into, and found to be of nothing
	}
}

// unfinished returns the entries of a key that were written by processes that have ended.
func (j *journal) unfinished(key string) (found []journalEntry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.others() {
		if e.key == key && !locked(j.runPath(e.run)) {
			found = append(found, *e)
		}
	}
	return found
}

// seen records that an object is in a state: its own entry is removed, and an entry of its name that has no id is not about it.
func (j *journal) seen(key, id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.others() {
		switch {
		case e.ID == id:
			e.forget()
		case e.key == key && e.mayBe(id) && !locked(j.runPath(e.run)): // else the process that began it is about to write the id
			e.Managed = append(slices.Clip(e.Managed), id)
			e.write()
		}
	}
}

// others returns the entries of other processes. They are read once; old ones are removed then. The lock must be held.
func (j *journal) others() []*journalEntry {
	if j.read || j.dir == "" {
		return j.earlier
	}
	j.read = true
	files, err := os.ReadDir(j.dir)
	if err != nil {
		return nil // the directory does not exist yet
	}
	for _, file := range files {
		path := filepath.Join(j.dir, file.Name())
		if info, err := file.Info(); err == nil && time.Since(info.ModTime()) > journalAge {
			if !locked(path) {
				_ = os.Remove(path) //nolint:errcheck // it may be another user's
			}
			continue
		}
		name, entry := strings.CutPrefix(file.Name(), journalEntryPrefix)
		parts := strings.Split(name, "-")
		if !entry || len(parts) != 3 || parts[1] == j.run {
			continue
		}
		e := &journalEntry{path: path, key: parts[0], run: parts[1]}
		if text, err := openstack.ReadFile(path); err == nil && json.Unmarshal(text, e) == nil {
			j.earlier = append(j.earlier, e)
		}
	}
	return j.earlier
}
