package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

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

// echo refuses a request with this status, in words that hold it, with its headers.
func (s *echoing) echo(status int, form func(message string) any) acctest.Effect {
	return func(w http.ResponseWriter, r *http.Request, _ func() *acctest.Answer) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.echoed++
		if token := r.Header.Get("X-Auth-Token"); token != "" {
			s.secrets[token] = true
		}
		body := string(bodyOf(r))
		for _, password := range []string{secret, "change-me-1", "change-me-2"} {
			if strings.Contains(body, password) {
				s.secrets[password] = true
			}
		}
		answer, err := json.Marshal(form(fmt.Sprintf("cannot make sense of %s with %v", body, r.Header)))
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(answer)
	}
}

// A Keystone and a Trove that repeat what they were sent, headers and all, make no resource tell a token or a password: not in what is said, not
// in the log at TRACE, and neither in the plan nor in the state.
func TestNoResourceTellsASecret(t *testing.T) {
	t.Parallel()
	for _, th := range samples {
		t.Run(th.typeName, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, th.options()...)
			user := "demo"
			if th.admin {
				user = "admin"
			}
			// The sandbox's own passwords are words that stand everywhere.
			w.proxy.Deliver = func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(secret), []byte(user)) }
			w.block = map[string]string{"username": user, "password": secret}
			logged := new(capturedLog)
			serve := func() {
				w.restart()
				w.run = w.run.Within(tflogtest.RootLogger(t.Context(), logged))
			}
			serve()
			s := &echoing{secrets: map[string]bool{}}
			fill := th.makeBefore(w.run.Protocol, map[string]string{})
			first, then := fill(th.first), fill(th.then)
			var said strings.Builder
			hear := func(r acctest.Result) acctest.Result {
				said.WriteString(r.Text())
				said.WriteString(w.run.Kept(r.Object))
				return r
			}
			apply := func(before acctest.Object, plan func() (acctest.Change, acctest.Diagnostics)) acctest.Result {
				change, diagnostics := plan()
				said.WriteString(diagnostics.Text())
				if diagnostics.Failed() {
					return acctest.Result{Object: before, Diagnostics: diagnostics}
				}
				said.WriteString(w.run.Stores(change))
				return hear(w.run.Apply(change))
			}
			update := func(before acctest.Object, config string) func() acctest.Result {
				return func() acctest.Result {
					return apply(before, func() (acctest.Change, acctest.Diagnostics) { return w.run.Plan(before, config) })
				}
			}
			// refused has Keystone refuse who signs in, and then Trove what comes to it by these methods, and each echo that. It tells how often
			// Trove did.
			refused := func(step func() acctest.Result, methods ...string) int {
				t.Helper()
				w.proxy.ExpireTokens()
				before := s.count()
				w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/v3/auth/tokens", Times: acctest.Always, Do: s.echo(http.StatusBadRequest, keystone)})
				r := step()
				w.proxy.Mend()
				if s.count() > before && !r.Failed() {
					t.Error("nobody could sign in, and it did not fail")
				}
				serve() // credentials that were refused are not tried again
				w.proxy.Spoil(acctest.Fault{Path: "/v3/auth/tokens", Times: acctest.Always, Do: func(w http.ResponseWriter, _ *http.Request, work func() *acctest.Answer) {
					work().Send(w)
				}})
				for _, method := range methods {
					w.proxy.Spoil(acctest.Fault{Method: method, Times: acctest.Always, Do: s.echo(http.StatusBadRequest, badRequest)})
				}
				before = s.count()
				r = step()
				w.proxy.Mend()
				if s.count() > before && !r.Failed() {
					t.Errorf("%v were refused, and it did not fail", methods)
				}
				return s.count() - before
			}
			none := acctest.Object{Type: th.typeName}
			creations := refused(update(none, first), "POST", "PUT", "PATCH")
			made := update(none, first)()
			w.run.Must(made)
			if refused(func() acctest.Result { return hear(w.run.Refresh(made.Object)) }, "GET") == 0 {
				t.Error("a refresh asks nothing")
			}
			if refused(update(made.Object, then), "POST", "PUT", "PATCH") == 0 && creations == 0 {
				t.Error("neither a creation nor a change was sent")
			}
			if changed := update(made.Object, then)(); !changed.Failed() {
				made = changed
			}
			said.WriteString(w.run.Data("trove_instances", "{}").Text())
			destroy := func() acctest.Result {
				return apply(made.Object, func() (acctest.Change, acctest.Diagnostics) { return w.run.PlanDestroy(made.Object) })
			}
			refused(destroy, "DELETE")
			destroy()
			if !s.secrets[secret] || len(s.secrets) < 2 || logged.String() == "" {
				t.Fatalf("%d secrets were sent, the account's password %t, and %d bytes logged", len(s.secrets), s.secrets[secret], len(logged.String()))
			}
			for secret := range s.secrets {
				if secret == "" || strings.Contains(said.String(), secret) || strings.Contains(logged.String(), secret) {
					t.Errorf("%q is told: %t, or logged: %t", secret, strings.Contains(said.String(), secret), strings.Contains(logged.String(), secret))
				}
			}
		})
	}
}
