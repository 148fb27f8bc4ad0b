package datastoreversion_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
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

// Trove answers 400 while another of its versions is being deleted.
func TestVersionsAreListedAgainWhenOneIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	const list = "GET /mgmt/datastore-versions"
	refused := faults.Rule{Do: faults.Status, Status: http.StatusBadRequest, Kind: list, Message: "Datastore version 'x' cannot be found.", Times: 2}
	run := cloud.ByAdministrator(t).NewDriver(t)
	cloud.Inject(t, refused)
	made := run.Must(run.Create(typeName, mysql84(`"image_tags": ["trove"]`)))
	cloud.Inject(t, refused)
	if read := run.Must(run.Refresh(made)); !run.Exists(read) {
		t.Error("it is taken for deleted")
	}
	refused.Times = faults.Always
	cloud.Inject(t, refused)
	if read := run.Refresh(made); !read.Failed() || !run.Exists(read.Object) || !strings.Contains(read.Text(), "cannot be found") {
		t.Errorf("a refusal that stays: %s", read.Text())
	}
}

// A version that may be there and cannot be looked for is in the state: the next apply finds it, or that there is none.
func TestVersionThatIsNotSeen(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do    faults.Effect
		there bool
	}{"it landed": {faults.LoseAnswer, true}, "it did not": {faults.Drop, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 500, Kind: "GET /mgmt/datastore-versions", After: 1, Times: faults.Always})
			cloud.Inject(t, faults.Rule{Do: tt.do, Kind: create, Times: faults.Always})
			run := cloud.ByAdministrator(t).NewDriver(t)
			config := mysql84(`"image_tags": ["trove"]`)
			result := run.Create(typeName, config)
			if !result.Failed() || !run.Exists(result.Object) || !strings.Contains(result.Text(), "may have been created") || !strings.Contains(result.Text(), "terraform untaint") {
				t.Fatal(result.Text())
			}
			if have := shown(cloud, "mysql-8.4") != ""; have != tt.there {
				t.Fatalf("the version was made: %t, so the test is of something else", have)
			}
			cloud.Faults().Clear()
			read := run.Refresh(result.Object)
			if read.Failed() || run.Exists(read.Object) != tt.there {
				t.Fatalf("it is in the state: %t, want %t: %s", run.Exists(read.Object), tt.there, read.Text())
			}
			if tt.there {
				if id := run.ID(read.Object); strings.Contains(id, "/") {
					t.Errorf("the id is %s", id)
				}
				if planned, diagnostics := run.Plan(read.Object, config); diagnostics.Failed() || !run.NoOp(planned) {
					t.Errorf("what was found is planned anew: %s", diagnostics.Text())
				}
			}
			// Without a refresh as well.
			if gone := run.Destroy(result.Object); gone.Failed() || shown(cloud, "mysql-8.4") != "" {
				t.Errorf("it is there still: %s", gone.Text())
			}
		})
	}
}

func TestVersionWithParameters(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.ByAdministrator(t).NewDriver(t)
	expectParameters := func(made acctest.Object, want string) {
		t.Helper()
		v, err := cloud.State().VersionByID(run.ID(made))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, p := range cloud.State().Parameters(v) {
			text := fmt.Sprintf("%s %s restart=%t", p.Name, p.Type, p.RestartRequired)
			if p.Type == "integer" {
				text += fmt.Sprintf(" %d..%d", *p.Min, *p.Max)
			}
			all = append(all, text)
		}
		if got := strings.Join(all, "; "); got != want {
			t.Errorf("the parameters are %s, want %s", got, want)
		}
	}
	with := func(parameters string) string {
		return mysql84(`"image_tags": ["trove"], "parameters": {` + parameters + `}`)
	}
	first := with(`"max_connections": {"type": "integer", "min": 0, "max": 100000}, "sql_mode": {"type": "string", "restart_required": true}`)
	made := run.Must(run.Create(typeName, first))
	expectParameters(made, "max_connections integer restart=false 0..100000; sql_mode string restart=true")
	made = run.Must(run.Refresh(made))
	if planned, diagnostics := run.Plan(made, first); diagnostics.Failed() || !run.NoOp(planned) {
		t.Errorf("the next plan changes it: %s", diagnostics.Text())
	}
	const parameters = "/mgmt/datastores/versions/{version}/parameters"
	for _, effect := range []faults.Effect{faults.LoseAnswer, faults.Drop} {
		for _, kind := range []string{"POST " + parameters, "PUT " + parameters + "/{name}", "DELETE " + parameters + "/{name}"} {
			cloud.Inject(t, faults.Rule{Do: effect, Kind: kind})
		}
		made = run.Must(run.Update(made, with(`"max_connections": {"type": "integer", "min": 1, "max": 5, "restart_required": true}, "wait_timeout": {"type": "integer", "min": -1, "max": 9}`)))
		expectParameters(made, "max_connections integer restart=true 1..5; wait_timeout integer restart=false -1..9")
		made = run.Must(run.Update(made, first))
		expectParameters(made, "max_connections integer restart=false 0..100000; sql_mode string restart=true")
	}
	// What somebody else changes is drift; where they are not managed, nobody looks.
	v, err := cloud.State().VersionByID(run.ID(made))
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.State().RemoveParameter(v, "sql_mode"); err != nil {
		t.Fatal(err)
	}
	if planned, _ := run.Plan(run.Must(run.Refresh(made)), first); run.NoOp(planned) {
		t.Error("a parameter that was deleted is not planned again")
	}
	made = run.Must(run.Update(made, mysql84(`"image_tags": ["trove"]`)))
	expectParameters(made, "max_connections integer restart=false 0..100000")
	made = run.Must(run.Update(made, with(``)))
	expectParameters(made, "")
	for config, want := range map[string]string{
		with(`"a": {"type": "integer", "min": 1}`):             "an integer requires min and max",
		with(`"a": {"type": "string", "max": 1}`):              "only an integer has min and max",
		with(`"a": {"type": "integer", "min": 2, "max": 1}`):   "min is greater than max",
		with(`"a": {"type": "integer", "min": 0.5, "max": 1}`): "whole numbers",
		with(`"a": {"type": "boolean"}`):                       "type",
	} {
		if _, diagnostics := run.Plan(made, config); !diagnostics.Failed() || !strings.Contains(diagnostics.Text(), want) {
			t.Errorf("%s: %s", config, diagnostics.Text())
		}
	}
}

// Trove 23 and later have the classes, and Trove 18 refuses them.
func TestVersionWithClasses(t *testing.T) {
	t.Parallel()
	const strategy = "trove.guestagent.strategies.replication.mysql_gtid.MysqlGTIDReplication"
	for release, known := range map[int]bool{18: false, 23: true} {
		cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.Upstream, o.Release = true, release })
		run := cloud.ByAdministrator(t).NewDriver(t)
		asked := mysql84(`"image_tags": ["trove"], "registry_ext": "ours.Manager", "repl_strategy": "ours.Replication"`)
		if !known {
			made := run.Must(run.Create(typeName, mysql84(`"image_tags": ["trove"]`)))
			for _, refused := range []acctest.Result{run.Update(made, asked), run.Create(typeName, strings.Replace(asked, "8.4", "8.5", 1))} {
				if !refused.Failed() || !strings.Contains(refused.Text(), "Trove does not offer registry_ext and repl_strategy") {
					t.Errorf("Trove %d: %s", release, refused.Text())
				}
			}
			if err := cloud.ExpectRequests(map[string]int{create: 1, change: 0}); err != nil {
				t.Error(err)
			}
			continue
		}
		made := run.Must(run.Create(typeName, mysql84(`"image_tags": ["trove"]`)))
		if got := run.Texts(made)["repl_strategy"]; got != strategy {
			t.Errorf("Trove chose %q", got)
		}
		made = run.Must(run.Update(made, asked))
		if texts := run.Texts(made); texts["registry_ext"] != "ours.Manager" || texts["repl_strategy"] != "ours.Replication" {
			t.Errorf("%v", texts)
		}
		if gone := run.Destroy(made); gone.Failed() {
			t.Error(gone.Text())
		}
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
