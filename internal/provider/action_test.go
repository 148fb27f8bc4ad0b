package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const restart = "POST /instances/{id}/action restart"

func TestRestartAction(t *testing.T) {
	cloud := acctest.NewCloud(t)
	id := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	p := cloud.NewProtocol(t)
	progress, diagnostics := p.Invoke("trove_restart_instance", map[string]string{"instance_id": id})
	p.NoErrors(diagnostics)
	if len(progress) != 2 || !strings.Contains(progress[0], "Restarting orders") || !strings.Contains(progress[1], "was restarted, and is in status ACTIVE") {
		t.Errorf("it tells %q", progress)
	}
	if err := cloud.ExpectRequests(map[string]int{restart: 1}); err != nil {
		t.Error(err)
	}
}

func TestRestartActionWhoseAnswerIsLostIsSentOnce(t *testing.T) {
	t.Parallel()
	// It is seen by the status meanwhile, or by when the instance was changed, which Trove shows by the second.
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = 1100 * time.Millisecond })
	id := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: restart})
	p := cloud.NewProtocol(t)
	_, diagnostics := p.Invoke("trove_restart_instance", map[string]string{"instance_id": id})
	p.NoErrors(diagnostics)
	if err := cloud.ExpectRequests(map[string]int{restart: 1}); err != nil {
		t.Error(err)
	}
}

// What is wrong with an action's configuration is told before anything is done, by the plan.
func TestActionThatCannotBe(t *testing.T) {
	cloud := acctest.NewCloud(t)
	const missing = "7a1d4b0c-6a2f-4f2b-9a57-3f6a7c1f0d11"
	lone := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	master := cloud.CreateBehindOurBack(t, clusterNode("carts-1", "redis", "redis-7.2", topology.Topology{RedisCluster: &topology.RedisCluster{ClusterName: "carts"}}))
	p := cloud.NewProtocol(t)
	for name, tt := range map[string]struct {
		action, id, region string
		summary, detail    string
	}{
		"of no instance":    {"trove_restart_instance", missing, "", "Unable to restart instance " + missing, "Nothing was done. Check instance_id, and region if the instance is in another region than RegionOne."},
		"without an id":     {"trove_restart_instance", "", "", "Empty value", "instance_id"},
		"elsewhere":         {"trove_restart_instance", lone, "Nowhere", "Unable to", "Nowhere"},
		"of another kind":   {"trove_cassandra_drain_node", master, "", "Unable to drain Cassandra node " + master, "Instance carts-1 (" + master + ") is a member of redis_cluster/carts."},
		"in no cluster":     {"trove_couchbase_rebalance", lone, "", "Unable to rebalance away Couchbase node " + lone, "Instance orders (" + lone + ") is in no topology of type couchbase; its datastore is mysql."},
		"in no replication": {"trove_promote_replica", lone, "", "Unable to promote replica orders (" + lone + ")", "is standalone"},
	} {
		t.Run(name, func(t *testing.T) {
			config := map[string]string{"instance_id": tt.id}
			if tt.region != "" {
				config["region"] = tt.region
			}
			progress, diagnostics := p.Invoke(tt.action, config)
			if len(progress) > 0 || len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Summary, tt.summary) || !strings.Contains(diagnostics[0].Detail, tt.detail) {
				t.Fatalf("it tells %q and %+v, want %q: %q", progress, diagnostics, tt.summary, tt.detail)
			}
		})
	}
	if err := cloud.ExpectRequests(map[string]int{restart: 0, "POST /instances/{id}/action promote_to_replica_source": 0}); err != nil {
		t.Error(err)
	}
}

// An id that is not known when the plan is made is not asked after.
func TestActionWhoseInstanceIsNotKnownYet(t *testing.T) {
	cloud := acctest.NewCloud(t)
	p := cloud.NewProtocol(t)
	if diagnostics := p.PlanAction("trove_restart_instance", map[string]tftypes.Value{"instance_id": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}); len(diagnostics) > 0 {
		t.Errorf("%+v", diagnostics)
	}
	diagnostics := p.PlanAction("trove_restart_instance", map[string]tftypes.Value{"instance_id": tftypes.NewValue(tftypes.String, "")})
	if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, "instance_id is empty") {
		t.Errorf("%+v, want that it is empty, as a variable may be", diagnostics)
	}
	if err := cloud.ExpectRequests(map[string]int{"GET /instances/{id}": 0}); err != nil {
		t.Error(err)
	}
}

// An action that is interrupted ends at once, says so, and is not sent again.
func TestActionThatIsInterrupted(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = time.Hour })
	id := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	p := cloud.NewProtocol(t)
	stopped := make(chan error, 1)
	go func() {
		for range time.Tick(time.Millisecond) {
			if cloud.Ledger().Count(restart) > 0 || t.Context().Err() != nil {
				break
			}
		}
		_, err := p.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{})
		stopped <- err
	}()
	progress, diagnostics := p.Invoke("trove_restart_instance", map[string]string{"instance_id": id})
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if len(progress) != 1 || len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Summary, "Unable to restart instance orders ("+id+")") {
		t.Errorf("it tells %q and %+v", progress, diagnostics)
	}
	if err := cloud.ExpectRequests(map[string]int{restart: 1}); err != nil {
		t.Error(err)
	}
}

// An action on released Trove that requires the topology API says so.
func TestActionWithoutTheTopologyAPI(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	id := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	_, diagnostics := cloud.NewProtocol(t).Invoke("trove_cassandra_drain_node", map[string]string{"instance_id": id})
	if len(diagnostics) != 1 || diagnostics[0].Summary != "This server has no topology API" || !strings.Contains(diagnostics[0].Detail, "trove_cassandra_drain_node requires") {
		t.Errorf("%+v", diagnostics)
	}
}

// clusterNode is a node of a cluster, which bootstraps or joins as it must.
func clusterNode(name, datastore, version string, block topology.Topology) trove.CreateRequest {
	r := mysqlServer(name)
	r.Datastore, r.Topology = &trove.Datastore{Type: datastore, Version: version}, &block
	return r
}

func TestDrainAction(t *testing.T) {
	const drain = "POST /instances/{id}/topology/action cassandra.drain_node"
	for name, tt := range map[string]struct {
		rules []faults.Rule
		sent  int
	}{
		"at once":                   {nil, 1},
		"though its answer is lost": {[]faults.Rule{{Do: faults.LoseAnswer, Kind: drain}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			tokens, seed, snitch := int64(256), true, "SimpleSnitch"
			id := cloud.CreateBehindOurBack(t, clusterNode("events", "cassandra", "cassandra-4.1", topology.Topology{Cassandra: &topology.Cassandra{
				ClusterName: "events", NumTokens: &tokens, IsSeed: &seed, EndpointSnitch: &snitch,
			}}))
			for _, r := range tt.rules {
				cloud.Inject(t, r)
			}
			p := cloud.NewProtocol(t)
			progress, diagnostics := p.Invoke("trove_cassandra_drain_node", map[string]string{"instance_id": id})
			p.NoErrors(diagnostics)
			if len(progress) != 2 || !cloud.State().Drained(identity.DemoProjectID, id) {
				t.Errorf("it tells %q, and the node is not drained", progress)
			}
			if err := cloud.ExpectRequests(map[string]int{drain: tt.sent}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFailoverAction(t *testing.T) {
	const failover = "POST /instances/{id}/topology/action redis_cluster.failover"
	for name, do := range map[string]faults.Effect{"at once": "", "though its answer is lost": faults.LoseAnswer} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			block := topology.RedisCluster{ClusterName: "carts"}
			master := cloud.CreateBehindOurBack(t, clusterNode("carts-1", "redis", "redis-7.2", topology.Topology{RedisCluster: &block}))
			beneath := topology.RedisCluster{ClusterName: "carts", SlaveOf: &master}
			replica := cloud.CreateBehindOurBack(t, clusterNode("carts-1-replica", "redis", "redis-7.2", topology.Topology{RedisCluster: &beneath}))
			if do != "" {
				cloud.Inject(t, faults.Rule{Do: do, Kind: failover})
			}
			p := cloud.NewProtocol(t)
			for _, want := range [][]string{
				{fmt.Sprintf("carts-1-replica (%s) takes over from its master carts-1 (%s).", replica, master), fmt.Sprintf("carts-1-replica (%s) is a master, and carts-1 (%s) its replica.", replica, master)},
				{fmt.Sprintf("carts-1-replica (%s) is a master of carts already: nothing was changed.", replica)},
			} {
				progress, diagnostics := p.Invoke("trove_redis_cluster_failover", map[string]string{"instance_id": replica})
				p.NoErrors(diagnostics)
				if diff := cmp.Diff(want, progress); diff != "" {
					t.Errorf("what it tells (-want +got):\n%s", diff)
				}
			}
			if err := cloud.ExpectRequests(map[string]int{failover: 1}); err != nil {
				t.Error(err)
			}
			client, err := cloud.Client()
			if err != nil {
				t.Fatal(err)
			}
			view, err := client.Topology(t.Context(), master)
			if err != nil {
				t.Fatal(err)
			}
			if m, _ := view.Find(master); m.RedisCluster.SlaveOf == nil || *m.RedisCluster.SlaveOf != replica {
				t.Errorf("the old master replicates from %v, want %s", m.RedisCluster.SlaveOf, replica)
			}
		})
	}
}

func TestRebalanceAction(t *testing.T) {
	cloud := acctest.NewCloud(t)
	var ids []string
	for _, name := range []string{"catalog-1", "catalog-2"} {
		block := topology.Couchbase{ClusterName: "catalog"}
		ids = append(ids, cloud.CreateBehindOurBack(t, clusterNode(name, "couchbase", "couchbase-7.2", topology.Topology{Couchbase: &block})))
	}
	p := cloud.NewProtocol(t)
	progress, diagnostics := p.Invoke("trove_couchbase_rebalance", map[string]string{"instance_id": ids[1]})
	p.NoErrors(diagnostics)
	if len(progress) != 2 || !strings.Contains(progress[1], "was removed from catalog") {
		t.Errorf("it tells %q", progress)
	}
	if _, diagnostics := p.Invoke("trove_couchbase_rebalance", map[string]string{"instance_id": ids[0]}); len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, "only node") {
		t.Errorf("%+v, want that it is the only node", diagnostics)
	}
	if err := cloud.ExpectRequests(map[string]int{"POST /instances/{id}/topology/action couchbase.rebalance": 1}); err != nil {
		t.Error(err)
	}
}

// replicated makes a source with two replicas by replica_of, and returns their ids.
func replicated(t *testing.T, cloud *acctest.Cloud) (source string, replicas []string) {
	t.Helper()
	source = cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	for _, name := range []string{"orders-1", "orders-2"} {
		replicas = append(replicas, cloud.CreateBehindOurBack(t, trove.CreateRequest{Name: name, ReplicaOf: source}))
	}
	return source, replicas
}

func TestPromoteAction(t *testing.T) {
	for name, option := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, option)
			source, replicas := replicated(t, cloud)
			p := cloud.NewProtocol(t)
			for _, want := range [][]string{
				{fmt.Sprintf("Promoting orders-2 (%s). The source is orders (%s).", replicas[1], source), fmt.Sprintf("orders-2 (%s) is the source, and 2 others replicate from it.", replicas[1])},
				{fmt.Sprintf("orders-2 (%s) is the source already: nothing was changed.", replicas[1])},
			} {
				progress, diagnostics := p.Invoke("trove_promote_replica", map[string]string{"instance_id": replicas[1]})
				p.NoErrors(diagnostics)
				if diff := cmp.Diff(want, progress); diff != "" {
					t.Errorf("what it tells (-want +got):\n%s", diff)
				}
			}
			if err := cloud.ExpectRequests(map[string]int{"POST /instances/{id}/action promote_to_replica_source": 1}); err != nil {
				t.Error(err)
			}
			client, err := cloud.Client()
			if err != nil {
				t.Fatal(err)
			}
			if i, err := client.Instance(t.Context(), source); err != nil || i.ReplicaOf == nil || i.ReplicaOf.ID != replicas[1] {
				t.Errorf("the old source is %+v (%v), want it to replicate from %s", i, err, replicas[1])
			}
		})
	}
}

func TestDetachAction(t *testing.T) {
	for name, option := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, option)
			source, replicas := replicated(t, cloud)
			p := cloud.NewProtocol(t)
			for _, want := range [][]string{
				{fmt.Sprintf("Detaching orders-2 (%s) from %s.", replicas[1], source), fmt.Sprintf("orders-2 (%s) is standalone and writable.", replicas[1])},
				{fmt.Sprintf("orders-2 (%s) has no source: nothing was changed.", replicas[1])},
			} {
				progress, diagnostics := p.Invoke("trove_detach_replica", map[string]string{"instance_id": replicas[1]})
				p.NoErrors(diagnostics)
				if diff := cmp.Diff(want, progress); diff != "" {
					t.Errorf("what it tells (-want +got):\n%s", diff)
				}
			}
			client, err := cloud.Client()
			if err != nil {
				t.Fatal(err)
			}
			sourceIs(t, client, replicas[1], "", 1)
			sourceIs(t, client, replicas[0], source, 2)
		})
	}
}

func TestRemoveMemberAction(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind clusterKind) {
		w := newWorld(t)
		members := w.build(kind, "products", 2)
		p := w.proxy.NewProtocol(t)
		id := w.run.ID(members[1])
		progress, diagnostics := p.Invoke("trove_remove_member", map[string]string{"instance_id": id})
		p.NoErrors(diagnostics)
		if len(progress) != 2 || !strings.Contains(progress[0], "Removing products-1 ("+id+") from ") || !strings.HasSuffix(progress[1], "/products, and is standalone.") {
			t.Errorf("it tells %q", progress)
		}
		w.expectActions(kind.leaveOp, 1)
		w.expectAlive(members...)
		if w.lists(w.run.ID(members[0]), id) {
			t.Error("the topology still lists it")
		}
		for of, want := range map[string]string{w.run.ID(members[0]): "is the last member of", id: "is in no"} {
			if _, diagnostics := p.Invoke("trove_remove_member", map[string]string{"instance_id": of}); len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, want) {
				t.Errorf("%+v, want %q", diagnostics, want)
			}
		}
	})
}

func TestEjectAction(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	source, replicas := replicated(t, cloud)
	p := cloud.NewProtocol(t)
	if _, diagnostics := p.Invoke("trove_eject_source", map[string]string{"instance_id": source}); len(diagnostics) == 0 {
		t.Error("a source that is alive was ejected")
	}
	cloud.Heartbeat(t, "orders", false)
	progress, diagnostics := p.Invoke("trove_eject_source", map[string]string{"instance_id": source})
	p.NoErrors(diagnostics)
	if len(progress) != 2 || !strings.Contains(progress[1], ") is the source now, and orders ("+source+") is standalone") ||
		!strings.Contains(progress[1], replicas[0]) && !strings.Contains(progress[1], replicas[1]) {
		t.Errorf("it tells %q", progress)
	}
}
