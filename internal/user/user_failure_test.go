package user_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func TestLostAnswersAboutAUserAreSettledByLooking(t *testing.T) {
	t.Parallel()
	for kind, times := range map[string]int{
		"POST /instances/{id}/users": 1, "PUT /instances/{id}/users": 1, "PUT /instances/{id}/users/{user}/databases": 1,
		"DELETE /instances/{id}/users/{user}/databases/{name}": 1, "DELETE /instances/{id}/users/{user}": 1,
	} {
		for name, rule := range map[string]faults.Rule{
			"answer lost": {Do: faults.LoseAnswer}, "500 after the work": {Do: faults.Status, Status: 500, AfterWork: true}, "500 before it": {Do: faults.Status, Status: 500},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				h := newHost(t)
				run := h.NewDriver(t, map[string]string{"request_timeout": "1s"})
				rule.Kind, rule.Times = kind, times
				h.Inject(t, rule)
				app := run.Must(run.Create("trove_user", written(h.id, "app", 1, `"db0"`)))
				h.expect(t, state.User{Name: "app", Host: "%", Password: "secret-1", Databases: []string{"db0"}})
				changed := written(h.id, "app", 2, `"db1"`)
				app = run.Must(run.Update(run.Must(run.Refresh(app)), changed))
				h.expect(t, state.User{Name: "app", Host: "%", Password: "secret-2", Databases: []string{"db1"}})
				app = run.Must(run.Refresh(app))
				if change, diags := run.Plan(app, changed); !run.NoOp(change) || diags.Failed() {
					t.Errorf("the next plan changes something: %s", diags.Text())
				}
				run.Must(run.Destroy(app))
				h.expect(t)
				if fired := h.Faults().List()[0].Fired; fired != times {
					t.Errorf("the fault happened %d times, want %d", fired, times)
				}
			})
		}
	}
}

func TestAccUserWaitsForAnInstanceThatRestarts(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = time.Second })
	g := &guest{cloud: cloud}
	config := cloud.Config(server + user("name = \"app\"\n  databases = [\"db0\"]\n  password_wo = \"pw1\"\n  password_wo_version = 1"))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { cloud.RestartBehindOurBack(t, "orders") },
			Config:    strings.NewReplacer(`["db0"]`, `["db1"]`, "pw1", "pw2", "version = 1", "version = 2").Replace(config),
			Check:     g.has(state.User{Name: "app", Host: "%", Password: "pw2", Databases: []string{"db1"}}),
		},
	)
}

// An instance that has failed must not keep anybody from planning.
func TestAccUserOfAFailedInstanceKeepsItsState(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(server + user("name = \"app\"\n  databases = [\"db0\"]\n  password_wo = \"pw1\""))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				cloud.BreakBehindOurBack(t, "orders")
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 422, Kind: "GET /instances/{id}/users/{user}", Times: faults.Always})
			},
			RefreshState: true, ExpectNonEmptyPlan: false,
		},
		resource.TestStep{PreConfig: func() { cloud.Faults().Clear() }, Config: config, PlanOnly: true},
	)
}

// What is within an instance that has failed cannot be deleted, and must not be thought to be.
func TestAccUserOfAFailedInstanceIsNotForgotten(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(server + user("name = \"app\"\n  password_wo = \"pw1\""))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				cloud.BreakBehindOurBack(t, "orders")
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 422, Kind: "DELETE /instances/{id}/users/{user}", Times: faults.Always})
			},
			Config:      cloud.Config(server),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+delete\s+user\s+app@%.*in\s+status\s+ERROR.*terraform\s+state\s+rm`),
		},
		resource.TestStep{PreConfig: func() { cloud.Faults().Clear() }, Config: config, PlanOnly: true},
	)
}

// Databases and users replicate: where the instance has become a replica, its source is changed.
func TestAccUserIsChangedWhereTheSourceIs(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	g := &guest{cloud: cloud}
	config := cloud.Config(server + user("name = \"app\"\n  databases = [\"db0\"]\n  password_wo = \"pw1\"\n  password_wo_version = 1"))
	right := g.has(state.User{Name: "app", Host: "%", Password: "pw2", Databases: []string{"db1"}})
	var replica string
	cloud.Test(t,
		resource.TestStep{Config: config, Check: g.found},
		resource.TestStep{
			PreConfig: func() {
				cloud.ReplicateBehindOurBack(t, "orders", "replica")
				for _, r := range cloud.State().History() {
					if r.Name == "replica" {
						replica = r.ID
					}
				}
				switchOver(t, cloud, replica)
			},
			Config: strings.NewReplacer(`["db0"]`, `["db1"]`, "pw1", "pw2", "version = 1", "version = 2").Replace(config),
			Check: func(s *terraform.State) error {
				if err := right(s); err != nil {
					return err
				}
				return (&guest{cloud: cloud, id: replica}).has(state.User{Name: "app", Host: "%", Password: "pw2", Databases: []string{"db1"}})(s)
			},
		},
		resource.TestStep{Config: cloud.Config(server), Check: (&guest{cloud: cloud, id: "later"}).hasAt(&replica)},
		resource.TestStep{PreConfig: func() {
			switchOver(t, cloud, g.id)
			cloud.DeleteBehindOurBack(t, "replica")
		}, Config: cloud.Config(server)},
	)
}

// switchOver makes a replica the source, and waits until it is.
func switchOver(t *testing.T, cloud *acctest.Cloud, to string) {
	t.Helper()
	client, err := cloud.Client()
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.State().PromoteToReplicaSource(identity.DemoProjectID, to); err != nil {
		t.Fatal(err)
	}
	if _, err := client.WaitReady(t.Context(), to); err != nil {
		t.Fatal(err)
	}
}

// hasAt is has for an instance whose id is known later.
func (g *guest) hasAt(id *string, want ...state.User) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		g.id = *id
		return g.has(want...)(s)
	}
}
