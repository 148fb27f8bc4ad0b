package quota_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

const change = "PUT /mgmt/quotas/{project}"

func quotas(project, limits string) string {
	return fmt.Sprintf(`{"project_id": %q, %s}`, project, limits)
}

// has compares the quotas of the other project: instances, GB, backups, MB.
func has(t *testing.T, cloud *acctest.Cloud, want string) {
	t.Helper()
	var limits []string
	for _, q := range cloud.State().Quotas(identity.OtherProjectID) {
		limits = append(limits, fmt.Sprint(q.Limit))
	}
	if got := strings.Join(limits, " "); got != want {
		t.Errorf("the quotas are %s, want %s", got, want)
	}
}

func TestQuotasAreSetChangedAndLeft(t *testing.T) {
	t.Parallel()
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			run := cloud.ByAdministrator(t).NewDriver(t)
			made := run.Must(run.Create("trove_quota", quotas(identity.OtherProjectID, `"instances": 0, "volume_gb": 70`)))
			has(t, cloud, "0 70 50 -1")
			if planned, diagnostics := run.Plan(made, quotas(identity.OtherProjectID, `"instances": 0, "volume_gb": 70`)); diagnostics.Failed() || !run.NoOp(planned) {
				t.Errorf("the next plan changes it: %s", diagnostics.Text())
			}
			made = run.Must(run.Update(made, quotas(identity.OtherProjectID, `"instances": 3, "backups": -1, "ram": 2048`)))
			has(t, cloud, "3 70 -1 2048")
			imported := run.Must(run.ImportByID("trove_quota", identity.OtherProjectID))
			if a, b := run.Values("trove_quota", made.Managed).String(), run.Values("trove_quota", imported.Managed).String(); a != b {
				t.Errorf("imported: %s, want %s", b, a)
			}
			gone := run.Destroy(made)
			if gone.Failed() || !strings.Contains(gone.Text(), "keeps instances = 3, volume_gb = 70, backups = -1, ram = 2048") {
				t.Errorf("%s", gone.Text())
			}
			has(t, cloud, "3 70 -1 2048")
		})
	}
}

// What the server has already is not sent; what is lost is sent again, which is no matter.
func TestQuotasWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]faults.Effect{"it landed": faults.LoseAnswer, "it did not": faults.Drop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			cloud.Inject(t, faults.Rule{Do: do, Kind: change})
			run := cloud.ByAdministrator(t).NewDriver(t)
			run.Must(run.Create("trove_quota", quotas(identity.OtherProjectID, `"instances": 7`)))
			has(t, cloud, "7 10000 50 -1")
			run.Must(run.Create("trove_quota", quotas(identity.OtherProjectID, `"instances": 7`)))
			if err := cloud.ExpectRequests(map[string]int{change: 2}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestQuotasAreForAdministrators(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.NewDriver(t)
	for _, project := range []string{identity.OtherProjectID, identity.DemoProjectID} { // another's, and its own, which it may only see
		refused := run.Create("trove_quota", quotas(project, `"instances": 1000`))
		if !refused.Failed() || run.Exists(refused.Object) || !strings.Contains(refused.Text(), "only to users with the role admin") {
			t.Errorf("%s: %s", project, refused.Text())
		}
	}
	has(t, cloud, "100 10000 50 -1")
}

func TestQuotasThatAreNone(t *testing.T) {
	t.Parallel()
	run := acctest.NewCloud(t).ByAdministrator(t).NewDriver(t)
	for config, want := range map[string]string{
		`{"project_id": "p"}`:                   "At least one",
		`{"project_id": "", "instances": 1}`:    "project_id",
		`{"project_id": "p", "instances": -2}`:  "at least -1",
		`{"project_id": "p", "volume_gb": 1.5}`: "",
	} {
		if refused := run.Create("trove_quota", config); !refused.Failed() || !strings.Contains(refused.Text(), want) {
			t.Errorf("%s: %s", config, refused.Text())
		}
	}
}
