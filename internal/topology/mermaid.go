package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Mermaid returns the topology as the text of a Mermaid flowchart. Arrows follow the data, from a source to its replica, dashed if the
// source is not among the members; replica sets and clusters are boxes around their members. The same members give the same text, in
// whatever order the server lists them, and no name can end its label.
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

// nodeID returns the diagram's id for the member at an index: never its name, which may contain anything.
func nodeID(i int) string { return fmt.Sprintf("n%d", i+1) }

// drawNodes draws the members and the buckets, each in its box.
func drawNodes(out *strings.Builder, members []Member, buckets []Bucket) {
	named, feeds := map[string]int{}, map[string]bool{}
	for _, m := range members {
		named[m.Name]++
		for _, source := range m.ReplicatesFrom() {
			feeds[source] = true
		}
	}
	boxes := map[string][]string{} // the nodes in each box, by its title; those without a title are in no box
	cluster := ""                  // the title of the box with the buckets
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
		// Without a direction of its own, Mermaid lays out a box horizontally.
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

// ReplicatesFrom returns the ids of the instances that the data comes from, sorted and without duplicates.
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

// box returns the title of the member's replica set or cluster, "" if there is none.
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

// traits returns the lines of a member's label below its name. What the server does not return is left out.
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

// describe returns the label of a bucket.
func (b Bucket) describe() []string {
	lines := []string{b.Name, b.Type + " bucket", fmt.Sprintf("%d MB", b.RAMSize)}
	if b.Replica != nil {
		lines = append(lines, fmt.Sprintf("replicas %d", *b.Replica))
	}
	return lines
}

// label returns lines as the contents of a quoted Mermaid label.
func label(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = escape(cmp.Or(plain(line), "unnamed")) // Mermaid refuses an empty label
	}
	return strings.Join(escaped, "<br/>")
}

// plain replaces unprintable characters with a single space: newlines, control and format characters.
func plain(s string) string {
	printed := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(printed), " ")
}

// escape writes everything but words, numbers and spaces as Mermaid entities (#34; is a quotation mark), so that it is not taken as
// Mermaid, HTML or Markdown: some versions of Mermaid treat "- a" as a list and "_a_" as emphasis.
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
