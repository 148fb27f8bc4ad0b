package provider_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

const (
	mostMemory = 150 << 20                       // by which a process may grow for whatever a server or a file holds
	boundedRun = "TROVE_TEST_IN_BOUNDED_PROCESS" // is set in the process of a test that bounds holds
)

// bounds runs a test in a process of its own, which ends when its memory has grown too much, so that a provider without bounds
// takes nothing down with it, or when the time is over. env are further variables of that process.
func bounds(t *testing.T, within time.Duration, test func(t *testing.T, w *world), env ...string) {
	t.Helper()
	if os.Getenv(boundedRun) != "" {
		w := newWorld(t)
		w.configure(map[string]string{"max_retries": "1", "request_timeout": "5s"})
		watchMemory()
		test(t, w)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var parts []string
	for part := range strings.SplitSeq(t.Name(), "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
	}
	child := exec.CommandContext(ctx, os.Args[0], "-test.run="+strings.Join(parts, "/"), "-test.count=1", "-test.v")
	child.Env = append(append(os.Environ(), boundedRun+"=1", "GOGC=100", "GOMEMLIMIT=off"), env...) // garbage counts
	out, err := child.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		t.Errorf("it did not end within %s", within)
	case err != nil || !bytes.Contains(out, []byte("--- PASS")):
		t.Errorf("%v\n%s", err, out[max(0, len(out)-3000):])
	}
}

// watchMemory ends the process when its memory has grown by more than it may.
func watchMemory() {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	start := m.HeapAlloc
	go func() {
		for range time.Tick(5 * time.Millisecond) {
			runtime.ReadMemStats(&m)
			if m.HeapAlloc > start+mostMemory {
				fmt.Printf("the memory has grown by more than %d MB\n", mostMemory>>20)
				os.Exit(3)
			}
		}
	}()
}

// tooLarge are answers that no server of Trove gives. each is one element of a list, within a string where the answer is no list.
func tooLarge(head, each, tail string) map[string]acctest.Effect {
	const many, most = 60 << 20, 100 << 20
	return map[string]acctest.Effect{
		"60 MB":       acctest.Repeat(head, each, tail, many/(len(each)+1)),
		"100 MB":      acctest.Repeat(head, each, tail, most/(len(each)+1)),
		"a gzip bomb": acctest.Bomb(head, each, tail, 10*most/(len(each)+1)),
		"no end":      acctest.Endless(head, each+","),
	}
}

// refusing makes of whatever is answered a refusal.
type refusing struct {
	http.ResponseWriter
	once sync.Once
}

// Write implements http.ResponseWriter.
func (r *refusing) Write(b []byte) (int, error) {
	r.once.Do(func() { r.WriteHeader(http.StatusBadRequest) })
	return r.ResponseWriter.Write(b)
}

// An answer that is too large is refused, and soon.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	instance := func(w *world) acctest.Object { return w.create("trove_instance", lone) }
	routes := map[string]struct {
		paths            []string
		head, each, tail string
		prepare          func(w *world) acctest.Object
		ask              func(w *world, o acctest.Object) acctest.Diagnostics
	}{
		"instance": {
			[]string{"/instances/*"}, `{"instance": {"id": "x", "name": "`, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", `"}}`, instance,
			func(w *world, o acctest.Object) acctest.Diagnostics { return w.run.Refresh(o).Diagnostics },
		},
		"list of instances": {
			[]string{"/instances", "/instances/detail"}, `{"instances": [`, `{}`, `]}`, instance,
			func(w *world, _ acctest.Object) acctest.Diagnostics { return w.run.Data("trove_instances", `{}`) },
		},
		"list of databases": {
			[]string{"/instances/*/databases"}, `{"databases": [`, `{}`, `]}`,
			func(w *world) acctest.Object {
				return w.create("trove_database", settings{"instance_id": w.run.ID(instance(w)), "name": "shop"})
			},
			func(w *world, o acctest.Object) acctest.Diagnostics { return w.run.Refresh(o).Diagnostics },
		},
		"topology": {
			[]string{"/instances/*/topology"}, `{"topology": {"members": [`, `{}`, `]}}`,
			func(w *world) acctest.Object { return w.create("trove_mongodb_member", mongoMember) },
			func(w *world, o acctest.Object) acctest.Diagnostics {
				return w.run.Data("trove_topology", settings{"instance_id": w.run.ID(o)}.json())
			},
		},
		"flavors": {
			[]string{"/flavors"}, `{"flavors": [`, `{}`, `]}`, func(*world) acctest.Object { return acctest.Object{Type: "trove_instance"} },
			func(w *world, o acctest.Object) acctest.Diagnostics {
				_, diagnostics := w.run.Plan(o, lone.with("flavor_id", "db.tiny").json())
				return diagnostics
			},
		},
		"configuration": {
			[]string{"/configurations/*"}, `{"configuration": {"id": "x", "values": {"a": [`, `{}`, `]}}}`,
			func(w *world) acctest.Object { return w.create("trove_configuration", mysqlGroup) },
			func(w *world, o acctest.Object) acctest.Diagnostics { return w.run.Refresh(o).Diagnostics },
		},
		"error": {
			[]string{"/instances/*"}, `{"badRequest": {"message": "`, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", `"}}`, instance,
			func(w *world, o acctest.Object) acctest.Diagnostics { return w.run.Refresh(o).Diagnostics },
		},
		"token": {
			[]string{"/v3/auth/tokens"}, `{"token": {"catalog": [`, `{}`, `]}}`, instance,
			func(w *world, o acctest.Object) acctest.Diagnostics {
				w.restart()
				return w.run.Refresh(o).Diagnostics
			},
		},
	}
	for name, route := range routes {
		for size, effect := range tooLarge(route.head, route.each, route.tail) {
			t.Run(name+" of "+size, func(t *testing.T) {
				t.Parallel()
				bounds(t, 20*time.Second, func(t *testing.T, w *world) {
					o := route.prepare(w)
					do := effect
					if name == "error" {
						do = func(rw http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
							effect(&refusing{ResponseWriter: rw}, r, work)
						}
					}
					w.proxy.Forget()
					asked := 0
					for _, path := range route.paths {
						w.proxy.Spoil(acctest.Fault{Path: path, Times: acctest.Always, Do: do})
					}
					diagnostics := route.ask(w, o)
					for _, path := range route.paths {
						asked += w.proxy.Count("", path, "")
					}
					if asked == 0 {
						t.Fatalf("it was never asked for: %s", diagnostics.Text())
					}
					w.fails("ask", acctest.Result{Diagnostics: diagnostics})
					if n := len(diagnostics.Text()); n > 10_000 {
						t.Errorf("the error has %d bytes", n)
					}
				})
			})
		}
	}
}

// pageAfter answers a list with one item and a link to the next page, which begins after what next makes of the marker of this
// one.
func pageAfter(list, item string, next func(marker string, page int) string) acctest.Effect {
	var pages atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, _ func() *acctest.Answer) {
		page := int(pages.Add(1))
		w.Header().Set("Content-Type", "application/json")
		href := fmt.Sprintf("http://%s%s?limit=20&marker=%s", r.Host, r.URL.Path, next(r.URL.Query().Get("marker"), page))
		fmt.Fprintf(w, `{%q: [%s], "links": [{"rel": "next", "href": %q}]}`, list, fmt.Sprintf(item, page%3), href)
	}
}

// A list whose pages lead nowhere ends in an error.
func TestPagesThatLeadNowhereEnd(t *testing.T) {
	t.Parallel()
	turns := map[string]func(marker string, page int) string{
		"the same":         func(string, int) string { return "7" },
		"there and back":   func(_ string, page int) string { return fmt.Sprint(page % 2) },
		"round in threes":  func(_ string, page int) string { return fmt.Sprint(page % 3) },
		"round in sevens":  func(_ string, page int) string { return fmt.Sprint(page % 7) },
		"on and on":        func(_ string, page int) string { return fmt.Sprint(page) },
		"back to no where": func(string, int) string { return "" },
	}
	const item = `{"id": "77777777-0000-4000-8000-00000000000%d", "name": "a stranger", "status": "ACTIVE"}`
	lists := map[string]struct {
		path, list, item string
		ask              func(w *world, spoil func()) acctest.Diagnostics
	}{
		"instances": {"/instances", "instances", item, func(w *world, spoil func()) acctest.Diagnostics {
			spoil()
			return w.run.Data("trove_instances", `{}`)
		}},
		"databases": {"/instances/*/databases", "databases", `{"name": "stranger%d"}`, func(w *world, spoil func()) acctest.Diagnostics {
			o := w.create("trove_database", settings{"instance_id": w.run.ID(w.create("trove_instance", lone)), "name": "shop"})
			spoil()
			return w.run.Refresh(o).Diagnostics
		}},
		"backups": {"/backups", "backups", item, func(w *world, spoil func()) acctest.Diagnostics {
			id := w.run.ID(w.create("trove_instance", lone))
			w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/backups", Do: acctest.LoseAfter})
			spoil()
			return w.run.Create("trove_backup", settings{"instance_id": id, "name": "full"}.json()).Diagnostics
		}},
		"configurations": {"/configurations", "configurations", item, func(w *world, spoil func()) acctest.Diagnostics {
			w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/configurations", Do: acctest.LoseAfter})
			spoil()
			return w.run.Create("trove_configuration", mysqlGroup.json()).Diagnostics
		}},
	}
	for name, of := range lists {
		for how, next := range turns {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				ended := w.within(10 * time.Second)
				diagnostics := of.ask(w, func() {
					w.proxy.Forget()
					for _, path := range []string{of.path, of.path + "/detail"} {
						w.proxy.Spoil(acctest.Fault{Method: "GET", Path: path, Times: acctest.Always, Do: pageAfter(of.list, of.item, next)})
					}
				})
				pages := w.proxy.Count("GET", of.path, "") + w.proxy.Count("GET", of.path+"/detail", "")
				switch {
				case ended():
					t.Errorf("it did not end by itself; %d pages were asked for", pages)
				case pages == 0:
					t.Errorf("no page was asked for: %s", diagnostics.Text())
				case how != "back to no where":
					w.fails("ask", acctest.Result{Diagnostics: diagnostics})
				}
			})
		}
	}
}

// Files that the configuration names are read as far as such files go, and only where they are files.
func TestConfiguredFilesAreBounded(t *testing.T) {
	t.Parallel()
	large := func(t *testing.T, head, line string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "large")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(head); err != nil {
			t.Fatal(err)
		}
		chunk := bytes.Repeat([]byte(line+"\n"), (1<<20)/(len(line)+1))
		for range 100 {
			if _, err := f.Write(chunk); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	endless := func(*testing.T, string, string) string { return "/dev/zero" }
	folder := func(t *testing.T, _, _ string) string {
		t.Helper()
		return t.TempDir()
	}
	for kind, path := range map[string]func(t *testing.T, head, line string) string{"100 MB": large, "a device without an end": endless, "a folder": folder} {
		for _, attribute := range []string{"cacert_file", "cert", "key"} {
			t.Run(attribute+" is "+kind, func(t *testing.T) {
				t.Parallel()
				bounds(t, 10*time.Second, func(t *testing.T, w *world) {
					block := map[string]string{attribute: path(t, "", "not a certificate")}
					for _, other := range []string{"cert", "key"} {
						if attribute != "cacert_file" && other != attribute {
							block[other] = "/no/such/file.pem"
						}
					}
					_, diagnostics := w.proxy.TryDriver(t.Context(), t, block)
					w.fails("configure", acctest.Result{Diagnostics: diagnostics})
				})
			})
		}
		t.Run("clouds.yaml is "+kind, func(t *testing.T) {
			t.Parallel()
			file := ""
			if os.Getenv(boundedRun) == "" {
				file = path(t, "clouds:\n", "  demo: {region_name: RegionOne}")
			}
			bounds(t, 10*time.Second, func(t *testing.T, w *world) {
				_, diagnostics := w.proxy.TryDriver(t.Context(), t, map[string]string{
					"auth_url": "", "username": "", "password": "", "project_name": "", "user_domain_name": "", "project_domain_name": "", "cloud": "demo",
				})
				w.fails("configure", acctest.Result{Diagnostics: diagnostics})
			}, "OS_CLIENT_CONFIG_FILE="+file)
		})
	}
}

// A server that contradicts itself is not asked without a pause.
func TestAContradictionIsNotAskedAboutWithoutAPause(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]acctest.Effect{
		"404 of the node": acctest.Rewrite(func(a *acctest.Answer) {
			a.Status, a.Body = http.StatusNotFound, []byte(`{"itemNotFound": {"code": 404, "message": "Resource cannot be found."}}`)
		}),
		"503 of the node": acctest.Status(http.StatusServiceUnavailable, "serviceUnavailable", "Soon.", "0"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			node := w.create("trove_couchbase_node", couchbaseNode)
			bucket := w.create("trove_couchbase_bucket", settings{"node_id": w.run.ID(node), "name": "articles", "ram_mb": 256})
			change, diagnostics := w.run.PlanDestroy(bucket)
			w.run.NoErrors(diagnostics)
			w.proxy.Forget()
			w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances/*", Times: acctest.Always, Do: refuse})
			w.within(time.Second) // in which so many requests are few for a loop with pauses, and a loop without makes thousands
			w.run.Apply(change)
			if n := len(w.proxy.Requests()); n > 50 {
				t.Errorf("%d requests in the first second", n)
			}
		})
	}
}

// Who waits for an answer that another one has asked for gives up when its own time is over.
func TestAWaitForAnothersRequestEndsInTime(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"flavors": "/flavors", "flavor": "/flavors/*", "datastores": "/datastores", "versions": "/datastores/*/versions", "token": "/v3/auth/tokens",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.configure(map[string]string{"request_timeout": "8s"})
			w.proxy.Spoil(acctest.Fault{Path: path, Times: acctest.Always, Do: acctest.Hang})
			plan := func(ctx context.Context) {
				w.run.Within(ctx).Plan(acctest.Object{Type: "trove_instance"}, lone.with("flavor_id", "db.tiny").json())
			}
			first, giveUp := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				plan(first)
			}()
			defer func() {
				giveUp()
				<-done
			}()
			limit, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			method := "GET"
			if name == "token" {
				method = "POST"
			}
			arrived := w.proxy.Await(limit, func() bool {
				select {
				case <-done:
					return true
				default:
					return w.proxy.Count(method, path, "") > 0
				}
			})
			if !arrived || w.proxy.Count(method, path, "") == 0 {
				t.Logf("nobody asks for %s", path) // then nobody can wait for it
				return
			}
			second, end := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer end()
			returned := make(chan struct{})
			go func() {
				defer close(returned)
				plan(second)
			}()
			select {
			case <-returned:
			case <-time.After(5 * time.Second):
				t.Error("it waits on")
				giveUp()
				<-returned
			}
			if err := second.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
}
