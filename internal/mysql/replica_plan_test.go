package mysql_test

import (
	"os"
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
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

func TestAccStandaloneReplicaTakesAFlavorThatIsKnownLater(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{Config: cloud.Config(`
resource "terraform_data" "flavor" { input = "1" }
` + replicaOf(`
  flavor_id = terraform_data.flavor.output
  volume    = { size = 1 }
  datastore = { version = "mysql-5.7" }
`))})
}

func TestAccReplicaWithoutAVersionTakesItsSources(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(source + replicaOf(`
  datastore  = { type = "mysql" }
  replica_of = [trove_instance.source.id]
`)),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(replica, tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("mysql-5.7")),
				},
			})
		})
	}
}

func TestAccSourceAndReplicaGrowTogether(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(source + replicaOf(`
  volume     = { size = 5 }
  replica_of = [trove_instance.source.id]
`))
			grown := strings.ReplaceAll(config, "size = 5", "size = 7")
			cloud.Test(t,
				resource.TestStep{Config: config},
				// Released Trove grows the replicas of a source with it.
				resource.TestStep{Config: grown, Check: func(s *terraform.State) error {
					return cloud.ExpectInstance(acctest.ID(s, replica), acctest.Shown{Name: "orders-replica", Flavor: "2", Version: "mysql-5.7", Volume: 7})
				}},
			)
		})
	}
}

func TestAccReplicaSmallerThanItsSourceIsRefusedBeforeItIsMade(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(source)},
		resource.TestStep{
			Config: cloud.Config(source + replicaOf(`
  volume     = { size = 2 }
  replica_of = [trove_instance.source.id]
`)),
			ExpectError: regexp.MustCompile(`(?s)volume.*5\s+GB`),
		},
	)
	if ever, _ := cloud.Made(); ever != 1 {
		t.Errorf("%d instances were made, want the source alone", ever)
	}
}

func TestAccReplicaIsRenamedWhileItsSourceGrows(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	config := cloud.Config(source + replicaOf(`replica_of = [trove_instance.source.id]`))
	changed := strings.NewReplacer("size = 5", "size = 7", "orders-replica", "orders-copy").Replace(config)
	cloud.Test(t,
		resource.TestStep{Config: config},
		// The plan knows nothing of the replica's growth, which comes of the source's.
		resource.TestStep{Config: changed},
		resource.TestStep{
			Config: changed,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(replica, tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(7)),
			},
		},
	)
}

func TestAccReplicaOfTwoSourcesWithoutAVersion(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{Config: cloud.Config(source + strings.NewReplacer(`"source"`, `"second"`, `"orders"`, `"accounts"`).Replace(source) + replicaOf(`
  datastore  = { type = "mysql" }
  replica_of = [trove_instance.source.id, trove_instance.second.id]
`))})
}

func TestAccPromotionWhoseNextChangeFailsIsNotTakenForSomebodyElses(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(source+replicaOf(`replica_of = [trove_instance.source.id]`)))
	cli.MustRun("apply", "-auto-approve")
	cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "resize", Message: "No valid host was found."})
	cli.Configure(cloud.Config(source + replicaOf(`flavor_id = "3"`)))
	if out, err := cli.Run("apply", "-auto-approve"); err == nil || !strings.Contains(out, "No valid host was found") {
		t.Fatalf("the resize did not fail: %v\n%s", err, out)
	}
	if out := cli.MustRun("apply", "-auto-approve"); strings.Contains(out, "outside of Terraform") {
		t.Errorf("our own promotion is taken for somebody else's:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccReplicaOfAReplicaIsRefused(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(replicated + `
resource "trove_mysql_replica" "second" {
  name       = "orders-second"
  replica_of = [trove_mysql_replica.replica.id]
}
`),
		ExpectError: regexp.MustCompile(`(?s)orders-replica.*is\s+itself\s+a\s+replica\s+of.*Set\s+replica_of\s+to`),
	})
	if ever, alive := cloud.Made(); ever != 2 || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want 2 and 0", ever, alive)
	}
}

func TestAccReplicaOfAnotherSourceTakesAfterThatOne(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			sources := source + strings.NewReplacer(`"source"`, `"larger"`, `"orders"`, `"accounts"`, "5 }", "7 }", `"mysql", version = "mysql-5.7"`, `"mariadb", version = "mariadb-10.11"`).Replace(source)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(sources + replicaOf(`replica_of = [trove_instance.source.id]`))},
				resource.TestStep{
					Config: cloud.Config(sources + replicaOf(`replica_of = [trove_instance.larger.id]`)),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(replica, plancheck.ResourceActionReplace),
					}},
					Check: func(s *terraform.State) error {
						return cloud.ExpectInstance(acctest.ID(s, replica), acctest.Shown{Name: "orders-replica", Flavor: "2", Version: "mariadb-10.11", Volume: 7})
					},
				},
			)
		})
	}
}
