package backupstrategy_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

const (
	server = `
resource "trove_instance" "server" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}
`
	ofProject  = "trove_backup_strategy.project"
	ofInstance = "trove_backup_strategy.server"
)

func strategies(project, instance string) string {
	return fmt.Sprintf(`
resource "trove_backup_strategy" "project" { swift_container = %q }
resource "trove_backup_strategy" "server" {
  instance_id     = trove_instance.server.id
  swift_container = %q
}
`, project, instance)
}

// has compares the project's strategies, those of the instance after that of the project.
func has(cloud *acctest.Cloud, project, instance string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		want := []state.BackupStrategy{{Container: project}, {InstanceID: acctest.ID(s, "trove_instance.server"), Container: instance}}
		got := cloud.State().BackupStrategies(identity.DemoProjectID, "")
		if !slices.Equal(got, want) {
			return fmt.Errorf("the server has %v, want %v", got, want)
		}
		return nil
	}
}

func locatedIn(address, container string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.StringRegexp(regexp.MustCompile("/AUTH_sandbox/"+container+"/")))
}

func TestAccBackupStrategiesOnBothServers(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			backups := `
resource "trove_backup" "by_strategy" {
  depends_on  = [trove_backup_strategy.project, trove_backup_strategy.server]
  instance_id = trove_instance.server.id
  name        = "by-strategy"
}
resource "trove_backup" "elsewhere" {
  instance_id     = trove_instance.server.id
  name            = "elsewhere"
  swift_container = "special"
}
`
			begun, changed := cloud.Config(server+strategies("all", "ours")+backups), cloud.Config(server+strategies("every", "theirs"))
			cloud.Test(t,
				resource.TestStep{Config: begun, Check: has(cloud, "all", "ours"), ConfigStateChecks: []statecheck.StateCheck{
					locatedIn("trove_backup.by_strategy", "ours"), locatedIn("trove_backup.elsewhere", "special"),
					statecheck.ExpectKnownValue(ofProject, tfjsonpath.New("id"), knownvalue.StringExact("project")),
					statecheck.ExpectKnownValue(ofInstance, tfjsonpath.New("backend"), knownvalue.StringExact("swift")),
				}},
				resource.TestStep{
					Config: changed, Check: has(cloud, "every", "theirs"),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(ofProject, plancheck.ResourceActionUpdate), plancheck.ExpectResourceAction(ofInstance, plancheck.ResourceActionUpdate),
					}},
				},
				resource.TestStep{ResourceName: ofProject, ImportState: true, ImportStateVerify: true},
				resource.TestStep{ResourceName: ofInstance, ImportState: true, ImportStateVerify: true},
				resource.TestStep{
					PreConfig: func() { cloud.State().DeleteBackupStrategy(identity.DemoProjectID, "") },
					Config:    changed, Check: has(cloud, "every", "theirs"),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(ofProject, plancheck.ResourceActionCreate)}},
				},
			)
			if left := cloud.State().BackupStrategies(identity.DemoProjectID, ""); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

func TestAccBackupStrategyIsRefused(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.State().SetBackupStrategy(identity.DemoProjectID, state.BackupStrategy{Container: "theirs"})
	of := func(lines string) string {
		return cloud.Config("resource \"trove_backup_strategy\" \"project\" {\n" + lines + "\n}\n")
	}
	notOffered := faults.Rule{Do: faults.Status, Status: 404, Message: "The resource could not be found.", Kind: "GET /backup_strategies", Times: faults.Always}
	cloud.Test(t,
		resource.TestStep{Config: of(`swift_container = "ours"`), ExpectError: regexp.MustCompile(`(?s)exists\s+already.*terraform\s+import\s+trove_backup_strategy\.NAME\s+'project'`)},
		resource.TestStep{Config: of(`swift_container = "a/b"`), ExpectError: regexp.MustCompile(`Invalid container name`)},
		resource.TestStep{
			Config:      of("swift_container = \"ours\"\ninstance_id = \"11111111-1111-4111-8111-111111111111\""),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`(?s)Unknown\s+instance`),
		},
		resource.TestStep{
			PreConfig: func() { cloud.State().DeleteBackupStrategy(identity.DemoProjectID, "") },
			Config:    of(`swift_container = "ours"`),
		},
		resource.TestStep{
			PreConfig: func() { cloud.Inject(t, notOffered) },
			Config:    of(`swift_container = "ours"`), ExpectError: regexp.MustCompile(`(?s)This\s+Trove\s+does\s+not\s+offer\s+backup\s+strategies`),
		},
		resource.TestStep{PreConfig: func() { cloud.Faults().Clear() }, Config: of(`swift_container = "ours"`), PlanOnly: true},
	)
}

// Where the answer is lost the strategy is there all the same, and nothing is made twice.
func TestAccBackupStrategyWhoseAnswerIsLost(t *testing.T) {
	for _, kind := range []string{"POST /backup_strategies", "DELETE /backup_strategies"} {
		t.Run(kind, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: kind})
			cloud.Test(t, resource.TestStep{Config: cloud.Config(server + strategies("all", "ours")), Check: has(cloud, "all", "ours")})
			if left := cloud.State().BackupStrategies(identity.DemoProjectID, ""); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}
