package topology

import "testing"

func TestCassandraRulesOfOneNode(t *testing.T) {
	first := func(change func(*Cassandra)) Cassandra {
		c := Cassandra{ClusterName: "products", NumTokens: to[int64](256), IsSeed: to(true), EndpointSnitch: to("RackInferringSnitch")}
		change(&c)
		return c
	}
	joiner := func(change func(*Cassandra)) Cassandra {
		c := Cassandra{ClusterName: "products", NumTokens: to[int64](256), IsSeed: to(false), AutoBootstrap: to(false), Join: to(true)}
		change(&c)
		return c
	}
	for name, tc := range map[string]struct {
		node Cassandra
		want []finding
	}{
		"a first member":                   {first(func(*Cassandra) {}), nil},
		"a first member that says so":      {first(func(c *Cassandra) { c.Join = to(false) }), nil},
		"a first member with all settings": {first(func(c *Cassandra) { c.AutoBootstrap, c.SeedProvider = to(true), to(DefaultSeedProvider) }), nil},
		"a joiner":                         {joiner(func(*Cassandra) {}), nil},
		"a joiner with a snitch":           {joiner(func(c *Cassandra) { c.EndpointSnitch = to("RackInferringSnitch") }), nil},
		"fewest tokens":                    {first(func(c *Cassandra) { c.NumTokens = to[int64](1) }), nil},
		"most tokens":                      {first(func(c *Cassandra) { c.NumTokens = to[int64](1536) }), nil},
		"cluster_name missing":             {first(func(c *Cassandra) { c.ClusterName = "" }), []finding{{about: "cluster_name", says: "required"}}},
		"num_tokens missing":               {joiner(func(c *Cassandra) { c.NumTokens = nil }), []finding{{about: "num_tokens", says: "required"}}},
		"no tokens":                        {first(func(c *Cassandra) { c.NumTokens = to[int64](0) }), []finding{{about: "num_tokens", says: "between 1 and 1536"}}},
		"too many tokens":                  {first(func(c *Cassandra) { c.NumTokens = to[int64](1537) }), []finding{{about: "num_tokens", says: "1537"}}},
		"is_seed missing":                  {joiner(func(c *Cassandra) { c.IsSeed = nil }), []finding{{about: "is_seed", says: "required"}}},
		"a first member without a snitch":  {first(func(c *Cassandra) { c.EndpointSnitch = nil }), []finding{{about: "endpoint_snitch join", says: "creates the cluster"}}},
		"a first member with an empty one": {first(func(c *Cassandra) { c.EndpointSnitch = to("") }), []finding{{about: "endpoint_snitch join"}}},
		"a joiner, bootstrap not said":     {joiner(func(c *Cassandra) { c.AutoBootstrap = nil }), []finding{{about: "auto_bootstrap join", says: "joins"}}},
		"a first member that is no seed":   {first(func(c *Cassandra) { c.IsSeed = to(false) }), []finding{{about: "is_seed join", says: "is no seed", advice: true}}},
		"data_center set":                  {joiner(func(c *Cassandra) { c.DataCenter = "dc1" }), []finding{{about: "data_center rack", says: "cannot be set"}}},
		"rack set":                         {first(func(c *Cassandra) { c.Rack = "r1" }), []finding{{about: "data_center rack"}}},
		"nothing":                          {Cassandra{}, []finding{{about: "cluster_name"}, {about: "num_tokens"}, {about: "is_seed"}, {about: "endpoint_snitch join"}}},
	} {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, Topology{Cassandra: &tc.node}.Check(Datastore{"cassandra", "cassandra-4.1"}), tc.want)
		})
	}
}

func TestCassandraJoinersInheritTheSnitch(t *testing.T) {
	for name, tc := range map[string]struct {
		asked, existing *string
		want            []finding
	}{
		"left out":                      {nil, to("GossipingPropertyFileSnitch"), nil},
		"empty":                         {to(""), to("GossipingPropertyFileSnitch"), nil},
		"the same":                      {to("SimpleSnitch"), to("SimpleSnitch"), nil},
		"another":                       {to("SimpleSnitch"), to("GossipingPropertyFileSnitch"), []finding{{about: "endpoint_snitch", says: "omit it to inherit it"}}},
		"the server does not return it": {to("SimpleSnitch"), nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			joiner := Cassandra{ClusterName: "products", EndpointSnitch: tc.asked}
			wantFindings(t, joiner.CheckJoin(Cassandra{EndpointSnitch: tc.existing}), tc.want)
		})
	}
}

func TestAdviceAboutTheSeedsOfACluster(t *testing.T) {
	ring := func(seeds ...*bool) []Cassandra {
		var nodes []Cassandra
		for _, seed := range seeds {
			nodes = append(nodes, Cassandra{ClusterName: "products", IsSeed: seed})
		}
		return nodes
	}
	yes, no := to(true), to(false)
	for name, tc := range map[string]struct {
		nodes []Cassandra
		says  string
	}{
		"no nodes":               {ring(), ""},
		"one, a seed":            {ring(yes), ""},
		"one, no seed":           {ring(no), "products has no seed"},
		"two, one a seed":        {ring(yes, no), ""},
		"two seeds":              {ring(yes, yes), ""},
		"three without a seed":   {ring(no, no, no), "products has no seed"},
		"three with one":         {ring(yes, no, no), "one seed among 3 nodes"},
		"three with two":         {ring(yes, yes, no), ""},
		"three seeds":            {ring(yes, yes, yes), "each of the 3 nodes of cluster products is a seed"},
		"one that does not tell": {ring(yes, nil, no), ""},
	} {
		t.Run(name, func(t *testing.T) {
			var want []finding
			if tc.says != "" {
				want = []finding{{about: "is_seed", says: tc.says, advice: true}}
			}
			wantFindings(t, CheckRing(tc.nodes), want)
		})
	}
}

func TestWhichCassandraNodesFound(t *testing.T) {
	for name, tc := range map[string]struct {
		node         Cassandra
		can, prefers bool
	}{
		"a seed":                   {Cassandra{IsSeed: to(true), EndpointSnitch: to("SimpleSnitch")}, true, false},
		"no seed":                  {Cassandra{IsSeed: to(false), EndpointSnitch: to("SimpleSnitch")}, true, true},
		"a seed without a snitch":  {Cassandra{IsSeed: to(true)}, false, false},
		"no seed without a snitch": {Cassandra{IsSeed: to(false), EndpointSnitch: to("")}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			block := Topology{Cassandra: &tc.node}
			if can, prefers := block.CanBootstrap(), block.PrefersToJoin(); can != tc.can || prefers != tc.prefers {
				t.Errorf("can bootstrap: %t, prefers to join: %t; want %t, %t", can, prefers, tc.can, tc.prefers)
			}
		})
	}
}
