package replica_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

func TestDetachedReplicaThatVanishesSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	s := acctest.NewReplicationSet(t, acctest.Upstream)
	made := s.Run.Must(s.Run.Create("trove_replica", fmt.Sprintf(`{"name": "reader", "replica_of": %q}`, s.Source)))
	detached := s.Run.Must(s.Run.Update(made, `{"name": "reader"}`))
	s.DeleteBehindOurBack(t, "reader")
	run := s.NewDriver(t) // the next run of Terraform
	if run.Exists(run.Must(run.Refresh(detached))) {
		t.Fatal("the replica is still in the state")
	}
	change, diags := run.Plan(acctest.Object{Type: "trove_replica"}, `{"name": "reader"}`)
	for _, line := range []string{"no longer exists", "use trove_instance instead", `flavor_id = "2"`, `volume    = { size = 5 }`} {
		if diags.Failed() || !strings.Contains(diags.Text(), line) {
			t.Errorf("the plan says %q, without %q", diags.Text(), line)
		}
	}
	posts := s.Ledger().Count("POST /instances")
	if r := run.Apply(change); !r.Failed() || s.Ledger().Count("POST /instances") != posts {
		t.Errorf("the creation says %q after %d requests", r.Text(), s.Ledger().Count("POST /instances")-posts)
	}
	if _, diags = run.Plan(acctest.Object{Type: "trove_replica"}, `{"name": "new"}`); !diags.Failed() {
		t.Error("a new replica without a source is planned")
	}
}
