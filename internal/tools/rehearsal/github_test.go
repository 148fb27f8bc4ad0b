package rehearsal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const token = "the token of a rehearsal"

// gitHub is as much of its API, on this machine, as a release is published with. There is a draft of an earlier attempt.
type gitHub struct {
	*httptest.Server

	mu         sync.Mutex
	deleted    bool // the earlier draft
	published  []publication
	digests    map[string]string // of what was uploaded, by name
	unexpected []string
}

type publication struct {
	TagName    string `json:"tag_name"`
	Name       string `json:"name"`
	Body       string `json:"body"`
	Draft      bool   `json:"draft"`
	Prerelease bool   `json:"prerelease"`
}

func newGitHub() *gitHub {
	g := &gitHub{digests: map[string]string{}}
	const releases = "/repos/opentrove/" + project + "/releases"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v3/rate_limit", answer(http.StatusOK, `{"resources": {"core": {"limit": 5000, "remaining": 5000}}}`))
	mux.HandleFunc("GET /api/v3"+releases, answer(http.StatusOK, `[{"id": 1, "name": "v`+version+`", "tag_name": "v`+version+`", "draft": true}]`))
	mux.HandleFunc("GET /api/v3"+releases+"/tags/v"+version, answer(http.StatusNotFound, `{"message": "Not Found"}`)) // drafts have none
	mux.HandleFunc("DELETE /api/v3"+releases+"/1", func(w http.ResponseWriter, _ *http.Request) {
		g.deleted = true
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /api/v3"+releases, func(w http.ResponseWriter, r *http.Request) {
		var p publication
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			g.unexpected = append(g.unexpected, err.Error())
		}
		p.Body = strings.TrimSpace(p.Body)
		g.published = append(g.published, p)
		answer(http.StatusCreated, `{"id": 2}`)(w, r)
	})
	mux.HandleFunc("POST /api/uploads"+releases+"/2/assets", func(w http.ResponseWriter, r *http.Request) {
		digest := sha256.New()
		if _, err := io.Copy(digest, r.Body); err != nil {
			g.unexpected = append(g.unexpected, err.Error())
		}
		g.digests[r.URL.Query().Get("name")] = hex.EncodeToString(digest.Sum(nil))
		answer(http.StatusCreated, `{"id": 3}`)(w, r)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		g.unexpected = append(g.unexpected, r.Method+" "+r.URL.String())
		w.WriteHeader(http.StatusNotFound)
	})
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+token {
			g.unexpected = append(g.unexpected, r.Method+" "+r.URL.String()+" without the token")
		}
		mux.ServeHTTP(w, r)
	}))
	return g
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// config is the repository's, with this GitHub in the place of the real one.
func (g *gitHub) config(root, path string) error {
	text, err := os.ReadFile(filepath.Join(root, ".goreleaser.yml"))
	if err != nil {
		return err
	}
	return os.WriteFile(path, fmt.Appendf(text, "\ngithub_urls:\n  api: %s/api/v3/\n  upload: %s/api/uploads/\n", g.URL, g.URL), 0o600)
}

func TestTheReleaseIsADraftWithTheChangelogOfItsVersion(t *testing.T) {
	g := release.gitHub
	want := []publication{{
		TagName: "v" + version, Name: "v" + version, Draft: true,
		Body: strings.TrimSpace(string(readFile(t, filepath.Join(release.dir, ".changes", "v"+version+".md")))),
	}}
	if diff := cmp.Diff(want, g.published); diff != "" {
		t.Errorf("releases (-want +got):\n%s", diff)
	}
	if !g.deleted {
		t.Error("the draft of an earlier attempt is still there: there are two")
	}
	if len(g.unexpected) > 0 {
		t.Errorf("GitHub was asked as well: %q", g.unexpected)
	}
}

func TestTheReleaseHasWhatTheRegistriesLookForAndTheSandboxAndNothingElse(t *testing.T) {
	want := checksums(t) // the provider's archives, and the manifest
	names := []string{asset("SHA256SUMS"), asset("SHA256SUMS.sig")}
	for _, a := range sandboxes() {
		names = append(names, a.name, a.name+".sig")
	}
	for _, name := range names {
		want[name] = sum(t, filepath.Join(release.dist, name))
	}
	if diff := cmp.Diff(want, release.gitHub.digests); diff != "" {
		t.Errorf("what was uploaded, and its checksums (-want +got):\n%s", diff)
	}
}
