package mongodb_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

func TestAccFounderThatFailsIsFollowedByAnother(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.InstanceError, Message: "No valid host was found."}) // the first one that is made
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, "")), ExpectError: regexp.MustCompile(`No\s+valid\s+host\s+was\s+found`)},
		resource.TestStep{Config: cloud.Config(members(3, ""))},
	)
	if ever, alive := cloud.Made(); ever != 4 || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want 4 and 0", ever, alive)
	}
}

func TestAccJoinThatDoesNotFit(t *testing.T) {
	t.Run("nothing to join", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t, resource.TestStep{
			Config:      cloud.Config(members(1, "join = true")),
			ExpectError: regexp.MustCompile(`there\s+is\s+no\s+active\s+mongodb/products\s+in\s+this\s+project\s+to\s+join|There\s+is\s+no\s+active\s+mongodb/products`),
		})
	})
	t.Run("it exists already", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t,
			resource.TestStep{Config: cloud.Config(members(1, ""))},
			resource.TestStep{
				Config:      cloud.Config(members(1, "") + strings.Replace(strings.Replace(arbiter, `type        = "arbiter"`, "join = false", 1), "arbiter", "second", 2)),
				ExpectError: regexp.MustCompile(`(?i)join\s+is\s+false,\s+and\s+mongodb/products\s+exists\s+already`),
			},
			resource.TestStep{Config: cloud.Config(members(1, "")), PlanOnly: true},
		)
	})
}

func TestAccArbiterWaitsForAFounderToJoin(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{Config: cloud.Config(members(2, "priority = count.index") + arbiter)})
	if ever, alive := cloud.Made(); ever != 3 || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want 3 and 0", ever, alive)
	}
}

func TestAccRefusedReconfigurationChangesNothing(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(2, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Message: "The moon is full.", Kind: update})
			},
			Config:      cloud.Config(members(2, "priority = 5 + count.index")),
			ExpectError: regexp.MustCompile(`(?s)The\s+moon\s+is\s+full.*The\s+moon\s+is\s+full`), // both members say so
		},
		resource.TestStep{Config: cloud.Config(members(2, "")), PlanOnly: true},
		resource.TestStep{
			Config: cloud.Config(members(2, "priority = 1")), PlanOnly: true, // still what the server has
		},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Errorf("it was sent again: %v", err)
	}
}

func TestAccReconfigurationWhoseAnswerIsLostIsSentOnce(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, ""))},
		resource.TestStep{
			PreConfig: func() { cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: update}) },
			Config:    cloud.Config(members(3, "priority = 5 + count.index")),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccCanceledWhileCollectingSendsNothing(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := func(lines string) string { return cloud.Config(members(3, lines), `reconfig_window = "8s"`) }
	cli := acctest.NewCLI(t, config(""))
	cli.MustRun("apply", "-auto-approve")
	// Two of three change, so the round waits for its window.
	cli.Configure(config("priority = count.index < 2 ? 5 : 1"))
	before := cloud.Ledger().Count("GET /instances/{id}/topology")
	apply := cli.Command(t.Context(), "apply", "-auto-approve", "-no-color", "-refresh=false")
	var out strings.Builder
	apply.Stdout, apply.Stderr = &out, &out
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); cloud.Ledger().Count("GET /instances/{id}/topology") < before+2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the members never came to be changed:\n%s", out.String())
		}
	}
	if err := apply.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := apply.Wait(); err == nil {
		t.Fatalf("a canceled apply says that all is well:\n%s", out.String())
	}
	if err := cloud.ExpectRequests(map[string]int{update: 0}); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	cli.Configure(config(""))
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccTwoReconfigurationsWarn(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := func(priority string) string {
		return cloud.Config(members(1, "priority = "+priority) + `
resource "trove_mongodb_member" "last" {
  name        = "products-last"
  flavor_id   = "1"
  volume      = { size = 2 }
  datastore   = { version = "mongodb-7.0" }
  replica_set = "products"
  priority    = ` + priority + `
  depends_on  = [trove_mongodb_member.member]
}
`)
	}
	cli := acctest.NewCLI(t, config("2"))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(config("3"))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "More than one reconfiguration of replica set products") {
		t.Errorf("no warning:\n%s", out)
	}
	if err := cloud.ExpectRequests(map[string]int{update: 2}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccMemberInErrorIsDeletedWithoutLeaving(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, ""))},
		resource.TestStep{
			PreConfig: func() { cloud.BreakBehindOurBack(t, "products-2") },
			Config:    cloud.Config(members(2, "")),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{remove: 0}); err != nil {
		t.Error(err)
	}
}

func TestAccMemberThatIsGoneAlreadyLeavesTheState(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, ""))},
		resource.TestStep{
			PreConfig: func() { cloud.DeleteBehindOurBack(t, "products-2") },
			Config:    cloud.Config(members(2, "")),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{remove: 0, "DELETE /instances/{id}": 3}); err != nil {
		t.Error(err)
	}
}

func TestAccRemovalThatFailsDeletesNothing(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 409, Message: "Not now.", Kind: remove})
			},
			Config: cloud.Config(members(2, "")),
			ExpectError: regexp.MustCompile(
				`(?s)Unable\s+to\s+remove\s+MongoDB\s+member.*Not\s+now.*was\s+not\s+deleted`),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := cloud.ExpectRequests(map[string]int{"DELETE /instances/{id}": 0}); err != nil {
					t.Error(err)
				}
			},
			Config: cloud.Config(members(2, "")),
		},
	)
}

func TestAccInterruptedRemovalGoesOn(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 409, Message: "Not now.", Kind: "DELETE /instances/{id}"})
			},
			Config:      cloud.Config(members(2, "")),
			ExpectError: regexp.MustCompile(`Not\s+now`),
		},
		resource.TestStep{PreConfig: cloud.Faults().Clear, Config: cloud.Config(members(2, ""))},
	)
	if err := cloud.ExpectRequests(map[string]int{remove: 1}); err != nil {
		t.Errorf("it left twice: %v", err)
	}
}

func TestAccMemberRemovedBehindOurBackIsReplaced(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.ActBehindOurBack(t, "products-2", func(id string) topology.Action { return topology.RemoveMember{ID: id} })
			},
			Config: cloud.Config(members(3, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_mongodb_member.member[2]", plancheck.ResourceActionReplace),
			}},
		},
	)
}

func TestAccTokuMXDoesNotMix(t *testing.T) {
	cloud := acctest.NewCloud(t)
	toku := strings.ReplaceAll(arbiter, "mongodb-7.0", "tokumx-2.0.1")
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(1, ""))},
		resource.TestStep{
			Config:      cloud.Config(members(1, "") + strings.Replace(toku, `type        = "arbiter"`, "", 1)),
			ExpectError: regexp.MustCompile(`does\s+not\s+replicate`),
		},
		resource.TestStep{Config: cloud.Config(members(1, "")), PlanOnly: true},
	)
}

func TestAccTokuMXHasReplicaSetsOfItsOwn(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{Config: cloud.Config(strings.ReplaceAll(members(2, "")+arbiter, "mongodb-7.0", "tokumx-2.0.1"))})
}

func TestAccPrimaryLeavesLikeAnyOther(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, "priority = 1 + count.index"))}, // the last one is elected
		resource.TestStep{
			PreConfig: func() { expectPrimary(t, cloud, "products-2") },
			Config:    cloud.Config(members(2, "priority = 1 + count.index")),
		},
		resource.TestStep{
			PreConfig: func() { expectPrimary(t, cloud, "products-1") },
			Config:    cloud.Config(members(2, "priority = 1 + count.index")), PlanOnly: true,
		},
	)
	if err := cloud.ExpectRequests(map[string]int{remove: 1}); err != nil {
		t.Error(err)
	}
}

// expectPrimary checks which member the set has elected.
func expectPrimary(t *testing.T, cloud *acctest.Cloud, want string) {
	t.Helper()
	set, ok := cloud.State().ReplicaSet(identity.DemoProjectID, "products")
	if !ok {
		t.Fatal("there is no such set")
	}
	i, err := cloud.State().Instance(identity.DemoProjectID, set.Primary)
	if err != nil {
		t.Fatal(err)
	}
	if i.Name != want {
		t.Errorf("the primary is %s, want %s", i.Name, want)
	}
}

func TestAccSetBuiltBySomebodyElseImportsWithoutChanges(t *testing.T) {
	cloud := acctest.NewCloud(t)
	names := map[string]string{"products-0": topology.TypeMember, "products-1": topology.TypeMember, "products-arbiter": topology.TypeArbiter}
	made := map[string]string{}
	for _, name := range []string{"products-0", "products-1", "products-arbiter"} {
		made[name] = cloud.CreateBehindOurBack(t, trove.CreateRequest{
			Name: name, FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "mongodb", Version: "mongodb-7.0"},
			Topology: &topology.Topology{MongoDB: &topology.MongoDB{Type: names[name], ReplSet: "products"}},
		})
	}
	cli := acctest.NewCLI(t, cloud.Config(members(2, "")+strings.Replace(arbiter, "size = 1", "size = 2", 1)))
	for address, name := range map[string]string{
		"trove_mongodb_member.member[0]": "products-0", "trove_mongodb_member.member[1]": "products-1", "trove_mongodb_member.arbiter": "products-arbiter",
	} {
		cli.MustRun("import", address, made[name])
	}
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccTwoAppliesRaceForOneSet(t *testing.T) {
	cloud := acctest.NewCloud(t)
	other := strings.NewReplacer("products-", "more-", `"member"`, `"more"`).Replace(members(2, ""))
	first, second := acctest.NewCLI(t, cloud.Config(members(2, ""))), acctest.NewCLI(t, cloud.Config(other))
	results := make(chan error, 2)
	for _, cli := range []*acctest.CLI{first, second} {
		go func() {
			out, err := cli.Run("apply", "-auto-approve")
			if err != nil {
				err = fmt.Errorf("%w\n%s", err, out)
			}
			results <- err
		}()
	}
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if ever, alive := cloud.Made(); ever != 4 || alive != 4 {
		t.Errorf("%d instances were made and %d are there, want 4 and 4", ever, alive)
	}
	first.MustRun("destroy", "-auto-approve")
	second.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccReleasedTroveIsRefusedAtPlanTime(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(members(1, "")), PlanOnly: true,
		ExpectError: regexp.MustCompile(`(?s)no\s+topology\s+API.*What\s+works\s+on\s+released\s+Trove`),
	})
}

func TestAccServerThatDoesNotShowSettings(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.Bare = true })
	config := func(lines string) string { return cloud.Config(members(3, lines)) }
	cloud.Test(t,
		resource.TestStep{Config: config("priority = 2")},
		resource.TestStep{Config: config("priority = 3 + count.index")},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
}
