package operation

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// A process may be killed while it writes an entry, such as between the answer to a creation and the id. Others must never find half of one:
// they would create the object again.
func TestAnEntryIsWholeAtEveryMoment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writer := &journal{dir: dir}
	entry := writer.begin("key", time.Now())
	if entry == nil {
		t.Fatal("nothing was recorded")
	}
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := range 3000 {
			entry.made(fmt.Sprint(n))
		}
	})
	for range 1000 {
		if found := read(dir); len(found) != 1 {
			t.Fatalf("%d entries were read", len(found))
		}
	}
	writing.Wait()
	if found := read(dir); len(found) != 1 || found[0].ID != "2999" {
		t.Errorf("in the end there is %v", found)
	}
}

// read reads the entries as another process does.
func read(dir string) []*journalEntry {
	j := &journal{dir: dir}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.others()
}
