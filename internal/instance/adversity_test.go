package instance_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

// with is the minimal instance with a further line.
func with(line string) string {
	return strings.Replace(minimal, "volume ", line+"\n  volume ", 1)
}

func TestAccEndpointOverrideWithoutARegionKeepsServingItsInstances(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := fmt.Sprintf(`
provider "trove" {
  auth_url          = %q
  username          = "demo"
  password          = "demo"
  project_name      = "demo"
  endpoint_override = "%s/v1.0/%%(project_id)s"
}
`, cloud.AuthURL(), cloud.URL())
	cloud.Test(t,
		resource.TestStep{
			Config: config + minimal,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("region"), knownvalue.StringExact(acctest.Region)),
			},
		},
	)
}

func TestAccChangeThatTheServerFailsAtIsTheServersError(t *testing.T) {
	tests := map[string]struct{ kind, config string }{
		"access":        {"PUT /instances/{id} access", with(`access = { is_public = true }`)},
		"flavor":        {"POST /instances/{id}/action resize", strings.Replace(minimal, `"1"`, `"2"`, 1)},
		"configuration": {"PUT /instances/{id} configuration", with(`configuration_id = "%s"`)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			config := tt.config
			if strings.Contains(config, "%s") {
				config = fmt.Sprintf(config, cloud.ConfigurationGroup(t, map[string]any{"max_connections": 50}))
			}
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(minimal)},
				resource.TestStep{
					PreConfig: func() {
						cloud.Inject(t, faults.Rule{Do: faults.Status, Status: http.StatusInternalServerError, Message: "The conductor is away.", Kind: strings.Join(strings.Fields(tt.kind)[:2], " ") + "*", Times: faults.Always})
					},
					Config:      cloud.Config(config),
					ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+\w+.*The\s+conductor\s+is\s+away`),
				},
				resource.TestStep{PreConfig: cloud.Faults().Clear, Config: cloud.Config(config)},
			)
		})
	}
}

func TestAccProtectionDoesNotGuardWhatNeverCameToBe(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.InstanceError, Instance: "orders"})
	cloud.Test(t,
		resource.TestStep{
			Config:      cloud.Config(with(`deletion_protection = true`)),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+create`),
		},
		resource.TestStep{
			Config: cloud.Config(with(`deletion_protection = true`)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("deletion_protection"), knownvalue.Bool(true)),
			},
		},
		resource.TestStep{
			Config: cloud.Config(with(`deletion_protection = false`)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{ // the server has nothing to do
				plancheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("ACTIVE")),
			}},
		},
	)
	expectMade(t, cloud, 2, 0)
}

func TestAccProtectionOfAFailedInstanceCanBeTakenAway(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(with(`deletion_protection = true`))},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "restart", Message: "The guest is gone."})
				cloud.RestartBehindOurBack(t, "orders")
			},
			Config: cloud.Config(with(`deletion_protection = false`)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			}},
		},
	)
}

func TestAccInstanceOfAnotherDatastoreTakesThatOnesVersion(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := strings.Replace(minimal, `, version = "mysql-5.7"`, "", 1)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(config)},
		resource.TestStep{
			Config: cloud.Config(strings.Replace(config, `"mysql"`, `"mariadb"`, 1)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("mariadb-10.11")),
			},
		},
	)
}
