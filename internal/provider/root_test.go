package provider_test

import (
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

// Root comes to a new source by the replication, and the server does not know of it there. A refresh keeps it all the same, and to disable it
// is to disable it there.
func TestRootIsDisabledAtTheSourceThatDoesNotKnowOfIt(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		root := settings{"instance_id": s.Source, "password_wo": "change-me-1"}
		made := s.Run.Must(s.Run.Create("trove_root", root.json()))
		s.SwitchOverBehindOurBack(t, "orders-replica")
		run := s.NewDriver(t)
		made = run.Must(run.Refresh(made))
		if !run.Exists(made) {
			t.Fatal("after a switchover root is taken for disabled")
		}
		passwordAt := func(id string) string {
			password, err := s.State().RootPassword(identity.DemoProjectID, id)
			if err != nil {
				t.Fatal(err)
			}
			return password
		}
		if before := passwordAt(s.Replica); before != "" {
			t.Fatalf("the new source has had the password %q given to it", before)
		}
		run.Must(run.Destroy(made))
		if after := passwordAt(s.Replica); after == "" || after == "change-me-1" {
			t.Errorf("root is not disabled at the new source: its password is %q", after)
		}
		if former := passwordAt(s.Source); former != "change-me-1" {
			t.Errorf("the replica was written to: its password is %q", former)
		}
	})
}

// A replica's root is its source's, which the plan says.
func TestRootOfAReplicaIsRefused(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		_, diagnostics := s.Run.Plan(acctest.Object{Type: "trove_root"}, settings{"instance_id": s.Replica, "password_wo": "change-me-1"}.json())
		if !diagnostics.Failed() ||
			!strings.Contains(diagnostics.Text(), "A replica has no administrative users of its own") || !strings.Contains(diagnostics.Text(), "Set instance_id to "+s.Source) {
			t.Errorf("the plan says %s", diagnostics.Text())
		}
	})
}
