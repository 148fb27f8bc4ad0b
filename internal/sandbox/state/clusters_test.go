package state_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

func cassandra(more string) string {
	return `{"cassandra": {"cluster_name": "products", "num_tokens": 256, "is_seed": true` + more + `}}`
}

func couchbase(more string) string { return `{"couchbase": {"cluster_name": "products"` + more + `}}` }

func redisCluster(more string) string {
	return `{"redis_cluster": {"cluster_name": "products"` + more + `}}`
}

// action is a topology action with one id.
func action(namespace, name, field, id string) string {
	return fmt.Sprintf(`{%q: {%q: {%q: %q}}}`, namespace, name, field, id)
}

func TestCassandraNodesInheritTheSnitchAndShowWhereTheyStand(t *testing.T) {
	w := newWorld(t, func(o *state.Options) { o.Region = "north" })
	w.built("a", "cassandra-4.1", cassandra(`, "endpoint_snitch": "RackInferringSnitch"`))
	w.refused("b", "cassandra-4.1", cassandra(`, "join": true, "auto_bootstrap": true, "endpoint_snitch": "SimpleSnitch"`), 400, "endpoint_snitch is SimpleSnitch")
	r := request(t, "b", "cassandra-4.1", `{"cassandra": {"cluster_name": "products", "num_tokens": 8, "is_seed": false, "join": true, "auto_bootstrap": false}}`)
	r.AvailabilityZone = "rack-2"
	i, err := w.Create(demo, r)
	if err != nil {
		t.Fatal(err)
	}
	tokens, seed, snitch, bootstrap, provider := int64(8), false, "RackInferringSnitch", false, topology.DefaultSeedProvider
	want := &topology.Topology{Cassandra: &topology.Cassandra{
		ClusterName: "products", NumTokens: &tokens, IsSeed: &seed, EndpointSnitch: &snitch, AutoBootstrap: &bootstrap, SeedProvider: &provider,
		DataCenter: "north", Rack: "rack-2",
	}}
	if diff := cmp.Diff(want, i.Topology); diff != "" {
		t.Errorf("the node is shown as (-want +got):\n%s", diff)
	}
}

func TestCassandraNodesDrainAndLeave(t *testing.T) {
	w := newWorld(t)
	a := w.built("a", "cassandra-4.1", cassandra(`, "endpoint_snitch": "SimpleSnitch"`))
	b := w.built("b", "cassandra-4.1", cassandra(`, "join": true, "auto_bootstrap": true`))
	w.acted(a, action("cassandra", "drain_node", "id", b))
	if !w.Drained(demo, b) || w.Drained(demo, a) {
		t.Error("not b alone is drained")
	}
	w.acted(a, action("cassandra", "remove_node", "id", b))
	w.wantMembers([]string{"b: bare"}, b)
	w.wantMembers([]string{"a: products, seed true"}, a)
	wantError(t, w.act(a, action("cassandra", "remove_node", "id", a)), 422, "is the last member")
	w.acted(a, action("cassandra", "drain_node", "id", a))
	if err := w.Restart(demo, a); err != nil {
		t.Fatal(err)
	}
	w.pass(actionTime)
	if w.Drained(demo, a) {
		t.Error("a is drained after its restart")
	}
}

func TestCouchbaseBuckets(t *testing.T) {
	w := newWorld(t)
	a := w.built("a", "couchbase-7.2", couchbase(``))
	b := w.built("b", "couchbase-7.2", couchbase(`, "join": true`))
	create := `{"couchbase": {"create_bucket": {"bucket": "orders", "bucket_type": "couchbase", "bucket_port": 11222, "bucket_ramsize": 200, "bucket_replica": 1}}}`
	if err := w.act(a, create); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.act(b, create), 422, "being changed (couchbase.create_bucket)")
	w.pass(actionTime)
	port, replica := int64(11222), int64(1)
	want := []topology.Bucket{{Name: "orders", Type: "couchbase", Port: &port, RAMSize: 200, Replica: &replica}}
	for _, id := range []string{a, b} {
		view, err := w.View(demo, id)
		if diff := cmp.Diff(want, view.Buckets); diff != "" || err != nil {
			t.Errorf("buckets (-want +got), %v:\n%s", err, diff)
		}
	}
	wantError(t, w.act(b, create), 409, "Bucket orders exists already")
	remove := `{"couchbase": {"delete_bucket": {"bucket": "orders"}}}`
	w.acted(b, remove)
	if view, err := w.View(demo, a); err != nil || len(view.Buckets) > 0 {
		t.Errorf("after its deletion the buckets are %v, %v", view.Buckets, err)
	}
	wantError(t, w.act(b, remove), 404, "Bucket orders cannot be found")
	w.actionFates["couchbase.create_bucket"] = errors.New("no memory")
	w.acted(a, create)
	w.wantStatus(a, "ERROR")
	if view, err := w.View(demo, b); err != nil || len(view.Buckets) > 0 {
		t.Errorf("a bucket that could not be made is listed: %v, %v", view.Buckets, err)
	}
}

func TestCouchbaseRebalance(t *testing.T) {
	w := newWorld(t)
	a := w.built("a", "couchbase-7.2", couchbase(``))
	b := w.built("b", "couchbase-7.2", couchbase(`, "join": true`))
	w.acted(a, action("couchbase", "rebalance", "server_remove", a))
	w.wantMembers([]string{"b: products"}, b)
	wantError(t, w.act(b, action("couchbase", "rebalance", "server_remove", b)), 422, "is the last member")
}

func TestRedisChains(t *testing.T) {
	w := newWorld(t)
	of := func(id string) string { return fmt.Sprintf(`{"redis": {"slave_of": %q}}`, id) }
	master := w.built("master", "redis-2.8.6", `{"redis": {}}`)
	a := w.built("a", "redis-2.8.6", of(master))
	aa := w.built("aa", "redis-2.8.6", of(a))
	b := w.built("b", "redis-2.8.6", of(master))
	other := w.built("other", "redis-2.8.6", `{"redis": {}}`)
	tree := []string{"master: master", "a: of master", "aa: of a", "b: of master"}
	w.wantMembers(tree, master, a, aa, b)
	w.wantMembers([]string{"other: master"}, other)
	plain := w.built("plain", "redis-2.8.6", "")
	building := w.create("building", "redis-2.8.6", `{"redis": {}}`)
	w.refused("x", "redis-2.8.6", of(plain), 400, "is in no redis topology")
	w.refused("x", "redis-2.8.6", of("nobody"), 404, "Resource nobody cannot be found.")
	w.refused("x", "redis-2.8.6", of(building), 422, "is not ready")
	wantError(t, w.Delete(demo, a, "x"), 403, "Detach replicas")
	wantError(t, w.act(master, action("redis", "slaveof_no_one", "id", master)), 400, "is not a replica")
	wantError(t, w.act(other, action("redis", "slaveof_no_one", "id", a)), 400, "is not a member")
	w.acted(b, action("redis", "slaveof_no_one", "id", a))
	w.wantMembers([]string{"a: master", "aa: of a"}, a, aa)
	w.wantMembers([]string{"master: master", "b: of master"}, master, b)
	w.deleted(b)
	w.deleted(master)
}

func TestRedisClusterRoles(t *testing.T) {
	w := newWorld(t)
	of := func(id string) string { return redisCluster(fmt.Sprintf(`, "slave_of": %q`, id)) }
	m1 := w.built("m1", "redis-7.2", redisCluster(`, "cluster_timeout": 5000`))
	w.refused("m2", "redis-7.2", redisCluster(`, "join": true, "cluster_timeout": 6000`), 400, "cluster_timeout is 6000")
	w.refused("m2", "redis-2.8.6", redisCluster(`, "join": true`), 400, "needs Redis 3.0 or later")
	m2 := w.built("m2", "redis-7.2", redisCluster(`, "join": true`))
	r1 := w.built("r1", "redis-7.2", of(m1))
	r2 := w.built("r2", "redis-7.2", of(m1))
	w.wantMembers([]string{"m1: products, master, 5000 ms", "m2: products, master, 5000 ms", "r1: products, of m1, 5000 ms", "r2: products, of m1, 5000 ms"}, m1, m2, r1, r2)
	lone := w.built("lone", "redis-7.2", `{"redis": {}}`)
	w.refused("x", "redis-7.2", of(r1), 400, "slave_of names a master")
	w.refused("x", "redis-7.2", of(lone), 400, "is not in redis_cluster cluster products")
	w.refused("x", "redis-7.2", of("nobody"), 404, "Resource nobody cannot be found.")
	w.refused("x", "redis-7.2", fmt.Sprintf(`{"redis_cluster": {"cluster_name": "unknown", "slave_of": %q}}`, m1), 404, "cannot be found")

	wantError(t, w.act(m2, action("redis_cluster", "failover", "id", m1)), 400, "is a master")
	if err := w.act(m2, action("redis_cluster", "failover", "id", r1)); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(r1, "PROMOTE")
	w.wantStatus(m1, "PROMOTE")
	w.pass(actionTime)
	w.wantMembers([]string{"m1: products, of r1, 5000 ms", "m2: products, master, 5000 ms", "r1: products, master, 5000 ms", "r2: products, of r1, 5000 ms"}, m1, m2, r1, r2)

	remove := func(id string) string { return action("redis_cluster", "remove_node", "id", id) }
	wantError(t, w.act(m2, remove(r1)), 422, "still has replicas")
	wantError(t, w.Delete(demo, r1, "x"), 403, "Detach replicas")
	w.acted(m2, remove(m1))
	w.acted(m2, remove(r2))
	w.wantMembers([]string{"m1: bare"}, m1)
	w.acted(m2, remove(m2))
	wantError(t, w.act(r1, remove(r1)), 422, "is the last member")
	replica := w.built("replica", "redis-7.2", of(r1))
	wantError(t, w.act(replica, remove(r1)), 422, "still has replicas")
	w.deleted(replica)
	w.deleted(r1)
	w.built("again", "redis-7.2", redisCluster(``))
}

func TestRedisClusterTimeoutHasADefault(t *testing.T) {
	w := newWorld(t)
	id := w.built("m1", "redis-7.2", redisCluster(``))
	w.wantMembers([]string{"m1: products, master, 15000 ms"}, id)
}

func TestAFailoverIsNoneWhereTheReplicaIsDeleted(t *testing.T) {
	w := newWorld(t)
	m1 := w.built("m1", "redis-7.2", redisCluster(``))
	r1 := w.built("r1", "redis-7.2", redisCluster(fmt.Sprintf(`, "slave_of": %q`, m1)))
	if err := w.act(m1, action("redis_cluster", "failover", "id", r1)); err != nil {
		t.Fatal(err)
	}
	w.deleted(r1)
	w.wantMembers([]string{"m1: products, master, 15000 ms"}, m1)
	w.wantStatus(m1, "ACTIVE")
}

func TestABareServerShowsAndServesTheProposalAlone(t *testing.T) {
	w := newWorld(t, func(o *state.Options) { o.Bare = true })
	m := w.built("m", "mongodb-7.0", mongo(`, "priority": 2`))
	c := w.built("c", "cassandra-4.1", cassandra(`, "endpoint_snitch": "SimpleSnitch"`))
	tokens, seed := int64(256), true
	for id, want := range map[string]topology.Topology{
		m: {MongoDB: &topology.MongoDB{Type: "member", ReplSet: "products"}},
		c: {Cassandra: &topology.Cassandra{ClusterName: "products", NumTokens: &tokens, IsSeed: &seed}},
	} {
		view, err := w.View(demo, id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, view.Members[0].Topology); diff != "" {
			t.Errorf("in the topology (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(&want, w.get(id).Topology); diff != "" {
			t.Errorf("as an instance (-want +got):\n%s", diff)
		}
	}
	b := w.built("b", "couchbase-7.2", couchbase(``))
	w.acted(b, `{"couchbase": {"create_bucket": {"bucket": "orders", "bucket_type": "couchbase", "bucket_ramsize": 200}}}`)
	if view, err := w.View(demo, b); err != nil || len(view.Buckets) > 0 {
		t.Errorf("buckets are listed: %v, %v", view.Buckets, err)
	}
	wantError(t, w.act(b, `{"couchbase": {"delete_bucket": {"bucket": "orders"}}}`), 400, `couchbase has no action "delete_bucket"`)
}
