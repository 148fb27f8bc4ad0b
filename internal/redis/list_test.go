package redis_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func TestListsTellNodesAndClusterNodesApart(t *testing.T) {
	cloud := acctest.NewCloud(t)
	build := func(name string, block topology.Topology) string {
		return cloud.CreateBehindOurBack(t, trove.CreateRequest{
			Name: name, FlavorRef: "1", Volume: &trove.Volume{Size: 1}, Datastore: &trove.Datastore{Type: "redis", Version: "redis-7.2"}, Topology: &block,
		})
	}
	master := build("sessions", topology.Topology{Redis: &topology.Redis{}})
	build("sessions-reader", topology.Topology{Redis: &topology.Redis{SlaveOf: &master}})
	first := build("carts", topology.Topology{RedisCluster: &topology.RedisCluster{ClusterName: "carts"}})
	replica := build("carts-replica", topology.Topology{RedisCluster: &topology.RedisCluster{ClusterName: "carts", SlaveOf: &first}})
	build("orders", topology.Topology{RedisCluster: &topology.RedisCluster{ClusterName: "orders"}})

	provider := cloud.NewProtocol(t)
	for _, tt := range []struct {
		typeName string
		config   map[string]string
		want     []string
	}{
		{"trove_redis_node", nil, []string{"sessions", "sessions-reader"}},
		{"trove_redis_cluster_node", nil, []string{"carts", "carts-replica", "orders"}},
		{"trove_redis_cluster_node", map[string]string{"cluster_name": "carts"}, []string{"carts", "carts-replica"}},
	} {
		var names []string
		for _, one := range provider.List(tt.typeName, tt.config, true, 0) {
			provider.NoErrors(one.Diagnostics)
			names = append(names, one.Name)
			if one.Name == "carts-replica" {
				want := map[string]string{"id": replica, "replica_of": first, "master_id": first, "role": "replica"}
				for attribute := range want {
					if diff := cmp.Diff(want[attribute], one.Resource[attribute]); diff != "" {
						t.Errorf("%s (-want +got):\n%s", attribute, diff)
					}
				}
			}
		}
		slices.Sort(names)
		if diff := cmp.Diff(tt.want, names); diff != "" {
			t.Errorf("%s %v (-want +got):\n%s", tt.typeName, tt.config, diff)
		}
	}
}
