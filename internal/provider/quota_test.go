package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func servers(count, size int) string {
	return fmt.Sprintf(`
resource "trove_instance" "db" {
  count     = %d
  name      = "db-${count.index}"
  flavor_id = "1"
  volume    = { size = %d }
  datastore = { type = "mysql", version = "mysql-8.0" }
}
`, count, size)
}

const limitsKind = "GET /limits"

// planOutput plans a configuration, and tells how often the limits were read.
func planOutput(t *testing.T, cloud *acctest.Cloud, cli *acctest.CLI, body string) (out string, asked int) {
	t.Helper()
	before := cloud.Ledger().Counts()[limitsKind]
	cli.Configure(cloud.Config(body))
	out = strings.Join(strings.Fields(strings.ReplaceAll(cli.MustRun("plan"), "\u2502", "")), " ")
	return out, cloud.Ledger().Counts()[limitsKind] - before
}

func TestAccAPlanBeyondTheQuotaWarnsOnce(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cloud.State().SetQuota(identity.DemoProjectID, state.Quota{Instances: 3, VolumeGB: 8, Backups: 1})
	cli := acctest.NewCLI(t, "")

	out, asked := planOutput(t, cloud, cli, servers(3, 2))
	if strings.Contains(out, "quota") || asked != 1 {
		t.Errorf("what fits, the limits read %d times, want 1:\n%s", asked, out)
	}
	cli.MustRun("apply", "-auto-approve")
	if out, asked = planOutput(t, cloud, cli, servers(3, 2)); asked != 0 || strings.Contains(out, "quota") {
		t.Errorf("a plan that creates nothing reads the limits %d times:\n%s", asked, out)
	}
	// Those that are there count; two that are planned at the same time may be counted before either of them is told what the quota is.
	out, asked = planOutput(t, cloud, cli, servers(5, 2)+`
resource "trove_backup" "b" {
  count       = 2
  instance_id = trove_instance.db[0].id
  name        = "b-${count.index}"
}
`)
	for _, want := range []string{
		`has at least [45] instances, and the project is limited to 3 \(max_instances\)`, `has at least 10 GB of volumes, and the project is limited to 8 \(max_volumes\)`,
		`has at least 2 backups, and the project is limited to 1 \(max_backups\)`,
	} {
		if found := regexp.MustCompile(want).FindAllString(out, -1); len(found) != 1 {
			t.Errorf("%q stands there %d times, want once:\n%s", want, len(found), out)
		}
	}
	if asked != 1 {
		t.Errorf("the limits were read %d times, want 1", asked)
	}
	cli.Configure(cloud.Config(servers(3, 2)))
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccAPlanGoesOnWithoutLimits(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cloud.State().SetQuota(identity.DemoProjectID, state.Quota{Instances: 1})
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Kind: limitsKind, Times: faults.Always})
	out, asked := planOutput(t, cloud, acctest.NewCLI(t, ""), servers(4, 2))
	if !strings.Contains(out, "Plan: 4 to add") || strings.Contains(out, "quota") || asked != 1 {
		t.Errorf("the limits were read %d times, want 1:\n%s", asked, out)
	}
}

func TestAccARefusalForTheQuotaSaysTheQuota(t *testing.T) {
	t.Parallel()
	for limits, want := range map[int]string{
		0:   `Quota\s+exceeded.*The\s+quota\s+of\s+the\s+project:\s+1\s+instances,\s+10000\s+GB\s+of\s+volumes,\s+50\s+backups\..*quota\s+is\s+used\s+up`,
		403: `Quota\s+exceeded.*quota\s+is\s+used\s+up`,
	} {
		cloud := acctest.NewCloud(t)
		cloud.State().SetQuota(identity.DemoProjectID, state.Quota{Instances: 1})
		if limits > 0 {
			cloud.Inject(t, faults.Rule{Do: faults.Status, Status: limits, Kind: limitsKind, Times: faults.Always})
		}
		cli := acctest.NewCLI(t, cloud.Config(servers(2, 1)))
		out, err := cli.Run("apply", "-auto-approve")
		out = strings.ReplaceAll(out, "\u2502", "")
		if err == nil || !regexp.MustCompile(`(?s)`+want).MatchString(out) {
			t.Errorf("limits answer %d: %v\n%s", limits, err, out)
		}
		if limits > 0 && strings.Contains(out, "The quota of the project") {
			t.Errorf("it says what it cannot know:\n%s", out)
		}
		cli.MustRun("destroy", "-auto-approve")
	}
}

func TestAccAVolumeThatGrowsBeyondTheQuotaSaysTheQuota(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cloud.State().SetQuota(identity.DemoProjectID, state.Quota{VolumeGB: 3})
	cli := acctest.NewCLI(t, cloud.Config(servers(1, 2)))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(cloud.Config(servers(1, 4)))
	out, err := cli.Run("apply", "-auto-approve")
	out = strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " ")
	if err == nil || !strings.Contains(out, "The quota of the project: 100 instances, 3 GB of volumes, 50 backups") {
		t.Errorf("%v\n%s", err, out)
	}
	// What is there alone is no reason to ask: only a creation is counted against the quota.
	if strings.Contains(out, "is too small") {
		t.Errorf("a plan that creates nothing warns of the quota:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
}
