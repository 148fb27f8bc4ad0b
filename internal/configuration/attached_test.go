package configuration_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

func TestAccPlanAndApplyNameTheInstancesThatNeedARestart(t *testing.T) {
	t.Parallel()
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			cli := acctest.NewCLI(t, cloud.Config(group(`max_connections = 200, wait_timeout = 60`, ``)+instance(ofGroup)))
			if out := cli.MustRun("apply", "-auto-approve"); strings.Contains(out, "Warning: A restart") {
				t.Errorf("nothing needs a restart, and yet:\n%s", out)
			}
			cli.Configure(cloud.Config(group(`max_connections = 200`, ``) + instance(ofGroup)))
			expect(t, cli.MustRun("apply", "-auto-approve"), `Warning: Parameters are removed.*wait_timeout.*keeps its value until the next restart of these instances: orders \(`)

			cli.Configure(cloud.Config(group(`max_connections = 200, innodb_open_files = 400`, ``) + instance(ofGroup)))
			expect(t, cli.MustRun("plan"), `Warning: A restart will be required.*innodb_open_files can be set only when the database starts.*RESTART_REQUIRED: orders \(`)
			expect(t, cli.MustRun("apply", "-auto-approve"), `Warning: A restart is required.*These instances require one: orders \(`)
			cloud.RestartBehindOurBack(t, "orders")

			// Trove applies the whole group anew even where only its name changes.
			cli.Configure(cloud.Config(strings.Replace(group(`max_connections = 200, innodb_open_files = 400`, ``), `"settings"
  datastore`, `"renamed"
  datastore`, 1) + instance(ofGroup)))
			expect(t, cli.MustRun("apply", "-auto-approve"), `A restart will be required.*A restart is required`)
			cli.MustRun("destroy", "-auto-approve")
			if err := cloud.NothingAlive(); err != nil {
				t.Error(err)
			}
		})
	}
}

func expect(t *testing.T, out, pattern string) {
	t.Helper()
	if !regexp.MustCompile("(?s)" + pattern).MatchString(out) {
		t.Errorf("the output does not match %q:\n%s", pattern, out)
	}
}

func TestAccAttachedGroupIsNotDeleted(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(group(`max_connections = 200`, ``))
			var id string
			cloud.Test(t,
				resource.TestStep{Config: config, Check: func(s *terraform.State) error { id = acctest.ID(s, address); return nil }},
				resource.TestStep{
					PreConfig:   func() { cloud.CreateConfiguredBehindOurBack(t, "elsewhere", id) },
					Config:      config,
					Destroy:     true,
					ExpectError: regexp.MustCompile(`(?s)Unable to delete configuration group settings.*400.*it\s+is\s+attached\s+to\s+elsewhere\s+\(.*create_before_destroy`),
				},
				resource.TestStep{PreConfig: func() { cloud.DeleteBehindOurBack(t, "elsewhere") }, Config: config, PlanOnly: true},
			)
		})
	}
}

func TestAccInstanceLetsGoOfAGroupThatIsDeletedInTheSameApply(t *testing.T) {
	tests := map[string]string{
		"the instance is changed first":       group(`max_connections = 200`, `lifecycle { create_before_destroy = true }`) + instance(ofGroup),
		"both at once, without any reference": "",
	}
	for name, config := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			steps := []resource.TestStep{{Config: cloud.Config(config)}}
			if config == "" {
				var id string
				steps = []resource.TestStep{{
					Config: cloud.Config(group(`max_connections = 200`, ``) + instance("null")),
					Check:  func(s *terraform.State) error { id = acctest.ID(s, address); return nil },
				}, {
					PreConfig:          func() { cloud.AttachBehindOurBack(t, "orders", id) },
					RefreshState:       true,
					ExpectNonEmptyPlan: true,
				}}
			}
			cloud.Test(t, append(steps, resource.TestStep{
				Config: cloud.Config(instance("null")),
				Check: func(s *terraform.State) error {
					return cloud.ExpectConfiguration(acctest.ID(s, "trove_instance.orders"), "")
				},
			})...)
			if err := cloud.ExpectRequests(map[string]int{creations: 1}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccReplacedGroupHandsItsInstancesOver(t *testing.T) {
	const first = "lifecycle { create_before_destroy = true }"
	cloud := acctest.NewCloud(t)
	upgraded := func(config string) string { return strings.ReplaceAll(config, "mysql-5.7", "mysql-8.0") }
	var id string
	cloud.Test(t,
		resource.TestStep{
			Config: cloud.Config(group(`max_connections = 200`, first) + instance(ofGroup)),
			Check:  func(s *terraform.State) error { id = acctest.ID(s, address); return nil },
		},
		resource.TestStep{
			Config: cloud.Config(upgraded(group(`max_connections = 200`, first) + instance(ofGroup))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreateBeforeDestroy),
				plancheck.ExpectResourceAction("trove_instance.orders", plancheck.ResourceActionUpdate),
			}},
			Check: func(s *terraform.State) error {
				now := acctest.ID(s, address)
				if now == id {
					return fmt.Errorf("the group is still %s", id)
				}
				return cloud.ExpectConfiguration(acctest.ID(s, "trove_instance.orders"), now)
			},
		},
	)
}
