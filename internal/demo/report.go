package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A member is one server of the topology, as the data source trove_topology has it.
type member struct {
	ID    string
	Name  string
	MySQL *struct {
		ReplicaOf []string `json:"replica_of"`
		ReadOnly  bool     `json:"read_only"`
	}
}

// tree draws members with every replica beneath its source.
func tree(members []member) string {
	replicas := map[string][]member{} // by the id of the source
	var roots []member
	for _, m := range members {
		if m.MySQL == nil || len(m.MySQL.ReplicaOf) == 0 {
			roots = append(roots, m)
			continue
		}
		for _, source := range m.MySQL.ReplicaOf {
			replicas[source] = append(replicas[source], m)
		}
	}
	var b strings.Builder
	for _, root := range sorted(roots) {
		fmt.Fprintf(&b, "  %s  source, %s\n", root.Name, root.ID)
		branch(&b, replicas, root.ID, "  ")
	}
	return b.String()
}

func branch(b *strings.Builder, replicas map[string][]member, source, prefix string) {
	children := sorted(replicas[source])
	for i, m := range children {
		joint, below := "├── ", "│   "
		if i == len(children)-1 {
			joint, below = "└── ", "    "
		}
		mode := "writable"
		if m.MySQL.ReadOnly {
			mode = "read-only"
		}
		fmt.Fprintf(b, "%s%s%s  %s replica, %s\n", prefix, joint, m.Name, mode, m.ID)
		branch(b, replicas, m.ID, prefix+below)
	}
}

func sorted(members []member) []member {
	return slices.SortedFunc(slices.Values(members), func(a, b member) int { return strings.Compare(a.Name, b.Name) })
}

// showAll prints every topology as a diagram, and fails where one is not there or has too few members.
func showAll(s *state) error {
	kinds := []string{"mysql", "mongodb", "cassandra", "couchbase", "redis", "redis_cluster"}
	for _, kind := range kinds {
		shown := s.shown[kind]
		want := 3
		if kind == "redis_cluster" {
			want = 6
		}
		if len(shown.members) != want || !strings.Contains(shown.diagram, "graph") {
			return fmt.Errorf("the topology of %s has %d members; expected %d and a diagram", kind, len(shown.members), want)
		}
		fmt.Printf("\n%s, for a Mermaid viewer:\n\n%s", kind, indent(shown.diagram))
	}
	return nil
}

// A step is one plan and apply.
type step struct {
	name     string
	took     time.Duration
	requests map[string]int // by kind
}

// costTable shows the requests of every step by kind.
func costTable(steps []step) string {
	kinds := map[string]bool{}
	for _, s := range steps {
		for kind := range s.requests {
			kinds[kind] = true
		}
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(label string, cell func(step) string) {
		for _, s := range steps {
			fmt.Fprint(w, cell(s), "\t")
		}
		fmt.Fprintf(w, "  %s\n", label) // last, since only the columns of numbers are aligned right
	}
	row("request", func(s step) string { return s.name })
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		row(kind, func(s step) string { return fmt.Sprint(s.requests[kind]) })
	}
	row("in all", func(s step) string { return fmt.Sprint(total(s.requests)) })
	row("wall time, plan and apply", func(s step) string { return s.took.Round(100 * time.Millisecond).String() })
	w.Flush()
	return b.String()
}

func total(requests map[string]int) int {
	sum := 0
	for n := range maps.Values(requests) {
		sum += n
	}
	return sum
}

// merged sums up the requests for unknown routes, which are a kind for each path. The provider asks for one on purpose: how
// a server answers tells whether it has the topology API.
func merged(requests map[string]int) map[string]int {
	const unknown = "(unknown route)"
	sums := map[string]int{}
	for kind, n := range requests {
		if strings.HasSuffix(kind, unknown) {
			method, _, _ := strings.Cut(kind, " ")
			kind = method + " " + unknown
		}
		sums[kind] += n
	}
	return sums
}

// indent sets text off from the demo's own words.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		if line != "\n" {
			b.WriteString("    ")
		}
		b.WriteString(line)
	}
	return b.String()
}
