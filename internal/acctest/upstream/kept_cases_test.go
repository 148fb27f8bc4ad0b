package upstream

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// Trove 23 takes the configuration group off an instance over every change of something else.
var keptCases = []testCase{
	{"a_group_stays_over_a_rename_and_a_change_of_access", groupStays},
	{"a_group_that_needs_a_restart_stays_over_a_rename", groupStaysOverRestarts},
	{"a_group_is_lost_by_a_rename_where_no_restart_is_allowed", groupNeedsPermission},
	{"a_replica_keeps_its_group_when_it_is_renamed_and_detached", replicaKeepsGroup},
	{"replicas_keep_their_groups_when_that_of_their_source_changes", replicasKeepGroups},
	{"an_upgrade_with_and_without_a_group_of_the_new_version", upgradeWithGroup},
}

// dropsGroups says that the servers are of a release with that fault.
func dropsGroups() bool { return since(19) && !since(25) }

// grouped is an instance of that name with a group and these further lines.
func grouped(name, group, lines string) string {
	return strings.Replace(instance("configuration_id = trove_configuration."+group+".id\n  "+lines), `"orders"`, `"`+name+`"`, 1)
}

// has checks that an instance has that group, and that it serves.
func (c *cloud) has(group string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		return c.ExpectConfiguration(acctest.ID(s, db), acctest.ID(s, "trove_configuration."+group))
	}
}

func groupStays(t *testing.T, c *cloud) {
	settings := group("settings", `max_connections = 200`)
	access := `access = { is_public = true, allowed_cidrs = ["192.0.2.0/24"] }`
	cli := acctest.NewCLI(t, c.Config(settings+grouped("orders", "settings", ``)))
	cli.MustRun("apply", "-auto-approve")
	larger := strings.Replace(grouped("orders-3", "settings", access), `flavor_id = "1"`, `flavor_id = "2"`, 1)
	for _, changed := range []string{grouped("orders-2", "settings", ``), grouped("orders-2", "settings", access), larger} {
		cli.Configure(c.Config(settings + changed))
		out := cli.MustRun("apply", "-auto-approve")
		if said := strings.Contains(out, "The configuration group was attached again"); said != dropsGroups() {
			t.Errorf("the apply warns of the lost group: %t\n%s", said, out)
		}
		cli.MustRun("plan", "-detailed-exitcode")
	}
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.Instances(t.Context())
	if err != nil || len(all) != 1 || all[0].ConfigurationID() == "" || all[0].Name != "orders-3" {
		t.Errorf("instances %v, %v: want orders-3 with its group", all, err)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func groupStaysOverRestarts(t *testing.T, c *cloud) {
	const restarts = `restart_policy = "if_needed"`
	settings := group("settings", `innodb_open_files = 400`) + group("other", `innodb_open_files = 500`)
	renamed := c.Config(settings + grouped("orders-2", "settings", restarts))
	everything := c.Config(settings + strings.Replace(grouped("orders-3", "other", restarts), `flavor_id = "1"`, `flavor_id = "2"`, 1))
	c.Test(t,
		resource.TestStep{Config: c.Config(settings + grouped("orders", "settings", restarts))},
		resource.TestStep{
			Config:            renamed,
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, db),
			ConfigStateChecks: []statecheck.StateCheck{status("ACTIVE")},
			Check:             c.has("settings"),
		},
		// The rename takes the old group off, which asks for a restart before the new one comes, and another flavor needs an instance that asks for none.
		resource.TestStep{
			Config:            everything,
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate, db),
			ConfigStateChecks: []statecheck.StateCheck{status("ACTIVE")},
			Check: resource.ComposeTestCheckFunc(c.has("other"), func(s *terraform.State) error {
				return c.ExpectInstance(acctest.ID(s, db), acctest.Shown{Name: "orders-3", Flavor: "2", Volume: 2, Version: "mysql-5.7"})
			}),
		},
	)
}

func groupNeedsPermission(t *testing.T, c *cloud) {
	settings := group("settings", `innodb_open_files = 400`)
	renamed := c.Config(settings + grouped("orders-2", "settings", ``))
	rename := resource.TestStep{Config: renamed, Check: c.has("settings")}
	again := stays(renamed)
	if dropsGroups() {
		rename = resource.TestStep{Config: renamed, ExpectError: regexp.MustCompile(`(?s)could\s+not\s+be\s+attached\s+again.*database\s+instance\s+restart`)}
		again = resource.TestStep{
			PreConfig:        func() { c.RestartBehindOurBack(t, "orders-2") },
			Config:           renamed,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, db),
			Check:            c.has("settings"),
		}
	}
	c.Test(t, resource.TestStep{Config: c.Config(settings + grouped("orders", "settings", ``))}, rename, again)
}

func replicaKeepsGroup(t *testing.T, c *cloud) {
	config := func(name, of string) string {
		return c.Config(group("settings", `max_connections = 200`) + source(2) + `
resource "trove_replica" "reader" {
  name             = "` + name + `"
  configuration_id = trove_configuration.settings.id
  restart_policy   = "if_needed" # Trove 23 may ask for a restart when it detaches
  ` + of + `
}
`)
	}
	const of = `replica_of = trove_instance.source.id`
	kept := func(s *terraform.State) error {
		return c.ExpectConfiguration(acctest.ID(s, "trove_replica.reader"), acctest.ID(s, "trove_configuration.settings"))
	}
	c.Test(t,
		resource.TestStep{Config: config("reader", of), Check: kept},
		resource.TestStep{Config: config("reader-2", of), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, "trove_replica.reader"), Check: kept},
		resource.TestStep{Config: config("reader-2", ``), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, "trove_replica.reader"), Check: kept},
	)
}

// Trove 26 gives the group of a source to replicas without one, at their creation and whenever it changes, and takes it off with it.
func replicasKeepGroups(t *testing.T, c *cloud) {
	config := func(settings string) string {
		return c.Config(group("small", `max_connections = 100`) + group("large", `max_connections = 300`) +
			strings.Replace(source(2), `flavor_id = "2"`, "flavor_id = \"2\"\n  configuration_id = "+settings, 1) + `
resource "trove_replica" "none" {
  name       = "orders-0"
  replica_of = trove_instance.source.id
}
resource "trove_replica" "same" {
  name             = "orders-1"
  replica_of       = trove_instance.source.id
  configuration_id = trove_configuration.small.id
}
`)
	}
	kept := func(s *terraform.State) error {
		return errors.Join(
			c.ExpectConfiguration(acctest.ID(s, "trove_replica.none"), ""),
			c.ExpectConfiguration(acctest.ID(s, "trove_replica.same"), acctest.ID(s, "trove_configuration.small")),
		)
	}
	const small, large = "trove_configuration.small.id", "trove_configuration.large.id"
	var steps []resource.TestStep
	for _, settings := range []string{small, large, "null"} {
		steps = append(steps, resource.TestStep{Config: config(settings), Check: kept})
	}
	c.Test(t, steps...)
}

func upgradeWithGroup(t *testing.T, c *cloud) {
	groups := group("settings", `max_connections = 200`) +
		strings.NewReplacer("mysql-5.7", "mysql-8.0", `"settings"`, `"newer"`).Replace(group("settings", `max_connections = 300`))
	upgraded := func(group string) string {
		return c.Config(groups + strings.Replace(grouped("orders", group, ``), "mysql-5.7", "mysql-8.0", 1))
	}
	old := resource.TestStep{Config: upgraded("settings"), Check: c.has("settings")} // which Trove keeps, although it is of another version
	if dropsGroups() {
		old = resource.TestStep{Config: upgraded("settings"), ExpectError: regexp.MustCompile(`(?s)could\s+not\s+be\s+attached\s+again.*is\s+for\s+mysql\s+mysql-5.7`)}
	}
	c.Test(t,
		resource.TestStep{Config: c.Config(groups + grouped("orders", "settings", ``))},
		old,
		resource.TestStep{Config: upgraded("newer"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, db), Check: c.has("newer")},
	)
}
