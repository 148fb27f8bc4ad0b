package datastoreversion_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

const version = "data.trove_datastore_version.v"

func versionOf(lines string) string {
	return fmt.Sprintf("data \"trove_datastore_version\" \"v\" {\n%s\n}\n", lines)
}

func shows(address string, values map[string]knownvalue.Check) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for attribute, want := range values {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want))
	}
	return checks
}

func TestAccDatastoreVersion(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			connections := knownvalue.ObjectExact(map[string]knownvalue.Check{
				"type": knownvalue.StringExact("integer"), "min": knownvalue.Int64Exact(1), "max": knownvalue.Int64Exact(100000), "restart_required": knownvalue.Bool(false),
			})
			cloud.Test(t,
				resource.TestStep{
					Config: cloud.Config(versionOf(`type = "mysql"`)),
					ConfigStateChecks: shows(version, map[string]knownvalue.Check{
						"version": knownvalue.StringExact("mysql-8.0"), "number": knownvalue.StringExact("8.0.40"), "is_default": knownvalue.Bool(true),
						"versions": knownvalue.ListExact([]knownvalue.Check{
							knownvalue.StringExact("mysql-5.5"), knownvalue.StringExact("mysql-5.7"), knownvalue.StringExact("mysql-8.0"),
						}),
						"parameters": knownvalue.MapPartial(map[string]knownvalue.Check{
							"max_connections":   connections,
							"innodb_open_files": knownvalue.ObjectPartial(map[string]knownvalue.Check{"restart_required": knownvalue.Bool(true)}),
							"long_query_time":   knownvalue.ObjectPartial(map[string]knownvalue.Check{"max": knownvalue.Null()}),
						}),
					}),
				},
				// Its own ids find it as well.
				resource.TestStep{
					Config: cloud.Config(versionOf("type = \"mysql\"\nversion = \"mysql-5.7\"") + `
data "trove_datastore_version" "again" {
  type    = data.trove_datastore_version.v.datastore_id
  version = data.trove_datastore_version.v.id
}
output "same" { value = data.trove_datastore_version.again.number == data.trove_datastore_version.v.number }
`),
					ConfigStateChecks: append(shows(version, map[string]knownvalue.Check{"is_default": knownvalue.Bool(false), "number": knownvalue.StringExact("5.7.44")}),
						statecheck.ExpectKnownOutputValue("same", knownvalue.Bool(true))),
				},
				resource.TestStep{
					Config:            cloud.Config(versionOf(`type = "couchbase"`)),
					ConfigStateChecks: shows(version, map[string]knownvalue.Check{"parameters": knownvalue.MapSizeExact(0)}),
				},
			)
		})
	}
}

func TestAccDatastoreVersionThatIsNotThere(t *testing.T) {
	cloud := acctest.NewCloud(t)
	for lines, want := range map[string]string{
		`type = "mysq"`: `no datastore "mysq"\.\s+Did\s+you\s+mean\s+"mysql"`,
		"type = \"mysql\"\nversion = \"mysql-5.8\"": `no version of mysql "mysql-5.8"\.\s+Did\s+you\s+mean\s+"mysql-5.[57]".*mysql-8.0`,
	} {
		t.Run(want, func(t *testing.T) {
			cloud.Test(t, resource.TestStep{Config: cloud.Config(versionOf(lines)), ExpectError: regexp.MustCompile(`(?s)` + want)})
		})
	}
}

// Released Trove answers 500 for the list of Cassandra's parameters.
func TestAccDatastoreVersionWithoutItsParameters(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 500, Kind: "GET /datastores/{datastore}/versions/{version}/parameters", Times: faults.Always})
	cli := acctest.NewCLI(t, cloud.Config(versionOf(`type = "cassandra"`)+`output "id" { value = data.trove_datastore_version.v.id }`))
	out := cli.MustRun("apply", "-auto-approve")
	if !regexp.MustCompile(`Warning: The parameters are not known.*cassandra cassandra-4\.1.*500`).MatchString(out) {
		t.Errorf("nothing is said of the parameters:\n%s", out)
	}
}
