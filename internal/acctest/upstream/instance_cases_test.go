package upstream

import (
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
)

var instanceCases = []testCase{
	{"an_instance_changes_in_place", instanceChanges},
	{"an_instance_whose_guest_fails_is_tainted_and_replaced", guestFails},
	{"a_flavor_that_is_not_reached_is_an_error", resizeFails},
	{"a_configuration_group_that_needs_a_restart", groupNeedsRestart},
	{"flavor_and_version_by_name_or_by_id", byNameOrID},
	{"an_instance_removed_by_somebody_else_is_made_again_and_imported", instanceRemoved},
}

const db = "trove_instance.db"

// instance is the configuration of one instance, with these further lines.
func instance(lines string) string {
	return `
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = "mysql-5.7" }
  ` + lines + `
}
`
}

func planned(action plancheck.ResourceActionType, addresses ...string) resource.ConfigPlanChecks {
	var checks []plancheck.PlanCheck
	for _, a := range addresses {
		checks = append(checks, plancheck.ExpectResourceAction(a, action))
	}
	return resource.ConfigPlanChecks{PreApply: checks}
}

// stays is a step that changes nothing. After a step that was applied it is for another configuration alone: the testing library plans each
// step's own once more, with and without a refresh, and nothing may be left to change.
func stays(config string) resource.TestStep {
	return resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}}
}

func instanceChanges(t *testing.T, c *cloud) {
	changed := c.Config(`
resource "trove_instance" "db" {
  name      = "orders-2"
  flavor_id = "3"
  volume    = { size = 4 }
  datastore = { type = "mysql", version = "mysql-8.0" }
  networks  = [{ id = "` + private + `" }]
  access    = { is_public = true, allowed_cidrs = ["192.0.2.0/24", "198.51.100.0/24"] }
}
`)
	c.Test(t,
		resource.TestStep{
			Config: c.Config(instance(`networks = [{ id = "` + private + `" }]`)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(db, tfjsonpath.New("status"), knownvalue.StringExact("ACTIVE")),
				statecheck.ExpectKnownValue(db, tfjsonpath.New("region"), knownvalue.StringExact(acctest.Region)),
				statecheck.ExpectKnownValue(db, tfjsonpath.New("addresses"), knownvalue.ListSizeExact(1)),
			},
		},
		resource.TestStep{
			ResourceName: db, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"networks"}, // the API does not return it
		},
		resource.TestStep{
			Config:           changed,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, db),
			Check: func(s *terraform.State) error {
				return c.ExpectInstance(acctest.ID(s, db), acctest.Shown{
					Name: "orders-2", Flavor: "3", Volume: 4, Version: "mysql-8.0", Public: true, CIDRs: []string{"192.0.2.0/24", "198.51.100.0/24"},
				})
			},
		},
	)
}

func guestFails(t *testing.T, c *cloud) {
	c.fail(t, "orders", build)
	config := c.Config(instance(``))
	c.Test(t,
		resource.TestStep{
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+create\s+database\s+instance\s+orders.*in\s+status\s+ERROR.*marked\s+as\s+tainted`),
		},
		resource.TestStep{
			PreConfig:        func() { c.heal(t) },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionReplace, db),
		},
	)
}

func resizeFails(t *testing.T, c *cloud) {
	larger := c.Config(`
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`)
	c.Test(t,
		resource.TestStep{Config: c.Config(instance(``))},
		resource.TestStep{
			PreConfig:   func() { c.fail(t, "orders", resize) },
			Config:      larger,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+(update|resize)`),
		},
		resource.TestStep{
			PreConfig:        func() { c.heal(t) },
			Config:           larger,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, db),
			Check: func(s *terraform.State) error {
				return c.ExpectInstance(acctest.ID(s, db), acctest.Shown{Name: "orders", Flavor: "2", Volume: 2, Version: "mysql-5.7"})
			},
		},
	)
}

func groupNeedsRestart(t *testing.T, c *cloud) {
	online := c.ConfigurationGroup(t, map[string]any{"max_connections": 100})
	atStart := c.ConfigurationGroup(t, map[string]any{"innodb_open_files": 200})
	config := func(id string) string { return c.Config(instance(`configuration_id = ` + id)) }
	id := ""
	shows := func(status, group string) resource.TestStep {
		return resource.TestStep{
			Config:           config(group),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, db),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(db, tfjsonpath.New("status"), knownvalue.StringExact(status)),
			},
		}
	}
	c.Test(t,
		resource.TestStep{
			Config: config(`"` + online + `"`),
			Check: func(s *terraform.State) error {
				id = acctest.ID(s, db)
				return c.ExpectConfiguration(id, online)
			},
		},
		shows("RESTART_REQUIRED", `"`+atStart+`"`),
		resource.TestStep{ResourceName: db, ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			// What waits for a restart can take no other change.
			Config: c.Config(`
resource "trove_instance" "db" {
  name             = "orders"
  flavor_id        = "2"
  volume           = { size = 2 }
  datastore        = { type = "mysql", version = "mysql-5.7" }
  configuration_id = "` + atStart + `"
}
`),
			ExpectError: regexp.MustCompile(`database\s+instance\s+restart`),
		},
		resource.TestStep{
			PreConfig: func() {
				told, wrong := c.Invoke(t, "trove_restart_instance", map[string]string{"instance_id": id})
				if wrong.Failed() || !strings.Contains(told, "which is in status RESTART_REQUIRED.") || !strings.Contains(told, "was restarted, and is in status ACTIVE.") {
					t.Errorf("%q, %q", told, wrong.Errors())
				}
			},
			Config: config(`null`),
			Check:  func(s *terraform.State) error { return c.ExpectConfiguration(acctest.ID(s, db), "") },
		},
	)
}

func byNameOrID(t *testing.T, c *cloud) {
	config := func(flavor, datastore string) string {
		return c.Config(`
data "trove_datastore_version" "v" {
  type    = "mysql"
  version = "mysql-5.7"
}

resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "` + flavor + `"
  volume    = { size = 2 }
  datastore = ` + datastore + `
}
`)
	}
	const (
		names = `{ type = "mysql", version = "mysql-5.7" }`
		ids   = `{ type = data.trove_datastore_version.v.datastore_id, version = data.trove_datastore_version.v.id }`
	)
	has := func(flavor string) func(*terraform.State) error {
		return func(s *terraform.State) error {
			return c.ExpectInstance(acctest.ID(s, db), acctest.Shown{Name: "orders", Flavor: flavor, Volume: 2, Version: "mysql-5.7"})
		}
	}
	c.Test(t,
		resource.TestStep{Config: config("db.small", names), Check: has("2")},
		stays(config("2", ids)),
		resource.TestStep{ResourceName: db, ImportState: true, ImportStateKind: resource.ImportBlockWithID, Config: config("db.small", names)},
		resource.TestStep{Config: config("db.medium", ids), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, db), Check: has("3")},
		resource.TestStep{
			PreConfig: func() { c.ResizeBehindOurBack(t, "orders", "1") },
			Config:    config("db.medium", ids), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, db), Check: has("3"),
		},
		resource.TestStep{Config: config("db.mediun", ids), PlanOnly: true, ExpectError: regexp.MustCompile(`Did\s+you\s+mean\s+"db\.medium"`)},
		resource.TestStep{Config: config("db.medium", `{ type = "mysql", version = "mysql-8.0" }`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, db)},
	)
}

func instanceRemoved(t *testing.T, c *cloud) {
	config := c.Config(instance(``))
	c.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { c.DeleteBehindOurBack(t, "orders") },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate, db),
		},
		resource.TestStep{ResourceName: db, ImportState: true, ImportStateKind: resource.ImportBlockWithID, Config: config},
	)
}
