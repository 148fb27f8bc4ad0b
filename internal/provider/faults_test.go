package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// world is a sandbox, what spoils its answers, and the provider that is driven against both.
type world struct {
	t     *testing.T
	proxy *acctest.FaultProxy
	run   *acctest.Driver
	block map[string]string // settings of the provider block
}

// newWorld makes one whose sandbox is done with its work when somebody looks next.
func newWorld(t *testing.T, change ...func(*sandbox.Options)) *world {
	t.Helper()
	at := func(o *sandbox.Options) { o.BuildTime, o.ActionTime = 0, 0 }
	proxy := acctest.NewFaultProxy(t, acctest.NewCloud(t, append([]func(*sandbox.Options){at}, change...)...))
	return &world{t: t, proxy: proxy, run: proxy.NewDriver(t)}
}

// configure serves the provider anew, with these settings in its block.
func (w *world) configure(settings map[string]string) {
	w.t.Helper()
	w.block = settings
	w.restart()
}

// restart serves the provider anew, as Terraform does between a plan and its apply: what the one is to know of the other stands
// in the plan.
func (w *world) restart() {
	w.t.Helper()
	w.run = w.proxy.NewDriver(w.t, w.block)
}

// within bounds what the provider is asked from now on, for a product that does not end by itself; ended says that the bound was
// what ended it.
func (w *world) within(d time.Duration) (ended func() bool) {
	ctx, cancel := context.WithTimeout(w.t.Context(), d)
	w.t.Cleanup(cancel)
	w.run = w.run.Within(ctx)
	return func() bool { return ctx.Err() != nil }
}

// settings are the attributes of a resource, and say which are to be others.
type settings map[string]any

// with is a copy with other attributes: name, value, name, value.
func (s settings) with(pairs ...any) settings {
	other := maps.Clone(s)
	for pair := range slices.Chunk(pairs, 2) {
		name, ok := pair[0].(string)
		if !ok {
			panic("a name is no string")
		}
		other[name] = pair[1]
	}
	return other
}

// json is the configuration.
func (s settings) json() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func dbServer(datastore, version string, more ...any) settings {
	return settings{
		"name": "orders", "flavor_id": "1", "volume": settings{"size": 2}, "datastore": settings{"type": datastore, "version": version},
	}.with(more...)
}

var (
	lone          = dbServer("mysql", "mysql-5.7")
	mongoMember   = dbServer("mongodb", "mongodb-7.0", "replica_set", "products")
	cassandraNode = dbServer("cassandra", "cassandra-4.1", "cluster_name", "products", "num_tokens", 16, "is_seed", true, "endpoint_snitch", "SimpleSnitch")
	couchbaseNode = dbServer("couchbase", "couchbase-7.2", "cluster_name", "products")
	redisServer   = dbServer("redis", "redis-7.2")
	redisMaster   = redisServer.with("cluster_name", "products")
	mysqlGroup    = settings{
		"name": "settings", "datastore": settings{"type": "mysql", "version": "mysql-5.7"}, "values": settings{"max_connections": "100"},
	}
)

// clusterKind is a kind of resource that is a member of a named cluster.
type clusterKind struct {
	typeName string
	config   settings
	cluster  string // the attribute that names the cluster
	leave    string // the action by which a member leaves, %s being its id
	leaveOp  string // what of it tells it from other actions
}

var clusterKinds = map[string]clusterKind{
	"mongodb":       {"trove_mongodb_member", mongoMember, "replica_set", `{"mongodb": {"remove_member": {"id": "%s"}}}`, "remove_member"},
	"cassandra":     {"trove_cassandra_node", cassandraNode, "cluster_name", `{"cassandra": {"remove_node": {"id": "%s"}}}`, "remove_node"},
	"couchbase":     {"trove_couchbase_node", couchbaseNode, "cluster_name", `{"couchbase": {"rebalance": {"server_remove": "%s"}}}`, "server_remove"},
	"redis_cluster": {"trove_redis_cluster_node", redisMaster, "cluster_name", `{"redis_cluster": {"remove_node": {"id": "%s"}}}`, "remove_node"},
}

// eachKind runs a test for every kind of cluster.
func eachKind(t *testing.T, test func(t *testing.T, kind clusterKind)) {
	t.Helper()
	for name, kind := range clusterKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// create makes a resource, which must succeed.
func (w *world) create(typeName string, config settings) acctest.Object {
	w.t.Helper()
	return w.run.Must(w.run.Create(typeName, config.json()))
}

// build makes a cluster of n members, called name-0 and so on, and waits until it is at rest.
func (w *world) build(kind clusterKind, name string, n int) []acctest.Object {
	w.t.Helper()
	config := kind.config.with(kind.cluster, name)
	members := []acctest.Object{w.create(kind.typeName, config.with("name", name+"-0"))}
	var changes []acctest.Change
	for i := 1; i < n; i++ {
		change, diagnostics := w.run.Plan(acctest.Object{Type: kind.typeName}, config.with("name", fmt.Sprintf("%s-%d", name, i)).json())
		w.run.NoErrors(diagnostics)
		changes = append(changes, change)
	}
	for _, r := range w.run.ApplyAll(10, changes...) {
		members = append(members, w.run.Must(r))
	}
	for _, m := range members {
		w.proxy.Settle(w.t, w.run.ID(m))
	}
	return members
}

// lists says whether the topology lists an instance, as another one of it sees that.
func (w *world) lists(via, id string) bool {
	w.t.Helper()
	return strings.Contains(string(w.proxy.TryAsk(w.t, "GET", "/instances/"+via+"/topology", "").Body), id)
}

// expectAlive checks that these, and no others, are not gone.
func (w *world) expectAlive(objects ...acctest.Object) {
	w.t.Helper()
	alive := w.proxy.Alive()
	for _, o := range objects {
		if _, ok := alive[w.run.ID(o)]; !ok {
			w.t.Errorf("instance %s is gone", w.run.Texts(o)["name"])
		}
	}
	if len(alive) != len(objects) {
		w.t.Errorf("%d instances are there, want %d: %v", len(alive), len(objects), alive)
	}
}

// expectActions checks how many actions with this in their body have come.
func (w *world) expectActions(part string, want int) {
	w.t.Helper()
	if got := w.proxy.Count("POST", "/instances/*/topology/action", part); got != want {
		w.t.Errorf("%d topology actions with %q have come, want %d:\n%s", got, part, want, w.actions())
	}
}

// actions are the bodies of the topology actions that have come.
func (w *world) actions() string {
	var bodies []string
	for _, h := range w.proxy.Requests() {
		if strings.HasSuffix(h.Path, "/topology/action") {
			bodies = append(bodies, fmt.Sprintf("%s (%d)", h.Body, h.Answered))
		}
	}
	return strings.Join(bodies, "\n")
}

// succeeds fails the test where a result is an error.
func (w *world) succeeds(what string, r acctest.Result) {
	w.t.Helper()
	for _, text := range r.Errors() {
		w.t.Errorf("%s: %s", what, text)
	}
}

// fails fails the test where a result is no error, or not one that says all of these.
func (w *world) fails(what string, r acctest.Result, says ...string) {
	w.t.Helper()
	if !r.Failed() {
		w.t.Errorf("%s: no error", what)
		return
	}
	for _, part := range says {
		if !strings.Contains(r.Text(), part) {
			w.t.Errorf("%s: the error does not say %q:\n%s", what, part, r.Text())
		}
	}
}
