package instancessl_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const (
	typeName = "trove_instance_ssl"
	post     = "POST /instances/{id}/ssl"
	restart  = "POST /instances/{id}/action restart"
)

func server(t *testing.T, cloud *acctest.Cloud, datastore string) string {
	t.Helper()
	return cloud.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "orders", FlavorRef: "2", Volume: &trove.Volume{Size: 5}, Datastore: &trove.Datastore{Type: datastore, Version: map[string]string{"mysql": "mysql-5.7"}[datastore]},
	})
}

func ssl(instance, more string) string { return fmt.Sprintf(`{"instance_id": %q, %s}`, instance, more) }

// expect compares the mode and the container of an instance.
func expect(t *testing.T, cloud *acctest.Cloud, id, want string) {
	t.Helper()
	have, _, err := cloud.State().SSL(identity.DemoProjectID, id)
	got := have.Mode + " " + have.Container
	if have.Mode == "" {
		got = "off" // the certificate is one that the database has made itself
	}
	if err != nil || got != want {
		t.Errorf("the SSL is %q (%v), want %q", got, err, want)
	}
}

func TestSSLIsEnabledRenewedAndDisabled(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.NewDriver(t)
	source := server(t, cloud, "mysql")
	replica := cloud.CreateBehindOurBack(t, trove.CreateRequest{Name: "orders-1", ReplicaOf: source})

	first := ssl(source, `"container_ref": "https://keys/1", "restart_policy": "if_needed"`)
	result := run.Create(typeName, first)
	made := run.Must(result)
	if text := result.Text(); text != "" {
		t.Errorf("it says %s", text)
	}
	expect(t, cloud, source, "basic https://keys/1")
	expect(t, cloud, replica, "basic https://keys/1")
	if texts := run.Texts(made); texts["common_name"] != "1" || !strings.Contains(texts["certificate"], "BEGIN CERTIFICATE") || texts["mode"] != "basic" || texts["id"] != source {
		t.Errorf("%v", texts)
	}
	if err := cloud.ExpectRequests(map[string]int{post: 1, restart: 2}); err != nil {
		t.Error(err)
	}
	made = run.Must(run.Refresh(made))
	if planned, diagnostics := run.Plan(made, first); diagnostics.Failed() || !run.NoOp(planned) {
		t.Errorf("the next plan changes it: %s", diagnostics.Text())
	}
	// Without a restart it warns.
	result = run.Update(made, ssl(source, `"container_ref": "https://keys/2.locked.p12", "password_ref": "https://keys/secret", "mode": "mtls"`))
	made = run.Must(result)
	if !strings.Contains(result.Text(), "must be restarted before the change of SSL takes effect") {
		t.Errorf("it says %s", result.Text())
	}
	expect(t, cloud, replica, "mtls https://keys/2.locked.p12")
	// A rollback is drift, and the next apply puts it right.
	progress, diagnostics := run.Invoke("trove_rollback_instance_ssl", map[string]string{"instance_id": source})
	run.NoErrors(diagnostics)
	if told := strings.Join(progress, " "); !strings.Contains(told, "is in mode basic. Restart orders") {
		t.Errorf("it tells %q", told)
	}
	expect(t, cloud, source, "basic https://keys/1")
	made = run.Must(run.Refresh(made))
	if texts := run.Texts(made); texts["mode"] != "basic" || texts["container_ref"] != "" {
		t.Errorf("after a rollback the state has %v", texts)
	}
	made = run.Must(run.Update(made, ssl(source, `"container_ref": "https://keys/2.locked.p12", "password_ref": "https://keys/secret", "mode": "mtls", "restart_policy": "if_needed"`)))
	expect(t, cloud, source, "mtls https://keys/2.locked.p12")

	if gone := run.Destroy(made); gone.Failed() {
		t.Error(gone.Text())
	}
	expect(t, cloud, source, "off")
	expect(t, cloud, replica, "off")
	if gone := run.Destroy(made); gone.Failed() {
		t.Errorf("what is disabled already: %s", gone.Text())
	}
}

func TestSSLWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   faults.Effect
		sent int
	}{"it landed": {faults.LoseAnswer, 1}, "it did not": {faults.Drop, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			run := cloud.NewDriver(t)
			id := server(t, cloud, "mariadb")
			for n, change := range []func(made acctest.Object) acctest.Result{
				func(acctest.Object) acctest.Result {
					return run.Create(typeName, ssl(id, `"container_ref": "https://keys/1", "restart_policy": "if_needed"`))
				},
				func(made acctest.Object) acctest.Result {
					return run.Update(made, ssl(id, `"container_ref": "https://keys/2", "restart_policy": "if_needed"`))
				},
				func(made acctest.Object) acctest.Result { return run.Destroy(made) },
			} {
				var made acctest.Object
				if n > 0 {
					made = run.Must(run.ImportByID(typeName, id))
					made = run.Must(run.Update(made, ssl(id, `"container_ref": "https://keys/1", "restart_policy": "if_needed"`)))
				}
				cloud.Ledger().Reset()
				cloud.Inject(t, faults.Rule{Do: tt.do, Kind: post})
				if r := change(made); r.Failed() {
					t.Errorf("change %d: %s", n, r.Text())
				}
				if err := cloud.ExpectRequests(map[string]int{post: tt.sent, restart: 1}); err != nil {
					t.Errorf("change %d: %v", n, err)
				}
				expect(t, cloud, id, []string{"basic https://keys/1", "basic https://keys/2", "off"}[n])
			}
		})
	}
}

// Whatever others do to the certificate is put right by the next apply, also where the mode stays.
func TestAnotherCertificateIsDrift(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.NewDriver(t)
	id := server(t, cloud, "postgresql")
	config := ssl(id, `"container_ref": "https://keys/2"`)
	made := run.Must(run.Create(typeName, ssl(id, `"container_ref": "https://keys/1"`)))
	made = run.Must(run.Update(made, config))
	if planned, diagnostics := run.Plan(run.Must(run.Refresh(made)), config); diagnostics.Failed() || !run.NoOp(planned) {
		t.Errorf("the plan changes it although nobody else has: %s", diagnostics.Text())
	}
	_, diagnostics := run.Invoke("trove_rollback_instance_ssl", map[string]string{"instance_id": id})
	run.NoErrors(diagnostics)
	expect(t, cloud, id, "basic https://keys/1")
	made = run.Must(run.Refresh(made))
	planned, diagnosed := run.Plan(made, config)
	if diagnosed.Failed() || run.NoOp(planned) {
		t.Fatalf("the plan does not see the rollback: %s", diagnosed.Text())
	}
	made = run.Must(run.Apply(planned))
	expect(t, cloud, id, "basic https://keys/2")
	if planned, diagnostics := run.Plan(run.Must(run.Refresh(made)), config); diagnostics.Failed() || !run.NoOp(planned) {
		t.Errorf("the next plan changes it: %s", diagnostics.Text())
	}
}

// Trove cannot disable SSL for MySQL since 8.0, which must not keep the instance from being destroyed.
func TestSSLThatCannotBeDisabled(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.NewDriver(t)
	id := cloud.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "orders", FlavorRef: "2", Volume: &trove.Volume{Size: 5}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-8.0"},
	})
	made := run.Must(run.Create(typeName, ssl(id, `"container_ref": "https://keys/1", "restart_policy": "if_needed"`)))
	gone := run.Destroy(made)
	if gone.Failed() || run.Exists(gone.Object) || !strings.Contains(gone.Text(), "SSL stays enabled") || !strings.Contains(gone.Text(), "MySQL 8.0 and later") {
		t.Errorf("%s", gone.Text())
	}
	expect(t, cloud, id, "basic https://keys/1")
	// Of another datastore, what fails stays in the state.
	other := server(t, cloud, "postgresql")
	made = run.Must(run.Create(typeName, ssl(other, `"container_ref": "https://keys/1"`)))
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: http.StatusInternalServerError, Kind: post, Times: faults.Always})
	if gone := run.Destroy(made); !gone.Failed() || !run.Exists(gone.Object) {
		t.Errorf("%s", gone.Text())
	}
}

func TestSSLIsRefused(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.NewDriver(t)
	source := server(t, cloud, "mysql")
	replica := cloud.CreateBehindOurBack(t, trove.CreateRequest{Name: "orders-1", ReplicaOf: source})
	redis := server(t, cloud, "redis")
	const container = `"container_ref": "https://keys/1"`
	for config, want := range map[string]string{
		ssl(replica, container):                     "SSL settings belong to the source",
		ssl(redis, container):                       "does not offer SSL for the datastore",
		ssl(source, `"container_ref": ""`):          "container_ref",
		ssl(source, container+`, "mode": "strict"`): "mode",
		ssl("nothing", container):                   "nothing",
	} {
		if refused := run.Create(typeName, config); !refused.Failed() || !strings.Contains(refused.Text(), want) || run.Exists(refused.Object) {
			t.Errorf("%s: %s", config, refused.Text())
		}
	}
	run.Must(run.Create(typeName, ssl(source, container)))
	if refused := run.Create(typeName, ssl(source, `"container_ref": "https://keys/9"`)); !refused.Failed() || !strings.Contains(refused.Text(), "exists already") {
		t.Errorf("what is enabled already: %s", refused.Text())
	}
	expect(t, cloud, source, "basic https://keys/1")
}

// An earlier Trove has no such route, which is not taken for an instance that has gone.
func TestSSLThatIsNotOffered(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, acctest.Upstream)
	run := cloud.NewDriver(t)
	id := server(t, cloud, "mysql")
	refused := run.Create(typeName, ssl(id, `"container_ref": "https://keys/1"`))
	if !refused.Failed() || run.Exists(refused.Object) || !strings.Contains(refused.Text(), "rove does not offer SSL") {
		t.Error(refused.Text())
	}
	_, diagnostics := run.Invoke("trove_rollback_instance_ssl", map[string]string{"instance_id": id})
	if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, "rove does not offer SSL") {
		t.Errorf("%+v", diagnostics)
	}
}

// SSL of what has failed stays in the state, and that of what was deleted does not.
func TestSSLOfAnInstanceThatIsDeleted(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.NewDriver(t)
	id := server(t, cloud, "mysql")
	made := run.Must(run.Create(typeName, ssl(id, `"container_ref": "https://keys/1", "restart_policy": "if_needed"`)))
	cloud.DeleteBehindOurBack(t, "orders")
	if read := run.Refresh(made); read.Failed() || run.Exists(read.Object) {
		t.Errorf("it is there still: %s", read.Text())
	}
	if gone := run.Destroy(made); gone.Failed() {
		t.Error(gone.Text())
	}
}
