package provider_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// unbelievable are answers to a request for a topology that say nothing about the one who was asked.
var unbelievable = map[string]acctest.Effect{
	"empty object":    acctest.Body(`{}`),
	"null":            acctest.Body(`null`),
	"empty topology":  acctest.Body(`{"topology": {}}`),
	"null topology":   acctest.Body(`{"topology": null}`),
	"no members":      acctest.Body(`{"topology": {"members": []}}`),
	"null members":    acctest.Body(`{"topology": {"members": null}}`),
	"a stranger":      acctest.Body(`{"topology": {"members": [{"id": "77777777-0000-4000-8000-000000000000", "name": "stranger"}]}}`),
	"without the one": withoutTheOne,
}

// withoutTheOne leaves out of the members the one that was asked.
func withoutTheOne(w http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
	parts := strings.Split(r.URL.Path, "/")
	asked := parts[len(parts)-2]
	acctest.RewriteJSON(func(body map[string]any) {
		view, ok := body["topology"].(map[string]any)
		if !ok {
			return // a refusal
		}
		members, _ := view["members"].([]any)
		view["members"] = slices.DeleteFunc(members, func(m any) bool {
			one, _ := m.(map[string]any)
			return one["id"] == asked
		})
	})(w, r, work)
}

// passing are faults of a single answer to a request that may be sent again.
var passing = map[string]acctest.Effect{
	"cut JSON":       acctest.CutJSON,
	"HTML":           acctest.HTML,
	"reset in body":  acctest.ResetInBody,
	"lost before":    acctest.LoseBefore,
	"lost after":     acctest.LoseAfter,
	"internal error": acctest.Status(http.StatusInternalServerError, "instanceFault", "The server has encountered an error.", ""),
	"unavailable":    acctest.Status(http.StatusServiceUnavailable, "serviceUnavailable", "Try again.", ""),
	"bad gateway":    acctest.Status(http.StatusBadGateway, "badGateway", "The gateway is confused.", ""),
}

// shown are resources whose API shows them by an id, and how another one like them is made.
var shown = map[string]struct {
	typeName, path string
	config         settings
	onInstance     bool
}{
	"instance":       {"trove_instance", "/instances/", lone, false},
	"member":         {"trove_mongodb_member", "/instances/", mongoMember, false},
	"cassandra node": {"trove_cassandra_node", "/instances/", cassandraNode, false},
	"couchbase node": {"trove_couchbase_node", "/instances/", couchbaseNode, false},
	"redis node":     {"trove_redis_node", "/instances/", redisServer, false},
	"cluster node":   {"trove_redis_cluster_node", "/instances/", redisMaster, false},
	"configuration":  {"trove_configuration", "/configurations/", mysqlGroup, false},
	"backup":         {"trove_backup", "/backups/", settings{"name": "full"}, true},
}

// Another one's answer is not about the one that was asked for: its id does not get into the state, and it is not deleted.
func TestAnAnswerAboutAnotherIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, tt := range shown {
		for often, times := range map[string]int{"once": 1, "always": acctest.Always} {
			t.Run(name+" "+often, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				config := tt.config
				if tt.onInstance {
					config = config.with("instance_id", w.run.ID(w.create("trove_instance", lone)))
				}
				mine := w.create(tt.typeName, config.with("name", "mine"))
				other := w.create(tt.typeName, config.with("name", "other"))
				mineID, otherID := w.run.ID(mine), w.run.ID(other)
				if times == 1 {
					mine.Identity = nil // as Terraform before 1.12 keeps it, by which the framework would notice
				}
				w.within(8 * time.Second)
				spoil := func() {
					w.proxy.Mend()
					w.proxy.Spoil(acctest.Fault{Method: "GET", Path: tt.path + mineID, Times: times, Do: w.proxy.InsteadOf(t, tt.path+otherID)})
				}

				spoil()
				read := w.run.Refresh(mine)
				if times == 1 {
					w.succeeds("refresh", read)
				} else {
					w.fails("refresh", read)
				}
				if !w.run.Exists(read.Object) || w.run.ID(read.Object) != mineID {
					t.Errorf("the id in the state is %q now, and was %q", w.run.ID(read.Object), mineID)
				}

				// As Terraform does it: what was read is what is destroyed, and where nothing could be read, what was there before.
				spoil()
				before := read.Object
				if read.Failed() {
					before = mine
				}
				destroyed := w.run.Destroy(before)
				if n := w.proxy.Count("DELETE", tt.path+otherID, ""); n != 0 {
					t.Errorf("the other one was deleted %d times", n)
				}
				if times == 1 {
					w.succeeds("destroy", destroyed)
				}
				w.proxy.Mend()
				if a := w.proxy.TryAsk(t, "GET", tt.path+otherID, ""); a.Status != http.StatusOK {
					t.Errorf("the other one is gone: %d %s", a.Status, a.Body)
				}
				if a := w.proxy.TryAsk(t, "GET", tt.path+mineID, ""); times == 1 && a.Status != http.StatusNotFound {
					t.Errorf("what was to be destroyed is still there: %d %s", a.Status, a.Body)
				}
			})
		}
	}
}

// A replacement does not delete another one, whose body came in place of the one that is to be replaced.
func TestAReplacementDeletesWhatItReplaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.create("trove_instance", lone.with("name", "mine"))
	other := w.create("trove_instance", lone.with("name", "other"))
	mine.Identity = nil // as Terraform before 1.12 keeps it
	mineID, otherID := w.run.ID(mine), w.run.ID(other)
	w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances/" + mineID, Do: w.proxy.InsteadOf(t, "/instances/"+otherID)})
	read := w.run.Refresh(mine).Object
	w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances/" + mineID, Do: w.proxy.InsteadOf(t, "/instances/"+otherID)})
	destroy, create, diagnostics := w.run.PlanReplace(read, lone.with("name", "mine", "availability_zone", "nova").json())
	w.run.NoErrors(diagnostics)
	w.succeeds("destroy", w.run.Apply(destroy))
	made := w.run.Apply(create)
	w.succeeds("create", made)
	if _, ok := w.proxy.Alive()[mineID]; ok {
		t.Error("what was replaced is still there")
	}
	w.expectAlive(other, made.Object)
}

// An instance that the answer to a change shows is the one that was changed.
func TestAChangeDoesNotTakeOverAnothersID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.create("trove_instance", lone.with("name", "mine"))
	other := w.create("trove_instance", lone.with("name", "other"))
	change, diagnostics := w.run.Plan(mine, lone.with("name", "renamed").json())
	w.run.NoErrors(diagnostics)
	w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances/" + w.run.ID(mine), Do: w.proxy.InsteadOf(t, "/instances/"+w.run.ID(other))})
	changed := w.run.Apply(change)
	w.succeeds("rename", changed)
	if got, want := w.run.ID(changed.Object), w.run.ID(mine); got != want {
		t.Errorf("the id in the state is %s now, and was %s", got, want)
	}
}

// watchDeletion tells whether a member was still listed, as another one sees it, when its deletion was asked for.
func (w *world) watchDeletion(id, via string) *atomic.Bool {
	listed := new(atomic.Bool)
	w.proxy.Spoil(acctest.Fault{Method: "DELETE", Path: "/instances/" + id, Times: acctest.Always, Do: acctest.After(func(context.Context) {
		if w.lists(via, id) {
			listed.Store(true)
		}
	})})
	return listed
}

// An answer that does not list the one who was asked is no proof that a member has left.
func TestAnEmptyTopologyIsNoProofOfALeaving(t *testing.T) {
	t.Parallel()
	for name, effect := range unbelievable {
		for when, after := range map[string]int{"first": 0, "second": 1, "third": 2, "always": -1} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				members := w.build(clusterKinds["mongodb"], "products", 3)
				w.proveLeaving(members, "remove_member", effect, after)
			})
		}
	}
}

// The same holds for every kind of cluster.
func TestAnEmptyTopologyIsNoProofForAnyKind(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind clusterKind) {
		for when, after := range map[string]int{"first": 0, "second": 1, "always": -1} {
			t.Run(when, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.proveLeaving(w.build(kind, "products", 3), kind.leaveOp, unbelievable["no members"], after)
			})
		}
	})
}

// proveLeaving destroys the last member while topologies are spoilt: the one after so many, or all where after is below 0.
func (w *world) proveLeaving(members []acctest.Object, leaveOp string, effect acctest.Effect, after int) {
	w.t.Helper()
	mine, via := w.run.ID(members[2]), w.run.ID(members[0])
	listed := w.watchDeletion(mine, via)
	w.within(8 * time.Second)
	change, diagnostics := w.run.PlanDestroy(members[2])
	w.run.NoErrors(diagnostics)
	w.proxy.Forget()
	times := 1
	if after < 0 {
		after, times = 0, acctest.Always
	}
	fault := w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances/*/topology", After: after, Times: times, Do: effect})
	gone := w.run.Apply(change)
	if listed.Load() {
		w.t.Error("the member was deleted while its set listed it")
	}
	if times == acctest.Always {
		w.fails("destroy", gone)
		w.expectAlive(members...)
		return
	}
	if after == 0 && w.proxy.Fired(fault) == 0 {
		w.t.Error("no topology was asked for")
	}
	w.succeeds("destroy", gone)
	w.expectActions(leaveOp, 1)
	w.expectAlive(members[:2]...)
}

// One bad answer to a request that changes nothing does not end the run.
func TestOneBadAnswerToAReadIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, effect := range passing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			// Each route fails once, in a run that makes, reads, changes and destroys.
			for _, path := range []string{
				"/flavors", "/flavors/*", "/datastores", "/datastores/*", "/datastores/*/versions", "/instances", "/instances/detail",
				"/instances/*", "/instances/*/topology", "/configurations/*", "/backups/*",
			} {
				w.proxy.Spoil(acctest.Fault{Method: "GET", Path: path, Do: effect})
			}
			group := w.create("trove_configuration", mysqlGroup)
			config := lone.with("configuration_id", w.run.ID(group))
			instance := w.create("trove_instance", config)
			backup := w.create("trove_backup", settings{"name": "full", "instance_id": w.run.ID(instance)})
			members := w.build(clusterKinds["mongodb"], "products", 2)
			for _, o := range append(members, backup, instance, group) {
				w.proxy.Mend()
				for _, path := range []string{"/instances/*", "/instances/*/topology", "/configurations/*", "/backups/*"} {
					w.proxy.Spoil(acctest.Fault{Method: "GET", Path: path, Do: effect})
				}
				read := w.run.Refresh(o)
				w.succeeds("refresh of "+o.Type, read)
				w.succeeds("destroy of "+o.Type, w.run.Destroy(read.Object))
			}
			w.expectAlive()
			if n := w.proxy.Count("POST", "/instances", ""); n != 3 {
				t.Errorf("%d creations were asked for, want 3", n)
			}
		})
	}
}

// A list that holds less than it should, as one bad page, makes no instance disappear.
func TestAnInstanceIsGoneOnlyWhenTheServerSaysSo(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]acctest.Effect{
		"404 of a proxy": acctest.Status(http.StatusNotFound, "error", "no route matched", ""),
		"404 without a body": func(w http.ResponseWriter, _ *http.Request, _ func() *acctest.Answer) {
			w.WriteHeader(http.StatusNotFound)
		},
		"404 page": func(w http.ResponseWriter, _ *http.Request, _ func() *acctest.Answer) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("<html>Not Found</html>"))
		},
		"empty object":  acctest.Body(`{}`),
		"null instance": acctest.Body(`{"instance": null}`),
		"no id":         acctest.Instances(func(i map[string]any) { delete(i, "id") }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			mine := w.create("trove_instance", lone)
			w.within(8 * time.Second)
			w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances/*", Do: effect})
			read := w.run.Refresh(mine)
			if !w.run.Exists(read.Object) || w.run.ID(read.Object) != w.run.ID(mine) {
				t.Errorf("after one such answer the state holds %v: %s", w.run.Texts(read.Object), read.Text())
			}
		})
	}
}

// A proper answer is still believed: who has left already need not leave.
func TestAProperTopologyIsStillBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	members := w.build(clusterKinds["mongodb"], "products", 3)
	id := w.run.ID(members[2])
	w.proxy.Act(t, w.run.ID(members[0]), strings.Replace(clusterKinds["mongodb"].leave, "%s", id, 1))
	w.proxy.Forget()
	w.succeeds("destroy of one that has left", w.run.Destroy(members[2]))
	w.expectActions("remove_member", 0)
	w.expectAlive(members[:2]...)
}
