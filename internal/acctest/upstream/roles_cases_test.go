package upstream

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
)

var rolesCases = []testCase{
	{"replicas_of_postgresql_are_detached_and_imported", postgresqlReplicas},
	{"a_switchover_is_made_in_place", switchover},
	{"a_switchover_behind_our_back_plans_nothing", switchoverBehindOurBack},
	{"a_mysql_replica_that_became_the_source_hands_the_role_back", mysqlHandsBack},
	{"a_source_that_leaves_hands_the_role_back", sourceLeaves},
	{"a_switchover_that_fails_tells_how_each_member_stands", switchoverFails},
	{"a_dead_source_is_ejected_with_todays_consent", deadSource},
	{"an_ejection_behind_our_back_plans_nothing", ejectionBehindOurBack},
	{"actions_promote_eject_and_detach", roleActions},
}

// readers are so many trove_replica, called orders-0, orders-1 ...
func readers(count int) string {
	return fmt.Sprintf(`
resource "trove_replica" "reader" {
  count      = %d
  name       = "orders-${count.index}"
  replica_of = trove_instance.source.id
}
`, count)
}

const (
	declared = "trove_instance.source"
	reader0  = "trove_replica.reader[0]"
	reader1  = "trove_replica.reader[1]"
	reader2  = "trove_replica.reader[2]"
	leads    = "trove_replication_source.orders"
)

// ledBy says who of the declared source and the readers is the source.
func ledBy(who, line string) string {
	return fmt.Sprintf(`
resource "trove_replication_source" "orders" {
  members   = concat([trove_instance.source.id], trove_replica.reader[*].id)
  source_id = %s.id
  %s
}
`, who, line)
}

func (c *cloud) sourceIs(address string) resource.TestCheckFunc {
	return func(s *terraform.State) error { return c.ExpectSource(acctest.ID(s, address)) }
}

func role(address, want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("role"), knownvalue.StringExact(want))
}

func postgresqlReplicas(t *testing.T, c *cloud) {
	postgresql := strings.Replace(source(2), `type = "mysql", version = "mysql-5.7"`, `type = "postgresql", version = "postgresql-16"`, 1)
	standby := `
resource "trove_replica" "standby" {
  name = "orders-standby"
  %s
}
`
	config := c.Config(postgresql + readers(2) + fmt.Sprintf(standby, `replica_of = trove_instance.source.id`))
	detached := c.Config(postgresql + readers(2) + fmt.Sprintf(standby, ``))
	c.Test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				role(reader0, "replica"),
				statecheck.ExpectKnownValue(reader0, tfjsonpath.New("flavor_id"), knownvalue.StringExact("2")),
				statecheck.ExpectKnownValue(reader0, tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(2)),
				statecheck.ExpectKnownValue(reader0, tfjsonpath.New("datastore").AtMapKey("type"), knownvalue.StringExact("postgresql")),
			},
		},
		resource.TestStep{ResourceName: "trove_replica.standby", ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			Config:           detached,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, "trove_replica.standby"),
			Check:            func(s *terraform.State) error { return c.ExpectStandalone(acctest.ID(s, "trove_replica.standby")) },
		},
	)
}

func switchover(t *testing.T, c *cloud) {
	config := c.Config(source(2) + readers(2) + ledBy(reader1, ""))
	c.Test(t,
		resource.TestStep{Config: c.Config(source(2) + readers(2) + ledBy(declared, "")), Check: c.sourceIs(declared)},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, leads), Check: c.sourceIs(reader1)},
		resource.TestStep{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{role(reader0, "replica"), role(reader1, "source")},
		},
		resource.TestStep{ResourceName: leads, ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			PreConfig: func() { c.SwitchOverBehindOurBack(t, "orders") },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(leads, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction(reader0, plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(declared, plancheck.ResourceActionNoop),
			}},
			Check: c.sourceIs(reader1),
		},
	)
}

func switchoverBehindOurBack(t *testing.T, c *cloud) {
	config := c.Config(source(2) + readers(3))
	c.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:         func() { c.SwitchOverBehindOurBack(t, "orders-1") },
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{role(reader0, "replica"), role(reader1, "source")},
			Check:             c.sourceIs(reader1),
		},
	)
}

func mysqlHandsBack(t *testing.T, c *cloud) {
	config := c.Config(source(2) + replicas(2, ofSource))
	c.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:         func() { c.SwitchOverBehindOurBack(t, "orders-replica-1") },
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{role(first, "replica"), role(second, "source")},
		},
		resource.TestStep{Config: c.Config(source(2) + replicas(1, ofSource)), Check: c.sourceIs(declared)},
	)
}

func sourceLeaves(t *testing.T, c *cloud) {
	c.Test(t,
		resource.TestStep{Config: c.Config(source(2) + readers(3) + ledBy(reader1, "")), Check: c.sourceIs(reader1)},
		resource.TestStep{Config: c.Config(source(2) + readers(1)), Check: c.sourceIs(declared)},
	)
}

func switchoverFails(t *testing.T, c *cloud) {
	config := c.Config(source(2) + readers(2))
	switched := c.Config(source(2) + readers(2) + ledBy(reader1, ""))
	c.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:   func() { c.fail(t, "orders-1", promote) },
			Config:      switched,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+make\s+the\s+source.*The\s+members\s+of\s+the\s+set:.*orders-0\s.*is\s+ERROR.*reset\s+status`),
		},
		resource.TestStep{ // the failed change takes nothing away from the state
			PreConfig: func() { c.heal(t) },
			Config:    config, PlanOnly: true,
		},
		// The candidate had stopped to replicate before it failed, and a server is not made a replica again.
		resource.TestStep{
			PreConfig: func() { c.resetFailed(t, 3) },
			Config:    switched,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(declared, plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(reader0, plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(reader1, plancheck.ResourceActionReplace),
			}},
			Check: c.sourceIs(reader1),
		},
	)
}

// resetFailed has an operator reset the status of each instance in ERROR, of which there are so many.
func (c *cloud) resetFailed(t *testing.T, want int) {
	t.Helper()
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	admin, _ := c.operator(t)
	failed := 0
	for _, i := range all {
		if i.Status != "ERROR" {
			continue
		}
		failed++
		told, wrong := admin.Invoke(t, "trove_reset_status", map[string]string{"instance_id": i.ID})
		if wrong.Failed() || !strings.Contains(told, "The status of "+i.Name+" ("+i.ID+") was reset, and is ACTIVE.") {
			t.Errorf("%s: %q, %q", i.Name, told, wrong.Errors())
		}
	}
	if failed != want {
		t.Errorf("%d instances are in ERROR, want %d", failed, want)
	}
}

func deadSource(t *testing.T, c *cloud) {
	config := c.Config(source(2) + readers(2) + ledBy(reader1, acctest.TodaysConsent))
	c.Test(t,
		resource.TestStep{Config: c.Config(source(2) + readers(2) + ledBy(declared, ""))},
		resource.TestStep{
			PreConfig:   func() { c.silence(t, "orders") },
			Config:      c.Config(source(2) + readers(2) + ledBy(reader1, "")),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`(?s)The\s+source\s+is\s+dead.*Nothing\s+was\s+ejected`),
		},
		resource.TestStep{Config: config, Check: c.sourceIs(reader1)},
		resource.TestStep{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{role(reader0, "replica"), role(reader1, "source")},
		},
	)
}

func ejectionBehindOurBack(t *testing.T, c *cloud) {
	config := c.Config(source(2) + readers(1))
	c.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				c.silence(t, "orders")
				c.EjectBehindOurBack(t, "orders")
			},
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{role(reader0, "source")},
		},
		resource.TestStep{
			PreConfig: func() { c.heal(t) }, // and the old source comes back to life
			Config:    config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

// The plan stays empty after a promotion and an ejection, and after a detachment with a configuration that says so.
func roleActions(t *testing.T, c *cloud) {
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	act := func(action, address, want string) func() {
		return func() {
			told, wrong := c.Invoke(t, action, map[string]string{"instance_id": ids[address]})
			if wrong.Failed() || !strings.Contains(told, want) {
				t.Errorf("%s: %q, %q, want %q", action, told, wrong.Errors(), want)
			}
		}
	}
	config := c.Config(source(2) + readers(3))
	detached := c.Config(source(2) + strings.Replace(readers(3), "= trove_instance.source.id", "= count.index == 2 ? null : trove_instance.source.id", 1))
	after := func(config string, action func(), check resource.TestCheckFunc) resource.TestStep {
		step := stays(config)
		step.PreConfig, step.Check = action, check
		return step
	}
	c.Test(t,
		resource.TestStep{Config: config, Check: func(s *terraform.State) error {
			for _, address := range []string{declared, reader1, reader2} {
				ids[address] = acctest.ID(s, address)
			}
			return nil
		}},
		after(config, act("trove_promote_replica", reader1, "is the source, and 3 others replicate from it."), c.sourceIs(reader1)),
		after(config, act("trove_promote_replica", declared, "is the source, and 3 others replicate from it."), c.sourceIs(declared)),
		after(detached, act("trove_detach_replica", reader2, "Detaching orders-2 ("), func(s *terraform.State) error {
			return c.ExpectStandalone(acctest.ID(s, reader2))
		}),
		after(detached, func() {
			c.silence(t, "orders")
			act("trove_eject_source", declared, ") is standalone.")()
		}, func(*terraform.State) error {
			set, err := client.ReplicationSet(t.Context(), ids[reader1])
			if err == nil && (len(set.Members) != 2 || set.Find(ids[declared]) != nil) {
				err = fmt.Errorf("the set is %v, want that only orders was ejected", set.IDs())
			}
			return err
		}),
		after(detached, func() { c.heal(t) }, nil),
	)
}
