package upstream

import (
	"errors"
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
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var backupCases = []testCase{
	{"backups_are_made_restored_imported_and_deleted", backupAndRestore},
	{"backups_and_replicas_of_one_instance_take_turns", backupsTakeTurns},
	{"a_failed_backup_is_replaced", backupFails},
	{"a_backup_outlives_its_instance", backupOutlives},
	{"a_backup_that_others_stand_on_is_kept", backupKept},
	{"backup_strategies_of_project_and_instance", strategiesLife},
	{"a_backup_that_is_being_made_is_waited_for_and_deleted", backupRunning},
	{"backups_by_both_storage_drivers", backupDrivers},
}

const full = `
resource "trove_backup" "full" {
  instance_id = trove_instance.db.id
  name        = "full"
  description = "before the migration"
}
`

func backupAndRestore(t *testing.T, c *cloud) {
	config := c.Config(instance(``) + full + `
resource "trove_backup" "child" {
  instance_id = trove_instance.db.id
  name        = "child"
  parent_id   = trove_backup.full.id
}
resource "trove_backup" "grandchild" {
  depends_on  = [trove_backup.child]
  instance_id = trove_instance.db.id
  name        = "grandchild"
  incremental = true
}
resource "trove_instance" "restored" {
  name         = "restored"
  flavor_id    = "1"
  volume       = { size = 2 }
  datastore    = { type = "mysql", version = "mysql-5.7" }
  restore_from = trove_backup.grandchild.id
}
`)
	var ids []string
	c.Test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("status"), knownvalue.StringExact("COMPLETED")),
				statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("size"), knownvalue.Float64Exact(0.14)),
				statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("location"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("parent_id"), knownvalue.Null()),
				statecheck.ExpectKnownValue("trove_instance.restored", tfjsonpath.New("status"), knownvalue.StringExact("ACTIVE")),
			},
			Check: func(s *terraform.State) error {
				for _, name := range []string{"full", "child", "grandchild"} {
					ids = append(ids, acctest.ID(s, "trove_backup."+name))
				}
				if parent := s.RootModule().Resources["trove_backup.grandchild"].Primary.Attributes["parent_id"]; parent != ids[1] {
					return fmt.Errorf("the grandchild stands on %s, want %s", parent, ids[1])
				}
				return nil
			},
		},
		resource.TestStep{ResourceName: "trove_backup.full", ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			ResourceName: "trove_backup.grandchild", ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"incremental"}, // the API does not return it
		},
	)
	c.expectNoBackups(t, ids...)
}

// expectNoBackups checks that these backups are gone.
func (c *cloud) expectNoBackups(t *testing.T, ids ...string) {
	t.Helper()
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if _, err := client.Backup(t.Context(), id); !errors.Is(err, openstack.ErrNotFound) {
			t.Errorf("backup %s is not gone: %v", id, err)
		}
	}
}

func backupsTakeTurns(t *testing.T, c *cloud) {
	config := c.Config(source(2) + replicas(1, ofSource) + `
resource "trove_backup" "b" {
  count       = 3
  instance_id = trove_instance.source.id
  name        = "b${count.index}"
  incremental = true
}
`)
	var ids []string
	c.Test(t,
		resource.TestStep{Config: config, Check: func(s *terraform.State) error {
			for n := range 3 {
				ids = append(ids, acctest.ID(s, fmt.Sprintf("trove_backup.b[%d]", n)))
			}
			return nil
		}},
		stays(config), // none was deleted with the snapshot of a replica
	)
	c.expectNoBackups(t, ids...)
}

func backupFails(t *testing.T, c *cloud) {
	c.Test(t,
		resource.TestStep{Config: c.Config(instance(``))},
		resource.TestStep{
			PreConfig:   func() { c.fail(t, "orders", backup) },
			Config:      c.Config(instance(``) + full),
			ExpectError: regexp.MustCompile(`(?s)in\s+status\s+FAILED.*marked\s+as\s+tainted`),
		},
		resource.TestStep{
			PreConfig:        func() { c.heal(t) },
			Config:           c.Config(instance(``) + full),
			ConfigPlanChecks: planned(plancheck.ResourceActionReplace, "trove_backup.full"),
		},
	)
}

func backupOutlives(t *testing.T, c *cloud) {
	kept := `
resource "trove_backup" "full" {
  instance_id = "gone"
  name        = "full"
  description = "before the migration"
  lifecycle { ignore_changes = [instance_id] }
}
`
	c.Test(t,
		resource.TestStep{Config: c.Config(instance(``) + full)},
		resource.TestStep{Config: c.Config(kept), ConfigPlanChecks: planned(plancheck.ResourceActionNoop, "trove_backup.full")},
		resource.TestStep{
			Config:           c.Config(kept + instance(`restore_from = trove_backup.full.id`)),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate, db),
		},
	)
}

func backupKept(t *testing.T, c *cloud) {
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	child := ""
	c.Test(t,
		resource.TestStep{Config: c.Config(instance(``) + full), Check: func(s *terraform.State) error {
			b, err := client.CreateBackup(t.Context(), trove.BackupRequest{Name: "theirs", InstanceID: acctest.ID(s, db), ParentID: acctest.ID(s, "trove_backup.full")})
			if err != nil {
				return err
			}
			child = b.ID
			_, err = client.WaitBackup(t.Context(), child)
			return err
		}},
		resource.TestStep{Config: c.Config(instance(``)), ExpectError: regexp.MustCompile(`(?s)would\s+delete\s+them\s+with\s+it:\s+theirs`)},
		resource.TestStep{
			PreConfig: func() {
				if err := client.RemoveBackup(t.Context(), child); err != nil {
					t.Fatal(err)
				}
			},
			Config: c.Config(instance(``)),
		},
	)
}

func strategiesLife(t *testing.T, c *cloud) {
	strategies := func(container string) string {
		return instance(``) + fmt.Sprintf(`
resource "trove_backup_strategy" "project" {
  swift_container = %[1]q
}
resource "trove_backup_strategy" "db" {
  instance_id     = trove_instance.db.id
  swift_container = "%[1]s-of-orders"
}
resource "trove_backup" "b" {
  depends_on      = [trove_backup_strategy.db]
  instance_id     = trove_instance.db.id
  name            = "b"
  swift_container = "elsewhere"
}
resource "trove_backup" "by_strategy" {
  depends_on  = [trove_backup_strategy.db]
  instance_id = trove_instance.db.id
  name        = "by-strategy"
}
`, container)
	}
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	has := func(container string) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			for id, want := range map[string]string{"": container, acctest.ID(s, db): container + "-of-orders"} {
				got, err := client.BackupStrategyOf(t.Context(), id)
				if err != nil || got == nil || got.Container != want {
					return fmt.Errorf("the strategy of %q is %v, want %s: %w", id, got, want, err)
				}
			}
			return nil
		}
	}
	// in is where a backup was stored.
	in := func(name, container string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("trove_backup."+name, tfjsonpath.New("location"), knownvalue.StringRegexp(regexp.MustCompile("/"+container+"/[^/]+$")))
	}
	changed := c.Config(strategies("later"))
	c.Test(t,
		resource.TestStep{
			Config: c.Config(strategies("first")), Check: has("first"),
			ConfigStateChecks: []statecheck.StateCheck{in("b", "elsewhere"), in("by_strategy", "first-of-orders")},
		},
		resource.TestStep{
			Config: changed, Check: has("later"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, "trove_backup_strategy.project", "trove_backup_strategy.db"),
		},
		resource.TestStep{ResourceName: "trove_backup_strategy.project", ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: "trove_backup_strategy.db", ImportState: true, ImportStateVerify: true},
	)
	if left, err := client.BackupStrategies(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// While it is made, Trove up to 24 refuses to delete it, and later ones answer with 500.
func backupRunning(t *testing.T, c *cloud) {
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	c.Test(t, resource.TestStep{Config: c.Config(instance(``)), Check: func(s *terraform.State) error {
		b, err := client.CreateBackup(t.Context(), trove.BackupRequest{Name: "running", InstanceID: acctest.ID(s, db)})
		if err != nil {
			return err
		}
		if err := client.RemoveBackup(t.Context(), b.ID); err != nil {
			return err
		}
		c.expectNoBackups(t, b.ID)
		return nil
	}})
}

// Trove up to 22 takes the name of a driver, and does not use it.
func backupDrivers(t *testing.T, c *cloud) {
	for _, driver := range []string{"swift", "cinder"} {
		cli := acctest.NewCLI(t, c.Config(instance(``)+strings.Replace(full, "  name ", fmt.Sprintf("  storage_driver = %q\n  name ", driver), 1)))
		out := cli.MustRun("apply", "-auto-approve")
		if said, want := strings.Contains(out, "The storage driver was not used"), driver == "cinder" && !since(23); said != want {
			t.Errorf("%s: the apply warns of the driver: %t, want %t\n%s", driver, said, want, out)
		}
		cli.MustRun("plan", "-detailed-exitcode")
		cli.MustRun("destroy", "-auto-approve")
	}
}
