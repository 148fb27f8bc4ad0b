package upstream

import (
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
)

var configurationCases = []testCase{
	{"a_group_lives_its_whole_life", groupLives},
	{"a_group_that_the_server_would_refuse", groupRefused},
	{"a_group_that_changes_restarts_its_instance_by_the_next_apply", groupChanges},
	{"an_instance_goes_from_group_to_group_over_restarts", groupToGroup},
	{"an_attached_group_is_not_deleted", groupAttached},
	{"a_group_gone_behind_our_back_is_made_again", groupGone},
}

const settings = "trove_configuration.settings"

// group is a configuration group of that name with these values.
func group(name, values string) string {
	return fmt.Sprintf(`
resource "trove_configuration" %q {
  name      = %[1]q
  datastore = { type = "mysql", version = "mysql-5.7" }
  values    = { %s }
}
`, name, values)
}

// restarting is an instance of that group which is restarted where that is needed; "" is none.
func restarting(group string) string {
	if group == "" {
		return instance(`restart_policy = "if_needed"`)
	}
	return instance("restart_policy = \"if_needed\"\n  configuration_id = trove_configuration." + group + ".id")
}

func status(want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(db, tfjsonpath.New("status"), knownvalue.StringExact(want))
}

func groupLives(t *testing.T, c *cloud) {
	const values = `max_connections = 200, autocommit = true, long_query_time = 1, performance_schema = false, innodb_ft_max_token_size = 80, collation_server = "utf8_general_ci"`
	changed := c.Config(group("settings", `max_connections = "300", long_query_time = 2.5`))
	c.Test(t,
		resource.TestStep{
			Config: c.Config(group("settings", values)),
			Check: func(s *terraform.State) error {
				return c.ExpectGroup(acctest.ID(s, settings), "settings", map[string]any{
					"max_connections": "200", "autocommit": "1", "long_query_time": "1.0", "performance_schema": "false",
					"innodb_ft_max_token_size": "***", "collation_server": "utf8_general_ci",
				})
			},
		},
		resource.TestStep{
			Config:           changed,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, settings),
			Check: func(s *terraform.State) error {
				return c.ExpectGroup(acctest.ID(s, settings), "settings", map[string]any{"max_connections": "300", "long_query_time": "2.5"})
			},
		},
		resource.TestStep{ResourceName: settings, ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			ResourceName: settings, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
			Config: c.Config(group("settings", `max_connections = 300, long_query_time = "2.50"`)),
		},
	)
}

func groupRefused(t *testing.T, c *cloud) {
	for values, want := range map[string]string{
		`max_conections = 200`: `Did\s+you\s+mean\s+"max_connections"`,
		`max_connections = 0`:  `must\s+be\s+an\s+integer\s+from\s+1\s+to\s+100000`,
		`server_id = 5`:        `Reserved\s+parameter\s+server_id`,
	} {
		c.Test(t, resource.TestStep{Config: c.Config(group("settings", values)), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)` + want)})
	}
}

func groupChanges(t *testing.T, c *cloud) {
	config := func(openFiles int, instance string) string {
		return c.Config(group("settings", fmt.Sprintf(`max_connections = 200, innodb_open_files = %d`, openFiles)) + instance)
	}
	never := instance(`configuration_id = trove_configuration.settings.id`)
	restarted := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(db, plancheck.ResourceActionUpdate), plancheck.ExpectUnknownValue(db, tfjsonpath.New("status")),
	}}
	c.Test(t,
		resource.TestStep{Config: config(400, never), ConfigStateChecks: []statecheck.StateCheck{status("ACTIVE")}},
		resource.TestStep{Config: config(500, never)},
		resource.TestStep{Config: config(500, restarting("settings")), ConfigPlanChecks: restarted, ConfigStateChecks: []statecheck.StateCheck{status("ACTIVE")}},
		// The plan of this apply cannot see what the change of the group will do to the instance.
		resource.TestStep{Config: config(600, restarting("settings")), ExpectNonEmptyPlan: true},
		resource.TestStep{Config: config(600, restarting("settings")), ConfigPlanChecks: restarted, ConfigStateChecks: []statecheck.StateCheck{status("ACTIVE")}},
	)
}

func groupToGroup(t *testing.T, c *cloud) {
	groups := group("files", `innodb_open_files = 400`) + group("buffer", `innodb_buffer_pool_size = 67108864`) + group("online", `max_connections = 200`)
	to := func(name string) resource.TestStep {
		return resource.TestStep{
			Config:            c.Config(groups + restarting(name)),
			ConfigStateChecks: []statecheck.StateCheck{status("ACTIVE")},
			Check: func(s *terraform.State) error {
				id := ""
				if name != "" {
					id = acctest.ID(s, "trove_configuration."+name)
				}
				return c.ExpectConfiguration(acctest.ID(s, db), id)
			},
		}
	}
	c.Test(t, to("files"), to("buffer"), to("online"), to(""))
}

func groupAttached(t *testing.T, c *cloud) {
	config := c.Config(group("settings", `max_connections = 200`))
	var id string
	c.Test(t,
		resource.TestStep{Config: config, Check: func(s *terraform.State) error { id = acctest.ID(s, settings); return nil }},
		resource.TestStep{
			PreConfig:   func() { c.CreateConfiguredBehindOurBack(t, "elsewhere", id) },
			Config:      config,
			Destroy:     true,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+delete\s+configuration\s+group\s+settings.*it\s+is\s+attached\s+to\s+elsewhere\s+\(.*create_before_destroy`),
		},
		resource.TestStep{PreConfig: func() { c.DeleteBehindOurBack(t, "elsewhere") }, Config: c.Config(group("settings", `max_connections = 200`) + restarting("settings"))},
	)
}

func groupGone(t *testing.T, c *cloud) {
	config := c.Config(group("settings", `max_connections = 200`))
	c.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { c.ChangeGroupBehindOurBack(t, "settings", map[string]any{"wait_timeout": 60}) },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, settings),
		},
		resource.TestStep{
			PreConfig:        func() { c.DeleteGroupBehindOurBack(t, "settings") },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate, settings),
		},
	)
}
