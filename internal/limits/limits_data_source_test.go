package limits_test

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/limits"
)

func TestAccLimits(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			at := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
				return statecheck.ExpectKnownValue("data.trove_limits.l", tfjsonpath.New(attribute), want)
			}
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(`data "trove_limits" "l" {}`),
				ConfigStateChecks: []statecheck.StateCheck{
					at("max_instances", knownvalue.Int64Exact(100)), at("max_volume_gb", knownvalue.Int64Exact(10000)),
					at("max_backups", knownvalue.Int64Exact(50)), at("max_ram", knownvalue.Int64Exact(-1)), at("region", knownvalue.StringExact(acctest.Region)),
				},
			})
		})
	}
}

func read(t *testing.T, cloud acctest.FakeTrove) (map[string]any, string) {
	t.Helper()
	state, diags := acctest.NewDataSourceServer(t, cloud, limits.NewDataSource).Read(t, "trove_limits", nil)
	text := ""
	for _, d := range diags {
		text += d.Summary + ": " + d.Detail
	}
	return state, text
}

func TestRatesAreShownAndWhatIsNotReturnedIsNull(t *testing.T) {
	state, problem := read(t, acctest.FakeTrove{Documents: map[string]string{"limits": `{"limits": [
		{"verb": "ABSOLUTE", "max_instances": 5, "max_volumes": -1},
		{"verb": "POST", "uri": "*", "regex": ".*", "unit": "MINUTE", "value": 200, "remaining": 199, "nextAvailable": "2026-11-22T22:49:05Z"}]}`}})
	want := map[string]any{
		"region": "one", "max_instances": 5.0, "max_volume_gb": -1.0, "max_backups": nil, "max_ram": nil,
		"rates": []any{map[string]any{"verb": "POST", "uri": "*", "unit": "MINUTE", "value": 200.0, "remaining": 199.0}},
	}
	if diff := cmp.Diff(want, state); diff != "" || problem != "" {
		t.Errorf("%s (-want +got):\n%s", problem, diff)
	}
}

func TestAServerWithoutLimitsIsSaid(t *testing.T) {
	_, problem := read(t, acctest.FakeTrove{})
	if !regexp.MustCompile(`(?s)Unable to read limits: This Trove does not offer limits: .*404.*does not support this part`).MatchString(problem) {
		t.Error(problem)
	}
}
