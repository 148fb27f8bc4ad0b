package datastoreversion_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

const (
	typeName = "trove_datastore_version"
	create   = "POST /mgmt/datastore-versions"
	change   = "PATCH /mgmt/datastore-versions/{version}"
	imageID  = "44444444-4444-4444-8444-444444444444"
)

func mysql84(more string) string {
	return fmt.Sprintf(`{"type": "mysql", "name": "mysql-8.4", "manager": "mysql", %s}`, more)
}

// shown is what the server has of a version, "" where it has none.
func shown(cloud *acctest.Cloud, name string) string {
	all, defaults := cloud.State().ManagedVersions()
	for n, v := range all {
		if v.Name == name {
			return fmt.Sprintf("%s %s %s %q %v %v active=%v default=%v", v.DatastoreName, v.Number, v.Manager, v.Image, v.ImageTags, v.Packages, v.Active, defaults[n])
		}
	}
	return ""
}

func expect(t *testing.T, cloud *acctest.Cloud, name, want string) {
	t.Helper()
	if got := shown(cloud, name); got != want {
		t.Errorf("%s is %s, want %s", name, got, want)
	}
}

func TestVersionIsMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			run := cloud.ByAdministrator(t).NewDriver(t)
			first := mysql84(`"image_tags": ["trove", "mysql"], "packages": ["mysql-server"], "number": "8.4.2"`)
			made := run.Must(run.Create(typeName, first))
			expect(t, cloud, "mysql-8.4", `mysql 8.4.2 mysql "" [trove mysql] [mysql-server] active=true default=false`)
			if planned, diagnostics := run.Plan(made, first); diagnostics.Failed() || !run.NoOp(planned) {
				t.Errorf("the next plan changes it: %s", diagnostics.Text())
			}
			// An instance of it, by its id, with the same provider, which has asked for the datastores before.
			instance := run.Must(run.Create("trove_instance", fmt.Sprintf(
				`{"name": "db", "flavor_id": "1", "volume": {"size": 1}, "datastore": {"type": "mysql", "version": %q}}`, run.ID(made))))
			if refused := run.Destroy(made); !refused.Failed() || !strings.Contains(refused.Text(), "in use by instance") || !strings.Contains(refused.Text(), "active = false") {
				t.Errorf("a version in use: %s", refused.Text())
			}
			if gone := run.Destroy(instance); gone.Failed() {
				t.Error(gone.Text())
			}
			made = run.Must(run.Update(made, mysql84(`"image_id": "`+imageID+`", "number": "8.4.2", "is_default": true`)))
			expect(t, cloud, "mysql-8.4", `mysql 8.4.2 mysql "`+imageID+`" [] [] active=true default=true`)
			made = run.Must(run.Update(made, `{"type": "mysql", "name": "mysql-lts", "manager": "mysql_lts", "image_tags": ["trove"], "active": false, "is_default": false}`))
			expect(t, cloud, "mysql-lts", `mysql 8.4.2 mysql_lts "" [trove] [] active=false default=false`)

			imported := run.Must(run.ImportByID(typeName, run.ID(made)))
			if a, b := run.Values(typeName, made.Managed).String(), run.Values(typeName, imported.Managed).String(); a != b {
				t.Errorf("imported: %s, want %s", b, a)
			}
			if gone := run.Destroy(made); gone.Failed() || shown(cloud, "mysql-lts") != "" {
				t.Errorf("%s: %s", shown(cloud, "mysql-lts"), gone.Text())
			}
			if gone := run.Destroy(made); gone.Failed() {
				t.Errorf("what is gone already: %s", gone.Text())
			}
		})
	}
}

func TestVersionWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   faults.Effect
		sent int
	}{"it landed": {faults.LoseAnswer, 1}, "it did not": {faults.Drop, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			cloud.Inject(t, faults.Rule{Do: tt.do, Kind: create})
			run := cloud.ByAdministrator(t).NewDriver(t)
			made := run.Must(run.Create(typeName, mysql84(`"image_tags": ["trove"], "is_default": true`)))
			expect(t, cloud, "mysql-8.4", `mysql mysql-8.4 mysql "" [trove] [] active=true default=true`)
			if err := cloud.ExpectRequests(map[string]int{create: tt.sent}); err != nil {
				t.Error(err)
			}
			cloud.Inject(t, faults.Rule{Do: tt.do, Kind: change})
			run.Must(run.Update(made, mysql84(`"image_tags": ["trove"], "active": true, "is_default": false`)))
			expect(t, cloud, "mysql-8.4", `mysql mysql-8.4 mysql "" [trove] [] active=true default=false`)
		})
	}
}

// A version that may be there and cannot be found is told of, with how to take it over.
func TestVersionThatIsNotSeen(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 500, Kind: "GET /mgmt/datastore-versions", After: 1, Times: faults.Always})
	run := cloud.ByAdministrator(t).NewDriver(t)
	refused := run.Create(typeName, mysql84(`"image_tags": ["trove"]`))
	if !refused.Failed() || !strings.Contains(refused.Text(), "may have been created") || !strings.Contains(refused.Text(), "terraform import") {
		t.Error(refused.Text())
	}
	if shown(cloud, "mysql-8.4") == "" {
		t.Error("it was not made, so the test is of something else")
	}
}

func TestVersionThatIsRefused(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	before, _ := cloud.State().ManagedVersions()
	admin, user := cloud.ByAdministrator(t).NewDriver(t), cloud.NewDriver(t)
	for config, want := range map[string]string{
		mysql84(`"image_tags": ["nothing"]`):                                                                      "Check image_id or image_tags",
		mysql84(`"packages": ["p"]`):                                                                              "image_id",
		mysql84(`"image_id": "not a uuid/.."`):                                                                    "Invalid image id",
		mysql84(`"image_tags": ["trove"], "image_id": "` + imageID + `"`):                                         "image_id",
		mysql84(`"image_tags": ["trove"], "active": false, "is_default": true`):                                   "a version that is not active cannot be the default",
		mysql84(`"image_tags": ["a tag of more than twenty"]`):                                                    "image_tags",
		`{"type": "mysql", "name": "mysql-8.0", "number": "8.0.40", "manager": "mysql", "image_tags": ["trove"]}`: "exists already",
	} {
		if refused := admin.Create(typeName, config); !refused.Failed() || !strings.Contains(refused.Text(), want) || admin.Exists(refused.Object) {
			t.Errorf("%s: %s", config, refused.Text())
		}
	}
	if refused := user.Create(typeName, mysql84(`"image_tags": ["trove"]`)); !refused.Failed() || !strings.Contains(refused.Text(), "only to users with the role admin") {
		t.Errorf("not an administrator: %s", refused.Text())
	}
	if after, _ := cloud.State().ManagedVersions(); len(after) != len(before) {
		t.Errorf("there are %d versions, want %d", len(after), len(before))
	}
}

// What somebody else changes is drift, and what somebody else deletes is planned anew.
func TestVersionThatSomebodyElseChanges(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.ByAdministrator(t).NewDriver(t)
	config := mysql84(`"image_tags": ["trove"]`)
	made := run.Must(run.Create(typeName, config))
	if err := cloud.State().ChangeVersion(run.ID(made), func(v *state.ManagedVersion) { v.Active = false }, nil); err != nil {
		t.Fatal(err)
	}
	made = run.Must(run.Refresh(made))
	if planned, _ := run.Plan(made, config); len(run.Changed(planned)) == 0 {
		t.Error("a version that was made inactive is not planned to be active")
	}
	if err := cloud.State().RemoveVersion(run.ID(made)); err != nil {
		t.Fatal(err)
	}
	if read := run.Refresh(made); read.Failed() || run.Exists(read.Object) {
		t.Errorf("it is there still: %s", read.Text())
	}
}
