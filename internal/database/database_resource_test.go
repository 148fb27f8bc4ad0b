package database_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

const (
	server = `
resource "trove_instance" "server" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}
`
	shop = "trove_database.shop"
)

// database is a database with these further lines.
func database(lines string) string {
	return fmt.Sprintf(`
resource "trove_database" "shop" {
  instance_id = trove_instance.server.id
  %s
}
`, lines)
}

func TestAccDatabaseLifeOnBothServers(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(server + database(`
  name          = "shop"
  character_set = "utf8mb4"
  collate       = "utf8mb4_unicode_ci"
`))
			var id string
			cloud.Test(t,
				resource.TestStep{Config: config, Check: func(s *terraform.State) error {
					id = acctest.ID(s, "trove_instance.server")
					return has(cloud, id, state.Database{Name: "shop", CharacterSet: "utf8mb4", Collate: "utf8mb4_unicode_ci"})
				}},
				resource.TestStep{
					ResourceName: shop, ImportState: true, ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"character_set", "collate"},
				},
				// Another character set takes another database.
				resource.TestStep{
					Config: cloud.Config(server + database(`
  name          = "shop"
  character_set = "latin1"
`)),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(shop, plancheck.ResourceActionReplace),
					}},
					Check: func(*terraform.State) error {
						return has(cloud, id, state.Database{Name: "shop", CharacterSet: "latin1"})
					},
				},
				resource.TestStep{Config: cloud.Config(server), Check: func(*terraform.State) error { return has(cloud, id) }},
			)
		})
	}
}

// has compares the databases of an instance with what is expected.
func has(cloud *acctest.Cloud, id string, want ...state.Database) error {
	got, _, err := cloud.State().Databases(identity.DemoProjectID, id, "", 0)
	if err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
		err = fmt.Errorf("the server has the databases %v, want %v", got, want)
	}
	return err
}

func TestAccMoreDatabasesThanAPageHolds(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(server + strings.Replace(database(`name = "shop-${count.index}"`), "{", "{\n  count = 23", 1))
	cloud.Test(t,
		resource.TestStep{Config: config, Check: func(*terraform.State) error {
			return cloud.ExpectRequests(map[string]int{"POST /instances/{id}/databases": 23})
		}},
	)
}

func TestAccDatabaseThatExistsIsNotTakenOver(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			var id string
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(server), Check: func(s *terraform.State) error {
					id = acctest.ID(s, "trove_instance.server")
					return cloud.State().CreateDatabases(identity.DemoProjectID, id, []state.Database{{Name: "shop"}})
				}},
				resource.TestStep{
					Config:      cloud.Config(server + database(`name = "shop"`)),
					ExpectError: regexp.MustCompile(`(?s)exists\s+already.*terraform\s+import\s+trove_database.NAME\s+'[0-9a-f-]+/shop'`),
				},
				// What was not made is not deleted.
				resource.TestStep{Config: cloud.Config(server), Check: func(*terraform.State) error { return has(cloud, id, state.Database{Name: "shop"}) }},
			)
		})
	}
}

func TestAccDatabaseGoneBehindOurBackIsMadeAgain(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(server + database(`name = "shop"`))
	var id string
	cloud.Test(t,
		resource.TestStep{Config: config, Check: func(s *terraform.State) error {
			id = acctest.ID(s, "trove_instance.server")
			return nil
		}},
		resource.TestStep{
			PreConfig: func() {
				if err := cloud.State().DeleteDatabase(identity.DemoProjectID, id, "shop"); err != nil {
					t.Fatal(err)
				}
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(shop, plancheck.ResourceActionCreate),
			}},
		},
		// With its instance, the database is gone as well.
		resource.TestStep{
			PreConfig: func() { cloud.DeleteBehindOurBack(t, "orders") },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(shop, plancheck.ResourceActionCreate),
			}},
		},
	)
}

func TestLostAnswersAboutADatabaseAreSettledByLooking(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]faults.Rule{
		"done, and the answer lost":  {Do: faults.LoseAnswer, Kind: "POST /instances/{id}/databases"},
		"done, and answered badly":   {Do: faults.Status, Status: 500, AfterWork: true, Kind: "POST /instances/{id}/databases"},
		"not done, answered badly":   {Do: faults.Status, Status: 500, Kind: "POST /instances/{id}/databases"},
		"not done, connection gone":  {Do: faults.Drop, Kind: "POST /instances/{id}/databases"},
		"deletion done, answer lost": {Do: faults.LoseAnswer, Kind: "DELETE /instances/{id}/databases/{name}"},
		"deletion answered badly":    {Do: faults.Status, Status: 500, Kind: "DELETE /instances/{id}/databases/{name}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			run := cloud.NewDriver(t, map[string]string{"request_timeout": "1s"})
			id := run.CreateMySQL()
			cloud.Inject(t, rule)
			shop := run.Must(run.Create("trove_database", written(id, "shop")))
			if err := has(cloud, id, state.Database{Name: "shop"}); err != nil {
				t.Error(err)
			}
			shop = run.Must(run.Refresh(shop))
			if change, diags := run.Plan(shop, written(id, "shop")); !run.NoOp(change) || diags.Failed() {
				t.Errorf("the next plan changes something: %s", diags.Text())
			}
			run.Must(run.Destroy(shop))
			if err := has(cloud, id); err != nil {
				t.Error(err)
			}
			if fired := cloud.Faults().List()[0].Fired; fired != 1 {
				t.Errorf("the fault happened %d times, want once", fired)
			}
		})
	}
}

// What may have been made is in the state, tainted, so that it is neither lost nor taken for good.
func TestAccDatabaseOfUnknownFateIsInTheState(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 500, Kind: "POST /instances/{id}/databases", Times: 2})
	config := cloud.Config(server+database(`name = "shop"`), `request_timeout = "1s"`)
	cloud.Test(t,
		resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`(?s)500.*marked\s+as\s+tainted`)},
		resource.TestStep{Config: config, Check: func(s *terraform.State) error {
			return has(cloud, acctest.ID(s, "trove_instance.server"), state.Database{Name: "shop"})
		}},
	)
}

func TestAccDatabaseWaitsForAnInstanceThatRestarts(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options, func(o *sandbox.Options) { o.ActionTime = time.Second })
			var id string
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(server), Check: func(s *terraform.State) error {
					id = acctest.ID(s, "trove_instance.server")
					return nil
				}},
				resource.TestStep{
					PreConfig: func() { cloud.RestartBehindOurBack(t, "orders") },
					Config:    cloud.Config(server + database(`name = "shop"`)),
					Check:     func(*terraform.State) error { return has(cloud, id, state.Database{Name: "shop"}) },
				},
				// So does a refresh.
				resource.TestStep{
					PreConfig: func() { cloud.RestartBehindOurBack(t, "orders") },
					Config:    cloud.Config(server + database(`name = "shop"`)), PlanOnly: true,
				},
			)
		})
	}
}

func TestAccDatabaseOnAReplicaIsRefused(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			replica := `
resource "trove_mysql_replica" "replica" {
  name       = "orders-replica"
  replica_of = [trove_instance.server.id]
}
`
			cloud.Test(t, resource.TestStep{
				Config:      cloud.Config(server + replica + strings.Replace(database(`name = "shop"`), "trove_instance.server.id", "trove_mysql_replica.replica.id", 1)),
				ExpectError: regexp.MustCompile(`(?s)made\s+as\s+a\s+replica\s+of\s+instance.*Set\s+instance_id\s+to\s+[0-9a-f-]+\.`),
			})
			if err := cloud.ExpectRequests(map[string]int{"POST /instances/{id}/databases": 0}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccDatastoreWithoutDatabasesSaysSo(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(strings.ReplaceAll(server, `type = "mysql", version = "mysql-8.0"`, `type = "postgresql", version = "postgresql-16"`) +
			database(`name = "shop"`)),
		ExpectError: regexp.MustCompile(`(?s)Operation\s+not\s+supported\s+for\s+datastore\s+postgresql`),
	})
}

func TestAccDatabaseNamesAreCheckedInThePlan(t *testing.T) {
	for name, want := range map[string]string{
		"mysql": `"mysql"\s+is\s+on\s+the\s+reserved\s+list`, "information_schema": `reserved\s+list`, "a": `'a'\s+is\s+not\s+a\s+valid`, "a/b": `'a/b'\s+is\s+not\s+a\s+valid`,
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(server + database(fmt.Sprintf("name = %q", name))), PlanOnly: true,
				ExpectError: regexp.MustCompile(`(?s)Invalid\s+database\s+name.*` + want),
			})
		})
	}
}

func TestAccADatabaseIsJudgedByItsDatastore(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(server + database(`name = "a.b"`)) // which only PostgreSQL takes
	const refused = `(?s)Invalid\s+database\s+name.*on\s+mysql:\s+'a\.b'\s+is\s+not\s+a\s+valid`
	cloud.Test(t,
		resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true}, // the instance is not known yet
		resource.TestStep{Config: config, ExpectError: regexp.MustCompile(refused)},
		resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(refused)},
		resource.TestStep{Config: cloud.Config(server), Check: func(*terraform.State) error {
			return cloud.ExpectRequests(map[string]int{"POST /instances/{id}/databases": 0})
		}},
	)
}

func TestAccCharactersOfAnImportedDatabaseAreOnlyNoted(t *testing.T) {
	cloud := acctest.NewCloud(t)
	plain := cloud.Config(server + database(`name = "shop"`))
	cloud.Test(t,
		resource.TestStep{Config: plain},
		resource.TestStep{
			Config: cloud.Config(server + database("name = \"shop\"\n  character_set = \"utf8\"")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(shop, plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(shop, tfjsonpath.New("character_set"), knownvalue.StringExact("utf8")),
			},
			Check: func(*terraform.State) error {
				if n := cloud.Ledger().Count("DELETE /instances/{id}/databases/{name}"); n > 0 {
					return errors.New("the database was dropped")
				}
				return nil
			},
		},
	)
}
