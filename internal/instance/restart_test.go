package instance_test

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
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

const restarts = "POST /instances/{id}/action restart"

// groups are two configuration groups of which only a restart applies all, and one that takes effect at once.
func groups(openFiles int) string {
	group := `
resource "trove_configuration" "%s" {
  name      = "%[1]s"
  datastore = { type = "mysql", version = "mysql-5.7" }
  values    = { %s }
}
`
	return fmt.Sprintf(group, "files", fmt.Sprintf("innodb_open_files = %d", openFiles)) + fmt.Sprintf(group, "schema", "performance_schema = true") +
		fmt.Sprintf(group, "dynamic", "max_connections = 200")
}

// attached is an instance with one of the groups, or with none where that is "".
func attached(group, policy string) string {
	id := "null"
	if group != "" {
		id = "trove_configuration." + group + ".id"
	}
	return with(fmt.Sprintf("configuration_id = %s\n  restart_policy = %q", id, policy))
}

func expectOutput(t *testing.T, out string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile("(?s)" + pattern).MatchString(out) {
			t.Errorf("the output does not match %q:\n%s", pattern, out)
		}
	}
}

func TestAccRestartThatIsNeededIsLeftToTheUser(t *testing.T) {
	t.Parallel()
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			cli := acctest.NewCLI(t, cloud.Config(groups(400)+attached("", "never")))
			cli.MustRun("apply", "-auto-approve")

			cli.Configure(cloud.Config(groups(400) + attached("files", "never")))
			expectOutput(t, cli.MustRun("apply", "-auto-approve"),
				`Warning: A restart will be required.*innodb_open_files of the group that is attached.*RESTART_REQUIRED until it is restarted`,
				`Warning: A restart is required.*openstack database instance restart`)
			if out := cli.MustRun("plan"); !strings.Contains(out, "No changes") {
				t.Errorf("a restart that is left to the user is planned:\n%s", out)
			}

			// Trove detaches nothing from an instance that waits for a restart.
			cli.Configure(cloud.Config(groups(400) + attached("dynamic", "never")))
			if out, err := cli.Run("apply", "-auto-approve"); err == nil {
				t.Errorf("the group was changed before the restart:\n%s", out)
			} else {
				expectOutput(t, out, `innodb_open_files of the group that is detached.*ends with an error`, `Error: Unable to change the configuration of.*must be restarted`)
			}
			cloud.RestartBehindOurBack(t, "orders")
			if out, err := cli.Run("apply", "-auto-approve"); err == nil {
				t.Errorf("a group was attached before the restart that the detaching takes:\n%s", out)
			}
			cloud.RestartBehindOurBack(t, "orders")
			cli.MustRun("apply", "-auto-approve")
			if out := cli.MustRun("plan"); !strings.Contains(out, "No changes") {
				t.Errorf("something is left to do:\n%s", out)
			}
			cli.MustRun("destroy", "-auto-approve")
			if err := cloud.ExpectRequests(map[string]int{restarts: 2}); err != nil { // somebody else's
				t.Error(err)
			}
		})
	}
}

func TestAccRestartThatIsNeededIsMadeWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			made := 0
			cli := acctest.NewCLI(t, cloud.Config(groups(400)+attached("", "if_needed")))
			apply := func(configuration string, more int, patterns ...string) {
				t.Helper()
				cli.Configure(cloud.Config(configuration))
				out := cli.MustRun("apply", "-auto-approve")
				expectOutput(t, out, patterns...)
				if made += more; cloud.Ledger().Count(restarts) != made {
					t.Errorf("%d restarts were sent, want %d:\n%s", cloud.Ledger().Count(restarts), made, out)
				}
			}
			cli.Configure(cloud.Config(attached("", "if_needed")))
			cli.MustRun("apply", "-auto-approve")
			cli.Configure(cloud.Config(groups(400) + attached("files", "if_needed")))
			expectOutput(t, cli.MustRun("plan"), `Warning: The instance may be restarted.*group is not known yet`)
			apply(groups(400)+attached("", "if_needed"), 0)
			apply(groups(400)+attached("dynamic", "if_needed"), 0)
			apply(groups(400)+attached("files", "if_needed"), 1, `Warning: The instance will be restarted.*innodb_open_files of the group that is attached\. The apply restarts it\.`)
			apply(groups(400)+attached("schema", "if_needed"), 2, `innodb_open_files of the group that is detached, and performance_schema of the group that is attached\. The apply restarts it twice`)
			apply(groups(400)+attached("dynamic", "if_needed"), 1, `performance_schema of the group that is detached\. The apply restarts it\.`)
			apply(groups(400)+attached("files", "if_needed"), 1)
			apply(groups(400)+attached("", "if_needed"), 1)
			apply(groups(400)+attached("", "never"), 0)
			if out := cli.MustRun("plan"); !strings.Contains(out, "No changes") {
				t.Errorf("something is left to do:\n%s", out)
			}
			cli.MustRun("destroy", "-auto-approve")
		})
	}
}

func TestAccGroupThatChangesHasItsInstanceRestartedByTheNextApply(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			waits := statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("RESTART_REQUIRED"))
			ready := statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("ACTIVE"))
			counted := func(want int) func(*terraform.State) error {
				return func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{restarts: want}) }
			}
			restarted := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("status")),
			}}
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(groups(400) + attached("files", "if_needed")), Check: counted(0)},
				// The plan of this apply cannot see what the change of the group will do to the instance.
				resource.TestStep{Config: cloud.Config(groups(500) + attached("files", "if_needed")), Check: counted(0), ExpectNonEmptyPlan: true},
				resource.TestStep{
					Config: cloud.Config(groups(500) + attached("files", "if_needed")), ConfigPlanChecks: restarted, Check: counted(1),
					ConfigStateChecks: []statecheck.StateCheck{ready},
				},
				resource.TestStep{Config: cloud.Config(groups(600) + attached("files", "never")), Check: counted(1)},
				resource.TestStep{RefreshState: true},
				resource.TestStep{Config: cloud.Config(groups(600) + attached("files", "never")), ConfigStateChecks: []statecheck.StateCheck{waits}},
				// The policy is enough to have it done, and the restart's answer may be lost.
				resource.TestStep{
					PreConfig: func() { cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: restarts}) },
					Config:    cloud.Config(groups(600) + attached("files", "if_needed")), ConfigPlanChecks: restarted, Check: counted(2),
					ConfigStateChecks: []statecheck.StateCheck{ready},
				},
				// A restart comes before a change over which Trove would forget it.
				resource.TestStep{Config: cloud.Config(groups(700) + attached("files", "if_needed")), ExpectNonEmptyPlan: true},
				resource.TestStep{
					Config: cloud.Config(groups(700) + strings.Replace(attached("files", "if_needed"), "restart_policy", "access = { is_public = true }\n  restart_policy", 1)),
					Check:  counted(3), ConfigStateChecks: []statecheck.StateCheck{ready},
				},
			)
		})
	}
}

func TestAccGroupOfAnotherVersion(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	group := cloud.ConfigurationGroup(t, map[string]any{"max_connections": 100}) // for MySQL 5.7
	eight := func(configuration string) string {
		return cloud.Config(strings.Replace(with("configuration_id = "+configuration), "mysql-5.7", "mysql-8.0", 1))
	}
	cli := acctest.NewCLI(t, eight(`"`+group+`"`))
	expectOutput(t, cli.MustRun("plan"), `Warning: Configuration group of another version.*which is for mysql mysql-5\.7, and the instance has mysql mysql-8\.0`)
	cli.Configure(eight("null"))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(eight(`"` + group + `"`))
	if out, err := cli.Run("plan"); err == nil {
		t.Errorf("a group that the server would refuse is planned:\n%s", out)
	} else {
		expectOutput(t, out, `Error: Configuration group of another version.*attaches it only to its own version`)
	}
	cli.Configure(eight("null"))
	cli.MustRun("destroy", "-auto-approve")
}
