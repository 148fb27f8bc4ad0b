package redis_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

func TestAccShardLeavesReplicaFirstWhicheverTerraformComesTo(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(masters(3, "")+replicas(3, "")))
	cli.MustRun("apply", "-auto-approve")
	// Without dependencies in the state, Terraform comes to masters and replicas at the same time.
	forgetDependencies(t, cli)
	cli.Configure(cloud.Config(masters(1, "") + replicas(1, "")))
	cli.MustRun("apply", "-auto-approve")
	if err := cloud.ExpectAccepted(map[string]int{remove: 4, destroy: 4}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// forgetDependencies takes out of the state what depends on what.
func forgetDependencies(t *testing.T, cli *acctest.CLI) {
	t.Helper()
	cli.EditState(func(state string) string {
		return regexp.MustCompile(`(?s),\s*"dependencies": \[[^\]]*\]`).ReplaceAllString(state, "")
	})
}

func TestAccMasterWhoseReplicaStaysIsNotRemoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(masters(3, "")+replicas(1, "")))
	cli.MustRun("apply", "-auto-approve")
	forgetDependencies(t, cli)
	named := regexp.MustCompile(`[0-9a-f-]{36}`).FindString(cli.MustRun("state", "show", "trove_redis_cluster_node.master[0]"))
	staying := strings.Replace(replicas(1, ""), "trove_redis_cluster_node.master[count.index].id", fmt.Sprintf("%q", named), 1)
	lone := strings.NewReplacer("count        = 3", "for_each     = toset([\"1\", \"2\"])", "${count.index}", "${each.key}").Replace(masters(3, ""))
	cli.Configure(cloud.Config("moved {\n  from = trove_redis_cluster_node.master[1]\n  to   = trove_redis_cluster_node.master[\"1\"]\n}\nmoved {\n  from = trove_redis_cluster_node.master[2]\n  to   = trove_redis_cluster_node.master[\"2\"]\n}\n" + lone + staying))
	out, err := cli.Run("apply", "-auto-approve")
	if err == nil {
		t.Fatalf("it was removed:\n%s", out)
	}
	for _, want := range []string{"these instances replicate from it: carts-0-replica", "First make one of them the master", "was not deleted"} {
		if !strings.Contains(out, want) {
			t.Errorf("the error does not say %q:\n%s", want, out)
		}
	}
	// As it says: the replica takes over, and then the old master goes as a replica does.
	takeOver(t, cloud, "carts-0-replica")
	out = cli.MustRun("apply", "-auto-approve")
	if !strings.Contains(out, "0 added, 0 changed, 1 destroyed") {
		t.Errorf("more than that has changed:\n%s", out)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccServerThatDoesNotOfferRemoveNode(t *testing.T) {
	bare := acctest.NewCloud(t, func(o *sandbox.Options) { o.Bare = true })
	notFound := acctest.NewCloud(t)
	notFound.Inject(t, faults.Rule{Do: faults.Status, Status: 404, Message: "The resource could not be found.", Kind: "POST /instances/{id}/topology/action*", Times: faults.Always})
	for name, cloud := range map[string]*acctest.Cloud{"400": bare, "404": notFound} {
		t.Run(name, func(t *testing.T) { refusesToRemove(t, cloud) })
	}
}

func refusesToRemove(t *testing.T, cloud *acctest.Cloud) {
	t.Helper()
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(masters(3, "") + replicas(3, ""))},
		resource.TestStep{
			Config:      cloud.Config(masters(2, "") + replicas(2, "")),
			ExpectError: regexp.MustCompile(`(?s)does\s+not\s+offer\s+redis_cluster\.remove_node.*was\s+not\s+deleted.*force_destroy\s+=\s+true`),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := cloud.ExpectRequests(map[string]int{destroy: 0}); err != nil {
					t.Error(err)
				}
			},
			Config: cloud.Config(masters(3, "force_destroy = true") + replicas(3, "force_destroy = true")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_redis_cluster_node.replica[2]", plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{
			Config: cloud.Config(masters(2, "force_destroy = true") + replicas(2, "force_destroy = true")),
			Check:  func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{destroy: 2}) },
		},
	)
}

func TestAccRemovalThatFailsIsResumed(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(masters(3, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 409, Message: "Not now.", Kind: destroy})
			},
			Config:      cloud.Config(masters(2, "")),
			ExpectError: regexp.MustCompile(`Not\s+now`),
		},
		resource.TestStep{PreConfig: cloud.Faults().Clear, Config: cloud.Config(masters(2, ""))},
	)
	if err := cloud.ExpectRequests(map[string]int{remove: 1}); err != nil {
		t.Errorf("it left twice: %v", err)
	}
}

func TestAccFailedReplicaGoesWithItsMaster(t *testing.T) {
	t.Parallel()
	// Each deletion takes longer than a refused removal is tried again.
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = 4 * time.Second })
	cli := acctest.NewCLI(t, cloud.Config(masters(3, "")+replicas(3, "")))
	cli.MustRun("apply", "-auto-approve")
	cloud.BreakBehindOurBack(t, "carts-2-replica")
	forgetDependencies(t, cli)
	cli.Configure(cloud.Config(masters(2, "") + replicas(2, "")))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "A member was deleted without being removed") {
		t.Errorf("nothing is said of the failed one:\n%s", out)
	}
	if err := cloud.ExpectRequests(map[string]int{remove: 1, destroy: 2}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccHandingBackWhoseAnswerIsLostIsSentOnce(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(masters(2, "") + replicas(2, ""))},
		resource.TestStep{
			PreConfig: func() {
				takeOver(t, cloud, "carts-1-replica")
				cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: failover})
			},
			Config: cloud.Config(masters(2, "") + replicas(1, "")),
			Check: func(*terraform.State) error {
				return cloud.ExpectRequests(map[string]int{remove: 1, failover: 2, destroy: 1})
			},
		},
	)
}

func TestAccShardThatHasChangedRolesLeavesWithoutDependencies(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(masters(3, "")+replicas(3, "")))
	cli.MustRun("apply", "-auto-approve")
	takeOver(t, cloud, "carts-2-replica")
	forgetDependencies(t, cli)
	cli.Configure(cloud.Config(masters(2, "") + replicas(2, "")))
	cli.MustRun("apply", "-auto-approve")
	if err := cloud.ExpectAccepted(map[string]int{remove: 2, destroy: 2}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccShardAndClusterAreDestroyedAfterAFailover(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(masters(2, "") + replicas(2, ""))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { takeOver(t, cloud, "carts-1-replica") },
			Config:    cloud.Config(masters(1, "") + replicas(1, "")),
			Check:     func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{remove: 2, failover: 2}) },
		},
		resource.TestStep{PreConfig: func() { takeOver(t, cloud, "carts-0-replica") }, Config: cloud.Config(masters(1, "") + replicas(1, ""))},
	)
	if err := cloud.ExpectRequests(map[string]int{remove: 2, failover: 4}); err != nil {
		t.Error(err)
	}
}
