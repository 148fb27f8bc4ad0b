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
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

const (
	address = "trove_instance.db"
	minimal = `
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`
)

func TestAccInstanceLivesItsWholeLife(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			changed := cloud.Config(`
resource "trove_instance" "db" {
  name      = "orders-2"
  flavor_id = "3"
  volume    = { size = 4 }
  datastore = { type = "mysql", version = "mysql-8.0" }
  networks  = [{ id = "n-1" }]
  access    = { is_public = true, allowed_cidrs = ["192.0.2.0/24", "198.51.100.0/24"] }
}
`)
			cloud.Test(t,
				resource.TestStep{
					Config: cloud.Config(strings.Replace(minimal, "volume ", "networks = [{ id = \"n-1\" }]\n  volume ", 1)),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("ACTIVE")),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("region"), knownvalue.StringExact(acctest.Region)),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("addresses"), knownvalue.ListSizeExact(1)),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("access"), knownvalue.Null()),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("deletion_protection"), knownvalue.Bool(false)),
					},
				},
				resource.TestStep{
					ResourceName: address, ImportState: true, ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"networks"}, // the API does not return it
				},
				resource.TestStep{
					Config: changed,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
						plancheck.ExpectUnknownValue(address, tfjsonpath.New("addresses")),
					}},
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, tfjsonpath.New("name"), knownvalue.StringExact("orders-2")),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("flavor_id"), knownvalue.StringExact("3")),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(4)),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("mysql-8.0")),
					},
					Check: func(s *terraform.State) error {
						return cloud.ExpectInstance(acctest.ID(s, address), acctest.Shown{
							Name: "orders-2", Flavor: "3", Volume: 4, Version: "mysql-8.0", Public: true, CIDRs: []string{"192.0.2.0/24", "198.51.100.0/24"},
						})
					},
				},
				resource.TestStep{
					Config: cloud.Config(`
resource "trove_instance" "db" {
  name      = "orders-2"
  flavor_id = "3"
  volume    = { size = 4 }
  datastore = { type = "mysql", version = "mysql-8.0" }
  networks  = [{ id = "n-1" }]
}
`),
					Check: func(s *terraform.State) error {
						return cloud.ExpectInstance(acctest.ID(s, address), acctest.Shown{Name: "orders-2", Flavor: "3", Volume: 4, Version: "mysql-8.0"})
					},
				},
			)
		})
	}
}

func TestAccInstanceImportPlansEmpty(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(minimal)},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID, Config: cloud.Config(minimal)},
	)
}

func TestAccInstanceReplacesOnlyForWhatCannotChange(t *testing.T) {
	tests := map[string]struct {
		before, after string
		want          plancheck.ResourceActionType
	}{
		"another datastore":         {`datastore = { type = "mysql", version = "mysql-5.7" }`, `datastore = { type = "mariadb", version = "mariadb-10.11" }`, plancheck.ResourceActionReplace},
		"another availability zone": {`availability_zone = "a"`, `availability_zone = "b"`, plancheck.ResourceActionReplace},
		"the zone taken out":        {`availability_zone = "a"`, ``, plancheck.ResourceActionUpdate},
		"a zone where none was":     {``, `availability_zone = "a"`, plancheck.ResourceActionUpdate},
		"protection":                {``, `deletion_protection = false`, plancheck.ResourceActionNoop},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			config := func(lines string) string {
				if !regexp.MustCompile(`datastore`).MatchString(lines) {
					lines += "\n  datastore = { type = \"mysql\", version = \"mysql-5.7\" }"
				}
				return cloud.Config(`
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 2 }
  ` + lines + `
}
`)
			}
			cloud.Test(t,
				resource.TestStep{Config: config(tt.before)},
				resource.TestStep{
					Config:           config(tt.after),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, tt.want)}},
				},
			)
		})
	}
}

func TestAccInstanceVolumeCannotShrink(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(minimal)},
		resource.TestStep{
			Config: cloud.Config(`
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 1 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`has\s+2\s+GB\s+and\s+volume.size\s+is\s+1`),
		},
	)
}

func TestAccInstanceUnderDeletionProtection(t *testing.T) {
	cloud := acctest.NewCloud(t)
	protected := func(value string) string {
		return cloud.Config(`
resource "trove_instance" "db" {
  name                = "orders"
  flavor_id           = "1"
  volume              = { size = 2 }
  datastore           = { type = "mysql", version = "mysql-5.7" }
  deletion_protection = ` + value + `
}
`)
	}
	cloud.Test(t,
		resource.TestStep{Config: protected("true")},
		resource.TestStep{
			Config:      protected("true"),
			Destroy:     true,
			ExpectError: regexp.MustCompile(`is\s+protected\s+by\s+deletion_protection`),
		},
		resource.TestStep{Config: protected("false"), Check: func(*terraform.State) error {
			return cloud.ExpectRequests(map[string]int{"DELETE /instances/{id}": 0, "POST /instances": 1})
		}},
	)
}

func TestAccInstanceGoesThroughItsConfigurationGroups(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			first := cloud.ConfigurationGroup(t, map[string]any{"max_connections": 100})
			second := cloud.ConfigurationGroup(t, map[string]any{"max_connections": 200})
			config := func(group string) string {
				return cloud.Config(`
resource "trove_instance" "db" {
  name             = "orders"
  flavor_id        = "1"
  volume           = { size = 2 }
  datastore        = { type = "mysql", version = "mysql-5.7" }
  configuration_id = ` + group + `
}
`)
			}
			attached := func(want string) func(*terraform.State) error {
				return func(s *terraform.State) error { return cloud.ExpectConfiguration(acctest.ID(s, address), want) }
			}
			cloud.Test(t,
				resource.TestStep{Config: config(`"` + first + `"`), Check: attached(first)},
				resource.TestStep{
					Config: config(`"` + second + `"`), Check: attached(second),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
				},
				resource.TestStep{Config: config(`null`), Check: attached("")},
			)
		})
	}
}

func TestAccInstanceDeletedBehindOurBackIsMadeAgain(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(minimal)},
		resource.TestStep{
			PreConfig: func() { cloud.DeleteBehindOurBack(t, "orders") },
			Config:    cloud.Config(minimal),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
			}},
		},
	)
}

func TestAccInstanceThatCannotBePlanned(t *testing.T) {
	with := func(flavor, datastoreType, version string) string {
		return `
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "` + flavor + `"
  volume    = { size = 2 }
  datastore = { type = "` + datastoreType + `", version = "` + version + `" }
}
`
	}
	tests := map[string]struct {
		config, want string
	}{
		"an unknown flavor":            {config: with("99", "mysql", "mysql-5.7"), want: `flavor_id\s+is\s+"99".*It\s+has:\s+db\.tiny`},
		"a flavor that is misspelt":    {config: with("db.smal", "mysql", "mysql-5.7"), want: `flavor_id\s+is\s+"db\.smal",.*no\s+such\s+flavor\.\s+Did\s+you\s+mean\s+"db\.small"\?`},
		"an unknown datastore":         {config: with("1", "oracle", "23"), want: `datastore\.type\s+is\s+"oracle".*It\s+has:\s+mysql`},
		"an unknown datastore version": {config: with("1", "mysql", "mysql-4.1"), want: `datastore\.version\s+is\s+"mysql-4\.1".*Did\s+you\s+mean\s+"mysql-\d\.\d"\?.*mysql-5\.5,\s+mysql-5\.7,\s+mysql-8\.0`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(tt.config), PlanOnly: true, ExpectError: regexp.MustCompile("(?s)" + tt.want),
			})
		})
	}
}

func placed(line string) string {
	return fmt.Sprintf(`
resource "trove_instance" "placed" {
  name      = "placed"
  flavor_id = "1"
  volume    = { size = 1 }
  datastore = { type = "mysql", version = "mysql-8.0" }
  %s
}
`, line)
}

func TestAccLocality(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(placed(`locality = "soft-anti-affinity"`)))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	all, _ := cloud.State().Instances(identity.DemoProjectID, "", 0)
	if len(all) != 1 || all[0].Locality != "soft-anti-affinity" {
		t.Fatalf("%+v", all)
	}
	id := all[0].ID
	planned := func(line string) string {
		cli.Configure(cloud.Config(placed(line)))
		return cli.MustRun("plan")
	}
	if out := planned(`locality = "affinity"`); !strings.Contains(out, "must be replaced") {
		t.Errorf("another locality does not replace the instance:\n%s", out)
	}
	// An import does not bring it. What is written then is compared with what the server has.
	cli.MustRun("state", "rm", "trove_instance.placed")
	cli.MustRun("import", "trove_instance.placed", id)
	const warning = "The locality is not changed"
	if out := planned(`locality = "soft-anti-affinity"`); strings.Contains(out, warning) || strings.Contains(out, "replaced") {
		t.Errorf("the same locality:\n%s", out)
	}
	if out := planned(`locality = "affinity"`); !strings.Contains(out, warning) || !strings.Contains(out, "soft-anti-affinity, not affinity") || strings.Contains(out, "replaced") {
		t.Errorf("another locality:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
}

// Trove 18 knows no soft localities.
func TestAccLocalityThatTheServerRefuses(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config:      cloud.Config(placed(`locality = "soft-affinity"`)),
		ExpectError: regexp.MustCompile(`(?s)Invalid\s+locality\s+'soft-affinity'.*Nothing\s+was\s+created`),
	})
}
