package couchbase_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const (
	create    = "POST /instances"
	rebalance = "POST /instances/{id}/topology/action couchbase.rebalance"
	deletion  = "DELETE /instances/{id}"
)

// nodes are so many nodes of the cluster products with these further lines.
func nodes(count int, lines string) string {
	return fmt.Sprintf(`
resource "trove_couchbase_node" "node" {
  count        = %d
  name         = "products-${count.index}"
  flavor_id    = "1"
  volume       = { size = 2 }
  datastore    = { version = "couchbase-7.2" }
  cluster_name = "products"
  %s
}
`, count, lines)
}

func TestAccClusterIsBuiltGrownShrunkAndDestroyed(t *testing.T) {
	cloud := acctest.NewCloud(t)
	expect := func(want map[string]int) resource.TestCheckFunc {
		return func(*terraform.State) error { return cloud.ExpectRequests(want) }
	}
	cloud.Test(t,
		resource.TestStep{
			Config: cloud.Config(nodes(3, "")),
			Check:  expect(map[string]int{create: 3, rebalance: 0}), // one bootstraps, and no creation is refused
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("trove_couchbase_node.node[2]", tfjsonpath.New("cluster_name"), knownvalue.StringExact("products")),
				statecheck.ExpectKnownValue("trove_couchbase_node.node[2]", tfjsonpath.New("join"), knownvalue.Null()),
				statecheck.ExpectKnownValue("trove_couchbase_node.node[2]", tfjsonpath.New("datastore").AtMapKey("type"), knownvalue.StringExact("couchbase")),
			},
		},
		resource.TestStep{
			Config: cloud.Config(nodes(4, "")),
			Check: func(s *terraform.State) error {
				view := cloud.Topology(t, acctest.ID(s, "trove_couchbase_node.node.0"))
				if len(view.Members) != 4 {
					return fmt.Errorf("the cluster has %d nodes, want 4", len(view.Members))
				}
				return nil
			},
		},
		resource.TestStep{Config: cloud.Config(nodes(2, "")), Check: expect(map[string]int{rebalance: 2, deletion: 2})},
	)
	if err := cloud.ExpectRequests(map[string]int{rebalance: 2, deletion: 4}); err != nil {
		t.Errorf("the cluster was destroyed as a whole: %v", err)
	}
}

func TestAccClusterIsRebuiltUnderItsName(t *testing.T) {
	cloud := acctest.NewCloud(t)
	sized := func(zone string) string { return cloud.Config(nodes(3, fmt.Sprintf("availability_zone = %q", zone))) }
	cloud.Test(t,
		resource.TestStep{Config: sized("nova")},
		resource.TestStep{
			Config: sized("az2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_couchbase_node.node[0]", plancheck.ResourceActionReplace),
			}},
			Check: func(s *terraform.State) error {
				view := cloud.Topology(t, acctest.ID(s, "trove_couchbase_node.node.0"))
				if len(view.Members) != 3 {
					return fmt.Errorf("the cluster has %d nodes, want 3", len(view.Members))
				}
				return nil
			},
		},
	)
}

func TestAccNodesOfAnotherClusterNameAreReplaced(t *testing.T) {
	cloud := acctest.NewCloud(t)
	named := func(name string) string {
		return cloud.Config(regexp.MustCompile(`"products"`).ReplaceAllString(nodes(2, ""), fmt.Sprintf("%q", name)))
	}
	cloud.Test(t,
		resource.TestStep{Config: named("products")},
		resource.TestStep{
			Config: named("orders"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_couchbase_node.node[1]", plancheck.ResourceActionReplace),
			}},
		},
	)
}

func TestAccJoinAsItIsWritten(t *testing.T) {
	t.Run("nothing to join", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t, resource.TestStep{
			Config:      cloud.Config(nodes(1, "join = true")),
			ExpectError: regexp.MustCompile(`(?i)there\s+is\s+no\s+active\s+couchbase/products\s+in\s+this\s+project`),
		})
	})
	t.Run("it exists already", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		second := `
resource "trove_couchbase_node" "second" {
  name         = "second"
  flavor_id    = "1"
  volume       = { size = 2 }
  cluster_name = "products" # without datastore, it is the server's default version of Couchbase
  join         = false
}
`
		cloud.Test(t,
			resource.TestStep{Config: cloud.Config(nodes(1, ""))},
			resource.TestStep{
				Config:      cloud.Config(nodes(1, "") + second),
				ExpectError: regexp.MustCompile(`(?i)join\s+is\s+false,\s+and\s+couchbase/products\s+exists\s+already`),
			},
			resource.TestStep{Config: cloud.Config(nodes(1, "")), PlanOnly: true},
		)
	})
	t.Run("changed later it means nothing", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t,
			resource.TestStep{Config: cloud.Config(nodes(1, "join = false"))},
			resource.TestStep{
				Config: cloud.Config(nodes(1, "join = true")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("trove_couchbase_node.node[0]", plancheck.ResourceActionUpdate),
				}},
			},
		)
		if ever, _ := cloud.Made(); ever != 1 {
			t.Errorf("%d instances were made, want 1", ever)
		}
	})
}

func TestAccNodeThatCannotBe(t *testing.T) {
	for name, tt := range map[string]struct{ lines, want string }{
		"another datastore": {`datastore = { type = "mysql", version = "mysql-5.7" }`, `namespace\s+couchbase\s+goes\s+with\s+datastore\s+type\s+couchbase`},
		"no cluster":        {`cluster_name = ""`, `cluster_name`},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			config := regexp.MustCompile(`(?m)^  (datastore|cluster_name) .*\n`).ReplaceAllStringFunc(nodes(1, ""), func(line string) string {
				if regexp.MustCompile(`^\S+`).FindString(tt.lines) == regexp.MustCompile(`\w+`).FindString(line) {
					return "  " + tt.lines + "\n"
				}
				return line
			})
			cloud.Test(t, resource.TestStep{Config: cloud.Config(config), PlanOnly: true, ExpectError: regexp.MustCompile(tt.want)})
		})
	}
}

func TestAccReleasedTroveIsRefusedAtPlanTime(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(nodes(1, "")), PlanOnly: true,
		ExpectError: regexp.MustCompile(`(?s)no\s+topology\s+API.*trove_couchbase_node`),
	})
}

func TestAccClustersOfOneNameInTwoProjects(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(nodes(2, "")+regexp.MustCompile(`"node" \{`).ReplaceAllString(nodes(2, ""), "\"other\" {\n  provider = trove.other")) + fmt.Sprintf(`
provider "trove" {
  alias               = "other"
  auth_url            = %q
  username            = "other"
  password            = "other"
  project_name        = "other"
  user_domain_name    = "Default"
  project_domain_name = "Default"
  region              = %q
}
`, cloud.AuthURL(), acctest.Region)
	cli := acctest.NewCLI(t, config)
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	if err := cloud.ExpectRequests(map[string]int{create: 4}); err != nil {
		t.Errorf("each cluster has a first member and one that joins: %v", err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := errors.Join(cloud.ExpectRequests(map[string]int{rebalance: 0, deletion: 4}), cloud.NothingAlive()); err != nil {
		t.Error(err)
	}
}

func TestAccClusterBuiltBySomebodyElseImportsWithoutChanges(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(nodes(2, "")))
	for n := range 2 {
		id := cloud.CreateBehindOurBack(t, trove.CreateRequest{
			Name: fmt.Sprintf("products-%d", n), FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "couchbase", Version: "couchbase-7.2"},
			Topology: &topology.Topology{Couchbase: &topology.Couchbase{ClusterName: "products", Join: new(n > 0)}},
		})
		cli.MustRun("import", fmt.Sprintf("trove_couchbase_node.node[%d]", n), id)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	if err := errors.Join(cloud.ExpectRequests(map[string]int{rebalance: 0, deletion: 2}), cloud.NothingAlive()); err != nil {
		t.Error(err)
	}
}

func TestListOfNodes(t *testing.T) {
	cloud := acctest.NewCloud(t)
	for _, cluster := range []string{"products", "others"} {
		cloud.CreateBehindOurBack(t, trove.CreateRequest{
			Name: cluster + "-0", FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "couchbase", Version: "couchbase-7.2"},
			Topology: &topology.Topology{Couchbase: &topology.Couchbase{ClusterName: cluster}},
		})
	}
	listed := cloud.NewProtocol(t).List("trove_couchbase_node", map[string]string{"cluster_name": "products"}, true, 0)
	if len(listed) != 1 || listed[0].Name != "products-0" || listed[0].Resource["cluster_name"] != "products" {
		t.Errorf("%+v, want the node of products alone", listed)
	}
}

func TestAccNodeThatLeftBehindOurBackIsReplaced(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(3, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.ActBehindOurBack(t, "products-2", func(id string) topology.Action { return topology.Rebalance{ServerRemove: id} })
			},
			Config: cloud.Config(nodes(3, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_couchbase_node.node[2]", plancheck.ResourceActionReplace),
				plancheck.ExpectResourceAction("trove_couchbase_node.node[0]", plancheck.ResourceActionNoop),
			}},
		},
		resource.TestStep{
			PreConfig: func() { cloud.DeleteBehindOurBack(t, "products-1") },
			Config:    cloud.Config(nodes(3, "")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_couchbase_node.node[1]", plancheck.ResourceActionCreate),
			}},
		},
	)
	if err := cloud.ExpectRequests(map[string]int{rebalance: 1}); err != nil { // somebody else's
		t.Error(err)
	}
}
