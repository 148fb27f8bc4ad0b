package provider_test

import (
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
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
	if len(progress) != 2 || !strings.Contains(progress[0], "Restarting orders") || !strings.Contains(progress[1], "ACTIVE again") {
		t.Errorf("it tells %q", progress)
	}
	if err := cloud.ExpectRequests(map[string]int{restart: 1}); err != nil {
		t.Error(err)
	}
}

func TestRestartActionWhoseAnswerIsLostIsSentOnce(t *testing.T) {
	cloud := acctest.NewCloud(t)
	id := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: restart})
	p := cloud.NewProtocol(t)
	_, diagnostics := p.Invoke("trove_restart_instance", map[string]string{"instance_id": id})
	p.NoErrors(diagnostics)
	if err := cloud.ExpectRequests(map[string]int{restart: 1}); err != nil {
		t.Error(err)
	}
}

func TestActionOnAnInstanceThatIsNotThere(t *testing.T) {
	p := acctest.NewCloud(t).NewProtocol(t)
	_, diagnostics := p.Invoke("trove_restart_instance", map[string]string{"instance_id": "7a1d4b0c-6a2f-4f2b-9a57-3f6a7c1f0d11"})
	if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Summary, "Unable to restart instance 7a1d4b0c") || !strings.Contains(diagnostics[0].Detail, "Nothing was done") {
		t.Errorf("%+v", diagnostics)
	}
}

// clusterNode is a node of a cluster, which founds or joins as it must.
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
			for range 2 { // the second one has nothing to do
				_, diagnostics := p.Invoke("trove_redis_cluster_failover", map[string]string{"instance_id": replica})
				p.NoErrors(diagnostics)
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
	for _, name := range []string{"catalogue-1", "catalogue-2"} {
		block := topology.Couchbase{ClusterName: "catalogue"}
		ids = append(ids, cloud.CreateBehindOurBack(t, clusterNode(name, "couchbase", "couchbase-7.2", topology.Topology{Couchbase: &block})))
	}
	p := cloud.NewProtocol(t)
	progress, diagnostics := p.Invoke("trove_couchbase_rebalance", map[string]string{"instance_id": ids[1]})
	p.NoErrors(diagnostics)
	if len(progress) != 2 || !strings.Contains(progress[1], "has left catalogue") {
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
			for range 2 { // the second one has nothing to do
				progress, diagnostics := p.Invoke("trove_promote_replica", map[string]string{"instance_id": replicas[1]})
				p.NoErrors(diagnostics)
				if len(progress) != 2 || !strings.Contains(progress[1], "orders-2") || !strings.Contains(progress[1], "2 others replicate from it") {
					t.Errorf("it tells %q", progress)
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

func TestEjectAction(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	source, _ := replicated(t, cloud)
	p := cloud.NewProtocol(t)
	if _, diagnostics := p.Invoke("trove_eject_source", map[string]string{"instance_id": source}); len(diagnostics) == 0 {
		t.Error("a source that is alive was ejected")
	}
	cloud.Heartbeat(t, "orders", false)
	progress, diagnostics := p.Invoke("trove_eject_source", map[string]string{"instance_id": source})
	p.NoErrors(diagnostics)
	if len(progress) != 2 || !strings.Contains(progress[1], "is the source now, and orders ("+source+") stands alone") {
		t.Errorf("it tells %q", progress)
	}
}
