// Package page is the sandbox's page: it shows the topologies as diagrams, the status and address of each instance, and the requests, live.
package page

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// assets are the files of the page. The diagrams are drawn by Mermaid's small edition, whose license is mermaid.LICENSE.
//
//go:embed assets
var assets embed.FS

// Snapshot is everything that the page shows.
type Snapshot struct {
	// Served has a line for each datastore that says what serves it; empty if all is simulated.
	Served []string `json:"served"`
	Groups []Group  `json:"groups"`
	// Asked is the number of all requests, and Requests are the last of them, the newest first.
	Asked    int       `json:"asked"`
	Requests []Request `json:"requests"`
}

// Group is one diagram with its instances.
type Group struct {
	ID        string     `json:"id"`
	Title     string     `json:"title"`
	Project   string     `json:"project"`
	Diagram   string     `json:"diagram"` // the text of a Mermaid flowchart
	Instances []Instance `json:"instances"`
}

// Instance is a row of a group's table.
type Instance struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Status    string `json:"status"`
	Datastore string `json:"datastore"`
	Address   string `json:"address"`
	Server    string `json:"server"` // the program that serves it, or "simulated"
	Role      string `json:"role"`
	Fault     string `json:"fault"`
}

// Request is a request that was received.
type Request struct {
	At     string `json:"at"`
	User   string `json:"user"`
	Kind   string `json:"kind"`
	Status int    `json:"status"`
}

const (
	// look is how often the page checks for changes, and beat how often a stream sends a sign of life.
	look = 200 * time.Millisecond
	beat = 15 * time.Second
)

// New returns the handler of the page under /sandbox/: show returns what to show, and closing ends the streams.
func New(show func() Snapshot, closing <-chan struct{}) http.Handler {
	mux := http.NewServeMux()
	for path, file := range map[string]string{"{$}": "index.html", "page.js": "page.js", "page.css": "page.css", "mermaid.js": "mermaid.tiny.js.gz"} {
		mux.HandleFunc("GET /sandbox/"+path, serveFile(file))
	}
	mux.HandleFunc("GET /sandbox/topologies", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(show()) // fails only if the reader has gone
	})
	mux.HandleFunc("GET /sandbox/events", func(w http.ResponseWriter, r *http.Request) { stream(w, r, show, closing) })
	return mux
}

// serveFile serves one of the page's files.
func serveFile(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, err := fs.ReadFile(assets, "assets/"+name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		shown, zipped := strings.CutSuffix(name, ".gz")
		if zipped {
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Type", "text/javascript; charset=utf-8")
		}
		http.ServeContent(w, r, shown, time.Time{}, bytes.NewReader(content))
	}
}

// stream sends the snapshot, and sends it again whenever it has changed, as server-sent events.
func stream(w http.ResponseWriter, r *http.Request, show func() Snapshot, closing <-chan struct{}) {
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Time{}); err != nil { // it lasts longer than the server's limit for an answer
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	var last []byte
	var sent time.Time
	for {
		now, err := json.Marshal(show())
		if err != nil {
			return
		}
		var event []byte
		switch {
		case !bytes.Equal(now, last):
			event = append(append([]byte("data: "), now...), "\n\n"...)
		case time.Since(sent) >= beat:
			event = []byte(": still here\n\n")
		}
		if event != nil {
			if _, err := w.Write(event); err != nil {
				return
			}
			if err := control.Flush(); err != nil {
				return
			}
			last, sent = now, time.Now()
		}
		select {
		case <-r.Context().Done():
			return
		case <-closing:
			return
		case <-time.After(look):
		}
	}
}
