package user_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

const putUser = "PUT /instances/{id}/users/{user}"

// host is a cloud with one MySQL server, whose users a test changes over the protocol.
type host struct {
	*acctest.Cloud
	run *acctest.Driver
	id  string
}

func newHost(t *testing.T, options ...func(*sandbox.Options)) host {
	t.Helper()
	cloud := acctest.NewCloud(t, options...)
	run := cloud.NewDriver(t)
	return host{cloud, run, run.CreateMySQL()}
}

// onBoth runs a test on each of acctest.BothServers, in parallel.
func onBoth(t *testing.T, test func(t *testing.T, h host)) {
	t.Helper()
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newHost(t, options))
		})
	}
}

// expect compares the users of the server with what is expected.
func (h host) expect(t *testing.T, want ...state.User) {
	t.Helper()
	got, _, err := h.State().Users(identity.DemoProjectID, h.id, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for n := range got {
		slices.Sort(got[n].Databases)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the server has other users (-want +got):\n%s", diff)
	}
}

// config is a user without a password, as JSON.
func (h host) config(name, host, more string) string {
	return fmt.Sprintf(`{"instance_id": %q, "name": %q, "host": %q%s}`, h.id, name, host, more)
}

// changes count the requests that change users.
func (h host) changes() map[string]int {
	counted := map[string]int{}
	for _, request := range h.Ledger().Requests() {
		if request.Method != "GET" && strings.Contains(request.Kind, "/users") {
			counted[request.Kind]++
		}
	}
	return counted
}

func TestUserIsRenamedInPlace(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h host) {
		app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1, `"shop"`)))
		for _, to := range []struct{ name, host string }{{"app2", "%"}, {"app2", "10.0.0.%"}, {"a@b.json", "%"}} {
			config := h.config(to.name, to.host, `, "databases": ["shop"], "password_wo_version": 1`)
			change, diags := h.run.Plan(app, config)
			if len(change.Replace) > 0 || len(diags) > 0 {
				t.Fatalf("the plan replaces %v and says %s", change.Replace, diags.Text())
			}
			app = h.run.Must(h.run.Apply(change))
			h.expect(t, state.User{Name: to.name, Host: to.host, Password: "secret-1", Databases: []string{"shop"}})
			if got, want := h.run.ID(app), h.id+"/"+to.name+"@"+to.host; got != want {
				t.Errorf("the id is %s, want %s", got, want)
			}
			want := map[string]string{"instance_id": h.id, "name": to.name, "host": to.host, "region": acctest.Region}
			if diff := cmp.Diff(want, h.run.IdentityOf("trove_user", app.Managed)); diff != "" {
				t.Errorf("the identity (-want +got):\n%s", diff)
			}
			app = h.run.Must(h.run.Refresh(app))
			if next, diags := h.run.Plan(app, config); !h.run.NoOp(next) || diags.Failed() {
				t.Errorf("the next plan changes %v: %s", h.run.Changed(next), diags.Text())
			}
		}
		if diff := cmp.Diff(map[string]int{"POST /instances/{id}/users": 1, putUser: 3}, h.changes()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

func TestUserIsRenamedWithPasswordAndDatabases(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h host) {
		app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1, `"shop"`)))
		config := written(h.id, "app2", 2, `"shop"`, `"stock"`)
		app = h.run.Must(h.run.Update(app, config))
		h.expect(t, state.User{Name: "app2", Host: "%", Password: "secret-2", Databases: []string{"shop", "stock"}})
		want := map[string]int{"POST /instances/{id}/users": 1, putUser: 1, "PUT /instances/{id}/users/{user}/databases": 1}
		if diff := cmp.Diff(want, h.changes()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		if next, diags := h.run.Plan(h.run.Must(h.run.Refresh(app)), config); !h.run.NoOp(next) || diags.Failed() {
			t.Errorf("the next plan changes %v: %s", h.run.Changed(next), diags.Text())
		}
	})
}

// What was done before a step failed is in the state.
func TestUserIsRenamedAlthoughItsDatabasesAreNotGranted(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1, `"shop"`)))
	config := written(h.id, "app2", 2, `"stock"`)
	change, _ := h.run.Plan(app, config)
	h.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Kind: "PUT /instances/{id}/users/{user}/databases"})
	result := h.run.Apply(change)
	if !strings.Contains(result.Text(), "Unable to change the grants of user app2@%") {
		t.Errorf("the apply says %s", result.Text())
	}
	app = h.run.Must(h.run.Refresh(result.Object))
	if got := h.run.ID(app); got != h.id+"/app2@%" {
		t.Errorf("the id is %s", got)
	}
	h.run.Must(h.run.Update(app, config))
	h.expect(t, state.User{Name: "app2", Host: "%", Password: "secret-2", Databases: []string{"stock"}})
	if n := h.changes()[putUser]; n != 1 {
		t.Errorf("it was renamed %d times", n)
	}
}

// Whatever becomes of the answer, a user is renamed once, and Terraform knows the new name.
func TestUserIsRenamedThoughTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]faults.Rule{
		"lost":                {Do: faults.LoseAnswer},
		"lost time and again": {Do: faults.LoseAnswer, Times: faults.Always},
		"not received":        {Do: faults.Drop},
		"500 before":          {Do: faults.Status, Status: 500},
		"500 after":           {Do: faults.Status, Status: 500, AfterWork: true},
		"504 after, always":   {Do: faults.Status, Status: 504, AfterWork: true, Times: faults.Always},
		"not ready":           {Do: faults.Status, Status: 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1, `"shop"`)))
			rule.Kind = putUser
			h.Inject(t, rule)
			config := written(h.id, "app2", 2, `"shop"`)
			app = h.run.Must(h.run.Update(app, config))
			h.expect(t, state.User{Name: "app2", Host: "%", Password: "secret-2", Databases: []string{"shop"}})
			h.Faults().Clear()
			if next, diags := h.run.Plan(h.run.Must(h.run.Refresh(app)), config); !h.run.NoOp(next) || diags.Failed() {
				t.Errorf("the next plan changes %v: %s", h.run.Changed(next), diags.Text())
			}
		})
	}
}

// Where nobody sees what became of a rename, the next refresh finds the user by whichever name it has.
func TestUserIsFoundAfterARenameOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rule faults.Rule
		want string
	}{
		"renamed":     {faults.Rule{Do: faults.LoseAnswer, Kind: putUser, Times: faults.Always}, "app2"},
		"not renamed": {faults.Rule{Do: faults.Drop, Kind: putUser, Times: faults.Always}, "app"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1)))
			change, _ := h.run.Plan(app, written(h.id, "app2", 1))
			h.Inject(t, tt.rule)
			h.Inject(t, faults.Rule{Do: faults.Drop, Kind: "GET /instances/{id}/users/{user}", Times: faults.Always})
			result := h.run.Apply(change)
			if want := "Unable to rename user app@%"; !result.Failed() || !strings.Contains(result.Text(), want) || !strings.Contains(result.Text(), "finds it by the new ones") {
				t.Errorf("the apply says %s", result.Text())
			}
			if got := h.run.Texts(result.Object)["name"]; got != "app" {
				t.Errorf("the state has the name %s", got)
			}
			h.Faults().Clear()
			run := h.NewDriver(t) // the next run of Terraform
			app = run.Must(run.Refresh(result.Object))
			if got := run.Texts(app); got["name"] != tt.want || got["id"] != h.id+"/"+tt.want+"@%" {
				t.Errorf("after the refresh the state has %v", got)
			}
			if got := run.IdentityOf("trove_user", app.Managed)["name"]; got != tt.want {
				t.Errorf("after the refresh the identity has %s", got)
			}
			run.Must(run.Update(app, written(h.id, "app2", 1)))
			h.expect(t, state.User{Name: "app2", Host: "%", Password: "secret-1"})
		})
	}
}

// A deletion without a refresh deletes the user by whichever name it has.
func TestUserIsDeletedAfterARenameOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1)))
	change, _ := h.run.Plan(app, written(h.id, "app2", 1))
	h.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: putUser, Times: faults.Always})
	h.Inject(t, faults.Rule{Do: faults.Drop, Kind: "GET /instances/{id}/users/{user}", Times: faults.Always})
	result := h.run.Apply(change)
	if !result.Failed() {
		t.Fatal("the apply does not fail, although nobody saw its outcome")
	}
	h.Faults().Clear()
	h.expect(t, state.User{Name: "app2", Host: "%", Password: "secret-1"})
	h.run.Must(h.run.Destroy(result.Object))
	h.expect(t)
}

// A name that a refresh has seen is no longer taken for what a rename may have made: somebody else may have the new one.
func TestUserThatIsGoneIsNotTakenForAnother(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1)))
	change, _ := h.run.Plan(app, written(h.id, "app2", 1))
	h.Inject(t, faults.Rule{Do: faults.Drop, Kind: putUser, Times: faults.Always})
	result := h.run.Apply(change)
	if !result.Failed() {
		t.Fatal("the apply does not fail, although the server was never asked")
	}
	app = h.run.Must(h.run.Refresh(result.Object))
	if err := h.State().DeleteUser(identity.DemoProjectID, h.id, "app"); err != nil {
		t.Fatal(err)
	}
	if err := h.State().CreateUsers(identity.DemoProjectID, h.id, []state.User{{Name: "app2", Host: "%", Password: "theirs"}}); err != nil {
		t.Fatal(err)
	}
	if gone := h.run.Must(h.run.Refresh(app)); h.run.Exists(gone) {
		t.Errorf("a user that is gone is taken for %v", h.run.Texts(gone))
	}
}

// A plan without a refresh sees a rename that an earlier apply did not.
func TestUserThatIsRenamedAlreadyIsNotRefused(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1)))
	if err := h.State().UpdateUser(identity.DemoProjectID, h.id, "app", new("app2"), nil, nil); err != nil {
		t.Fatal(err)
	}
	app = h.run.Must(h.run.Update(app, written(h.id, "app2", 1)))
	if got := h.run.ID(app); got != h.id+"/app2@%" {
		t.Errorf("the id is %s", got)
	}
}

func TestUserIsNotRenamedToAnother(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h host) {
		app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1)))
		other := h.run.Must(h.run.Create("trove_user", written(h.id, "other", 1)))
		// Two users that exchange their names are refused, and are told how.
		for _, swap := range []struct {
			user     acctest.Object
			from, to string
		}{{app, "app", "other"}, {other, "other", "app"}} {
			_, diags := h.run.Plan(swap.user, written(h.id, swap.to, 1))
			want := fmt.Sprintf("Unable to rename user %s@%% on instance %s: User %s@%% exists already on that instance", swap.from, h.id, swap.to)
			if !diags.Failed() || !strings.Contains(diags.Text(), want) || !strings.Contains(diags.Text(), "temporary name") {
				t.Errorf("the plan says %s", diags.Text())
			}
		}
		// A name that is taken after the plan is the server's to refuse.
		change, _ := h.run.Plan(app, written(h.id, "late", 1))
		h.run.Must(h.run.Create("trove_user", written(h.id, "late", 1)))
		result := h.run.Apply(change)
		if !result.Failed() || !strings.Contains(result.Text(), "User late@% exists already") {
			t.Errorf("the apply says %s", result.Text())
		}
		if got := h.run.Texts(h.run.Must(h.run.Refresh(result.Object)))["name"]; got != "app" {
			t.Errorf("the state has the name %s", got)
		}
		// The way that the message names.
		app = h.run.Must(h.run.Update(result.Object, written(h.id, "third", 1)))
		h.run.Must(h.run.Update(other, written(h.id, "app", 1)))
		h.run.Must(h.run.Update(app, written(h.id, "other", 1)))
	})
}

func TestServerThatRenamesNobodySaysSo(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1)))
	h.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Message: "Not for you.", Kind: putUser})
	result := h.run.Update(app, h.config("app", "10.0.0.1", `, "password_wo_version": 1`))
	for _, want := range []string{"Unable to rename user app@%", "Not for you.", "terraform apply -replace=ADDRESS"} {
		if !result.Failed() || !strings.Contains(result.Text(), want) {
			t.Errorf("the apply lacks %q: %s", want, result.Text())
		}
	}
	h.expect(t, state.User{Name: "app", Host: "%", Password: "secret-1"})
	// What it names works: Terraform plans a creation beside the deletion.
	destroy, create, diags := h.run.PlanReplace(result.Object, `{"instance_id": "`+h.id+`", "name": "app", "host": "10.0.0.1", "password_wo": "secret-2", "password_wo_version": 2}`)
	h.run.NoErrors(diags)
	h.run.Must(h.run.Apply(destroy))
	h.run.Must(h.run.Apply(create))
	h.expect(t, state.User{Name: "app", Host: "10.0.0.1", Password: "secret-2"})
}

// A refused password is not shown, where it goes with another name.
func TestServersWordsAboutThePasswordOfARenameAreNotShown(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	app := h.run.Must(h.run.Create("trove_user", written(h.id, "app", 1)))
	h.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Message: "'secret-2' is no good", Kind: putUser})
	result := h.run.Update(app, written(h.id, "app2", 2))
	if text := result.Text(); !result.Failed() || strings.Contains(text, "secret-2") || !strings.Contains(text, "message is omitted") {
		t.Errorf("the apply says %s", text)
	}
}

func TestDeletionProtectionDoesNotKeepTheName(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	const kept = `, "deletion_protection": true, "password_wo": "secret-1"`
	app := h.run.Must(h.run.Create("trove_user", h.config("app", "%", kept)))
	app = h.run.Must(h.run.Update(app, h.config("app2", "%", kept)))
	h.expect(t, state.User{Name: "app2", Host: "%", Password: "secret-1"})
	if gone := h.run.Destroy(app); !gone.Failed() {
		t.Error("it is not protected any more")
	}
}

func TestUserIsRenamedWithinItsReplicationSet(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		app := s.Run.Must(s.Run.Create("trove_user", written(s.Source, "app", 1, `"shop"`)))
		s.SwitchOverBehindOurBack(t, "orders-replica")
		run := s.NewDriver(t)
		config := fmt.Sprintf(`{"instance_id": %q, "name": "app2", "databases": ["shop"], "password_wo_version": 1}`, s.Replica)
		app = run.Must(run.Update(app, config))
		if got := onServer(t, s, s.Replica, "app2"); got.Password != "secret-1" || !slices.Equal(got.Databases, []string{"shop"}) {
			t.Errorf("the present source has %+v", got)
		}
		if got := run.ID(app); got != s.Replica+"/app2@%" {
			t.Errorf("the id is %s", got)
		}
		if next, diags := run.Plan(run.Must(run.Refresh(app)), config); !run.NoOp(next) || diags.Failed() {
			t.Errorf("the next plan changes %v: %s", run.Changed(next), diags.Text())
		}
		// On another instance it is another user, which requires its password.
		change, diags := run.Plan(app, fmt.Sprintf(`{"instance_id": %q, "name": "app3", "databases": ["shop"], "password_wo_version": 1}`, s.Stranger))
		if len(change.Replace) != 1 || !strings.Contains(diags.Text(), "Missing password") {
			t.Errorf("the plan replaces %v and says %s", change.Replace, diags.Text())
		}
	})
}

// Of a datastore that loses host or password with the name, a user is replaced.
func TestUserOfAnotherDatastoreIsReplaced(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	made := h.run.Must(h.run.Create("trove_instance",
		`{"name": "pg", "flavor_id": "2", "volume": {"size": 5}, "datastore": {"type": "postgresql", "version": "postgresql-16"}}`))
	app := h.run.Stored("trove_user", fmt.Sprintf(`{"id": "x", "instance_id": %q, "name": "app", "host": "%%", "databases": [], "region": %q}`, h.run.ID(made), acctest.Region))
	change, diags := h.run.Plan(app, written(h.run.ID(made), "app2", 1))
	if len(change.Replace) != 1 || change.Replace[0].String() != `AttributeName("name")` || diags.Failed() {
		t.Errorf("the plan replaces %v and says %s", change.Replace, diags.Text())
	}
}

// A name that is known only in the apply is a rename then, or none.
func TestAccUserIsRenamedToWhatIsKnownAfterApply(t *testing.T) {
	cloud := acctest.NewCloud(t)
	g := &guest{cloud: cloud}
	config := func(name, input string) string {
		return cloud.Config(server + fmt.Sprintf(`
resource "terraform_data" "name" {
  input            = %q
  triggers_replace = %q
}
`, name, input) + user("name = terraform_data.name.output\n  databases = [\"db0\"]\n  password_wo = \"pw1\""))
	}
	renamed := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(app, plancheck.ResourceActionUpdate), plancheck.ExpectUnknownValue(app, tfjsonpath.New("id")),
	}}
	cloud.Test(t,
		resource.TestStep{Config: config("app", "1")},
		resource.TestStep{Config: config("app2", "2"), ConfigPlanChecks: renamed, Check: g.has(state.User{Name: "app2", Host: "%", Password: "pw1", Databases: []string{"db0"}})},
		resource.TestStep{Config: config("app2", "3"), ConfigPlanChecks: renamed, Check: g.has(state.User{Name: "app2", Host: "%", Password: "pw1", Databases: []string{"db0"}})},
	)
	if err := cloud.ExpectRequests(map[string]int{"POST /instances/{id}/users": 1, putUser: 1, "DELETE /instances/{id}/users/{user}": 1}); err != nil {
		t.Error(err)
	}
}
