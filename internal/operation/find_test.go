package operation

import (
	"slices"
	"strings"
	"testing"
)

// Each topology is read once, however many members it has, until the cluster is found.
func TestAClusterIsFoundThroughOneMemberOfEach(t *testing.T) {
	listed := func(ids ...string) string {
		var all []string
		for _, id := range ids {
			all = append(all, `{"id": "`+id+`", "name": "`+id+`", "status": "ACTIVE", "datastore": {"type": "redis", "version": "redis-7.2"}}`)
		}
		return `{"instances": [` + strings.Join(all, ", ") + `]}`
	}
	other := strings.ReplaceAll(shards("a", "b", "c"), "products", "carts")
	client, server := scripted(t, map[string][]string{
		"GET detail": {listed("a", "b", "c", "d")}, "GET a/topology": {other}, "GET b/topology": {other}, "GET c/topology": {other}, "GET d/topology": {shards("d")},
	})
	via, view, err := client.FindCluster(t.Context(), "redis", "redis_cluster/products")
	if err != nil || via != "d" || len(view.Members) != 1 {
		t.Errorf("through %q, %+v, %v", via, view, err)
	}
	topologies := slices.DeleteFunc(slices.Clone(server.seen), func(path string) bool { return !strings.HasSuffix(path, "/topology") })
	if len(topologies) != 2 {
		t.Errorf("read %v, want one of each cluster", topologies)
	}
}
