package provider_test

import (
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// ofAnInstance are the kinds of what belongs to the replication set of an instance, with what a plan says that a replacement loses. trove_root
// is left out: to disable root takes more than one request after a switchover.
var ofAnInstance = map[string]struct {
	config settings
	loses  string
	delete string // the requests that delete one, as the ledger calls them
	create string
}{
	"trove_database": {settings{"name": "shop"}, "The apply drops database shop on instance ", "DELETE /instances/{id}/databases/{name}", "POST /instances/{id}/databases"},
	"trove_user": {
		settings{"name": "app", "password_wo": "secret1", "password_wo_version": 1}, "The apply deletes user app@% on instance ",
		"DELETE /instances/{id}/users/{user}", "POST /instances/{id}/users",
	},
	"trove_backup": {settings{"name": "full"}, "The apply deletes backup full (", "DELETE /backups/{id}", "POST /backups"},
}

// An instance_id that becomes unknown may lead anywhere: the plan replaces, says what that loses, and sends nothing. The apply ends in what the
// value turns out to be, also where that is a member of the same set.
func TestAnInstanceIDThatIsNotKnownYetReplacesAndSaysSo(t *testing.T) {
	t.Parallel()
	for typeName, kind := range ofAnInstance {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
				at := func(instance string) string { return kind.config.with("instance_id", instance).json() }
				made := s.Run.Must(s.Run.Create(typeName, at(s.Source)))
				s.SwitchOverBehindOurBack(t, "orders-replica")
				for turn, target := range []string{s.Stranger, s.Source, s.Replica} {
					run := s.NewDriver(t) // the next run of Terraform
					made = run.Must(run.Refresh(made))
					before := len(sent(s.Cloud))
					change, diagnostics := run.Plan(made, at(acctest.Unknown))
					if diagnostics.Failed() || len(change.Replace) != 1 || change.Replace[0].String() != `AttributeName("instance_id")` {
						t.Fatalf("the plan replaces for %v: %s", change.Replace, diagnostics.Text())
					}
					for _, want := range []string{kind.loses, "the new value is known only after apply, so it may not be in the same replication set", "To keep "} {
						if !strings.Contains(diagnostics.Text(), want) {
							t.Errorf("the plan does not say %q: %s", want, diagnostics.Text())
						}
					}
					destroy, create, diagnostics := run.PlanReplace(made, at(acctest.Unknown))
					run.NoErrors(diagnostics)
					if id, known := run.Planned(create)["id"]; known {
						t.Errorf("the plan of the creation knows the id %s", id)
					}
					if after := len(sent(s.Cloud)); after != before {
						t.Errorf("the plan has sent %d changes", after-before)
					}
					// Terraform destroys, and plans the creation again once the value is known.
					run.Must(run.Apply(destroy))
					change, diagnostics = run.Plan(acctest.Object{Type: typeName}, at(target))
					run.NoErrors(diagnostics)
					made = run.Must(run.Apply(change))
					if got := run.Texts(made)["instance_id"]; got != target {
						t.Errorf("instance_id is %s, want %s", got, target)
					}
					if deleted, created := s.Ledger().Count(kind.delete), s.Ledger().Count(kind.create); deleted != turn+1 || created < turn+2 {
						t.Errorf("%d were deleted and %d created, want %d and %d", deleted, created, turn+1, turn+2)
					}
					made = run.Must(run.Refresh(made))
					if !run.Exists(made) {
						t.Fatal("what was made is not found")
					}
					if change, diagnostics := run.Plan(made, at(target)); !run.NoOp(change) || diagnostics.Failed() {
						t.Errorf("the next plan changes something: %s", diagnostics.Text())
					}
				}
			})
		})
	}
}

// What is protected is not replaced for a value that nobody knows yet.
func TestAnInstanceIDThatIsNotKnownYetReplacesNothingProtected(t *testing.T) {
	t.Parallel()
	for typeName, kind := range ofAnInstance {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			config := kind.config.with("deletion_protection", true, "instance_id", w.run.ID(w.create("trove_instance", lone)))
			made := w.create(typeName, config)
			_, diagnostics := w.run.Plan(made, config.with("instance_id", acctest.Unknown).json())
			if want := "this change would replace it: instance_id"; !diagnostics.Failed() || !strings.Contains(diagnostics.Text(), want) {
				t.Errorf("the plan says %q, without %q", diagnostics.Text(), want)
			}
		})
	}
}
