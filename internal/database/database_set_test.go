package database_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// written is the configuration of a database.
func written(instance, name string) string {
	return fmt.Sprintf(`{"instance_id": %q, "name": %q}`, instance, name)
}

// exists says whether the server has a database of that name on the instance.
func exists(t *testing.T, s acctest.ReplicationSet, instance, name string) bool {
	t.Helper()
	all, _, err := s.State().Databases(identity.DemoProjectID, instance, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Name == name {
			return true
		}
	}
	return false
}

func TestDatabasesAreAddedReadAndDroppedAfterASwitchover(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		before := s.Run.Must(s.Run.Create("trove_database", written(s.Source, "before")))
		s.SwitchOverBehindOurBack(t, "orders-replica")
		run := s.NewDriver(t) // the next run of Terraform
		// It is read from the present source: a replica may lag behind.
		s.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Kind: "GET /instances/{id}/databases", Instance: "orders", Times: faults.Always})
		before = run.Must(run.Refresh(before))
		if !run.Exists(before) {
			t.Fatal("the refresh does not find the database any more")
		}
		if change, diags := run.Plan(before, written(s.Source, "before")); diags.Failed() || !run.NoOp(change) {
			t.Errorf("the plan changes something: %v %s", change.Replace, diags.Text())
		}
		after := run.Must(run.Create("trove_database", written(s.Source, "after")))
		if sent := s.Ledger().Count("POST /instances/{id}/databases"); sent != 2 || !exists(t, s, s.Replica, "after") {
			t.Errorf("%d databases were created, and on the present source: %v", sent, exists(t, s, s.Replica, "after"))
		}
		if got := run.Texts(after)["instance_id"]; got != s.Source {
			t.Errorf("instance_id is %s, not as it is written", got)
		}
		// What the present source has lost is gone, whatever a replica still shows.
		if err := s.State().DeleteDatabase(identity.DemoProjectID, s.Replica, "before"); err != nil {
			t.Fatal(err)
		}
		if run.Exists(run.Must(run.Refresh(before))) {
			t.Error("the database that is gone is still in the state")
		}
		run.Must(run.Destroy(after))
		if exists(t, s, s.Replica, "after") {
			t.Error("the database was not dropped on the present source")
		}
	})
}

func TestAReplicaThatWasMadeAsOneTakesNoNewDatabase(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		r := s.Run.Create("trove_database", written(s.Replica, "shop"))
		if want := "Set instance_id to " + s.Source; !strings.Contains(r.Text(), want) || !r.Failed() {
			t.Errorf("the answer is %q, without %q", r.Text(), want)
		}
	})
}

func TestInstanceIDWithinTheSetChangesTheStateAlone(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		shop := s.Run.Must(s.Run.Create("trove_database", written(s.Source, "shop")))
		s.SwitchOverBehindOurBack(t, "orders-replica")
		run := s.NewDriver(t)
		change, diags := run.Plan(shop, written(s.Replica, "shop"))
		if len(diags) > 0 || len(change.Replace) > 0 {
			t.Fatalf("the plan replaces %v and says %s", change.Replace, diags.Text())
		}
		posts, drops := "POST /instances/{id}/databases", "DELETE /instances/{id}/databases/{name}"
		shop = run.Must(run.Apply(change))
		if s.Ledger().Count(posts) != 1 || s.Ledger().Count(drops) != 0 {
			t.Errorf("%d creations and %d deletions, want the first creation alone", s.Ledger().Count(posts), s.Ledger().Count(drops))
		}
		if got := run.Texts(shop); got["instance_id"] != s.Replica || got["id"] != s.Replica+"/shop" {
			t.Errorf("the state has %s on %s", got["id"], got["instance_id"])
		}
		shop = run.Must(run.Refresh(shop))
		if change, _ := run.Plan(shop, written(s.Replica, "shop")); !run.NoOp(change) {
			t.Error("the next plan changes something")
		}
	})
}

func TestInstanceIDOfAnotherSetReplacesAndNamesWhatIsLost(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		shop := s.Run.Must(s.Run.Create("trove_database", written(s.Source, "shop")))
		change, diags := s.Run.Plan(shop, written(s.Stranger, "shop"))
		for _, want := range []string{"drops database shop on instance " + s.Source + " with all its data", s.Stranger + " is not in the same replication set", "To keep the data, keep instance_id"} {
			if !strings.Contains(diags.Text(), want) {
				t.Errorf("the plan says %q, without %q", diags.Text(), want)
			}
		}
		if diags.Failed() || len(change.Replace) != 1 {
			t.Errorf("the plan replaces %v: %s", change.Replace, diags.Text())
		}
		// An instance that does not exist must not cost the database.
		nowhere := "7d5f4b1e-0000-4000-8000-000000000000"
		if change, diags = s.Run.Plan(shop, written(nowhere, "shop")); !diags.Failed() || len(change.Replace) > 0 || !strings.Contains(diags.Text(), "There is no instance "+nowhere) {
			t.Errorf("the plan replaces %v and says %q", change.Replace, diags.Text())
		}
		// With its instance, the database is gone: there is nothing to lose.
		s.DeleteBehindOurBack(t, "orders-replica")
		s.DeleteBehindOurBack(t, "orders")
		if change, diags = s.Run.Plan(shop, written(s.Stranger, "shop")); len(diags) > 0 || len(change.Replace) != 1 {
			t.Errorf("the plan replaces %v and says %q", change.Replace, diags.Text())
		}
	})
}

// A replica of several sources has what each of them has: which one a new database belongs to, only its author knows.
func TestAReplicaOfSeveralSourcesTakesNoDatabase(t *testing.T) {
	t.Parallel()
	s := acctest.NewReplicationSet(t, acctest.BothServers()["topology API"])
	shop := s.Run.Must(s.Run.Create("trove_database", written(s.Source, "shop")))
	several := s.Run.ID(s.Run.Must(s.Run.Create("trove_mysql_replica", fmt.Sprintf(`{"name": "all", "flavor_id": "2", "volume": {"size": 5},
		"datastore": {"type": "mysql", "version": "mysql-5.7"}, "replica_of": [%q, %q]}`, s.Source, s.Stranger))))
	cure := func(text string) bool {
		return strings.Contains(text, "Set instance_id to "+s.Source+" or "+s.Stranger) || strings.Contains(text, "Set instance_id to "+s.Stranger+" or "+s.Source)
	}
	if _, diags := s.Run.Plan(acctest.Object{Type: "trove_database"}, written(several, "new")); !diags.Failed() || !cure(diags.Text()) ||
		!strings.Contains(diags.Text(), "belong to one of its sources") {
		t.Errorf("the plan says %q", diags.Text())
	}
	// The apply says the same where the plan could not look.
	s.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Kind: "GET /instances/{id}", Instance: "all"})
	change, diags := s.Run.Plan(acctest.Object{Type: "trove_database"}, written(several, "new"))
	s.Run.NoErrors(diags)
	if r := s.Run.Apply(change); !r.Failed() || !cure(r.Text()) || s.Run.Exists(r.Object) {
		t.Errorf("the apply says %q", r.Text())
	}
	// What is there is imported and read, but not dropped. The sandbox copies nothing from several sources.
	if err := s.State().CreateDatabases(identity.DemoProjectID, several, []state.Database{{Name: "shop"}}); err != nil {
		t.Fatal(err)
	}
	imported := s.Run.Must(s.Run.ImportByID("trove_database", several+"/shop"))
	if !s.Run.Exists(imported) {
		t.Fatal("the database is not found on the replica")
	}
	drops := "DELETE /instances/{id}/databases/{name}"
	if r := s.Run.Destroy(imported); !r.Failed() || !cure(r.Text()) || !strings.Contains(r.Text(), "terraform state rm") || s.Ledger().Count(drops) != 0 {
		t.Errorf("the deletion says %q, and %d were dropped", r.Text(), s.Ledger().Count(drops))
	}
	s.Run.Must(s.Run.Destroy(shop))
}
