package topologydatasource_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/topologydatasource"
)

// member is a member of a topology with the objects of all namespaces null but one.
func member(id, name, namespace string, settings map[string]any) map[string]any {
	out := map[string]any{
		"id": id, "name": name,
		"mysql": nil, "mongodb": nil, "cassandra": nil, "couchbase": nil, "redis": nil, "redis_cluster": nil,
	}
	if namespace != "" {
		out[namespace] = settings
	}
	return out
}

func TestTopologyDataSourceOfEveryNamespace(t *testing.T) {
	tests := map[string]struct {
		view      string
		namespace any
		members   []map[string]any
		buckets   any
	}{
		"mysql": {
			view: `{"members": [
				{"id": "m4", "name": "reader", "mysql": {"slave_of": [{"id": "m1"}, {"id": "m2"}], "read_only": false}},
				{"id": "m3", "name": "reader", "mysql": {"slave_of": [{"id": "m1"}]}},
				{"id": "m2", "name": "orders-2", "mysql": {}}, {"id": "m1", "name": "orders"}]}`,
			namespace: "mysql",
			members: []map[string]any{
				member("m1", "orders", "", nil),
				member("m2", "orders-2", "", nil),
				member("m3", "reader", "mysql", map[string]any{"replica_of": []any{"m1"}, "read_only": true}),
				member("m4", "reader", "mysql", map[string]any{"replica_of": []any{"m1", "m2"}, "read_only": false}),
			},
		},
		"a server that stands alone": {
			view:    `{"members": [{"id": "m1", "name": "orders"}]}`,
			members: []map[string]any{member("m1", "orders", "", nil)},
		},
		"mongodb": {
			view: `{"members": [
				{"id": "m1", "name": "a", "mongodb": {"type": "member", "replSet": "products", "priority": 0, "hidden": true, "slaveDelay": 3600, "votes": 0, "hostname": "a.example.com"}},
				{"id": "m2", "name": "b", "mongodb": {"type": "arbiter", "replSet": "products"}}]}`,
			namespace: "mongodb",
			members: []map[string]any{
				member("m1", "a", "mongodb", map[string]any{"type": "member", "replica_set": "products", "priority": 0.0, "hidden": true,
					"secondary_delay_secs": 3600.0, "votes": 0.0, "hostname": "a.example.com"}),
				member("m2", "b", "mongodb", map[string]any{"type": "arbiter", "replica_set": "products", "priority": nil, "hidden": nil,
					"secondary_delay_secs": nil, "votes": nil, "hostname": nil}),
			},
		},
		"cassandra": {
			view: `{"members": [
				{"id": "m1", "name": "a", "cassandra": {"cluster_name": "products", "num_tokens": 256, "is_seed": true, "endpoint_snitch": "RackInferringSnitch",
					"auto_bootstrap": false, "seed_provider": "p", "data_center": "one", "rack": "az1", "added": "by a newer server"}},
				{"id": "m2", "name": "b", "cassandra": {"cluster_name": "products"}}]}`,
			namespace: "cassandra",
			members: []map[string]any{
				member("m1", "a", "cassandra", map[string]any{"cluster_name": "products", "num_tokens": 256.0, "is_seed": true,
					"endpoint_snitch": "RackInferringSnitch", "auto_bootstrap": false, "seed_provider": "p", "data_center": "one", "rack": "az1"}),
				member("m2", "b", "cassandra", map[string]any{"cluster_name": "products", "num_tokens": nil, "is_seed": nil,
					"endpoint_snitch": nil, "auto_bootstrap": nil, "seed_provider": nil, "data_center": nil, "rack": nil}),
			},
		},
		"couchbase": {
			view: `{"members": [{"id": "m1", "name": "a", "couchbase": {"cluster_name": "products"}}], "buckets": [
				{"bucket": "z", "bucket_type": "memcached", "bucket_ramsize": 100},
				{"bucket": "b", "bucket_type": "couchbase", "bucket_port": 11222, "bucket_ramsize": 256, "bucket_replica": 2}]}`,
			namespace: "couchbase",
			members:   []map[string]any{member("m1", "a", "couchbase", map[string]any{"cluster_name": "products"})},
			buckets: []any{
				map[string]any{"name": "b", "type": "couchbase", "port": 11222.0, "ram_mb": 256.0, "replicas": 2.0},
				map[string]any{"name": "z", "type": "memcached", "port": nil, "ram_mb": 100.0, "replicas": nil},
			},
		},
		"redis": {
			view:      `{"members": [{"id": "m1", "name": "a", "redis": {}}, {"id": "m2", "name": "b", "redis": {"slave_of": "m1"}}]}`,
			namespace: "redis",
			members: []map[string]any{
				member("m1", "a", "redis", map[string]any{"replica_of": nil}),
				member("m2", "b", "redis", map[string]any{"replica_of": "m1"}),
			},
		},
		"redis_cluster": {
			view: `{"members": [{"id": "m1", "name": "a", "redis_cluster": {"cluster_name": "products", "cluster_timeout": 5000}},
				{"id": "m2", "name": "b", "redis_cluster": {"cluster_name": "products", "slave_of": "m1"}}]}`,
			namespace: "redis_cluster",
			members: []map[string]any{
				member("m1", "a", "redis_cluster", map[string]any{"cluster_name": "products", "cluster_timeout": 5000.0, "replica_of": nil}),
				member("m2", "b", "redis_cluster", map[string]any{"cluster_name": "products", "cluster_timeout": nil, "replica_of": "m1"}),
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := acctest.NewDataSourceServer(t, acctest.FakeTrove{ServesTopology: true, Documents: map[string]string{
				"instances/m1/topology": `{"topology": ` + tt.view + `}`,
				"instances/m1":          `{"instance": {"id": "m1", "name": "orders", "status": "ACTIVE"}}`,
			}}, topologydatasource.NewDataSource)
			state, diags := server.Read(t, "trove_topology", map[string]string{"instance_id": "m1"})
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			mermaid, _ := state["mermaid"].(string)
			delete(state, "mermaid")
			var shown []any
			for _, m := range tt.members {
				shown = append(shown, m)
			}
			want := map[string]any{"instance_id": "m1", "region": nil, "namespace": tt.namespace, "members": shown, "buckets": tt.buckets}
			if diff := cmp.Diff(want, state); diff != "" {
				t.Error(diff)
			}
			for _, m := range tt.members {
				if name := fmt.Sprint(m["name"]); !strings.Contains(mermaid, name) {
					t.Errorf("the diagram does not show %s:\n%s", name, mermaid)
				}
			}
		})
	}
}

func TestTopologyDataSourceOnReleasedTrove(t *testing.T) {
	server := acctest.NewDataSourceServer(t, acctest.FakeTrove{Documents: map[string]string{
		"instances/s": `{"instance": {"id": "s", "name": "orders", "status": "ACTIVE", "replicas": [{"id": "r"}]}}`,
		"instances/r": `{"instance": {"id": "r", "name": "reader", "status": "ACTIVE", "replica_of": {"id": "s"}}}`,
	}}, topologydatasource.NewDataSource)
	var states []map[string]any
	for _, asked := range []string{"s", "r"} {
		state, diags := server.Read(t, "trove_topology", map[string]string{"instance_id": asked, "region": "two"})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		states = append(states, state)
	}
	readOnly := true
	want := map[string]any{
		"instance_id": "s", "region": "two", "namespace": "mysql", "buckets": nil,
		"members": []any{
			member("s", "orders", "", nil),
			member("r", "reader", "mysql", map[string]any{"replica_of": []any{"s"}, "read_only": true}),
		},
		"mermaid": topology.Mermaid(topology.View{Members: []topology.Member{{ID: "s", Name: "orders"}, {
			ID: "r", Name: "reader", Topology: topology.Topology{MySQL: &topology.MySQL{SlaveOf: []topology.Ref{{ID: "s"}}, ReadOnly: &readOnly}},
		}}}),
	}
	if diff := cmp.Diff(want, states[0]); diff != "" {
		t.Error(diff)
	}
	want["instance_id"] = "r"
	if diff := cmp.Diff(want, states[1]); diff != "" {
		t.Error("asked of the replica: " + diff)
	}
}

func TestTopologyDataSourceFailures(t *testing.T) {
	tests := map[string]struct {
		server acctest.FakeTrove
		want   []string
	}{
		"no such instance":                    {server: acctest.FakeTrove{ServesTopology: true}, want: []string{"Resource m1 cannot be found.", "There is no instance m1"}},
		"no such instance, on released Trove": {want: []string{"Resource m1 cannot be found.", "There is no instance m1"}},
		"a server that fails": {
			server: acctest.FakeTrove{ServesTopology: true, Codes: map[string]int{"instances/m1/topology": 500}},
			want:   []string{"500", "The server returned an error"},
		},
		"a source that cannot be read": {
			server: acctest.FakeTrove{Documents: map[string]string{"instances/m1": `{"instance": {"id": "m1", "name": "a", "replica_of": {"id": "s"}}}`}},
			want:   []string{"Source s:", "Resource s cannot be found."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, diags := acctest.NewDataSourceServer(t, tt.server, topologydatasource.NewDataSource).Read(t, "trove_topology", map[string]string{"instance_id": "m1"})
			acctest.ExpectError(t, diags, "Unable to read topology", "instance_id", tt.want...)
			if name == "a source that cannot be read" && strings.Contains(diags[0].Detail, "There is no instance m1") {
				t.Errorf("m1 exists, but the detail says otherwise:\n%s", diags[0].Detail)
			}
		})
	}
}
