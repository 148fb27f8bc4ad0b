package upstream

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

var catalogCases = []testCase{
	{"limits_datastores_and_volume_types_are_read", catalogRead},
	{"a_log_is_published_and_disabled", logPublished},
}

func catalogRead(t *testing.T, c *cloud) {
	at := func(address, attribute string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+address, tfjsonpath.New(attribute), want)
	}
	const catalog = `
data "trove_limits" "l" {}
data "trove_datastores" "d" {}
data "trove_volume_types" "v" { datastore_type = "mysql" }
`
	c.Test(t,
		resource.TestStep{
			Config: c.Config(catalog),
			ConfigStateChecks: []statecheck.StateCheck{
				at("trove_limits.l", "max_instances", knownvalue.Int64Exact(100)),
				at("trove_limits.l", "max_volume_gb", knownvalue.Int64Exact(10000)),
				at("trove_limits.l", "max_backups", knownvalue.NotNull()),
				at("trove_datastores.d", "types", knownvalue.SetPartial([]knownvalue.Check{knownvalue.StringExact("mysql"), knownvalue.StringExact("couchbase")})),
				at("trove_volume_types.v", "names", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("__DEFAULT__"), knownvalue.StringExact("ssd")})),
			},
		},
		resource.TestStep{
			PreConfig:         func() { c.limit(t, 3) },
			Config:            c.Config(catalog),
			ConfigStateChecks: []statecheck.StateCheck{at("trove_limits.l", "max_instances", knownvalue.Int64Exact(3))},
		},
	)
}

func logPublished(t *testing.T, c *cloud) {
	config := c.Config(instance(``) + "data \"trove_instance_logs\" \"l\" { instance_id = trove_instance.db.id }\n")
	slow := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.trove_instance_logs.l", tfjsonpath.New("logs").AtSliceIndex(1).AtMapKey(attribute), want)
	}
	id := ""
	change := func(operation, want string) func() {
		return func() {
			told, wrong := c.Invoke(t, "trove_instance_log", map[string]string{"instance_id": id, "name": "slow_query", "operation": operation})
			if wrong.Failed() || !strings.Contains(told, want) {
				t.Errorf("%s: %q, %q, want %q", operation, told, wrong.Errors(), want)
			}
		}
	}
	c.Test(t,
		resource.TestStep{
			Config: config, ConfigStateChecks: []statecheck.StateCheck{slow("status", knownvalue.StringExact("Disabled")), slow("container", knownvalue.Null())},
			Check: func(s *terraform.State) error {
				id = acctest.ID(s, db)
				return nil
			},
		},
		resource.TestStep{
			PreConfig: change("publish", "bytes are published in container database_logs, under "), Config: config,
			ConfigStateChecks: []statecheck.StateCheck{slow("status", knownvalue.StringExact("Published")), slow("container", knownvalue.StringExact("database_logs"))},
		},
		resource.TestStep{
			PreConfig: change("disable", ") is in status Disabled."), Config: config, ConfigStateChecks: []statecheck.StateCheck{slow("status", knownvalue.StringExact("Disabled"))},
		},
	)
}
