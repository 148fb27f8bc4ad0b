package operation

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// quickClock passes the time that is waited for at once.
type quickClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *quickClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *quickClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	passed := make(chan time.Time, 1)
	passed <- c.now
	return passed
}

// scriptedTrove is a scripted Trove with a source: each request for something is answered by the next line of its script, and
// the last line stays.
type scriptedTrove struct {
	mu      sync.Mutex
	scripts map[string][]string // by path below /instances/; an answer, or a status code
	seen    []string            // in the order of the requests
}

func (s *scriptedTrove) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, path, _ := strings.Cut(r.URL.Path, "/instances")
	path = r.Method + " " + strings.TrimPrefix(path, "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, path)
	script := s.scripts[path]
	if len(script) == 0 {
		refuse(w, http.StatusNotFound, "The resource could not be found.")
		return
	}
	if len(script) > 1 {
		s.scripts[path] = script[1:]
	}
	var code int
	if n, err := fmt.Sscanf(script[0], "%d", &code); n == 1 && err == nil {
		refuse(w, code, "no")
		return
	}
	fmt.Fprint(w, script[0])
}

// count is how often a path was asked for before the creation was sent.
func (s *scriptedTrove) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := slices.Index(s.seen, "POST ")
	if sent < 0 {
		sent = len(s.seen)
	}
	n := 0
	for _, p := range s.seen[:sent] {
		if p == path {
			n++
		}
	}
	return n
}

func shows(id, status, more string) string {
	return fmt.Sprintf(`{"instance": {"id": %q, "name": %q, "status": %q%s}}`, id, id, status, more)
}
