package provider_test

import (
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// A node that joins without seed_provider has that of its ring: on the server, in the state, and in the plans that follow. What is written
// stays as it is written.
func TestACassandraNodeThatJoinsHasTheSeedProviderOfItsRing(t *testing.T) {
	t.Parallel()
	const rings, other = "org.example.RingSeedProvider", "org.example.OtherSeedProvider"
	for name, tt := range map[string]struct {
		first, second any // as they are written
		want          [2]string
	}{
		"the ring's is another than the default": {rings, nil, [2]string{rings, rings}},
		"the ring's is the default":              {nil, nil, [2]string{topology.DefaultSeedProvider, topology.DefaultSeedProvider}},
		"the second node writes its own":         {rings, other, [2]string{rings, other}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			node := func(name string, seedProvider any) settings {
				if seedProvider == nil {
					return cassandraNode.with("name", name)
				}
				return cassandraNode.with("name", name, "seed_provider", seedProvider)
			}
			configs := [2]settings{node("products-0", tt.first), node("products-1", tt.second)}
			for n, config := range configs {
				object := w.create("trove_cassandra_node", config)
				member, found := w.proxy.Topology(t, w.run.ID(object)).Find(w.run.ID(object))
				if !found || member.Cassandra == nil || member.Cassandra.SeedProvider == nil || *member.Cassandra.SeedProvider != tt.want[n] {
					t.Fatalf("the server has %+v, want %s", member.Cassandra, tt.want[n])
				}
				if got := w.run.Texts(object)["seed_provider"]; got != tt.want[n] {
					t.Errorf("the state has %q, want %s", got, tt.want[n])
				}
				object = w.run.Must(w.run.Refresh(object))
				if change, diagnostics := w.run.Plan(object, config.json()); !w.run.NoOp(change) || diagnostics.Failed() {
					t.Errorf("the next plan changes %v: %s", w.run.Changed(change), diagnostics.Text())
				}
			}
			if sent := w.proxy.Count("POST", "/instances", "seed_provider"); sent != count(tt.first)+count(tt.second) {
				t.Errorf("%d creations held a seed_provider, want those alone that are written", sent)
			}
		})
	}
}

// count is 1 for a value that is written.
func count(written any) int {
	if written == nil {
		return 0
	}
	return 1
}
