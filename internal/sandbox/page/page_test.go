package page

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// world is what a test lets the page show.
type world struct {
	mu  sync.Mutex
	now Snapshot
}

func (w *world) show() Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) set(s Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = s
}

func get(t *testing.T, h http.Handler, path string) *http.Response {
	t.Helper()
	r := httptest.NewRecorder()
	h.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return r.Result()
}

func TestFilesAreServedWithWhatKeepsOthersOut(t *testing.T) {
	h := New(func() Snapshot { return Snapshot{} }, make(chan struct{}))
	for path, want := range map[string]string{
		"/sandbox/": "text/html; charset=utf-8", "/sandbox/page.js": "text/javascript; charset=utf-8", "/sandbox/page.css": "text/css; charset=utf-8",
		"/sandbox/mermaid.js": "text/javascript; charset=utf-8",
	} {
		resp := get(t, h, path)
		policy := resp.Header.Get("Content-Security-Policy")
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != want || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "http") {
			t.Errorf("%s: %s, %s, %s", path, resp.Status, resp.Header.Get("Content-Type"), policy)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be taken for something else", path)
		}
	}
	zipped, err := gzip.NewReader(get(t, h, "/sandbox/mermaid.js").Body)
	if err != nil {
		t.Fatal(err)
	}
	script, err := io.ReadAll(zipped)
	if err != nil || !strings.Contains(string(script), "mermaid") {
		t.Errorf("%d bytes of Mermaid, %v", len(script), err)
	}
	for _, unknown := range []string{"/sandbox/mermaid.LICENSE", "/sandbox/../page.go", "/sandbox/assets"} {
		if resp := get(t, h, unknown); resp.StatusCode == http.StatusOK {
			t.Errorf("%s is served", unknown)
		}
	}
}

func TestTopologiesAreShownAsJSON(t *testing.T) {
	want := Snapshot{Groups: []Group{{ID: "1", Title: "mongodb/products", Diagram: "graph TD\n", Instances: []Instance{{Name: "<b>", Status: "ACTIVE"}}}}}
	var got Snapshot
	if err := json.NewDecoder(get(t, New(func() Snapshot { return want }, nil), "/sandbox/topologies").Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if len(got.Groups) != 1 || got.Groups[0].Title != "mongodb/products" || got.Groups[0].Instances[0].Name != "<b>" {
		t.Errorf("%+v", got)
	}
}

// lines are those of a stream, until it ends.
type lines struct {
	*io.PipeWriter
	header http.Header
}

func (l lines) Header() http.Header              { return l.header }
func (l lines) WriteHeader(int)                  {}
func (l lines) Flush()                           {}
func (l lines) SetWriteDeadline(time.Time) error { return nil }

func TestStreamTellsChangesOnceLivesOnAndEndsWithTheSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{now: Snapshot{Asked: 1}}
		closing := make(chan struct{})
		in, out := io.Pipe()
		ended := make(chan struct{})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sandbox/events", nil)
		go func() {
			defer close(ended)
			New(w.show, closing).ServeHTTP(lines{out, http.Header{}}, r)
			out.Close() //nolint:errcheck // never fails
		}()
		var got []string
		read := make(chan struct{})
		go func() {
			defer close(read)
			for s := bufio.NewScanner(in); s.Scan(); {
				if s.Text() != "" {
					got = append(got, s.Text())
				}
			}
		}()
		time.Sleep(70 * time.Second) // longer than the server's own time for an answer
		synctest.Wait()
		beats := len(got) - 1
		w.set(Snapshot{Asked: 2})
		time.Sleep(time.Second)
		close(closing)
		<-ended
		<-read
		if !strings.Contains(got[0], `"asked":1`) || !strings.Contains(got[len(got)-1], `"asked":2`) || beats < 4 || beats > 5 || len(got) != beats+2 {
			t.Errorf("%d beats; all: %q", beats, got)
		}
	})
}

func TestStreamEndsWithItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan struct{})
		in, out := io.Pipe()
		go io.Copy(io.Discard, in) //nolint:errcheck // it ends with the stream
		go func() {
			defer close(ended)
			New(func() Snapshot { return Snapshot{} }, make(chan struct{})).ServeHTTP(lines{out, http.Header{}}, httptest.NewRequestWithContext(ctx, http.MethodGet, "/sandbox/events", nil))
			out.Close() //nolint:errcheck // never fails
		}()
		synctest.Wait()
		leave()
		<-ended
	})
}
