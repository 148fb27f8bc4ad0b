package instance_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

const (
	resizes  = "POST /instances/{id}/action resize"
	upgrades = "PATCH /instances/{id}"

	// theIDs are those of the version that the names of these tests mean.
	theIDs = `
data "trove_datastore_version" "v" {
  type    = "mysql"
  version = "mysql-5.7"
}
`
)

// named is an instance with flavor, datastore type and version as they are written, each an expression.
func named(flavor, datastoreType, version string) string {
	return fmt.Sprintf(`
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = %s
  volume    = { size = 2 }
  datastore = { type = %s, version = %s }
}
`, flavor, datastoreType, version)
}

// byNames is an instance with that flavor, written by its name.
func byNames(flavor string) string { return named(`"`+flavor+`"`, `"mysql"`, `"mysql-5.7"`) }

func byIDs(flavor string) string {
	return theIDs + named(`"`+flavor+`"`, "data.trove_datastore_version.v.datastore_id", "data.trove_datastore_version.v.id")
}

func unchanged(config string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true}
}

// after is a step before which something happens.
func after(happens func(), step resource.TestStep) resource.TestStep {
	step.PreConfig = happens
	return step
}

func updates() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
}

func stateHas(flavor, version string) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("flavor_id"), knownvalue.StringExact(flavor)),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact(version)),
	}
}

func serverHas(cloud *acctest.Cloud, flavor, version string, requests map[string]int) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		if err := cloud.ExpectRequests(requests); err != nil {
			return err
		}
		return cloud.ExpectInstance(acctest.ID(s, address), acctest.Shown{Name: "orders", Flavor: flavor, Volume: 2, Version: version})
	}
}

func TestAccFlavorAndVersionByName(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cloud.Test(t,
				resource.TestStep{
					Config: cloud.Config(byNames("db.small")), ConfigStateChecks: stateHas("db.small", "mysql-5.7"),
					Check: serverHas(cloud, "2", "mysql-5.7", map[string]int{"POST /instances": 1}),
				},
				unchanged(cloud.Config(byNames("db.small"))),
				// Another spelling is no change, not even of the state.
				unchanged(cloud.Config(byIDs("2"))),
				unchanged(cloud.Config(named(`"2"`, `"mysql"`, `"mysql-5.7"`))),
				resource.TestStep{
					// What changes beside it is all that changes.
					Config: cloud.Config(strings.Replace(byIDs("2"), `"orders"`, `"orders-2"`, 1)), ConfigPlanChecks: updates(),
					ConfigStateChecks: stateHas("db.small", "mysql-5.7"),
				},
				resource.TestStep{
					Config: cloud.Config(byNames("db.large")), ConfigPlanChecks: updates(), ConfigStateChecks: stateHas("db.large", "mysql-5.7"),
					Check: serverHas(cloud, "4", "mysql-5.7", map[string]int{resizes: 1, upgrades: 2}), // both are renames
				},
				resource.TestStep{
					PreConfig: func() { cloud.ResizeBehindOurBack(t, "orders", "3") },
					Config:    cloud.Config(byNames("db.large")), ConfigPlanChecks: updates(), ConfigStateChecks: stateHas("db.large", "mysql-5.7"),
					Check: serverHas(cloud, "4", "mysql-5.7", map[string]int{resizes: 3}),
				},
				resource.TestStep{
					Config: cloud.Config(named(`"db.large"`, `"mysql"`, `"mysql-8.0"`)), ConfigPlanChecks: updates(),
					Check: serverHas(cloud, "4", "mysql-8.0", map[string]int{resizes: 3, upgrades: 3}),
				},
			)
		})
	}
}

func TestAccFlavorAndVersionByID(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			newer := strings.Replace(byIDs("2"), "mysql-5.7", "mysql-8.0", 1)
			cloud.Test(t,
				resource.TestStep{
					Config: cloud.Config(byIDs("2")), Check: serverHas(cloud, "2", "mysql-5.7", map[string]int{"POST /instances": 1}),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.CompareValuePairs(
						address, tfjsonpath.New("datastore").AtMapKey("version"), "data.trove_datastore_version.v", tfjsonpath.New("id"), compare.ValuesSame())},
				},
				unchanged(cloud.Config(byNames("db.small"))),
				resource.TestStep{
					Config: cloud.Config(newer), ConfigPlanChecks: updates(), Check: serverHas(cloud, "2", "mysql-8.0", map[string]int{upgrades: 1, resizes: 0}),
				},
				unchanged(cloud.Config(newer)),
				unchanged(cloud.Config(named(`"db.small"`, `"mysql"`, `"mysql-8.0"`))),
				// A version is left out, and the type is spelled otherwise: it stays.
				unchanged(cloud.Config(strings.Replace(byNames("db.small"), `, version = "mysql-5.7"`, "", 1))),
			)
		})
	}
}

// A version that is written by its id is compared with the name that the server shows.
func TestAccUpgradeByOthersOfAVersionByID(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(byIDs("2"))},
		resource.TestStep{
			PreConfig: func() { cloud.UpgradeBehindOurBack(t, "orders", "mysql-8.0") },
			Config:    cloud.Config(byIDs("2")), PlanOnly: true, ExpectNonEmptyPlan: true,
		},
	)
}

func TestAccImportPlansEmptyHoweverItIsWritten(t *testing.T) {
	for name, options := range acctest.BothServers() {
		for spelling, config := range map[string]string{"by names": byNames("db.small"), "by ids": byIDs("2")} {
			t.Run(name+"/"+spelling, func(t *testing.T) {
				cloud := acctest.NewCloud(t, options)
				cloud.CreateConfiguredBehindOurBack(t, "orders", "") // with flavor 2 and mysql-5.7
				cli := acctest.NewCLI(t, cloud.Config(strings.ReplaceAll(config, "size = 2", "size = 1")+`
data "trove_instances" "all" {}

import {
  to = trove_instance.db
  id = one(data.trove_instances.all.ids)
}
`))
				out := cli.MustRun("apply", "-auto-approve")
				if !strings.Contains(out, "1 imported, 0 added, 0 changed, 0 destroyed") {
					t.Errorf("the import changes something:\n%s", out)
				}
				if out := cli.MustRun("plan", "-detailed-exitcode"); !strings.Contains(out, "No changes.") {
					t.Errorf("the second plan is not empty:\n%s", out)
				}
				if err := cloud.ExpectRequests(map[string]int{resizes: 0, upgrades: 0, "PUT /instances/{id}": 0}); err != nil {
					t.Error(err)
				}
				cli.MustRun("destroy", "-auto-approve")
			})
		}
	}
}

func TestAccTwoFlavorsOfOneName(t *testing.T) {
	cloud := acctest.NewCloud(t)
	before := cloud.State().Flavors()
	doubled := append(before, state.Flavor{ID: "9", Name: "db.small", Number: 9, RAM: 1024, VCPUs: 1, Disk: 20})
	cloud.Test(t,
		resource.TestStep{
			PreConfig: func() { cloud.State().SetFlavors(doubled) },
			Config:    cloud.Config(byNames("db.small")), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)Ambiguous\s+flavor.*flavor_id\s+is\s+"db\.small".*has\s+2\s+with\s+that\s+name.*2,\s+9`),
		},
		resource.TestStep{
			PreConfig: func() { cloud.State().SetFlavors(before) },
			Config:    cloud.Config(byNames("db.small")),
		},
		// What was unambiguous when it was written stays good where the operator adds one of that name, or retires both.
		after(func() { cloud.State().SetFlavors(doubled) }, unchanged(cloud.Config(byNames("db.small")))),
		after(func() { cloud.State().SetFlavors(before[2:]) }, unchanged(cloud.Config(byNames("db.small")))),
	)
}

func TestAccFlavorThatIsKnownAtApply(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(`resource "terraform_data" "size" { input = "db.medium" }` + named("terraform_data.size.output", `"mysql"`, `"mysql-5.7"`))
	cloud.Test(t,
		resource.TestStep{Config: config, Check: serverHas(cloud, "3", "mysql-5.7", map[string]int{resizes: 0}), ConfigStateChecks: stateHas("db.medium", "mysql-5.7")},
		unchanged(config),
		resource.TestStep{
			Config:      cloud.Config(`resource "terraform_data" "other" { input = "db.mediun" }` + named("terraform_data.other.output", `"mysql"`, `"mysql-5.7"`)),
			ExpectError: regexp.MustCompile(`(?s)flavor_id\s+is\s+"db\.mediun".*Did\s+you\s+mean\s+"db\.medium"`),
		},
	)
}

// The instance whose answer is lost is found by what the names mean.
func TestAccLostAnswerOfACreationByNames(t *testing.T) {
	for spelling, config := range map[string]string{"by names": byNames("db.small"), "by ids": byIDs("2")} {
		t.Run(spelling, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: "POST /instances"})
			cloud.Test(t, resource.TestStep{Config: cloud.Config(config), Check: func(*terraform.State) error {
				if ever, alive := cloud.Made(); ever != 1 || alive != 1 {
					return fmt.Errorf("%d instances were made, and %d are alive", ever, alive)
				}
				return nil
			}})
		})
	}
}

// The list of flavors is asked for once, however many instances are refreshed, and not at all where ids are written.
func TestAccFlavorsAreListedOnlyForNames(t *testing.T) {
	for flavor, lists := range map[string]int{"2": 0, "db.small": 1} {
		t.Run(flavor, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cli := acctest.NewCLI(t, cloud.Config(strings.Replace(byNames(flavor), "{", "{\n  count = 3", 1)))
			cli.MustRun("apply", "-auto-approve")
			cloud.Ledger().Reset()
			cli.MustRun("plan", "-detailed-exitcode")
			if err := cloud.ExpectRequests(map[string]int{"GET /flavors": lists, "GET /datastores": 0, "GET /instances/{id}": 1, "GET /instances/detail": 1}); err != nil {
				t.Error(err)
			}
			cli.MustRun("destroy", "-auto-approve")
		})
	}
}

// Who may not list flavors writes ids, as the server takes them.
func TestAccFlavorByIDWhereTheListIsForbidden(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: http.StatusForbidden, Kind: "GET /flavors", Times: faults.Always})
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(byNames("2")), Check: serverHas(cloud, "2", "mysql-5.7", map[string]int{resizes: 0})},
		resource.TestStep{Config: cloud.Config(byNames("3")), ConfigPlanChecks: updates(), Check: serverHas(cloud, "3", "mysql-5.7", map[string]int{resizes: 1})},
		after(func() { cloud.ResizeBehindOurBack(t, "orders", "1") },
			resource.TestStep{Config: cloud.Config(byNames("3")), ConfigPlanChecks: updates(), Check: serverHas(cloud, "3", "mysql-5.7", map[string]int{resizes: 3})}),
		resource.TestStep{Config: cloud.Config(byNames("db.small")), ExpectError: regexp.MustCompile(`Resource\s+db\.small\s+cannot\s+be\s+found`)},
	)
}
