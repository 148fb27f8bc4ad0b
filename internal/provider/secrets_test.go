package provider_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// secret is what must not be told.
const secret = "Hunter2"

// capturedLog collects what is logged.
type capturedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *capturedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *capturedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// logged lets the provider log all it can, down to TRACE.
func (w *world) logged() *capturedLog {
	l := new(capturedLog)
	w.run = w.run.Within(tflogtest.RootLogger(w.t.Context(), l))
	return l
}

// bodyOf is the body of a request.
func bodyOf(r *http.Request) []byte {
	body, err := r.GetBody()
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		panic(err)
	}
	return text
}

// echo refuses a request in words that hold the request.
func echo(status int, form func(message string) any) acctest.Effect {
	return func(w http.ResponseWriter, r *http.Request, _ func() *acctest.Answer) {
		answer, err := json.Marshal(form("cannot make sense of " + string(bodyOf(r))))
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(answer)
	}
}

func keystone(message string) any {
	return map[string]any{"error": map[string]any{"code": 400, "title": "Bad Request", "message": message}}
}

func badRequest(message string) any {
	return map[string]any{"badRequest": map[string]any{"code": 400, "message": message}}
}

// untold checks that the secret is neither in what was said nor in the log.
func untold(t *testing.T, said string, logged *capturedLog) {
	t.Helper()
	if strings.Contains(said, secret) {
		t.Errorf("the secret is told: %s", said)
	}
	if logged != nil && strings.Contains(logged.String(), secret) {
		t.Error("the secret is logged")
	}
}

// A Keystone that repeats the request in its refusal tells the password to nobody.
func TestAnEchoedPasswordIsNotTold(t *testing.T) {
	t.Parallel()
	blocks := map[string]map[string]string{
		"password": {"password": secret},
		"application credential": {
			"application_credential_id": "c0ffee5a0b1d4e2f8a9b7c6d5e4f3a21", "application_credential_secret": secret,
			"username": "", "password": "", "project_name": "", "user_domain_name": "", "project_domain_name": "",
		},
		"token": {"token": secret, "username": "", "password": "", "user_domain_name": ""},
	}
	for name, block := range blocks {
		for how, effect := range map[string]acctest.Effect{
			"in JSON": echo(http.StatusBadRequest, keystone), "401 in JSON": echo(http.StatusUnauthorized, keystone), "500 in JSON": echo(http.StatusInternalServerError, keystone),
			"as it is": func(w http.ResponseWriter, r *http.Request, _ func() *acctest.Answer) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write(bodyOf(r))
			},
			"in 200": func(w http.ResponseWriter, r *http.Request, _ func() *acctest.Answer) {
				_, _ = w.Write(bodyOf(r))
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				stored := w.create("trove_instance", lone)
				w.configure(block)
				logged := w.logged()
				fault := w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/v3/auth/tokens", Times: acctest.Always, Do: effect})
				read := w.run.Refresh(stored)
				w.fails("refresh", read)
				if w.proxy.Fired(fault) == 0 {
					t.Fatalf("nobody signed in: %s", read.Text())
				}
				untold(t, read.Text(), logged)
				if logged.String() == "" {
					t.Error("nothing is logged at all")
				}
			})
		}
	}
}

// Nor does a Trove that does so with the password of a database user.
func TestAnEchoedUserPasswordIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	logged := w.logged()
	id := w.run.ID(w.create("trove_instance", lone))
	user := settings{"instance_id": id, "name": "app", "password_wo": secret, "password_wo_version": 1}
	for _, status := range []int{http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError} {
		w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/instances/*/users", Do: echo(status, badRequest)})
		refused := w.run.Create("trove_user", user.json())
		untold(t, refused.Text(), logged)
		w.proxy.Mend()
		if refused.Failed() {
			continue
		}
		w.run.Must(w.run.Destroy(refused.Object))
	}
	made := w.create("trove_user", user.with("password_wo", "change-me-1"))
	for _, method := range []string{"PUT", "PATCH", "POST"} {
		for _, path := range []string{"/instances/*/users", "/instances/*/users/*"} {
			w.proxy.Spoil(acctest.Fault{Method: method, Path: path, Times: acctest.Always, Do: echo(http.StatusBadRequest, badRequest)})
		}
	}
	changed := w.run.Update(made, user.with("password_wo_version", 2).json())
	w.fails("change", changed)
	untold(t, changed.Text(), logged)
}

// Nor that of root, whose every good answer holds it as well.
func TestAnEchoedRootPasswordIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	logged := w.logged()
	root := settings{"instance_id": w.run.ID(w.create("trove_instance", lone)), "password_wo": secret, "password_wo_version": 1}
	for _, status := range []int{http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError} {
		fault := w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/instances/*/root", Times: acctest.Always, Do: echo(status, badRequest)})
		refused := w.run.Create("trove_root", root.json())
		if w.proxy.Fired(fault) == 0 || !refused.Failed() {
			t.Fatalf("%d: it was not refused: %s", status, refused.Text())
		}
		untold(t, refused.Text(), logged)
		w.proxy.Mend()
	}
	made := w.create("trove_root", root)
	if text := string(made.State.MsgPack); text == "" || strings.Contains(text, secret) {
		t.Errorf("the state is empty, or holds it: %q", text)
	}
	untold(t, "", logged)
}

// A clouds.yaml that cannot be read is told of without what stands in it near the password.
func TestACloudsFileThatCannotBeReadIsNotQuoted(t *testing.T) {
	const (
		before = "clouds:\n  demo:\n    auth:\n      auth_url: http://127.0.0.1:1/v3\n      username: demo\n"
		after  = "      project_name: demo\n"
	)
	files := map[string]string{
		"tag on a switch":                before + after + "    verify: !" + secret + " x\n",
		"tag in place of an entry":       "clouds:\n  demo: !" + secret + " x\n",
		"tag in place of what signs in":  "clouds:\n  demo:\n    auth: !" + secret + " x\n",
		"tag in place of the clouds":     "clouds: !" + secret + " x\n",
		"tag in place of all":            "!" + secret + " x\n",
		"long tag on a switch":           before + after + "    verify: !<tag:example.com," + secret + "> x\n",
		"switch that is a text":          before + after + "    verify: " + secret + "\n",
		"switch that is a quoted text":   before + after + "    verify: \"it's `" + secret + "\"\n",
		"key that is a list":             before + after + "    ? [" + secret + "]\n    : x\n",
		"key in a map that is a list":    "clouds: {[" + secret + "]: x}\n",
		"list of regions that is a text": before + after + "    regions: !" + secret + " x\n",
	}
	for name, password := range map[string]string{
		"tag": "!" + secret, "long tag": "!!" + secret, "verbatim tag": "!<" + secret + "> x", "tag before a text": "!" + secret + " other", "list": "[" + secret + "]",
		"map": "{" + secret + ": x}", "alias": "*" + secret, "directive": "%" + secret, "reserved": "@" + secret, "open quote": `"` + secret, "two values": secret + ": x",
		"number for a tag": "!!int " + secret, "binary": "!!binary " + secret, "time": "!!timestamp " + secret, "merge": "\n        <<: " + secret, "tab": "\t" + secret + ": [",
		"open list": "[" + secret, "key without a value": "? " + secret, "block with a bad indicator": "|" + secret, "anchor alone": "&" + secret + " [1]",
		"tag on a list": "!" + secret + " [x]", "tag on a map": "!" + secret + " {a: b}", "long tag on a list": "!!" + secret + " [x]",
		"verbatim tag on a list": "!<" + secret + "> [x]", "anchor in itself": "&" + secret + " [*" + secret + "]",
	} {
		files["password: "+name] = before + "      password: " + password + "\n" + after
	}
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "clouds.yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("OS_CLIENT_CONFIG_FILE", path)
			logged := new(capturedLog)
			_, diagnostics := acctest.NewCloud(t).TryDriver(tflogtest.RootLogger(t.Context(), logged), t, map[string]string{
				"auth_url": "", "username": "", "password": "", "project_name": "", "user_domain_name": "", "project_domain_name": "", "cloud": "demo",
			})
			untold(t, diagnostics.Text(), logged)
		})
	}
}
