package redis_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const (
	remove   = "POST /instances/{id}/topology/action redis_cluster.remove_node"
	failover = "POST /instances/{id}/topology/action redis_cluster.failover"
)

// masters are so many masters of a cluster with these further lines.
func masters(count int, lines string) string {
	return fmt.Sprintf(`
resource "trove_redis_cluster_node" "master" {
  count        = %d
  name         = "carts-${count.index}"
  flavor_id    = "1"
  volume       = { size = 2 }
  datastore    = { version = "redis-7.2" }
  cluster_name = "carts"
  %s
}
`, count, lines)
}

// replicas are one replica for each of the first masters, with these further lines.
func replicas(count int, lines string) string {
	return fmt.Sprintf(`
resource "trove_redis_cluster_node" "replica" {
  count        = %d
  name         = "carts-${count.index}-replica"
  flavor_id    = "1"
  volume       = { size = 2 }
  datastore    = { version = "redis-7.2" }
  cluster_name = "carts"
  replica_of   = trove_redis_cluster_node.master[count.index].id
  %s
}
`, count, lines)
}

func TestAccClusterIsBuiltAndDestroyedAsAWhole(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(masters(3, "cluster_timeout = 5000") + replicas(3, ""))
	cloud.Test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("trove_redis_cluster_node.master[0]", tfjsonpath.New("role"), knownvalue.StringExact("master")),
				statecheck.ExpectKnownValue("trove_redis_cluster_node.master[0]", tfjsonpath.New("master_id"), knownvalue.Null()),
				statecheck.ExpectKnownValue("trove_redis_cluster_node.replica[0]", tfjsonpath.New("role"), knownvalue.StringExact("replica")),
				statecheck.ExpectKnownValue("trove_redis_cluster_node.replica[0]", tfjsonpath.New("cluster_timeout"), knownvalue.Int64Exact(5000)), // inherited
			},
		},
	)
	bootstraps := 0
	for _, request := range cloud.Ledger().Requests() {
		if request.Kind == create && request.Status == 200 && regexp.MustCompile(`"join":\s*false`).Match(request.Body) {
			bootstraps++
		}
	}
	if bootstraps != 1 {
		t.Errorf("%d nodes bootstrapped the cluster, want 1", bootstraps)
	}
	// Terraform plans and destroys replicas before the masters that they refer to; the plan tells that those go as well.
	if err := cloud.ExpectRequests(map[string]int{remove: 0, failover: 0}); err != nil {
		t.Error(err)
	}
}

func TestAccMastersOfAClusterAreDestroyedWithoutLeaving(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(masters(12, "")))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{create: 12, remove: 0, destroy: 12}); err != nil {
		t.Error(err)
	}
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccClusterGrowsAndShrinks(t *testing.T) {
	cloud := acctest.NewCloud(t)
	step := func(m, r, removals int) resource.TestStep {
		return resource.TestStep{
			Config: cloud.Config(masters(m, "") + replicas(r, "")),
			Check: func(*terraform.State) error {
				if _, alive := cloud.Made(); alive != m+r {
					return fmt.Errorf("%d nodes are there, want %d", alive, m+r)
				}
				return cloud.ExpectRequests(map[string]int{remove: removals})
			},
		}
	}
	cloud.Test(t,
		step(3, 0, 0),
		step(4, 0, 0),
		step(4, 4, 0),
		step(4, 3, 1), // by a replica
		step(3, 3, 2), // by a master
		step(2, 2, 4), // by a shard
		resource.TestStep{Config: cloud.Config(masters(2, "") + replicas(2, "")), PlanOnly: true},
		resource.TestStep{Config: cloud.Config("")},
		step(3, 0, 4), // all went as one, and are built again
	)
	if err := cloud.ExpectRequests(map[string]int{remove: 4}); err != nil {
		t.Error(err)
	}
}

func TestAccFailoverChangesNothingInThePlan(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(masters(2, "") + replicas(2, ""))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: func() { takeOver(t, cloud, "carts-1-replica") }, Config: config, PlanOnly: true},
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("trove_redis_cluster_node.master[1]", tfjsonpath.New("role"), knownvalue.StringExact("replica")),
				statecheck.ExpectKnownValue("trove_redis_cluster_node.replica[1]", tfjsonpath.New("role"), knownvalue.StringExact("master")),
				statecheck.ExpectKnownValue("trove_redis_cluster_node.replica[1]", tfjsonpath.New("master_id"), knownvalue.Null()),
			},
		},
		// One more replica of the shard, by the id of the node that is no master any more.
		resource.TestStep{
			Config: config + strings.NewReplacer(`"replica"`, `"second"`, "-replica", "-second").Replace(replicas(2, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_redis_cluster_node.master[1]", plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction("trove_redis_cluster_node.replica[1]", plancheck.ResourceActionNoop),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("trove_redis_cluster_node.second[1]", tfjsonpath.New("role"), knownvalue.StringExact("replica")),
			},
		},
		// The declared replica is the master of the node that stays, and hands the role back before it leaves.
		resource.TestStep{
			Config: cloud.Config(masters(2, "") + replicas(1, "")),
			Check:  func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{remove: 3, failover: 2}) },
		},
	)
}

// takeOver makes somebody else let a replica take over from its master.
func takeOver(t *testing.T, cloud *acctest.Cloud, replica string) {
	t.Helper()
	cloud.ActBehindOurBack(t, replica, func(id string) topology.Action { return topology.Failover{ID: id} })
}

func TestAccTwoClustersOfOneNameInTwoProjects(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	other := acctest.NewAccount(t, acctest.Account{IdentityURL: cloud.AuthURL(), Username: "other", Password: "other", Project: "other", RequestTimeout: "5s"})
	here, there := acctest.NewCLI(t, cloud.Config(masters(2, ""))), acctest.NewCLI(t, other.Config(masters(2, "cluster_timeout = 5000")))
	here.MustRun("apply", "-auto-approve")
	there.MustRun("apply", "-auto-approve")
	here.MustRun("destroy", "-auto-approve")
	there.MustRun("plan", "-detailed-exitcode")
	there.MustRun("destroy", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{create: 4, remove: 0}); err != nil {
		t.Error(err)
	}
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// pairOf are two nodes, a and b, each with the name of the one that it is to be a replica of, "" for a master.
func pairOf(first, second string) string {
	one := func(name, replicaOf string) string {
		if replicaOf != "" {
			replicaOf = "replica_of = trove_redis_cluster_node." + replicaOf + ".id"
		}
		return fmt.Sprintf(`
resource "trove_redis_cluster_node" %[1]q {
  name         = "carts-%[1]s"
  flavor_id    = "1"
  volume       = { size = 2 }
  datastore    = { version = "redis-7.2" }
  cluster_name = "carts"
  %[2]s
}
`, name, replicaOf)
	}
	return one("a", first) + one("b", second)
}

func TestAccMasterThatIsLostAfterAFailoverIsRebuiltAsAReplica(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(pairOf("", "a")))
	cli.MustRun("apply", "-auto-approve")
	takeOver(t, cloud, "carts-b")
	cloud.DeleteBehindOurBack(t, "carts-a")
	// What the configuration says now would build the shard anew, and the plan warns of that and tells what to write.
	out := cli.MustRun("plan")
	for _, want := range []string{"A master of a Redis Cluster will be replaced", "carts-b", "omit replica_of", "trove_redis_cluster_node.b must be replaced"} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q:\n%s", want, out)
		}
	}
	cli.Configure(cloud.Config(pairOf("b", "")))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "1 added, 1 changed, 0 destroyed") {
		t.Errorf("the master that is left was not kept:\n%s", out)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{create: 3}); err != nil {
		t.Error(err)
	}
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccConfigurationFollowsAFailover(t *testing.T) {
	cloud := acctest.NewCloud(t)
	pair := func(first, second string) string { return cloud.Config(pairOf(first, second)) }
	cloud.Test(t,
		resource.TestStep{Config: pair("", "a")},
		resource.TestStep{ResourceName: "trove_redis_cluster_node.a", ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: "trove_redis_cluster_node.b", ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			PreConfig: func() { takeOver(t, cloud, "carts-b") },
			Config:    pair("b", ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_redis_cluster_node.a", plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("trove_redis_cluster_node.b", plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{
			// A replica becomes a master of its own only as a new node.
			Config: pair("", ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_redis_cluster_node.a", plancheck.ResourceActionReplace),
				plancheck.ExpectResourceAction("trove_redis_cluster_node.b", plancheck.ResourceActionNoop),
			}},
		},
	)
}

func TestAccClusterNodeThatCannotBe(t *testing.T) {
	tests := map[string]struct{ lines, want string }{
		"a replica that is not to join": {"join = false\nreplica_of = \"33333333-3333-4333-8333-333333333333\"", `(?si)join\s+is\s+false,\s+but\s+replica_of\s+names`},
		"Redis 2":                       {"@redis-2.8.6", `(?s)datastore.*Redis\s+Cluster\s+needs\s+Redis\s+3\.0\s+or\s+later,\s+not\s+redis-2\.8\.6`},
		"no time at all":                {"cluster_timeout = 0", `cluster_timeout\s+is\s+0:\s+it\s+must\s+be\s+1\s+ms\s+or\s+more`},
		"a master that does not exist":  {"replica_of = \"33333333-3333-4333-8333-333333333333\"", `(?s)replica_of\s+is\s+33333333-3333-4333-8333-333333333333,\s+but\s+there\s+is\s+no\s+such\s+instance`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			config := masters(1, tt.lines)
			if version, ok := strings.CutPrefix(tt.lines, "@"); ok {
				config = strings.Replace(masters(1, ""), "redis-7.2", version, 1)
			}
			cloud.Test(t, resource.TestStep{Config: cloud.Config(config), PlanOnly: true, ExpectError: regexp.MustCompile(tt.want)})
			if err := cloud.ExpectRequests(map[string]int{create: 0}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccReplicaIsCheckedAgainstItsMasterAtPlanTime(t *testing.T) {
	tests := map[string]struct{ config, want string }{
		"another timeout":    {replicas(1, "cluster_timeout = 7000"), `(?s)cluster_timeout\s+is\s+7000,\s+but\s+cluster\s+carts\s+has\s+5000`},
		"another cluster":    {strings.Replace(replicas(1, ""), `"carts"`, `"orders"`, 1), `(?s)cluster_name\s+is\s+"orders",\s+but\s+replica_of\s+names\s+carts-0.*which\s+is\s+in\s+cluster\s+carts`},
		"no node of its own": {strings.Replace(replicas(1, ""), "master[count.index]", "master[0]", 1) + link("alone", "", "replica_of = trove_redis_cluster_node.master[0].id"), `(?s)Not\s+a\s+Redis\s+node\s+to\s+replicate\s+from`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(masters(1, "cluster_timeout = 5000"))},
				resource.TestStep{Config: cloud.Config(masters(1, "cluster_timeout = 5000") + tt.config), ExpectError: regexp.MustCompile(tt.want)},
			)
			if ever, _ := cloud.Made(); ever != 1 {
				t.Errorf("%d nodes were made, want the master alone", ever)
			}
		})
	}
}

func TestAccMasterThatJoinsWithAnotherTimeoutIsRefused(t *testing.T) {
	two := masters(2, "cluster_timeout = 5000 + 1000 * count.index")
	for name, tt := range map[string]struct{ before, config, want string }{
		"of a plan":                {"", two, `cluster_timeout\s+is\s+[56]000\s+for\s+node\s+carts-[01],\s+but\s+[56]000\s+for\s+node`},
		"than that of the cluster": {masters(1, "cluster_timeout = 5000"), two, `cluster_timeout\s+is\s+[56]000\s+for\s+node\s+carts-[01],\s+but\s+[56]000\s+for\s+node`},
		"where it is known later": {
			masters(1, "cluster_timeout = 5000"),
			"resource \"terraform_data\" \"late\" { input = 6000 }\n" + masters(2, "cluster_timeout = count.index == 0 ? 5000 : terraform_data.late.output"),
			`cluster_timeout\s+is\s+[56]000\s+for\s+node\s+carts-[01],\s+but\s+[56]000\s+for\s+node`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			var steps []resource.TestStep
			if tt.before != "" {
				steps = append(steps, resource.TestStep{Config: cloud.Config(tt.before)})
			}
			cloud.Test(t, append(steps, resource.TestStep{Config: cloud.Config(tt.config), ExpectError: regexp.MustCompile(tt.want)})...)
		})
	}
}

func TestAccNodeRemovedBehindOurBackIsReplaced(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(masters(3, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.ActBehindOurBack(t, "carts-2", func(id string) topology.Action { return topology.RemoveClusterNode{ID: id} })
			},
			Config: cloud.Config(masters(3, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_redis_cluster_node.master[2]", plancheck.ResourceActionReplace),
			}},
		},
	)
}

func TestAccReleasedTroveServesNoRedisCluster(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(masters(1, "")), PlanOnly: true,
		ExpectError: regexp.MustCompile(`(?s)no\s+topology\s+API.*trove_redis_cluster_node\s+requires`),
	})
}

func TestAccFounderThatFailsIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.InstanceError, Message: "No valid host was found."}) // the first one that is made
	cli := acctest.NewCLI(t, cloud.Config(masters(3, "")))
	out, err := cli.Run("apply", "-auto-approve")
	if err == nil || !strings.Contains(out, "No valid host was found") || strings.Contains(out, "invalid result object") {
		t.Errorf("got %v, want the server's fault text and nothing else:\n%s", err, out)
	}
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	if ever, alive := cloud.Made(); ever != 4 || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want 4 and 0", ever, alive)
	}
}

func TestAccClusterNodeTakesTheServersDefaultVersionOfRedis(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(strings.Replace(masters(1, ""), `datastore    = { version = "redis-7.2" }`, "", 1)),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("trove_redis_cluster_node.master[0]", tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("redis-7.2")),
		},
	})
}
