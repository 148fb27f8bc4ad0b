package volumetype_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/volumetype"
)

const types = "data.trove_volume_types.t"

func typesOf(lines string) string { return "data \"trove_volume_types\" \"t\" {\n" + lines + "\n}\n" }

func TestAccVolumeTypes(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			named := statecheck.ExpectKnownValue(types, tfjsonpath.New("names"), knownvalue.ListExact([]knownvalue.Check{
				knownvalue.StringExact("__DEFAULT__"), knownvalue.StringExact("ssd"),
			}))
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(typesOf(`datastore_type = "mysql"`)), ConfigStateChecks: []statecheck.StateCheck{
					named,
					statecheck.ExpectKnownValue(types, tfjsonpath.New("datastore_version"), knownvalue.StringExact("mysql-8.0")),
					statecheck.ExpectKnownValue(types, tfjsonpath.New("volume_types").AtSliceIndex(1), knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": knownvalue.NotNull(), "name": knownvalue.StringExact("ssd"), "description": knownvalue.StringExact("fast"), "is_public": knownvalue.Bool(true),
					})),
				}},
				resource.TestStep{
					Config:            cloud.Config(typesOf("datastore_type = \"mysql\"\ndatastore_version = \"mysql-5.7\"")),
					ConfigStateChecks: []statecheck.StateCheck{named},
				},
				resource.TestStep{Config: cloud.Config(typesOf(`datastore_type = "mysq"`)), ExpectError: regexp.MustCompile(`(?s)no datastore "mysq"\.\s+Did\s+you\s+mean\s+"mysql"`)},
			)
		})
	}
}

func TestAServerWithoutVolumeTypesIsSaid(t *testing.T) {
	cloud := acctest.FakeTrove{Documents: map[string]string{
		"datastores": `{"datastores": [{"id": "d1", "name": "mysql", "default_version": "v1", "versions": [{"id": "v1", "name": "8.0"}]}]}`,
	}}
	_, diags := acctest.NewDataSourceServer(t, cloud, volumetype.NewDataSource).Read(t, "trove_volume_types", map[string]string{"datastore_type": "mysql"})
	if len(diags) != 1 {
		t.Fatal(diags)
	}
	if text := diags[0].Summary + ": " + diags[0].Detail; !regexp.MustCompile(`Unable to list volume types: This Trove does not offer volume types: .*404`).MatchString(text) {
		t.Error(text)
	}
}
