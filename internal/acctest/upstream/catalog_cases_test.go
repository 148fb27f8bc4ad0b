package upstream

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

var catalogCases = []testCase{
	{"limits_datastores_and_volume_types_are_read", catalogRead},
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
