package flavor_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

const flavor = "data.trove_flavor.f"

func flavorBy(line string) string { return fmt.Sprintf("data \"trove_flavor\" \"f\" {\n%s\n}\n", line) }

func shows(address string, values map[string]knownvalue.Check) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for attribute, want := range values {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want))
	}
	return checks
}

func TestAccFlavorByNameAndByID(t *testing.T) {
	small := map[string]knownvalue.Check{
		"id": knownvalue.StringExact("2"), "name": knownvalue.StringExact("db.small"), "ram": knownvalue.Int64Exact(1024), "vcpus": knownvalue.Int64Exact(1),
		"disk": knownvalue.Int64Exact(20), "ephemeral": knownvalue.Int64Exact(0), "region": knownvalue.StringExact(acctest.Region),
	}
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(flavorBy(`name = "db.small"`)), ConfigStateChecks: shows(flavor, small)},
				resource.TestStep{Config: cloud.Config(flavorBy(`id = "2"`)), ConfigStateChecks: shows(flavor, small)},
			)
		})
	}
}

func TestAccFlavorThatIsNotThere(t *testing.T) {
	cloud := acctest.NewCloud(t)
	for line, want := range map[string]string{
		`name = "db.smal"`:                `no flavor "db.smal"\.\s+Did\s+you\s+mean\s+"db.small"\?\s+It\s+has:\s+db.tiny`,
		`id = "77"`:                       `no flavor "77"\.\s+It\s+has:\s+1,\s+2,\s+3,\s+4`,
		``:                                `Missing Attribute Configuration`,
		"id = \"2\"\nname = \"db.small\"": `Invalid Attribute Combination`,
	} {
		t.Run(want, func(t *testing.T) {
			cloud.Test(t, resource.TestStep{Config: cloud.Config(flavorBy(line)), ExpectError: regexp.MustCompile(`(?s)` + want)})
		})
	}
}
