package instancebase

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// evenVoters is what a server says of a set of two.
var evenVoters = topology.CheckReplicaSet([]topology.MongoDB{{Priority: new(1.0)}, {Priority: new(1.0)}}).Warnings()

func TestWarningsOfTheServerAreShownButForThoseAboutAGrowingSet(t *testing.T) {
	all := append([]string{"the moon is full"}, evenVoters...)
	got := Warnings("MongoDB member", &trove.Instance{Warnings: all})
	want := diag.Diagnostics{diag.NewWarningDiagnostic("The server warns about MongoDB member", "The moon is full.")}
	if diff := cmp.Diff(want, got); diff != "" || len(evenVoters) != 1 {
		t.Errorf("%d advices; (-want +got):\n%s", len(evenVoters), diff)
	}
}

func TestAnApplyReadsWhatItsPlanKnewAtItsEnd(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var planning, other, applying planFile
	known := cluster.Plan{Some: map[string][]string{"mongodb/products": {"a"}}}
	save := func() {
		t.Helper()
		if err := planning.save(func() cluster.Plan { return known }); err != nil {
			t.Fatal(err)
		}
	}
	save()
	known = cluster.Plan{Some: map[string][]string{"mongodb/products": {"a", "b"}}}
	save()
	if other.token() == planning.token() {
		t.Error("two plans have one file")
	}
	for range 2 { // the file is read once, and is known from then on
		got, err := applying.load(planning.token())
		if diff := cmp.Diff(known, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if _, err := os.Stat(planPath(planning.token())); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file stays: %v", err)
	}
	if _, err := new(planFile).load("../" + planning.token()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a plan of another machine: %v", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 0 {
		t.Errorf("what is left: %v, %v", files, err)
	}
}
