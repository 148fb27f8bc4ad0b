package backup_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

func TestInstanceIDOfABackupWithinTheSetChangesTheStateAlone(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		written := func(instance string) string { return fmt.Sprintf(`{"instance_id": %q, "name": "full"}`, instance) }
		full := s.Run.Must(s.Run.Create("trove_backup", written(s.Source)))
		id := s.Run.ID(full)
		made := s.Ledger().Count("POST /backups")
		s.SwitchOverBehindOurBack(t, "orders-replica")
		run := s.NewDriver(t) // the next run of Terraform
		change, diags := run.Plan(full, written(s.Replica))
		if len(diags) > 0 || len(change.Replace) > 0 {
			t.Fatalf("the plan replaces %v and says %s", change.Replace, diags.Text())
		}
		full = run.Must(run.Apply(change))
		if s.Ledger().Count("POST /backups") != made || s.Ledger().Count("DELETE /backups/{id}") != 0 || run.ID(full) != id {
			t.Error("a backup was made or deleted")
		}
		// The server goes on to show the instance that was backed up, which is no drift.
		full = run.Must(run.Refresh(full))
		if change, _ = run.Plan(full, written(s.Replica)); !run.NoOp(change) {
			t.Error("the next plan changes something")
		}
		change, diags = run.Plan(full, written(s.Stranger))
		for _, want := range []string{"deletes backup full (" + id + ")", s.Stranger + " is not in the same replication set", "ignore_changes"} {
			if len(change.Replace) != 1 || diags.Failed() || !strings.Contains(diags.Text(), want) {
				t.Errorf("the plan replaces %v and says %q, without %q", change.Replace, diags.Text(), want)
			}
		}
		// A backup outlives its instance: its replacement loses it all the same.
		s.DeleteBehindOurBack(t, "orders")
		s.DeleteBehindOurBack(t, "orders-replica")
		change, diags = run.Plan(full, written(s.Stranger))
		if len(change.Replace) != 1 || diags.Failed() || !strings.Contains(diags.Text(), "does not exist any more") {
			t.Errorf("the plan replaces %v and says %q", change.Replace, diags.Text())
		}
	})
}
