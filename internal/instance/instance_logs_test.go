package instance_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/instance"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

const logsOfDB = `
data "trove_instance_logs" "l" { instance_id = trove_instance.db.id }
`

// invoke runs the action on the only instance, and returns what it tells and what went wrong.
func invoke(t *testing.T, cloud *acctest.Cloud, name, operation string) (told, problem string) {
	t.Helper()
	all, _ := cloud.State().Instances(identity.DemoProjectID, "", 0)
	if len(all) != 1 {
		t.Fatalf("%d instances", len(all))
	}
	progress, diagnostics := cloud.NewProtocol(t).Invoke("trove_instance_log", map[string]string{"instance_id": all[0].ID, "name": name, "operation": operation})
	for _, d := range diagnostics {
		problem += d.Summary + ": " + d.Detail
	}
	return strings.Join(progress, " "), problem
}

func TestAccLogsArePublishedAndListed(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(minimal + logsOfDB)
			slow := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
				return statecheck.ExpectKnownValue("data.trove_instance_logs.l", tfjsonpath.New("logs").AtSliceIndex(1).AtMapKey(attribute), want)
			}
			cloud.Test(t,
				resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
					slow("name", knownvalue.StringExact("slow_query")), slow("status", knownvalue.StringExact("Disabled")), slow("container", knownvalue.Null()),
				}},
				resource.TestStep{
					PreConfig: func() {
						if told, problem := invoke(t, cloud, "slow_query", "publish"); problem != "" || !strings.Contains(told, "published in container database_logs") {
							t.Errorf("%q, %s", told, problem)
						}
					},
					Config: config,
					ConfigStateChecks: []statecheck.StateCheck{
						slow("status", knownvalue.StringExact("Published")), slow("published", knownvalue.Int64Exact(1234)),
						slow("pending", knownvalue.Int64Exact(0)), slow("container", knownvalue.StringExact("database_logs")),
					},
				},
				resource.TestStep{
					PreConfig: func() {
						if told, problem := invoke(t, cloud, "slow_query", "disable"); problem != "" || !strings.Contains(told, "in status Disabled") {
							t.Errorf("%q, %s", told, problem)
						}
						if _, problem := invoke(t, cloud, "slow", "publish"); !strings.Contains(problem, `has no log "slow": it has general, slow_query`) {
							t.Error(problem)
						}
					},
					Config: config, ConfigStateChecks: []statecheck.StateCheck{slow("status", knownvalue.StringExact("Disabled"))},
				},
				resource.TestStep{
					Config:      cloud.Config(strings.ReplaceAll(logsOfDB, "trove_instance.db.id", `"nothing"`)),
					ExpectError: regexp.MustCompile(`(?s)Unknown\s+instance`),
				},
			)
		})
	}
}

func TestLogsAsGuestAgentsShowThem(t *testing.T) {
	cloud := acctest.FakeTrove{Documents: map[string]string{"instances/i1/log": `{"logs": [
		{"name": "a", "type": "USER", "status": "Disabled", "published": 0, "pending": 0, "container": null, "prefix": null, "metafile": null},
		{"name": "b", "type": "SYS", "status": "Ready", "published": 0, "pending": 7, "container": "None", "prefix": "None", "metafile": "i1/mysql-b_metafile"}]}`}}
	state, diags := acctest.NewDataSourceServer(t, cloud, instance.NewLogsDataSource).Read(t, "trove_instance_logs", map[string]string{"instance_id": "i1"})
	if len(diags) > 0 {
		t.Fatal(diags[0].Summary, diags[0].Detail)
	}
	none := map[string]any{"name": "a", "type": "USER", "status": "Disabled", "published": 0.0, "pending": 0.0, "container": nil, "prefix": nil, "metafile": nil}
	ready := map[string]any{"name": "b", "type": "SYS", "status": "Ready", "published": 0.0, "pending": 7.0, "container": nil, "prefix": nil, "metafile": "i1/mysql-b_metafile"}
	if diff := cmp.Diff([]any{none, ready}, state["logs"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAServerWithoutLogsIsSaid(t *testing.T) {
	cloud := acctest.FakeTrove{Documents: map[string]string{"instances/i1": `{"instance": {"id": "i1", "name": "db", "status": "ACTIVE"}}`}}
	_, diags := acctest.NewDataSourceServer(t, cloud, instance.NewLogsDataSource).Read(t, "trove_instance_logs", map[string]string{"instance_id": "i1"})
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "This Trove does not offer logs") {
		t.Errorf("%+v", diags)
	}
}
