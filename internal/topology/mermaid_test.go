package topology

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mysqlReplica(id, name string, readOnly *bool, sources ...string) Member {
	block := &MySQL{ReadOnly: readOnly}
	for _, s := range sources {
		block.SlaveOf = append(block.SlaveOf, Ref{s})
	}
	return Member{id, name, Topology{MySQL: block}}
}

func redisServer(id, name string, slaveOf *string) Member {
	return Member{id, name, Topology{Redis: &Redis{SlaveOf: slaveOf}}}
}

func clusterNode(id, name string, slaveOf *string) Member {
	return Member{id, name, Topology{RedisCluster: &RedisCluster{ClusterName: "products", ClusterTimeout: to[int64](5000), SlaveOf: slaveOf}}}
}

func setMember(id, name string, m MongoDB) Member {
	if m.ReplSet = "products"; m.Type == "" {
		m.Type = TypeMember
	}
	return Member{id, name, Topology{MongoDB: &m}}
}

// diagrams is one topology of each kind with its drawing.
var diagrams = map[string]struct {
	view View
	want string
}{
	"nothing": {View{}, "graph TD\n"},
	"a standalone server": {View{Members: []Member{{ID: "a", Name: "lonely"}}}, `graph TD
  n1[("lonely")]
`},
	"a MySQL source with two replicas": {View{Members: []Member{
		mysqlReplica("c", "product-c", to(false), "a"),
		{ID: "a", Name: "product-a"},
		mysqlReplica("b", "product-b", nil, "a"),
	}}, `graph TD
  n1[("product-a<br/>source")]
  n2[("product-b<br/>read_only")]
  n3[("product-c<br/>writable")]
  n1 --> n2
  n1 --> n3
`},
	"a MySQL replica of two sources": {View{Members: []Member{
		mysqlReplica("c", "merged", to(true), "b", "a", "b"),
		{ID: "b", Name: "orders"},
		{ID: "a", Name: "people"},
	}}, `graph TD
  n1[("merged<br/>read_only")]
  n2[("orders<br/>source")]
  n3[("people<br/>source")]
  n3 --> n1
  n2 --> n1
`},
	"MySQL sources that are not among the members": {View{Members: []Member{
		mysqlReplica("c", "product-c", nil, "gone", "a"),
		mysqlReplica("d", "product-d", nil, "gone"),
		{ID: "a", Name: "product-a"},
	}}, `graph TD
  n1[("product-a<br/>source")]
  n2[("product-c<br/>read_only")]
  n3[("product-d<br/>read_only")]
  n1 --> n2
  x1["gone<br/>not a member"]
  x1 -.-> n2
  x1 -.-> n3
`},
	"members of one name are told apart by id": {View{Members: []Member{
		mysqlReplica("id-2", "db", nil, "id-1"),
		{ID: "id-1", Name: "db"},
		mysqlReplica("id-3", "other", nil, "id-1"),
		mysqlReplica("id-4", " \n", nil, "id-1"),
	}}, `graph TD
  n1[("id-4<br/>read_only")]
  n2[("db<br/>id-1<br/>source")]
  n3[("db<br/>id-2<br/>read_only")]
  n4[("other<br/>read_only")]
  n2 --> n1
  n2 --> n3
  n2 --> n4
`},
	"a MongoDB replica set": {View{Members: []Member{
		setMember("a", "product-a", MongoDB{Priority: to(2.0), Hidden: to(false), SlaveDelay: to[int64](0), Votes: to[int64](1)}),
		setMember("b", "product-b", MongoDB{}), // the server returns type and replSet alone
		setMember("c", "product-c", MongoDB{Priority: to(0.5)}),
		setMember("e", "product-delayed", MongoDB{Priority: to(0.0), Hidden: to(true), SlaveDelay: to[int64](3600), Votes: to[int64](0)}),
		setMember("d", "product-arbiter", MongoDB{Type: TypeArbiter}),
	}}, `graph TD
  subgraph g1["MongoDB replica set products"]
    direction TB
    n1[("product-a<br/>priority 2")]
    n2(["product-arbiter<br/>arbiter"])
    n3[("product-b")]
    n4[("product-c<br/>priority 0.5")]
    n5[("product-delayed<br/>priority 0<br/>hidden<br/>delayed 3600 s<br/>no vote")]
  end
`},
	"a Cassandra cluster": {View{Members: []Member{
		{"a", "product-a", Topology{Cassandra: &Cassandra{ClusterName: "products", NumTokens: to[int64](256), IsSeed: to(true), DataCenter: "RegionOne", Rack: "az-1"}}},
		{"b", "product-b", Topology{Cassandra: &Cassandra{ClusterName: "products", NumTokens: to[int64](256), IsSeed: to(false), Rack: "az/2"}}},
	}}, `graph TD
  subgraph g1["Cassandra cluster products"]
    direction TB
    n1[("product-a<br/>seed<br/>data center RegionOne<br/>rack az-1")]
    n2[("product-b<br/>rack az#47;2")]
  end
`},
	"a Couchbase cluster with its buckets": {View{
		Members: []Member{
			{"b", "product-b", Topology{Couchbase: &Couchbase{ClusterName: "products"}}},
			{"a", "product-a", Topology{Couchbase: &Couchbase{ClusterName: "products"}}},
		},
		Buckets: []Bucket{
			{Name: "sessions", Type: BucketMemcached, RAMSize: 100},
			{Name: "%25", Type: BucketCouchbase, Port: to[int64](11222), RAMSize: 200, Replica: to[int64](1)},
		},
	}, `graph TD
  subgraph g1["Couchbase cluster products"]
    direction TB
    n1[("product-a")]
    n2[("product-b")]
    b1[["#37;25<br/>couchbase bucket<br/>200 MB<br/>replicas 1"]]
    b2[["sessions<br/>memcached bucket<br/>100 MB"]]
  end
`},
	"a Redis chain": {View{Members: []Member{
		redisServer("d", "product-d", to("c")),
		redisServer("a", "product-a", nil),
		redisServer("b", "product-b", to("a")),
		redisServer("c", "product-c", to("b")),
		redisServer("e", "product-e", to("a")),
	}}, `graph TD
  n1[("product-a<br/>master")]
  n2[("product-b<br/>replica")]
  n3[("product-c<br/>replica")]
  n4[("product-d<br/>replica")]
  n5[("product-e<br/>replica")]
  n1 --> n2
  n2 --> n3
  n3 --> n4
  n1 --> n5
`},
	"a Redis Cluster": {View{Members: []Member{
		clusterNode("a", "master-a", nil),
		clusterNode("b", "master-b", nil),
		clusterNode("c", "replica-a", to("a")),
		clusterNode("d", "replica-b", to("b")),
	}}, `graph TD
  subgraph g1["Redis Cluster products"]
    direction TB
    n1[("master-a<br/>master")]
    n2[("master-b<br/>master")]
    n3[("replica-a<br/>replica")]
    n4[("replica-b<br/>replica")]
  end
  n1 --> n3
  n2 --> n4
`},
	"names that some versions take for Markdown": {View{Members: []Member{
		{ID: "a", Name: "1. one"},
		{ID: "b", Name: "_a_b_"},
		{ID: "c", Name: "www.mysql-5.7"},
		{ID: "d", Name: "- -"},
	}}, `graph TD
  n1[("#45; #45;")]
  n2[("1#46; one")]
  n3[("#95;a_b#95;")]
  n4[("www#46;mysql-5.7")]
`},
	"names that would break out": {View{Members: []Member{
		{ID: "a", Name: "\"]; click n1 \"javascript:alert(1)\""},
		mysqlReplica("b", "<img src=x onerror=alert(1)>\nend\n%%{init: {}}%%", nil, "a"),
		mysqlReplica("c", "`**köln** データ` #quot; \\n style:x", nil, "a"),
		mysqlReplica("d", "\xff\u202e", nil, "<b>"),
		{"e", "e", Topology{MongoDB: &MongoDB{Type: TypeArbiter, ReplSet: "\"]\nend"}}},
	}}, `graph TD
  n1[("#34;#93;#59; click n1 #34;javascript#58;alert#40;1#41;#34;<br/>source")]
  n2[("#60;img src#61;x onerror#61;alert#40;1#41;#62; end #37;#37;#123;init#58; #123;#125;#125;#37;#37;<br/>read_only")]
  n3[("#96;#42;#42;köln#42;#42; データ#96; #35;quot#59; #92;n style#58;x<br/>read_only")]
  n5[("#65533;<br/>read_only")]
  subgraph g2["MongoDB replica set #34;#93; end"]
    direction TB
    n4(["e<br/>arbiter"])
  end
  n1 --> n2
  n1 --> n3
  x1["#60;b#62;<br/>not a member"]
  x1 -.-> n5
`},
}

func TestMermaidDrawsEveryKindOfTopology(t *testing.T) {
	for name, tc := range diagrams {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Mermaid(tc.view)); diff != "" {
				t.Errorf("drawn differently (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMermaidDrawsTheSameInWhateverOrder(t *testing.T) {
	for name, tc := range diagrams {
		t.Run(name, func(t *testing.T) {
			turned := View{Members: slices.Clone(tc.view.Members), Buckets: slices.Clone(tc.view.Buckets)}
			slices.Reverse(turned.Buckets)
			for range turned.Members {
				turned.Members = append(turned.Members[1:], turned.Members[0])
				if diff := cmp.Diff(tc.want, Mermaid(turned)); diff != "" {
					t.Errorf("drawn differently (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// drawn is every line that a drawing may consist of. The text of labels holds no character that Mermaid or HTML reads.
var drawn = regexp.MustCompile(strings.ReplaceAll(
	`^(?:graph TD|    direction TB|  subgraph g\d+\[TEXT\]|  end| +n\d+\[\(TEXT\)\]| +n\d+\(\[TEXT\]\)| +b\d+\[\[TEXT\]\]|  x\d+\[TEXT\]|  n\d+ --> n\d+|  x\d+ -\.-> n\d+)$`,
	"TEXT", `"(?:[\p{L}\p{M}\p{Nd} ._-]|#\d+;|<br/>)+"`))

func FuzzMermaidNamesStayInTheirLabels(f *testing.F) {
	for _, name := range []string{"product-a", "", "\"]", "<br/>", "#quot;", "\x00\xff", "-->", "😀"} {
		f.Add(name, name)
	}
	f.Fuzz(func(t *testing.T, name, id string) {
		text := Mermaid(View{
			Members: []Member{
				{ID: id, Name: name},
				mysqlReplica("b", name, nil, id, name),
				redisServer(name, id, to(name)),
				{"c", name, Topology{MongoDB: &MongoDB{Type: TypeArbiter, ReplSet: name}}},
				{"d", id, Topology{Cassandra: &Cassandra{ClusterName: id, Rack: name}}},
				{"e", name, Topology{Couchbase: &Couchbase{ClusterName: name}}},
			},
			Buckets: []Bucket{{Name: name, Type: id}},
		})
		for line := range strings.Lines(text) {
			if !drawn.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Errorf("line %q of\n%s", line, text)
			}
		}
		for node := range 6 {
			if n := strings.Count(text, fmt.Sprintf(" n%d[(", node+1)) + strings.Count(text, fmt.Sprintf(" n%d([", node+1)); n != 1 {
				t.Errorf("n%d is drawn %d times:\n%s", node+1, n, text)
			}
		}
	})
}
