package topology

import "testing"

func TestPlaceNamesWhereAnInstanceStands(t *testing.T) {
	for want, topology := range map[string]Topology{
		"standalone":                       {},
		"mysql replica of a, b":            {MySQL: &MySQL{SlaveOf: []Ref{{"b"}, {"a"}}}},
		"mongodb member of replica set p":  {MongoDB: &MongoDB{Type: TypeMember, ReplSet: "p"}},
		"mongodb arbiter of replica set p": {MongoDB: &MongoDB{Type: TypeArbiter, ReplSet: "p"}},
		"cassandra node of cluster p":      {Cassandra: &Cassandra{ClusterName: "p"}},
		"couchbase node of cluster p":      {Couchbase: &Couchbase{ClusterName: "p"}},
		"redis master":                     {Redis: &Redis{}},
		"redis replica of a":               {Redis: &Redis{SlaveOf: to("a")}},
		"redis cluster p":                  {RedisCluster: &RedisCluster{ClusterName: "p"}},
		"redis cluster p, replica of a":    {RedisCluster: &RedisCluster{ClusterName: "p", SlaveOf: to("a")}},
	} {
		if got := topology.Place(); got != want {
			t.Errorf("Place is %q, want %q", got, want)
		}
	}
}

func TestSettingsDoNotChangeThePlace(t *testing.T) {
	asked := Topology{MySQL: &MySQL{SlaveOf: []Ref{{"a"}, {"b"}}}}
	shown := Topology{MySQL: &MySQL{SlaveOf: []Ref{{"b"}, {"a"}}, ReadOnly: to(true)}}
	if asked.Place() != shown.Place() {
		t.Errorf("asked for %q, shown as %q", asked.Place(), shown.Place())
	}
	asked = Topology{MongoDB: &MongoDB{Type: TypeMember, ReplSet: "p", Join: to(true), Priority: to(0.5)}}
	shown = Topology{MongoDB: &MongoDB{Type: TypeMember, ReplSet: "p"}}
	if asked.Place() != shown.Place() {
		t.Errorf("asked for %q, shown as %q", asked.Place(), shown.Place())
	}
}
