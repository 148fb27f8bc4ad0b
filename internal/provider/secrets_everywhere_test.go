package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// echoing collects the tokens and the passwords that were sent.
type echoing struct {
	mu      sync.Mutex
	secrets map[string]bool
	echoed  int
}

// count is how many requests were echoed.
func (s *echoing) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.echoed
}

// echo refuses a request in words that hold it, with its headers.
func (s *echoing) echo(w http.ResponseWriter, r *http.Request, _ func() *acctest.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.echoed++
	if token := r.Header.Get("X-Auth-Token"); token != "" {
		s.secrets[token] = true
	}
	body := string(bodyOf(r))
	for _, password := range []string{"change-me-1", "change-me-2"} {
		if strings.Contains(body, password) {
			s.secrets[password] = true
		}
	}
	answer, err := json.Marshal(badRequest(fmt.Sprintf("cannot make sense of %s with %v", body, r.Header)))
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(answer)
}

// A Trove that repeats what it was sent, headers and all, makes no resource tell a token or a password: not in what is said, not in the log
// at TRACE, and not in the state.
func TestNoResourceTellsASecret(t *testing.T) {
	t.Parallel()
	for _, th := range samples {
		t.Run(th.typeName, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, th.options()...)
			if th.admin {
				w.configure(map[string]string{"username": "admin", "password": "admin"})
			}
			logged := w.logged()
			s := &echoing{secrets: map[string]bool{}}
			fill := th.makeBefore(w.run.Protocol, map[string]string{})
			first, then := fill(th.first), fill(th.then)
			var said strings.Builder
			hear := func(r acctest.Result) acctest.Result {
				said.WriteString(r.Text())
				if r.State != nil {
					said.Write(r.State.MsgPack)
					said.Write(r.Private)
				}
				return r
			}
			// refused has a server refuse what comes to it by these methods, and echo it, and tells how often that was.
			refused := func(step func() acctest.Result, methods ...string) int {
				t.Helper()
				for _, method := range methods {
					w.proxy.Spoil(acctest.Fault{Method: method, Times: acctest.Always, Do: s.echo})
				}
				before := s.count()
				r := hear(step())
				w.proxy.Mend()
				if s.count() > before && !r.Failed() {
					t.Errorf("%v were refused, and it did not fail", methods)
				}
				return s.count() - before
			}
			none := acctest.Object{Type: th.typeName}
			creations := refused(func() acctest.Result { return w.run.Create(th.typeName, first) }, "POST", "PUT", "PATCH")
			made := hear(w.run.Create(th.typeName, first))
			w.run.Must(made)
			if refused(func() acctest.Result { return w.run.Refresh(made.Object) }, "GET") == 0 {
				t.Error("a refresh asks nothing")
			}
			if refused(func() acctest.Result { return w.run.Update(made.Object, then) }, "POST", "PUT", "PATCH") == 0 && creations == 0 {
				t.Error("neither a creation nor a change was sent")
			}
			changed := hear(w.run.Update(made.Object, then))
			if !changed.Failed() {
				made = changed
			}
			hear(acctest.Result{Object: none, Diagnostics: w.run.Data("trove_instances", "{}")})
			hear(w.run.Destroy(made.Object))
			if len(s.secrets) == 0 || logged.String() == "" {
				t.Fatalf("%d secrets were sent, and %d bytes logged", len(s.secrets), len(logged.String()))
			}
			for secret := range s.secrets {
				if secret == "" || strings.Contains(said.String(), secret) || strings.Contains(logged.String(), secret) {
					t.Errorf("%q is told: %t, or logged: %t", secret, strings.Contains(said.String(), secret), strings.Contains(logged.String(), secret))
				}
			}
		})
	}
}
