package provider_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// replicaKinds are resources that replicate from one other.
var replicaKinds = map[string]struct {
	source, typeName string
	of               settings
	replica          func(source string) settings
	promote          string // the action, %s being the replica
}{
	"mysql": {
		"trove_instance", "trove_mysql_replica", lone,
		func(source string) settings { return settings{"name": "reader", "replica_of": []string{source}} },
		`{"mysql": {"promote": {"id": "%s"}}}`,
	},
	"redis": {
		"trove_redis_node", "trove_redis_node", redisServer,
		func(source string) settings { return settings{"name": "reader", "replica_of": source} },
		`{"redis": {"slaveof_no_one": {"id": "%s"}}}`,
	},
}

// subject is a resource of which a change is planned, while somebody else does something to it.
type subject struct {
	object acctest.Object
	config settings
	via    string // another member of its topology, "" for none
}

// subjects make what the tests of planned values are about.
func (w *world) subjects() map[string]func() subject {
	all := map[string]func() subject{
		"instance": func() subject { return subject{w.create("trove_instance", lone), lone, ""} },
	}
	for name, kind := range clusterKinds {
		all[name] = func() subject {
			members := w.build(kind, "products", 3)
			return subject{members[2], kind.config.with("name", "products-2"), w.run.ID(members[0])}
		}
	}
	for name, kind := range replicaKinds {
		all[name] = func() subject {
			source := w.run.ID(w.create(kind.source, kind.of))
			config := kind.replica(source)
			return subject{w.create(kind.typeName, config), config, source}
		}
	}
	return all
}

// What a plan knew is what the state holds after it, whatever somebody else has done since: all else is a bug in the provider to
// Terraform, and taints what was created.
func TestAnApplyKeepsWhatWasPlanned(t *testing.T) {
	t.Parallel()
	const instance, action, topology = "/instances/%s", "/instances/%s/action", "topology"
	type act struct{ of, method, path, body string }
	tests := map[string]act{
		"promoted replica of MySQL":             {"mysql", "", topology, replicaKinds["mysql"].promote},
		"promoted replica of Redis":             {"redis", "", topology, replicaKinds["redis"].promote},
		"new priority of a member":              {"mongodb", "", topology, `{"mongodb": {"update_members": {"members": [{"id": "%s", "priority": 7}]}}}`},
		"renamed instance":                      {"instance", "PATCH", instance, `{"instance": {"name": "other"}}`},
		"instance of another flavor":            {"instance", "POST", action, `{"resize": {"flavorRef": "2"}}`},
		"instance of a larger volume":           {"instance", "POST", action, `{"resize": {"volume": {"size": 5}}}`},
		"restarted instance":                    {"instance", "POST", action, `{"restart": {}}`},
		"instance that others may reach":        {"instance", "PUT", instance, `{"instance": {"access": {"is_public": true, "allowed_cidrs": ["203.0.113.0/24"]}}}`},
		"renamed member":                        {"mongodb", "PATCH", instance, `{"instance": {"name": "other"}}`},
		"member of another flavor":              {"mongodb", "POST", action, `{"resize": {"flavorRef": "2"}}`},
		"renamed replica":                       {"mysql", "PATCH", instance, `{"instance": {"name": "other"}}`},
		"replica of another flavor":             {"redis", "POST", action, `{"resize": {"flavorRef": "2"}}`},
		"MySQL server of another version":       {"instance", "PATCH", instance, `{"instance": {"datastore_version": "mysql-8.0"}}`},
		"nothing at all (sane)":                 {"instance", "GET", instance, ``},
		"nothing at all (sane), of a cluster":   {"mongodb", "GET", instance, ``},
		"nothing at all (sane), of Redis":       {"redis", "GET", instance, ``},
		"nothing at all (sane), of MySQL":       {"mysql", "GET", instance, ``},
		"nothing at all (sane), of a ring":      {"cassandra", "GET", instance, ``},
		"nothing at all (sane), of a couchbase": {"couchbase", "GET", instance, ``},
		"nothing at all (sane), of slots":       {"redis_cluster", "GET", instance, ``},
	}
	for name, kind := range clusterKinds {
		tests["member that left "+name] = act{name, "", topology, kind.leave}
	}
	for name, tt := range tests {
		for planned, change := range map[string][]any{
			"rename": {"name", "renamed"}, "protection": {"deletion_protection", true}, "timeouts": {"timeouts", settings{"update": "50m"}},
		} {
			t.Run(name+", "+planned, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				s := w.subjects()[tt.of]()
				id := w.run.ID(s.object)
				saved, diagnostics := w.run.Plan(s.object, s.config.with(change...).json())
				w.run.NoErrors(diagnostics)
				body := strings.ReplaceAll(tt.body, "%s", id)
				if tt.path == topology {
					via := s.via
					if tt.of == "mysql" || tt.of == "redis" {
						via = id
					}
					w.proxy.Act(t, via, body)
				} else {
					w.proxy.Ask(t, tt.method, fmt.Sprintf(tt.path, id), body)
				}
				w.proxy.Settle(t, id)
				applied := w.run.Apply(saved) // which compares
				w.succeeds("apply", applied)
				if got := w.run.ID(applied.Object); got != id {
					t.Errorf("the id is %q now, and was %s", got, id)
				}
				// The next refresh and plan say how things stand.
				w.succeeds("refresh", w.run.Refresh(applied.Object))
			})
		}
	}
}

// The same holds of what is no instance.
func TestAnApplyKeepsWhatWasPlannedOfAGroup(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"renamed":     `{"configuration": {"name": "other", "values": {"max_connections": 100}}}`,
		"reset":       `{"configuration": {"name": "settings", "values": {"max_connections": 7, "wait_timeout": 9}}}`,
		"sane":        `{"configuration": {"name": "settings", "values": {"max_connections": 100}}}`,
		"description": `{"configuration": {"name": "settings", "description": "theirs", "values": {"max_connections": 100}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			group := w.create("trove_configuration", mysqlGroup)
			saved, diagnostics := w.run.Plan(group, mysqlGroup.with("timeouts", settings{"update": "5m"}).json())
			w.run.NoErrors(diagnostics)
			w.proxy.Ask(t, "PUT", "/configurations/"+w.run.ID(group), body)
			w.succeeds("apply", w.run.Apply(saved))
		})
	}
}

// onceActive lets somebody else do something as soon as an instance of this name is ready: before the provider is told of that,
// or just after, so that its later reads see what has become of it.
func (w *world) onceActive(name string, before bool, do func(id string)) {
	var once sync.Once
	w.proxy.Spoil(acctest.Fault{
		Method: "GET", Path: "/instances/*", Times: acctest.Always,
		Do: acctest.Rewrite(func(a *acctest.Answer) {
			i, _ := a.JSON()["instance"].(map[string]any)
			id, _ := i["id"].(string)
			if i["name"] != name || i["status"] != "ACTIVE" {
				return
			}
			once.Do(func() {
				do(id)
				if before {
					*a = *w.proxy.TryAsk(w.t, "GET", "/instances/"+id, "")
				}
			})
		}),
	})
}

// A replica that somebody promotes as soon as it is there was created all the same, and so was a member that somebody takes out: to taint it would destroy a server that is
// writable by then.
func TestACreationKeepsWhatWasPlanned(t *testing.T) {
	t.Parallel()
	for when, before := range map[string]bool{"before it is told": true, "after": false} {
		for name, kind := range replicaKinds {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				source := w.run.ID(w.create(kind.source, kind.of))
				done := new(atomic.Bool)
				w.onceActive("reader", before, func(id string) {
					w.proxy.Act(t, id, fmt.Sprintf(kind.promote, id))
					done.Store(true)
				})
				made := w.run.Create(kind.typeName, kind.replica(source).json())
				if !done.Load() {
					t.Fatal("the replica was never promoted")
				}
				w.succeeds("create", made)
				if _, ok := w.proxy.Alive()[w.run.ID(made.Object)]; !ok {
					t.Errorf("the state has %q, alive are %v", w.run.ID(made.Object), w.proxy.Alive())
				}
			})
		}
		for name, kind := range clusterKinds {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				via := w.run.ID(w.build(kind, "products", 2)[0])
				w.onceActive("late", before, func(id string) { w.proxy.Act(t, via, fmt.Sprintf(kind.leave, id)) })
				w.succeeds("create", w.run.Create(kind.typeName, kind.config.with("name", "late").json()))
			})
		}
	}
}

// A creation whose last reads fail leaves a whole state: with the id, and without unknown values.
func TestACreationThatCannotBeReadBackIsInTheState(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, inline bool, refuse acctest.Effect, before func(w *world) (typeName string, config settings)) {
		t.Helper()
		w := newWorld(t)
		typeName, config := before(w)
		w.within(15 * time.Second)
		built := new(atomic.Bool)
		w.proxy.Spoil(acctest.Fault{
			Method: "GET", Path: "/instances/*", Times: acctest.Always,
			Do: acctest.Instances(func(i map[string]any) {
				if i["name"] == config["name"] && i["status"] == "ACTIVE" {
					built.Store(true)
				}
				if !inline {
					delete(i, "topology")
				}
			}),
		})
		w.proxy.Spoil(acctest.Fault{
			Method: "GET", Path: "/instances/*/topology", Times: acctest.Always,
			Do: func(rw http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
				if built.Load() {
					refuse(rw, r, work)
					return
				}
				acctest.Rewrite(func(*acctest.Answer) {})(rw, r, work)
			},
		})
		made := w.run.Create(typeName, config.json())
		id := w.run.ID(made.Object)
		if _, ok := w.proxy.Alive()[id]; !ok {
			t.Errorf("the state has %q, alive are %v: %s", id, w.proxy.Alive(), made.Text())
		}
		if got := w.run.IdentityOf(typeName, made.Managed)["id"]; got != id {
			t.Errorf("the identity has %q, the state %q", got, id)
		}
	}
	for how, refuse := range map[string]acctest.Effect{
		"HTML": acctest.HTML, "404": acctest.Status(http.StatusNotFound, "itemNotFound", "The resource could not be found.", ""),
		"403": acctest.Status(http.StatusForbidden, "forbidden", "Not you.", ""), "empty": acctest.Body(`{}`),
	} {
		for where, inline := range map[string]bool{"inline": true, "apart": false} {
			for name, kind := range clusterKinds {
				t.Run(name+" "+where+" "+how, func(t *testing.T) {
					t.Parallel()
					test(t, inline, refuse, func(*world) (string, settings) { return kind.typeName, kind.config })
				})
			}
			for name, kind := range replicaKinds {
				t.Run("replica "+name+" "+where+" "+how, func(t *testing.T) {
					t.Parallel()
					test(t, inline, refuse, func(w *world) (string, settings) {
						return kind.typeName, kind.replica(w.run.ID(w.create(kind.source, kind.of)))
					})
				})
			}
		}
	}
}

// slaveOf finds the ids of sources, in the form of MySQL and in that of Redis.
var slaveOf = regexp.MustCompile(`("slave_of":(?:\[\{"id":)?")([0-9a-f-]{36}")`)

// What servers may show beyond the contract's examples, a host name or ids with a namespace, contradicts no plan and asks for no
// replacement.
func TestWhatServersMayShowIsNoContradiction(t *testing.T) {
	t.Parallel()
	shows := map[string]acctest.Effect{
		"hostname": acctest.Instances(func(i map[string]any) { i["hostname"] = fmt.Sprintf("%v.db.example.com", i["id"]) }),
		"namespaced ids": acctest.Rewrite(func(a *acctest.Answer) {
			a.Body = slaveOf.ReplaceAll(a.Body, []byte("${1}trove:RegionOne:demo:instance:${2}"))
		}),
		"times with a zone": acctest.Instances(func(i map[string]any) {
			for _, name := range []string{"created", "updated"} {
				if at, ok := i[name].(string); ok {
					i[name] = at + "Z"
				}
			}
		}),
		"sizes with a point": acctest.Rewrite(func(a *acctest.Answer) {
			a.Body = regexp.MustCompile(`"size":(\d+)`).ReplaceAll(a.Body, []byte(`"size":$1.0`))
		}),
		"nothing else (sane)": acctest.Rewrite(func(*acctest.Answer) {}),
	}
	for name, effect := range shows {
		for _, late := range []bool{false, true} {
			for _, of := range []string{"instance", "mysql", "redis", "mongodb", "cassandra", "couchbase", "redis_cluster", "shard"} {
				t.Run(fmt.Sprintf("%s of %s, late %v", name, of, late), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					show := func() {
						for _, path := range []string{"/instances", "/instances/*", "/instances/*/topology", "/instances/detail"} {
							w.proxy.Spoil(acctest.Fault{Path: path, Times: acctest.Always, Do: effect})
						}
					}
					if !late {
						show()
					}
					create := w.subjects()[of]
					if of == "shard" {
						create = func() subject {
							master := w.run.ID(w.create("trove_redis_cluster_node", redisMaster))
							config := redisMaster.with("name", "replica", "replica_of", master)
							return subject{w.create("trove_redis_cluster_node", config), config, master}
						}
					}
					s := create()
					if t.Failed() {
						return
					}
					renamed := s.config.with("name", "renamed")
					saved, diagnostics := w.run.Plan(s.object, renamed.json())
					w.run.NoErrors(diagnostics)
					if late {
						show()
					}
					applied := w.run.Apply(saved)
					w.succeeds("rename", applied)
					read := w.run.Refresh(applied.Object)
					w.succeeds("refresh", read)
					next, diagnostics := w.run.Plan(read.Object, renamed.json())
					w.run.NoErrors(diagnostics)
					if !w.run.NoOp(next) {
						t.Errorf("the next plan is not empty; it would replace for %v", next.Replace)
					}
				})
			}
		}
	}
}
