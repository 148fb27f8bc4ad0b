package instancebase

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func aSet(name string) *topology.Topology {
	return &topology.Topology{MongoDB: &topology.MongoDB{ReplSet: name}}
}

// evenVoters is what a server says of a set of two.
var evenVoters = topology.CheckReplicaSet([]topology.MongoDB{{Priority: new(1.0)}, {Priority: new(1.0)}}).Warnings()

func TestTheLastCreationOfASetAnswersForItsWarnings(t *testing.T) {
	var b building
	first, second, other := b.enter("one", aSet("products")), b.enter("one", aSet("products")), b.enter("two", aSet("products"))
	first.heard(evenVoters)
	second.heard([]string{"The moon is full."})
	if left, last := other.end(); !last || left.warned {
		t.Errorf("a set of the same name in another region: last %v, %+v", last, left)
	}
	if _, last := first.end(); last {
		t.Error("one of two is taken for the last")
	}
	left, last := second.end()
	if diff := cmp.Diff(unfinished{warned: true, latest: []string{}}, left, cmp.AllowUnexported(unfinished{})); !last || diff != "" {
		t.Errorf("last %v, (-want +got):\n%s", last, diff)
	}
	third := b.enter("one", aSet("products"))
	if left, last := third.end(); !last || left.warned {
		t.Errorf("a set that is built remembers: last %v, %+v", last, left)
	}
}

func TestWarningsOfNoSetAreNotHeldBack(t *testing.T) {
	var b building
	for name, tp := range map[string]*topology.Topology{"no topology": nil, "no name": {MySQL: &topology.MySQL{}}} {
		s := b.enter("one", tp)
		s.heard(evenVoters)
		if diags := s.leave(t.Context(), nil, &trove.Instance{}); len(diags) > 0 || len(b.clusters) > 0 {
			t.Errorf("%s: %v, %v", name, diags, b.clusters)
		}
	}
}

func TestWarningsOfTheServerAreShownButForThoseAboutAGrowingSet(t *testing.T) {
	got := Warnings("MongoDB member", &trove.Instance{Warnings: append([]string{"the moon is full"}, evenVoters...)})
	want := diag.Diagnostics{diag.NewWarningDiagnostic("The server warns about MongoDB member", "The moon is full.")}
	if diff := cmp.Diff(want, got); diff != "" || len(evenVoters) != 1 {
		t.Errorf("%d advices; (-want +got):\n%s", len(evenVoters), diff)
	}
}
