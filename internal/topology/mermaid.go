package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Mermaid draws a topology as the text of a Mermaid flowchart. Arrows run as the data does, from a source to what
// replicates from it, dashed if the source is not among the members; replica sets and clusters are boxes around
// their members. The same members give the same text, in whatever order the server lists them, and no name can break
// out of its label.
func Mermaid(v View) string {
	members := slices.SortedFunc(slices.Values(v.Members), func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	var out strings.Builder
	out.WriteString("graph TD\n")
	drawNodes(&out, members, v.Buckets)
	drawArrows(&out, members)
	return out.String()
}

// nodeID is how the diagram calls the member at that place: never by its name, which may hold anything.
func nodeID(i int) string { return fmt.Sprintf("n%d", i+1) }

// drawNodes draws the members and the buckets, each in the box where it belongs.
func drawNodes(out *strings.Builder, members []Member, buckets []Bucket) {
	named, feeds := map[string]int{}, map[string]bool{}
	for _, m := range members {
		named[m.Name]++
		for _, source := range m.ReplicatesFrom() {
			feeds[source] = true
		}
	}
	boxes := map[string][]string{} // the nodes in each box, by its title; without a title there is no box
	cluster := ""                  // the title of the box that the buckets stand in
	for i, m := range members {
		lines := []string{cmp.Or(plain(m.Name), m.ID)}
		if named[m.Name] > 1 && plain(m.Name) != "" {
			lines = append(lines, m.ID)
		}
		lines = append(lines, m.traits(feeds[m.ID])...)
		node := fmt.Sprintf(`%s[("%s")]`, nodeID(i), label(lines...))
		if m.MongoDB != nil && m.MongoDB.IsArbiter() {
			node = fmt.Sprintf(`%s(["%s"])`, nodeID(i), label(lines...)) // no cylinder: it holds no data
		}
		title := m.box()
		boxes[title] = append(boxes[title], node)
		if m.Couchbase != nil {
			cluster = title
		}
	}
	byName := func(a, b Bucket) int { return cmp.Compare(a.Name, b.Name) }
	for i, b := range slices.SortedFunc(slices.Values(buckets), byName) {
		boxes[cluster] = append(boxes[cluster], fmt.Sprintf(`b%d[["%s"]]`, i+1, label(b.describe()...)))
	}
	for i, title := range slices.Sorted(maps.Keys(boxes)) {
		if title == "" {
			fmt.Fprintf(out, "  %s\n", strings.Join(boxes[title], "\n  "))
			continue
		}
		// without a direction of its own, Mermaid lays a box out across
		fmt.Fprintf(out, "  subgraph g%d[\"%s\"]\n    direction TB\n    %s\n  end\n", i+1, label(title), strings.Join(boxes[title], "\n    "))
	}
}

// drawArrows draws the replication, and the sources that are not among the members.
func drawArrows(out *strings.Builder, members []Member) {
	nodes := map[string]string{}
	for i, m := range members {
		nodes[m.ID] = nodeID(i)
	}
	outside := map[string]string{}
	for i, m := range members {
		for _, source := range m.ReplicatesFrom() {
			if node, ok := nodes[source]; ok {
				fmt.Fprintf(out, "  %s --> %s\n", node, nodeID(i))
				continue
			}
			if outside[source] == "" {
				outside[source] = fmt.Sprintf("x%d", len(outside)+1)
				fmt.Fprintf(out, "  %s[\"%s\"]\n", outside[source], label(source, "not a member"))
			}
			fmt.Fprintf(out, "  %s -.-> %s\n", outside[source], nodeID(i))
		}
	}
}

// ReplicatesFrom returns the ids of the instances that the data comes from, in order and each once.
func (t Topology) ReplicatesFrom() []string {
	var ids []string
	switch {
	case t.MySQL != nil:
		ids = t.MySQL.Sources()
	case t.Redis != nil && t.Redis.SlaveOf != nil:
		ids = []string{*t.Redis.SlaveOf}
	case t.RedisCluster != nil && t.RedisCluster.SlaveOf != nil:
		ids = []string{*t.RedisCluster.SlaveOf}
	}
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

// box is the title of the replica set or cluster that the member is in, "" if there is no such thing.
func (t Topology) box() string {
	switch {
	case t.MongoDB != nil:
		return "MongoDB replica set " + t.MongoDB.ReplSet
	case t.Cassandra != nil:
		return "Cassandra cluster " + t.Cassandra.ClusterName
	case t.Couchbase != nil:
		return "Couchbase cluster " + t.Couchbase.ClusterName
	case t.RedisCluster != nil:
		return "Redis Cluster " + t.RedisCluster.ClusterName
	}
	return ""
}

// traits is what a member's label says beneath its name. What the server does not return is not guessed.
func (t Topology) traits(feeds bool) []string {
	switch {
	case t.MySQL != nil && t.MySQL.Writable():
		return []string{"writable"}
	case t.MySQL != nil:
		return []string{"read_only"}
	case t.MongoDB != nil:
		return t.MongoDB.traits()
	case t.Cassandra != nil:
		return t.Cassandra.traits()
	case t.Redis != nil:
		return []string{masterOrReplica(t.Redis.SlaveOf)}
	case t.RedisCluster != nil:
		return []string{masterOrReplica(t.RedisCluster.SlaveOf)}
	case t.Couchbase == nil && feeds:
		return []string{"source"} // of MySQL: it has no block
	}
	return nil
}

func masterOrReplica(slaveOf *string) string {
	if slaveOf == nil {
		return "master"
	}
	return "replica"
}

func (m MongoDB) traits() []string {
	var lines []string
	if m.IsArbiter() {
		lines = append(lines, TypeArbiter)
	}
	if m.Priority != nil {
		lines = append(lines, fmt.Sprintf("priority %v", *m.Priority))
	}
	if deref(m.Hidden, false) {
		lines = append(lines, "hidden")
	}
	if d := deref(m.SlaveDelay, 0); d > 0 {
		lines = append(lines, fmt.Sprintf("delayed %d s", d))
	}
	if deref(m.Votes, 1) == 0 {
		lines = append(lines, "no vote")
	}
	return lines
}

func (c Cassandra) traits() []string {
	var lines []string
	if deref(c.IsSeed, false) {
		lines = append(lines, "seed")
	}
	if c.DataCenter != "" {
		lines = append(lines, "data center "+c.DataCenter)
	}
	if c.Rack != "" {
		lines = append(lines, "rack "+c.Rack)
	}
	return lines
}

// describe is what a bucket's label says.
func (b Bucket) describe() []string {
	lines := []string{b.Name, b.Type + " bucket", fmt.Sprintf("%d MB", b.RAMSize)}
	if b.Replica != nil {
		lines = append(lines, fmt.Sprintf("replicas %d", *b.Replica))
	}
	return lines
}

// label writes lines as the inside of a quoted Mermaid label.
func label(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = escape(cmp.Or(plain(line), "unnamed")) // Mermaid refuses an empty label
	}
	return strings.Join(escaped, "<br/>")
}

// plain puts a single space in the place of whatever is not printed: newlines, control and format characters.
func plain(s string) string {
	printed := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(printed), " ")
}

// escape writes everything but words, numbers and spaces as Mermaid entities (#34; is a quotation mark), so that it is
// neither Mermaid, nor HTML, nor Markdown: some versions of Mermaid take "- a" for a list and "_a_" for emphasis.
func escape(s string) string {
	runes := []rune(s)
	within := func(i int, tables ...*unicode.RangeTable) bool {
		return i > 0 && i < len(runes)-1 && unicode.In(runes[i-1], tables...) && unicode.In(runes[i+1], tables...)
	}
	var b strings.Builder
	for i, r := range runes {
		switch {
		case r == ' ', unicode.In(r, unicode.L, unicode.M, unicode.Nd),
			(r == '-' || r == '_') && within(i, unicode.L, unicode.Nd),
			r == '.' && within(i, unicode.Nd):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
