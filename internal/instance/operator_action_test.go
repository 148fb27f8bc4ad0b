package instance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const (
	reboot  = "POST /mgmt/instances/{id}/action reboot"
	migrate = "POST /mgmt/instances/{id}/action migrate"
	reset   = "POST /instances/{id}/action reset_status"
)

// operate invokes an action for operators, and returns what it tells and what went wrong.
func operate(t *testing.T, cloud *acctest.Cloud, name, id string, more ...string) (told, problem string) {
	t.Helper()
	config := map[string]string{"instance_id": id}
	for n := 0; n < len(more); n += 2 {
		config[more[n]] = more[n+1]
	}
	progress, diagnostics := cloud.NewProtocol(t).Invoke(name, config)
	for _, d := range diagnostics {
		problem += d.Summary + ": " + d.Detail
	}
	return strings.Join(progress, " "), problem
}

func server(t *testing.T, cloud *acctest.Cloud) string {
	t.Helper()
	return cloud.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "orders", FlavorRef: "2", Volume: &trove.Volume{Size: 5}, Datastore: &trove.Datastore{Type: "mysql"},
	})
}

func TestOperatorActionsAreForAdministrators(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"trove_reset_status": reset, "trove_reboot_instance": reboot, "trove_migrate_instance": migrate} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			id := server(t, cloud)
			_, problem := operate(t, cloud, name, id)
			if !strings.Contains(problem, "only to users with the role admin") || !strings.Contains(problem, "Nothing was changed") {
				t.Errorf("as a user of the project: %q", problem)
			}
			if i, err := cloud.State().Instance(identity.DemoProjectID, id); err != nil || i.Status != "ACTIVE" || i.Host != "compute-1" {
				t.Errorf("%+v, %v", i, err)
			}
			// An administrator of another project reaches it by its id.
			admin := cloud.ByAdministrator(t)
			admin.Project = "admin"
			if told, problem := operate(t, admin, name, id); problem != "" || !strings.Contains(told, "orders ("+id+")") {
				t.Errorf("as an administrator: %q, %q", told, problem)
			}
			if cloud.Ledger().Count(kind) == 0 {
				t.Errorf("%s was not sent", kind)
			}
		})
	}
}

// A reset frees an instance that is at something without end.
func TestResetStatusFreesAnInstance(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = 24 * time.Hour }).ByAdministrator(t)
	cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: reset, Times: 1})
	id := server(t, cloud)
	if err := cloud.State().Restart(identity.DemoProjectID, id); err != nil {
		t.Fatal(err)
	}
	told, problem := operate(t, cloud, "trove_reset_status", id)
	if problem != "" || !strings.Contains(told, "which is REBOOT") || !strings.Contains(told, "was reset, and is ACTIVE.") {
		t.Errorf("%q, %q", told, problem)
	}
	if err := cloud.ExpectRequests(map[string]int{reset: 2}); err != nil {
		t.Error(err)
	}
}

// A reboot is not sent twice, and helps where the guest agent does not report.
func TestRebootWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	// It is seen by the status meanwhile, or by when the instance was changed, which Trove shows by the second.
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = 1100 * time.Millisecond }).ByAdministrator(t)
	id := server(t, cloud)
	cloud.Heartbeat(t, "orders", false)
	cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: reboot})
	told, problem := operate(t, cloud, "trove_reboot_instance", id)
	if problem != "" || !strings.Contains(told, "was rebooted, and is ACTIVE.") {
		t.Errorf("%q, %q", told, problem)
	}
	if err := cloud.ExpectRequests(map[string]int{reboot: 1}); err != nil {
		t.Error(err)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t).ByAdministrator(t)
	id := server(t, cloud)
	for _, step := range []struct{ host, want string }{
		{"compute-7", "from host compute-1 to host compute-7."},
		{"compute-7", "is on host compute-7 already: nothing was changed."},
		{"", "from host compute-7 to host compute-1."},
	} {
		more := []string{}
		if step.host != "" {
			more = []string{"host", step.host}
		}
		if told, problem := operate(t, cloud, "trove_migrate_instance", id, more...); problem != "" || !strings.Contains(told, step.want) {
			t.Errorf("to %q: %q, %q", step.host, told, problem)
		}
	}
	cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: migrate})
	if told, problem := operate(t, cloud, "trove_migrate_instance", id); problem != "" || !strings.Contains(told, "to host compute-2.") {
		t.Errorf("with a lost answer: %q, %q", told, problem)
	}
	cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "migrate", Message: "no valid host"})
	if _, problem := operate(t, cloud, "trove_migrate_instance", id); !strings.Contains(problem, "is still on host compute-2") || !strings.Contains(problem, "no valid host") {
		t.Errorf("it failed: %q", problem)
	}
	if err := cloud.ExpectRequests(map[string]int{migrate: 4}); err != nil {
		t.Error(err)
	}
}
