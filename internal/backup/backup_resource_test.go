package backup_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
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
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const (
	server = `
resource "trove_instance" "server" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}
resource "trove_database" "shop" {
  instance_id = trove_instance.server.id
  name        = "shop"
}
`
	full = `
resource "trove_backup" "full" {
  depends_on  = [trove_database.shop]
  instance_id = trove_instance.server.id
  name        = "full"
  description = "before the migration"
}
`
)

// names are the project's backups by name.
func names(cloud *acctest.Cloud) (names []string) {
	all, _ := cloud.State().Backups(identity.DemoProjectID, "", "", 0, 0)
	for _, b := range all {
		names = append(names, b.Name)
	}
	slices.Sort(names)
	return names
}

// expect compares the project's backups with what is expected.
func expect(cloud *acctest.Cloud, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := names(cloud); !slices.Equal(got, want) {
			return fmt.Errorf("the server has the backups %v, want %v", got, want)
		}
		return nil
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

func TestAccBackupsAndRestoreOnBothServers(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(server + full + `
resource "trove_backup" "child" {
  instance_id = trove_instance.server.id
  name        = "child"
  parent_id   = trove_backup.full.id
}
resource "trove_backup" "grandchild" {
  instance_id = trove_instance.server.id
  name        = "grandchild"
  incremental = true
  depends_on  = [trove_backup.child]
}
resource "trove_instance" "restored" {
  name         = "restored"
  flavor_id    = "2"
  volume       = { size = 5 }
  datastore    = { type = "mysql", version = "mysql-8.0" }
  restore_from = trove_backup.grandchild.id
}
`)
			cloud.Test(t,
				resource.TestStep{
					Config: config,
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("status"), knownvalue.StringExact("COMPLETED")),
						statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("size"), knownvalue.Float64Exact(0.14)),
						statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("parent_id"), knownvalue.Null()),
						statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("datastore").AtMapKey("type"), knownvalue.StringExact("mysql")),
						statecheck.ExpectKnownValue("trove_backup.full", tfjsonpath.New("location"), knownvalue.StringRegexp(regexp.MustCompile(`^http`))),
						statecheck.ExpectKnownValue("trove_backup.grandchild", tfjsonpath.New("parent_id"), knownvalue.NotNull()),
					},
					Check: func(s *terraform.State) error {
						got, _, err := cloud.State().Databases(identity.DemoProjectID, acctest.ID(s, "trove_instance.restored"), "", 0)
						if err != nil || len(got) != 1 || got[0].Name != "shop" {
							return fmt.Errorf("the restored instance has the databases %v, %w", got, err)
						}
						return cloud.ExpectRequests(map[string]int{"POST /backups": 3, "POST /instances": 2})
					},
				},
				resource.TestStep{ResourceName: "trove_backup.full", ImportState: true, ImportStateVerify: true},
				resource.TestStep{ResourceName: "trove_backup.grandchild", ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"incremental"}},
				resource.TestStep{ResourceName: "trove_instance.restored", ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"restore_from"}},
			)
			if left := names(cloud); len(left) > 0 {
				t.Errorf("the backups %v are left", left)
			}
		})
	}
}

// Without a reference, Terraform creates and deletes both at once.
func TestAccBackupsOfOneInstanceTakeTurns(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = 300 * time.Millisecond })
	config := cloud.Config(server + `
resource "trove_backup" "b" {
  count       = 4
  depends_on  = [trove_database.shop]
  instance_id = trove_instance.server.id
  name        = "b${count.index}"
  incremental = true
}
resource "trove_mysql_replica" "replica" {
  depends_on = [trove_database.shop]
  name       = "replica"
  replica_of = [trove_instance.server.id]
}
`)
	cloud.Test(t, resource.TestStep{Config: config, Check: func(s *terraform.State) error {
		if err := cloud.ExpectRequests(map[string]int{"POST /backups": 4}); err != nil {
			return err
		}
		return expect(cloud, "b0", "b1", "b2", "b3")(s)
	}})
	if left := names(cloud); len(left) > 0 {
		t.Errorf("the backups %v are left", left)
	}
}

func TestAccBackupOutlivesItsInstance(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(server + full)},
		resource.TestStep{
			PreConfig: func() { cloud.DeleteBehindOurBack(t, "orders") },
			Config: cloud.Config(strings.ReplaceAll(full, "trove_instance.server.id", "\"gone\"\n  lifecycle {\n    ignore_changes = [instance_id]\n  }") +
				`
resource "trove_instance" "restored" {
  name         = "restored"
  flavor_id    = "2"
  volume       = { size = 5 }
  datastore    = { type = "mysql", version = "mysql-5.7" }
  restore_from = trove_backup.full.id
}
` + strings.ReplaceAll(server, "orders", "orders-2")),
			Check: expect(cloud, "full"),
		},
	)
}

func TestAccFailedBackupIsSaidAndReplaced(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "backup", Instance: "orders"})
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(server + full), ExpectError: regexp.MustCompile(`(?s)in\s+status\s+FAILED.*marked\s+as\s+tainted`)},
				resource.TestStep{Config: cloud.Config(server + full), Check: expect(cloud, "full")},
			)
			if err := cloud.ExpectRequests(map[string]int{"POST /backups": 2, "DELETE /backups/{id}": 2}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLostAnswersAboutABackupAreSettledByLooking(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rule  faults.Rule
		posts int
	}{
		"creation, answer lost":      {faults.Rule{Do: faults.LoseAnswer, Kind: "POST /backups"}, 1},
		"creation, 500 after it":     {faults.Rule{Do: faults.Status, Status: 500, AfterWork: true, Kind: "POST /backups"}, 1},
		"creation, 500 in its place": {faults.Rule{Do: faults.Status, Status: 500, Kind: "POST /backups"}, 2},
		"deletion, answer lost":      {faults.Rule{Do: faults.LoseAnswer, Kind: "DELETE /backups/{id}"}, 1},
		"deletion, 500 in its place": {faults.Rule{Do: faults.Status, Status: 500, Kind: "DELETE /backups/{id}"}, 1},
		"looking, unavailable":       {faults.Rule{Do: faults.Status, Status: 500, Kind: "GET /backups/{id}", Times: 3}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			run := cloud.NewDriver(t, map[string]string{"request_timeout": "1s"})
			id := run.CreateMySQL()
			cloud.Inject(t, tt.rule)
			written := fmt.Sprintf(`{"instance_id": %q, "name": "full"}`, id)
			made := run.Must(run.Create("trove_backup", written))
			if got := names(cloud); !slices.Equal(got, []string{"full"}) {
				t.Errorf("the server has the backups %v", got)
			}
			made = run.Must(run.Refresh(made))
			if change, diags := run.Plan(made, written); !run.NoOp(change) || diags.Failed() {
				t.Errorf("the next plan changes something: %s", diags.Text())
			}
			run.Must(run.Destroy(made))
			if err := cloud.ExpectRequests(map[string]int{"POST /backups": tt.posts}); err != nil {
				t.Error(err)
			}
			if fired := cloud.Faults().List()[0].Fired; fired == 0 {
				t.Error("the fault did not happen")
			}
			if left := names(cloud); len(left) > 0 {
				t.Errorf("the backups %v are left", left)
			}
		})
	}
}

// The server would delete what somebody else made on top.
func TestAccBackupThatOthersStandOnIsKept(t *testing.T) {
	cloud := acctest.NewCloud(t)
	var child string
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(server + full), Check: func(s *terraform.State) error {
			b, err := cloud.State().CreateBackup(identity.DemoProjectID, state.BackupRequest{
				Name: "theirs", InstanceID: acctest.ID(s, "trove_instance.server"), ParentID: acctest.ID(s, "trove_backup.full"),
			})
			child = b.ID
			return err
		}},
		resource.TestStep{Config: cloud.Config(server), ExpectError: regexp.MustCompile(`(?s)would\s+delete\s+them\s+with\s+it:\s+theirs`)},
		resource.TestStep{
			PreConfig: func() {
				if err := cloud.State().DeleteBackup(identity.DemoProjectID, child); err != nil {
					t.Fatal(err)
				}
			},
			Config: cloud.Config(server), Check: expect(cloud),
		},
	)
}

func TestAccBackupGoneBehindOurBackIsMadeAgain(t *testing.T) {
	cloud := acctest.NewCloud(t)
	var id string
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(server + full), Check: func(s *terraform.State) error {
			id = acctest.ID(s, "trove_backup.full")
			return nil
		}},
		resource.TestStep{
			PreConfig: func() {
				if err := cloud.State().DeleteBackup(identity.DemoProjectID, id); err != nil {
					t.Fatal(err)
				}
				for len(names(cloud)) > 0 {
					time.Sleep(10 * time.Millisecond)
				}
			},
			Config: cloud.Config(server + full),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_backup.full", plancheck.ResourceActionCreate),
			}},
		},
	)
}

func TestAccBackupWaitsForAnInstanceThatIsBusy(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = 700 * time.Millisecond })
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(server)},
		resource.TestStep{
			PreConfig: func() { cloud.RestartBehindOurBack(t, "orders") },
			Config:    cloud.Config(server + full),
			Check: func(*terraform.State) error {
				return cloud.ExpectRequests(map[string]int{"POST /backups": 1})
			},
		},
	)
}

// restored restores from the backup of these further lines.
func restored(lines string) string {
	return `
resource "trove_instance" "restored" {
  name      = "restored"
  flavor_id = "2"
  ` + lines + `
}
`
}

func TestAccRestoreIsCheckedInThePlan(t *testing.T) {
	cloud := acctest.NewCloud(t)
	const mysql = "datastore = { type = \"mysql\", version = \"mysql-8.0\" }\n  volume = { size = 5 }\n"
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(server + full)},
		resource.TestStep{
			Config:      cloud.Config(server + full + restored(mysql+`restore_from = "99999999-9999-4999-8999-999999999999"`)),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`There\s+is\s+no\s+backup\s+99999999`),
		},
		resource.TestStep{
			Config: cloud.Config(server + full + restored("datastore = { type = \"mariadb\", version = \"mariadb-10.11\" }\n  volume = { size = 5 }\n"+
				`restore_from = trove_backup.full.id`)),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`is\s+one\s+of\s+mysql,\s+and\s+datastore.type\s+is\s+mariadb`),
		},
		// What exists is neither restored nor replaced by adding it, but another backup replaces.
		resource.TestStep{Config: cloud.Config(server + full + restored(mysql))},
		resource.TestStep{
			Config: cloud.Config(server + full + restored(mysql+`restore_from = trove_backup.full.id`)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_instance.restored", plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{
			Config: cloud.Config(server + full + `
resource "trove_backup" "second" {
  instance_id = trove_instance.server.id
  name        = "second"
}
` + restored(mysql+`restore_from = trove_backup.second.id`)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_instance.restored", plancheck.ResourceActionReplace),
			}},
		},
	)
}

// A backup that fails while it is waited for leaves nothing behind.
func TestAccRestoreFromABackupThatFailsCreatesNothing(t *testing.T) {
	t.Parallel()
	var (
		late  atomic.Bool // an hour has passed
		asked atomic.Int32
	)
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) {
		o.ActionTime = 30 * time.Minute
		o.Now = func() time.Time {
			now := time.Now()
			if late.Load() {
				now = now.Add(time.Hour)
			}
			return now
		}
	})
	orders := cloud.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "orders", FlavorRef: "2", Volume: &trove.Volume{Size: 5}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-8.0"},
	})
	cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "backup", Instance: "orders"})
	running, err := cloud.State().CreateBackup(identity.DemoProjectID, state.BackupRequest{Name: "theirs", InstanceID: orders})
	if err != nil {
		t.Fatal(err)
	}
	proxy := acctest.NewFaultProxy(t, cloud)
	var applies atomic.Bool
	proxy.Before = func(h acctest.Heard) {
		if applies.Load() && h.Path == "/backups/"+running.ID && asked.Add(1) == 2 {
			late.Store(true)
		}
	}
	cli := acctest.NewCLI(t, proxy.Config("")+restored("datastore = { type = \"mysql\", version = \"mysql-8.0\" }\n  volume = { size = 5 }\n  restore_from = \""+running.ID+"\""))
	cli.MustRun("plan", "-out", "saved")
	applies.Store(true)
	for _, step := range []struct{ command, want string }{
		{"saved", `Unable to restore backup.*in status FAILED.*Nothing was created`},
		{"-auto-approve", `nothing can be restored`}, // what has failed is refused in the plan
	} {
		if out, err := cli.Run("apply", step.command); err == nil || !regexp.MustCompile(step.want).MatchString(out) {
			t.Errorf("%v, want %s:\n%s", err, step.want, out)
		}
	}
	if asked.Load() < 2 {
		t.Error("the backup was not waited for")
	}
	if ever, _ := cloud.Made(); ever != 1 {
		t.Errorf("%d instances were made, want 1", ever)
	}
}

func TestAccRestoreByNamesAndByIDs(t *testing.T) {
	const ids = `
data "trove_datastore_version" "v" {
  type    = "mysql"
  version = "mysql-8.0"
}
data "trove_datastore_version" "other" {
  type = "mariadb"
}
`
	instance := func(name, flavor, datastore string) string {
		return fmt.Sprintf(`
resource "trove_instance" %q {
  name         = %q
  flavor_id    = %q
  volume       = { size = 5 }
  datastore    = %s
  restore_from = trove_backup.full.id
}
`, name, name, flavor, datastore)
	}
	const byIDs = `{ type = data.trove_datastore_version.v.datastore_id, version = data.trove_datastore_version.v.id }`
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(server + full + ids + instance("names", "db.medium", `{ type = "mysql", version = "mysql-8.0" }`) + instance("ids", "3", byIDs))
			has := func(s *terraform.State) error {
				for _, restored := range []string{"names", "ids"} {
					if err := cloud.ExpectInstance(acctest.ID(s, "trove_instance."+restored), acctest.Shown{
						Name: restored, Flavor: "3", Volume: 5, Version: "mysql-8.0",
					}); err != nil {
						return err
					}
				}
				return nil
			}
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(server + full + ids)},
				resource.TestStep{
					Config:   cloud.Config(server + full + ids + instance("other", "db.medium", `{ type = data.trove_datastore_version.other.datastore_id }`)),
					PlanOnly: true, ExpectError: regexp.MustCompile(`is\s+one\s+of\s+mysql,\s+and\s+datastore\.type\s+is\s+mariadb`),
				},
				resource.TestStep{Config: config, Check: has},
			)
		})
	}
}

func TestAccBackupByAnotherDriver(t *testing.T) {
	body := server + `
resource "trove_backup" "snapshot" {
  instance_id    = trove_instance.server.id
  name           = "snapshot"
  storage_driver = "cinder"
}
`
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cli := acctest.NewCLI(t, cloud.Config(body))
			out := cli.MustRun("apply", "-auto-approve")
			ignored := strings.Contains(out, "The storage driver was not used")
			if b, _ := cloud.State().Backups(identity.DemoProjectID, "", "", 0, 0); len(b) != 1 || strings.HasPrefix(b[0].Location, "cinder://") == ignored {
				t.Errorf("%+v, and the warning: %t\n%s", b, ignored, out)
			}
			cli.MustRun("plan", "-detailed-exitcode")
			cli.Configure(cloud.Config(strings.ReplaceAll(body, "cinder", "swift")))
			if out := cli.MustRun("plan"); !strings.Contains(out, "1 to add, 0 to change, 1 to destroy") {
				t.Errorf("another driver does not replace the backup:\n%s", out)
			}
			cli.Configure(cloud.Config(strings.ReplaceAll(body, "cinder", "tape")))
			if out, err := cli.Run("plan"); err == nil || !strings.Contains(out, `"cinder"`) {
				t.Errorf("%v\n%s", err, out)
			}
			cli.Configure(cloud.Config(body))
			cli.MustRun("destroy", "-auto-approve")
		})
	}
}
