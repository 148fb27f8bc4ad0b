package topology

// DefaultSeedProvider is the default of seed_provider for a Cassandra node.
const DefaultSeedProvider = "org.apache.cassandra.locator.SimpleSeedProvider"

// MaxNumTokens is the maximum number of virtual nodes of a Cassandra node (topology API, section 4).
const MaxNumTokens = 1536

// Cassandra is the block of a node of a ring (topology API, section 4). DataCenter and Rack are returned but never sent.
type Cassandra struct {
	ClusterName    string  `json:"cluster_name"`
	NumTokens      *int64  `json:"num_tokens,omitempty"`
	IsSeed         *bool   `json:"is_seed,omitempty"`
	EndpointSnitch *string `json:"endpoint_snitch,omitempty"`
	AutoBootstrap  *bool   `json:"auto_bootstrap,omitempty"`
	SeedProvider   *string `json:"seed_provider,omitempty"`
	Join           *bool   `json:"join,omitempty"`
	DataCenter     string  `json:"data_center,omitempty"`
	Rack           string  `json:"rack,omitempty"`
}

// Joins reports whether the node is to join an existing ring.
func (c Cassandra) Joins() bool { return joins(c.Join) }

// Check applies the rules of section 4 about a single node.
func (c *Cassandra) Check(Datastore) Problems {
	var ps Problems
	if c.ClusterName == "" {
		ps = append(ps, problem("cluster_name is required").about("cluster_name").empty())
	}
	switch {
	case c.NumTokens == nil:
		ps = append(ps, problem("num_tokens is required").about("num_tokens"))
	case *c.NumTokens < 1 || *c.NumTokens > MaxNumTokens:
		ps = append(ps, problem("num_tokens is %d: it must lie between 1 and %d", *c.NumTokens, MaxNumTokens).about("num_tokens"))
	}
	if c.IsSeed == nil {
		ps = append(ps, problem("is_seed is required").about("is_seed"))
	}
	if !c.Joins() && deref(c.EndpointSnitch, "") == "" {
		ps = append(ps, problem("endpoint_snitch is required for the first node, which creates the cluster; those that join inherit it").about("endpoint_snitch", "join"))
	}
	if c.Joins() && c.AutoBootstrap == nil {
		ps = append(ps, problem("auto_bootstrap is required for a node that joins").about("auto_bootstrap", "join"))
	}
	if !c.Joins() && !deref(c.IsSeed, true) {
		ps = append(ps, advice("the first node, which creates cluster %s, is no seed: nodes find each other through the seeds, so create the cluster with a node that has is_seed", c.ClusterName).about("is_seed", "join"))
	}
	if c.DataCenter != "" || c.Rack != "" {
		ps = append(ps, problem("data_center and rack cannot be set: they come from the region and the availability zone").about("data_center", "rack"))
	}
	return ps
}

// CheckJoin compares a joining node with one in the cluster. What a server does not return of that one is unknown, and no reason to
// refuse.
func (c Cassandra) CheckJoin(existing Cassandra) Problems {
	have, want := deref(existing.EndpointSnitch, ""), deref(c.EndpointSnitch, "")
	if want != "" && have != "" && want != have {
		return Problems{problem("endpoint_snitch is %s, but the nodes of cluster %s have %s: omit it to inherit it", want, c.ClusterName, have).about("endpoint_snitch")}
	}
	return nil
}

// CheckRing gives advice about all nodes of a cluster together. It gives none if the server does not show which nodes are seeds, nor about
// what a cluster of one or two nodes cannot have: two seeds and a node that is not a seed.
func CheckRing(nodes []Cassandra) Problems {
	seeds := 0
	for _, n := range nodes {
		if n.IsSeed == nil {
			return nil
		}
		if *n.IsSeed {
			seeds++
		}
	}
	of := func(format string, args ...any) Problems {
		return Problems{advice(format, append([]any{nodes[0].ClusterName}, args...)...).about("is_seed")}
	}
	switch {
	case len(nodes) == 0:
	case seeds == 0:
		return of("cluster %s has no seed: nodes find each other through the seeds; mark two nodes with is_seed")
	case len(nodes) > 2 && seeds == 1:
		return of("cluster %s has one seed among %d nodes: while it is down, no node can join; mark a second one with is_seed", len(nodes))
	case len(nodes) > 2 && seeds == len(nodes):
		return of("each of the %[2]d nodes of cluster %[1]s is a seed: seeds do not bootstrap, so that none that joins gets its data; two or three seeds are enough", len(nodes))
	}
	return nil
}

// CheckSnitches applies the rules about the snitches of all nodes of a cluster: all use the one that the first node names. found says that
// the cluster exists already, so that a node that names none inherits its snitch.
func CheckSnitches(nodes []Member, found bool) Problems {
	named, undecided := found, false
	for _, n := range nodes {
		undecided = undecided || n.Cassandra.Join == nil
		named = named || deref(n.Cassandra.EndpointSnitch, "") != ""
	}
	snitch := func(n Member) *string {
		if s := deref(n.Cassandra.EndpointSnitch, ""); s == "" || s == KnownLater {
			return nil
		}
		return n.Cassandra.EndpointSnitch
	}
	if first, other, differ := disagreement(nodes, snitch); differ {
		return Problems{problem("endpoint_snitch is %s for node %s, but %s for node %s: all nodes of a cluster have one snitch, and a cluster keeps the one that it was "+
			"created with; omit it in the nodes that join, to inherit it", *snitch(other), other.Name, *snitch(first), first.Name).about("endpoint_snitch")}
	}
	if !named && undecided {
		return Problems{problem("no node of cluster %s names endpoint_snitch: it is required for the first node, which creates the cluster; those that join inherit it",
			nodes[0].Cassandra.ClusterName).about("endpoint_snitch")}
	}
	return nil
}

// DrainNode flushes a node and stops it from accepting writes. It moves no data.
type DrainNode struct {
	ID string `json:"id"`
}

// Operation implements Action.
func (DrainNode) Operation() (Namespace, string) { return NamespaceCassandra, "drain_node" }

func (a DrainNode) check() error { return requireID("drain_node", "id", a.ID) }

// RemoveNode removes a node from the ring.
type RemoveNode struct {
	ID string `json:"id"`
}

// Operation implements Action.
func (RemoveNode) Operation() (Namespace, string) { return NamespaceCassandra, "remove_node" }

func (a RemoveNode) check() error { return requireID("remove_node", "id", a.ID) }
