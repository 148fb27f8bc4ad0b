package cassandra_test

import (
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

// A node that was drained and could not leave is neither lost nor deleted, and the next destroy leads it to its end.
func TestAccLeaveThatFailsHalfWayIsResumed(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(3, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Message: "The ring is moving.", Kind: remove})
			},
			Config:      cloud.Config(nodes(2, "")),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+remove\s+Cassandra\s+node\s+products-2.*The\s+ring\s+is\s+moving.*The\s+instance\s+was\s+not\s+deleted`),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := cloud.ExpectRequests(map[string]int{drain: 1, remove: 1, deletion: 0}); err != nil {
					t.Error(err)
				}
			},
			Config: cloud.Config(nodes(3, "")), PlanOnly: true, // it is still there, in its cluster
		},
		resource.TestStep{Config: cloud.Config(nodes(2, ""))},
	)
	want := []step{
		{"drain_node", "products-2"}, {"remove_node", "products-2"}, // in vain
		{"drain_node", "products-2"}, {"remove_node", "products-2"}, {"delete", "products-2"},
	}
	if diff := cmp.Diff(want, leaves(t, cloud)[:len(want)], cmp.AllowUnexported(step{})); diff != "" {
		t.Errorf("it left otherwise (-want +got):\n%s", diff)
	}
}

// Whoever interrupts a destroy while the node is drained, or leaves, finds it in the state, and the next destroy goes on.
func TestAccInterruptedLeaveGoesOn(t *testing.T) {
	t.Parallel()
	for _, during := range []string{drain, remove} {
		t.Run(during, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = 2 * time.Second })
			cli := acctest.NewCLI(t, cloud.Config(nodes(3, "")))
			cli.MustRun("apply", "-auto-approve")
			cli.Configure(cloud.Config(nodes(2, "")))
			apply := cli.Command(t.Context(), "apply", "-auto-approve", "-no-color")
			var out strings.Builder
			apply.Stdout, apply.Stderr = &out, &out
			if err := apply.Start(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(30 * time.Second); cloud.Ledger().Count(during) == 0; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%s was never sent:\n%s", during, out.String())
				}
			}
			if err := apply.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if err := apply.Wait(); err == nil {
				t.Fatalf("an interrupted apply says that all is well:\n%s", out.String())
			}
			if err := cloud.ExpectRequests(map[string]int{deletion: 0}); err != nil {
				t.Errorf("%v\n%s", err, out.String())
			}
			cli.MustRun("apply", "-auto-approve")
			if err := cloud.ExpectRequests(map[string]int{remove: 1, deletion: 1}); err != nil {
				t.Error(err)
			}
			cli.MustRun("destroy", "-auto-approve")
		})
	}
}

// Where the server does not say whether it took the node out, the error says what it did say.
func TestAccLeaveThatTheServerFailsAtSaysWhy(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(nodes(3, "")))
	cli.MustRun("apply", "-auto-approve")
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 500, Message: "The ring is moving.", Kind: remove, Times: faults.Always})
	cli.Configure(cloud.Config(nodes(2, "")))
	out, err := cli.Run("apply", "-auto-approve")
	if err == nil || !strings.Contains(out, "the topology still lists the member") || !strings.Contains(out, "The ring is moving.") {
		t.Errorf("%v:\n%s", err, out)
	}
	cloud.Faults().Clear()
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccLostAnswersOfALeaveAreNoTrouble(t *testing.T) {
	for _, kind := range []string{drain, remove} {
		t.Run(kind, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(nodes(3, ""))},
				resource.TestStep{
					PreConfig: func() { cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: kind}) },
					Config:    cloud.Config(nodes(2, "")),
					Check: func(*terraform.State) error {
						return cloud.ExpectRequests(map[string]int{remove: 1, deletion: 1})
					},
				},
			)
		})
	}
}

func TestAccNodeInErrorIsDeletedWithoutLeaving(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(nodes(3, "")))
	cli.MustRun("apply", "-auto-approve")
	cloud.BreakBehindOurBack(t, "products-2")
	cli.Configure(cloud.Config(nodes(2, "")))
	out := cli.MustRun("apply", "-auto-approve")
	if !strings.Contains(out, "A member was deleted without being removed") || !strings.Contains(out, "cassandra/products") {
		t.Errorf("no warning:\n%s", out)
	}
	if err := cloud.ExpectRequests(map[string]int{drain: 0, remove: 0, deletion: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccNodeWhoseBuildFailsIsReplaced(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.InstanceError, Instance: "products-2", Message: "No valid host was found."})
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(3, "")), ExpectError: regexp.MustCompile(`No\s+valid\s+host\s+was\s+found`)},
		resource.TestStep{Config: cloud.Config(nodes(3, ""))},
	)
	if ever, alive := cloud.Made(); ever != 4 || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want 4 and 0", ever, alive)
	}
}

// A node that somebody else took out of the ring is replaced by one that joins.
func TestAccNodeThatWasRemovedBehindOurBackIsReplaced(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(nodes(3, "")))
	cli.MustRun("apply", "-auto-approve")
	cloud.ActBehindOurBack(t, "products-2", func(id string) topology.Action { return topology.RemoveNode{ID: id} })
	out := cli.MustRun("apply", "-auto-approve")
	if !strings.Contains(out, "was removed from cluster products outside of Terraform") {
		t.Errorf("nothing says what happened:\n%s", out)
	}
	if strings.Contains(out, "Replacing a Cassandra node moves its data") {
		t.Errorf("its data has moved already:\n%s", out)
	}
	if err := cloud.ExpectRequests(map[string]int{create: 4, drain: 0, remove: 1, deletion: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccNodeThatIsGoneIsMadeAnew(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(3, ""))},
		resource.TestStep{
			PreConfig: func() { cloud.DeleteBehindOurBack(t, "products-2") },
			Config:    cloud.Config(nodes(3, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_cassandra_node.products[2]", plancheck.ResourceActionCreate),
				plancheck.ExpectResourceAction("trove_cassandra_node.products[0]", plancheck.ResourceActionNoop),
			}},
		},
	)
}

func TestAccJoinThatDoesNotFit(t *testing.T) {
	t.Run("nothing to join", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t, resource.TestStep{
			Config:      cloud.Config(nodes(1, "join = true")),
			ExpectError: regexp.MustCompile(`(?i)there\s+is\s+no\s+active\s+cassandra/products\s+in\s+this\s+project\s+to\s+join`),
		})
		if ever, _ := cloud.Made(); ever != 0 {
			t.Errorf("%d instances were made", ever)
		}
	})
	t.Run("it exists already", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		second := strings.NewReplacer(`"trove_cassandra_node" "products"`, `"trove_cassandra_node" "second"`, "products-$", "second-$").Replace(nodes(1, "join = false"))
		cloud.Test(t,
			resource.TestStep{Config: cloud.Config(nodes(1, ""))},
			resource.TestStep{
				Config:      cloud.Config(nodes(1, "") + second),
				ExpectError: regexp.MustCompile(`(?i)join\s+is\s+false,\s+and\s+cassandra/products\s+exists\s+already`),
			},
			resource.TestStep{Config: cloud.Config(nodes(1, "")), PlanOnly: true},
		)
	})
}

// Where nobody is a seed somebody has to be the first all the same, and hears about it.
func TestAccClusterWithoutSeedsIsBuiltWithAWarning(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(strings.Replace(nodes(3, ""), "count.index < 2", "false", 1)))
	out := cli.MustRun("apply", "-auto-approve")
	for _, want := range []string{"the first node, which creates cluster products, is no seed", "Cluster products has no seed"} {
		if !strings.Contains(strings.ToLower(out), strings.ToLower(want)) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
	bootstraps := 0
	for _, block := range blocks(t, cloud, 200) {
		if !block.Joins() {
			bootstraps++
		}
	}
	if bootstraps != 1 {
		t.Errorf("%d nodes bootstrapped a ring", bootstraps)
	}
	cli.MustRun("destroy", "-auto-approve")
}

// Two projects may have clusters of one name, which have nothing to do with each other.
func TestAccClustersOfOneNameInTwoProjects(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	theirs := strings.NewReplacer(`provider "trove" {`, `provider "trove" {`+"\n  alias = \"theirs\"", `"demo"`, `"other"`).Replace(cloud.Config(""))
	second := strings.ReplaceAll(nodes(3, "provider = trove.theirs"), `"trove_cassandra_node" "products"`, `"trove_cassandra_node" "theirs"`)
	cli := acctest.NewCLI(t, cloud.Config(nodes(3, "")+theirs+second))
	cli.MustRun("apply", "-auto-approve")
	bootstraps := 0
	for _, r := range cloud.Ledger().Requests() {
		if r.Kind == create && !strings.Contains(string(r.Body), `"join":true`) && !strings.Contains(string(r.Body), `"join": true`) {
			bootstraps++
		}
	}
	if bootstraps != 2 {
		t.Errorf("%d nodes bootstrapped a ring, want one in each project", bootstraps)
	}
	// One cluster shrinks; the other one stays as it is.
	cli.Configure(cloud.Config(nodes(2, "") + theirs + second))
	cli.MustRun("apply", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{drain: 1, remove: 1, deletion: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{drain: 1, remove: 1, deletion: 6}); err != nil {
		t.Error(err)
	}
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}
