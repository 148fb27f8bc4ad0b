package topology

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// valid is one block of every namespace that its own datastore accepts.
var valid = map[Namespace]Topology{
	NamespaceMySQL:        {MySQL: &MySQL{SlaveOf: []Ref{{"a"}}}},
	NamespaceMongoDB:      {MongoDB: &MongoDB{Type: TypeMember, ReplSet: "p"}},
	NamespaceCassandra:    {Cassandra: &Cassandra{ClusterName: "p", NumTokens: to[int64](256), IsSeed: to(true), EndpointSnitch: to("s")}},
	NamespaceCouchbase:    {Couchbase: &Couchbase{ClusterName: "p"}},
	NamespaceRedis:        {Redis: &Redis{}},
	NamespaceRedisCluster: {RedisCluster: &RedisCluster{ClusterName: "p"}},
}

func TestNamespacesFitTheirDatastores(t *testing.T) {
	fits := map[Namespace][]string{
		NamespaceMySQL: {"mysql", "mariadb"}, NamespaceMongoDB: {"mongodb"}, NamespaceCassandra: {"cassandra"},
		NamespaceCouchbase: {"couchbase"}, NamespaceRedis: {"redis"}, NamespaceRedisCluster: {"redis"},
	}
	for ns, block := range valid {
		for _, datastore := range []string{"mysql", "mariadb", "mongodb", "cassandra", "couchbase", "redis", "postgresql", "MySQL"} {
			t.Run(string(ns)+" on "+datastore, func(t *testing.T) {
				want := []finding{{about: FieldDatastore, says: "goes with datastore type " + fits[ns][0]}}
				for _, fit := range fits[ns] {
					if fit == datastore {
						want = nil
					}
				}
				wantFindings(t, block.Check(Datastore{Type: datastore}), want)
			})
		}
		wantFindings(t, block.Check(Datastore{}), nil) // not known: for the server to say
		if got := block.Namespace(); got != ns {
			t.Errorf("Namespace of %s is %q", ns, got)
		}
	}
}

func TestATopologyHoldsExactlyOneNamespace(t *testing.T) {
	wantFindings(t, Topology{}.Check(Datastore{}), []finding{{says: "this one holds 0"}})
	two := Topology{Redis: &Redis{}, RedisCluster: &RedisCluster{ClusterName: "p"}}
	wantFindings(t, two.Check(Datastore{}), []finding{{says: "this one holds 2"}})
	for _, none := range []Topology{{}, two} {
		if ns := none.Namespace(); ns != "" {
			t.Errorf("Namespace is %q", ns)
		}
	}
}

// The answers of the proposal, read as a client reads them.
func TestViewsAreReadAsTheServerWritesThem(t *testing.T) {
	const body = `{"members": [
		{"id": "a", "name": "product-a"},
		{"id": "b", "name": "product-b", "mysql": {"slave_of": [{"id": "a"}], "read_only": true}},
		{"id": "c", "name": "product-c", "redis": {}}
	], "buckets": [{"bucket": "test_bucket", "bucket_type": "couchbase", "bucket_ramsize": 200, "bucket_replica": 0}]}`
	want := View{
		Members: []Member{
			{ID: "a", Name: "product-a"},
			{ID: "b", Name: "product-b", Topology: Topology{MySQL: &MySQL{SlaveOf: []Ref{{"a"}}, ReadOnly: to(true)}}},
			{ID: "c", Name: "product-c", Topology: Topology{Redis: &Redis{}}},
		},
		Buckets: []Bucket{{Name: "test_bucket", Type: BucketCouchbase, RAMSize: 200, Replica: to[int64](0)}},
	}
	var got View
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read differently (-want +got):\n%s", diff)
	}
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(generic(t, []byte(body)), generic(t, written)); diff != "" {
		t.Errorf("written differently (-want +got):\n%s", diff)
	}
}

func TestFindNamesTheMember(t *testing.T) {
	v := View{Members: []Member{{ID: "a"}, {ID: "b", Name: "product-b"}}}
	if m, ok := v.Find("b"); !ok || m.Name != "product-b" {
		t.Errorf("found %+v, %v", m, ok)
	}
	if m, ok := v.Find("c"); ok || m.ID != "" {
		t.Errorf("found %+v, %v", m, ok)
	}
}
