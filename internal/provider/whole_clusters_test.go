package provider_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// unlimited takes the quota away, since these tests make hundreds.
func unlimited(o *sandbox.Options) { o.Quota = state.Quota{Instances: -1, VolumeGB: -1} }

// asked makes an instance over the API, which is faster than through the provider, and returns its id. topology is JSON, "" for
// none.
func (w *world) asked(name, datastore, version, topology string) string {
	w.t.Helper()
	instance := map[string]any{
		"name": name, "flavorRef": "1", "volume": map[string]any{"size": 1}, "datastore": map[string]any{"type": datastore, "version": version},
	}
	if topology != "" {
		instance["topology"] = json.RawMessage(topology)
	}
	body, err := json.Marshal(map[string]any{"instance": instance})
	if err != nil {
		w.t.Fatal(err)
	}
	made, _ := w.proxy.Ask(w.t, "POST", "/instances", string(body))["instance"].(map[string]any)
	id, _ := made["id"].(string)
	w.proxy.Settle(w.t, id)
	return id
}

// imported imports instances.
func (w *world) imported(typeName string, ids []string) []acctest.Object {
	w.t.Helper()
	var all []acctest.Object
	for _, id := range ids {
		all = append(all, w.run.Must(w.run.ImportByID(typeName, id)))
	}
	return all
}

// asMembers are topologies of the clusters, first the first member's and then a joiner's.
var asMembers = map[string]struct{ datastore, version, found, join string }{
	"mongodb": {
		"mongodb", "mongodb-7.0", `{"mongodb": {"type": "member", "replSet": "%s"}}`, `{"mongodb": {"type": "member", "replSet": "%s", "join": true}}`,
	},
	"cassandra": {
		"cassandra", "cassandra-4.1", `{"cassandra": {"cluster_name": "%s", "num_tokens": 16, "is_seed": true, "endpoint_snitch": "SimpleSnitch"}}`,
		`{"cassandra": {"cluster_name": "%s", "num_tokens": 16, "is_seed": false, "auto_bootstrap": true, "join": true}}`,
	},
	"couchbase":     {"couchbase", "couchbase-7.2", `{"couchbase": {"cluster_name": "%s"}}`, `{"couchbase": {"cluster_name": "%s", "join": true}}`},
	"redis_cluster": {"redis", "redis-7.2", `{"redis_cluster": {"cluster_name": "%s"}}`, `{"redis_cluster": {"cluster_name": "%s", "join": true}}`},
}

// cluster makes one of n members over the API.
func (w *world) cluster(kind, name string, n int) (ids []string) {
	w.t.Helper()
	of := asMembers[kind]
	for i := range n {
		form := of.join
		switch {
		case i == 0:
			form = of.found
		case kind == "mongodb" && i >= 7: // more cannot vote
			form = `{"mongodb": {"type": "member", "replSet": "%s", "join": true, "priority": 0, "votes": 0}}`
		}
		ids = append(ids, w.asked(fmt.Sprintf("%s-%d", name, i), of.datastore, of.version, fmt.Sprintf(form, name)))
	}
	return ids
}

// mixed are the elements of all lists in an order that the seed gives: Terraform visits resources in no order of its own, and in
// another one when it applies than when it has planned.
func mixed[T any](seed uint64, lists ...[]T) []T {
	all := slices.Concat(lists...)
	random := rand.New(rand.NewPCG(seed, seed))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// goesAsAWhole destroys these at once, a stage after the other, and checks that nobody leaves anything before.
func (w *world) goesAsAWhole(parallelism int, stages ...[]acctest.Object) {
	w.t.Helper()
	all := mixed(1, stages...)
	changes := map[string]acctest.Change{}
	for n, change := range w.run.PlanDestroyAll(all...) {
		changes[w.run.ID(all[n])] = change
	}
	w.restart()
	w.proxy.Forget()
	w.within(60 * time.Second)
	failed := 0
	for _, stage := range stages {
		var destroyed []acctest.Change
		for _, o := range mixed(2, stage) {
			destroyed = append(destroyed, changes[w.run.ID(o)])
		}
		for _, r := range w.run.ApplyAll(parallelism, destroyed...) {
			if r.Failed() {
				if failed++; failed <= 3 {
					w.succeeds("destroy", r)
				}
			}
		}
	}
	if failed > 0 {
		w.t.Errorf("%d of %d could not be destroyed", failed, len(all))
	}
	if n := w.proxy.Count("POST", "/instances/*/topology/action", ""); n != 0 {
		w.t.Errorf("%d topology actions, want none", n)
	}
	if n := w.proxy.Count("DELETE", "/instances/*", ""); n != len(all) {
		w.t.Errorf("%d deletions, want %d", n, len(all))
	}
	w.expectAlive()
}

// Twenty sets of ten go as wholes, however few of a set are destroyed at the same time.
func TestManySetsAreDestroyedAsWholes(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{10, 30, 50} {
		t.Run(fmt.Sprintf("parallelism %d", parallelism), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, unlimited)
			var sets [][]acctest.Object
			for n := range 20 {
				sets = append(sets, w.imported("trove_mongodb_member", w.cluster("mongodb", fmt.Sprintf("set%02d", n), 10)))
			}
			w.goesAsAWhole(parallelism, slices.Concat(sets...))
		})
	}
}

// The same holds of a mix of all kinds. Terraform destroys replicas before their sources.
func TestAllKindsAreDestroyedAsWholes(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{10, 30, 50} {
		t.Run(fmt.Sprintf("parallelism %d", parallelism), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, unlimited)
			var first, second [][]acctest.Object
			for name, kind := range clusterKinds {
				for n := range 3 {
					first = append(first, w.imported(kind.typeName, w.cluster(name, fmt.Sprintf("%s-%d", name, n), 6)))
				}
			}
			for n := range 3 {
				source := w.asked(fmt.Sprintf("mysql-%d", n), "mysql", "mysql-5.7", "")
				master := w.asked(fmt.Sprintf("redis-%d", n), "redis", "redis-7.2", `{"redis": {}}`)
				var replicas, slaves []string
				for i := range 4 {
					replicas = append(replicas, w.asked(fmt.Sprintf("mysql-%d-%d", n, i), "mysql", "mysql-5.7", fmt.Sprintf(`{"mysql": {"slave_of": [{"id": %q}]}}`, source)))
					slaves = append(slaves, w.asked(fmt.Sprintf("redis-%d-%d", n, i), "redis", "redis-7.2", fmt.Sprintf(`{"redis": {"slave_of": %q}}`, master)))
				}
				first = append(first, w.imported("trove_mysql_replica", replicas), w.imported("trove_redis_node", slaves))
				second = append(second, w.imported("trove_instance", []string{source}), w.imported("trove_redis_node", []string{master}))
			}
			w.goesAsAWhole(parallelism, slices.Concat(first...), slices.Concat(second...))
		})
	}
}
