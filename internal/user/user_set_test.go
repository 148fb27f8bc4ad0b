package user_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// written is the configuration of a user.
func written(instance, name string, version int, databases ...string) string {
	return fmt.Sprintf(`{"instance_id": %q, "name": %q, "databases": [%s], "password_wo": "secret-%d", "password_wo_version": %d}`,
		instance, name, strings.Join(databases, ", "), version, version)
}

// onServer is the user as the server has it on an instance, empty where it has none.
func onServer(t *testing.T, s acctest.ReplicationSet, instance, name string) state.User {
	t.Helper()
	all, _, err := s.State().Users(identity.DemoProjectID, instance, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := slices.IndexFunc(all, func(u state.User) bool { return u.Name == name }); n >= 0 {
		return all[n]
	}
	return state.User{}
}

func TestUsersAreAddedAndChangedAfterASwitchover(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		app := s.Run.Must(s.Run.Create("trove_user", written(s.Source, "app", 1)))
		s.SwitchOverBehindOurBack(t, "orders-replica")
		run := s.NewDriver(t) // the next run of Terraform
		app = run.Must(run.Refresh(app))
		app = run.Must(run.Update(app, written(s.Source, "app", 2, `"shop"`)))
		if got := onServer(t, s, s.Replica, "app"); got.Password != "secret-2" || !slices.Equal(got.Databases, []string{"shop"}) {
			t.Errorf("the present source has %+v", got)
		}
		if change, diags := run.Plan(run.Must(run.Refresh(app)), written(s.Source, "app", 2, `"shop"`)); !run.NoOp(change) || diags.Failed() {
			t.Errorf("the next plan changes something: %s", diags.Text())
		}
		run.Must(run.Create("trove_user", written(s.Source, "late", 1)))
		if got := onServer(t, s, s.Replica, "late"); got.Password != "secret-1" {
			t.Errorf("the present source has %+v", got)
		}
	})
}

func TestInstanceIDOfAUserWithinTheSetChangesTheStateAlone(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		app := s.Run.Must(s.Run.Create("trove_user", written(s.Source, "app", 1)))
		s.SwitchOverBehindOurBack(t, "orders-replica")
		run := s.NewDriver(t)
		// No password is needed, since none is sent.
		config := fmt.Sprintf(`{"instance_id": %q, "name": "app", "databases": [], "password_wo_version": 1}`, s.Replica)
		change, diags := run.Plan(app, config)
		if len(diags) > 0 || len(change.Replace) > 0 {
			t.Fatalf("the plan replaces %v and says %s", change.Replace, diags.Text())
		}
		app = run.Must(run.Apply(change))
		sent := s.Ledger().Count("POST /instances/{id}/users") + s.Ledger().Count("DELETE /instances/{id}/users/{user}") + s.Ledger().Count("PUT /instances/{id}/users")
		if got := run.Texts(app); sent != 1 || got["id"] != s.Replica+"/app@%" {
			t.Errorf("%d requests changed users, want the creation alone; the id is %s", sent, got["id"])
		}
		if change, _ = run.Plan(run.Must(run.Refresh(app)), config); !run.NoOp(change) {
			t.Error("the next plan changes something")
		}
		change, diags = run.Plan(app, written(s.Stranger, "app", 1))
		if want := "deletes user app@% on instance " + s.Replica; len(change.Replace) != 1 || diags.Failed() || !strings.Contains(diags.Text(), want) {
			t.Errorf("the plan replaces %v and says %q, without %q", change.Replace, diags.Text(), want)
		}
	})
}
