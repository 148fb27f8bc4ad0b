package topology

import "testing"

func TestRedisRulesOfOneServer(t *testing.T) {
	for name, tc := range map[string]struct {
		server Redis
		want   []finding
	}{
		"a master":         {Redis{}, nil},
		"a replica":        {Redis{SlaveOf: to("a")}, nil},
		"slave_of nothing": {Redis{SlaveOf: to("")}, []finding{{about: "slave_of", says: "omit it"}}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, version := range []string{"redis-2.8.6", "redis-7.2", ""} {
				wantFindings(t, Topology{Redis: &tc.server}.Check(Datastore{"redis", version}), tc.want)
			}
		})
	}
}

func TestRedisClusterRulesOfOneNode(t *testing.T) {
	var (
		redis28 = Datastore{"redis", "redis-2.8.6"}
		redis3  = Datastore{"redis", "redis-3.0.0-beta1"}
		redis7  = Datastore{"redis", "redis-7.2"}
	)
	for name, tc := range map[string]struct {
		node      RedisCluster
		datastore Datastore
		want      []finding
	}{
		"a first member":                {RedisCluster{ClusterName: "p", ClusterTimeout: to[int64](5000), Join: to(false)}, redis3, nil},
		"a first member with few words": {RedisCluster{ClusterName: "p"}, redis7, nil},
		"one more master":               {RedisCluster{ClusterName: "p", Join: to(true)}, redis7, nil},
		"a replica":                     {RedisCluster{ClusterName: "p", SlaveOf: to("a")}, redis7, nil},
		"a replica that says join":      {RedisCluster{ClusterName: "p", SlaveOf: to("a"), Join: to(true)}, redis7, nil},
		"version not known":             {RedisCluster{ClusterName: "p"}, Datastore{Type: "redis"}, nil},
		"Redis 2.8":                     {RedisCluster{ClusterName: "p"}, redis28, []finding{{about: "datastore", says: "not redis-2.8.6"}}},
		"cluster_name missing":          {RedisCluster{}, redis7, []finding{{about: "cluster_name", says: "required"}}},
		"a timeout of nothing":          {RedisCluster{ClusterName: "p", ClusterTimeout: to[int64](0)}, redis7, []finding{{about: "cluster_timeout", says: "1 ms or more"}}},
		"a negative timeout":            {RedisCluster{ClusterName: "p", ClusterTimeout: to[int64](-1)}, redis7, []finding{{about: "cluster_timeout"}}},
		"the shortest timeout":          {RedisCluster{ClusterName: "p", ClusterTimeout: to[int64](1)}, redis7, nil},
		"slave_of nothing":              {RedisCluster{ClusterName: "p", SlaveOf: to("")}, redis7, []finding{{about: "slave_of", says: "omit it"}}},
		"a replica that comes first":    {RedisCluster{ClusterName: "p", SlaveOf: to("a"), Join: to(false)}, redis7, []finding{{about: "join slave_of", says: "always joins"}}},
		"several wrongs on Redis 2.8":   {RedisCluster{ClusterTimeout: to[int64](0)}, redis28, []finding{{about: "datastore"}, {about: "cluster_name"}, {about: "cluster_timeout"}}},
	} {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, Topology{RedisCluster: &tc.node}.Check(tc.datastore), tc.want)
		})
	}
}

func TestRedisClusterReplicasAlwaysJoin(t *testing.T) {
	for name, tc := range map[string]struct {
		node RedisCluster
		want bool
	}{
		"nothing said": {RedisCluster{}, false},
		"join false":   {RedisCluster{Join: to(false)}, false},
		"join true":    {RedisCluster{Join: to(true)}, true},
		"a replica":    {RedisCluster{SlaveOf: to("a")}, true},
	} {
		if got := tc.node.Joins(); got != tc.want {
			t.Errorf("%s: Joins is %v", name, got)
		}
	}
}

func TestRedisClusterJoinersInheritTheTimeout(t *testing.T) {
	for name, tc := range map[string]struct {
		asked, existing *int64
		want            []finding
	}{
		"left out":                      {nil, to[int64](5000), nil},
		"the same":                      {to[int64](5000), to[int64](5000), nil},
		"another":                       {to[int64](6000), to[int64](5000), []finding{{about: "cluster_timeout", says: "omit it to inherit it"}}},
		"the server does not return it": {to[int64](6000), nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			joiner := RedisCluster{ClusterName: "p", Join: to(true), ClusterTimeout: tc.asked}
			wantFindings(t, joiner.CheckJoin(RedisCluster{ClusterTimeout: tc.existing}), tc.want)
		})
	}
}

func TestSameShard(t *testing.T) {
	replica := func(id, of string) Member {
		return Member{ID: id, Topology: Topology{RedisCluster: &RedisCluster{ClusterName: "carts", SlaveOf: &of}}}
	}
	master := func(id string) Member {
		return Member{ID: id, Topology: Topology{RedisCluster: &RedisCluster{ClusterName: "carts"}}}
	}
	v := View{Members: []Member{master("a"), replica("b", "a"), replica("c", "a"), master("d"), replica("e", "gone"), {ID: "f"}}}
	for _, tt := range []struct {
		one, other string
		want       bool
	}{
		{"a", "b", true}, {"b", "a", true}, {"b", "c", true}, {"a", "a", true},
		{"a", "d", false}, {"b", "d", false}, {"b", "e", false}, {"a", "f", false}, {"f", "f", false}, {"a", "unknown", false}, {"unknown", "unknown", false},
	} {
		if got := v.SameShard(tt.one, tt.other); got != tt.want {
			t.Errorf("SameShard(%s, %s) = %v, want %v", tt.one, tt.other, got, tt.want)
		}
	}
}
