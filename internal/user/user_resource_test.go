package user_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

const (
	server = `
resource "trove_instance" "server" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { type = "mysql", version = "mysql-8.0" }
}
resource "trove_database" "db" {
  count       = 3
  instance_id = trove_instance.server.id
  name        = "db${count.index}"
}
`
	app = "trove_user.app"
)

// user is a user with these further lines.
func user(lines string) string {
	return fmt.Sprintf(`
resource "trove_user" "app" {
  depends_on  = [trove_database.db]
  instance_id = trove_instance.server.id
  %s
}
`, lines)
}

// guest is the database within the one instance of a test.
type guest struct {
	cloud *acctest.Cloud
	id    string
}

// found notes the instance's id.
func (g *guest) found(s *terraform.State) error {
	g.id = acctest.ID(s, "trove_instance.server")
	return nil
}

// has compares the users with what is expected.
func (g *guest) has(want ...state.User) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		if g.id == "" {
			g.id = acctest.ID(s, "trove_instance.server")
		}
		got, _, err := g.cloud.State().Users(identity.DemoProjectID, g.id, "", 0)
		for n := range got {
			slices.Sort(got[n].Databases)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err == nil && diff != "" {
			err = fmt.Errorf("the server has other users (-want +got):\n%s", diff)
		}
		return err
	}
}

func TestAccUserLifeOnBothServers(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			g := &guest{cloud: cloud}
			begun := cloud.Config(server + user(`
  name                = "app"
  host                = "10.0.0.%"
  databases           = ["db0", "db1"]
  password_wo         = "first-secret"
  password_wo_version = 1
`))
			// A rotation and other rights at once.
			changed := cloud.Config(server + user(`
  name                = "app"
  host                = "10.0.0.%"
  databases           = ["db1", "db2"]
  password_wo         = "second-secret"
  password_wo_version = 2
`))
			none := cloud.Config(server + user(`
  name                = "app"
  host                = "10.0.0.%"
  databases           = []
  password_wo         = "second-secret"
  password_wo_version = 2
`))
			cloud.Test(t,
				resource.TestStep{Config: begun, Check: g.has(state.User{Name: "app", Host: "10.0.0.%", Password: "first-secret", Databases: []string{"db0", "db1"}})},
				resource.TestStep{
					ResourceName: app, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"password_wo_version"},
				},
				resource.TestStep{
					Config: changed,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(app, plancheck.ResourceActionUpdate),
					}},
					Check: g.has(state.User{Name: "app", Host: "10.0.0.%", Password: "second-secret", Databases: []string{"db1", "db2"}}),
				},
				resource.TestStep{Config: none, Check: g.has(state.User{Name: "app", Host: "10.0.0.%", Password: "second-secret"})},
				resource.TestStep{Config: cloud.Config(server), Check: g.has()},
			)
			if err := cloud.ExpectRequests(map[string]int{
				"POST /instances/{id}/users": 1, "PUT /instances/{id}/users": 1, "PUT /instances/{id}/users/{user}/databases": 1,
				"DELETE /instances/{id}/users/{user}/databases/{name}": 3,
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccRightsThatAreLeftOutAreOnlyShown(t *testing.T) {
	cloud := acctest.NewCloud(t)
	g := &guest{cloud: cloud}
	config := cloud.Config(server + user("name = \"app\"\n  password_wo = \"pw1\""))
	cloud.Test(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(app, tfjsonpath.New("databases"), knownvalue.SetSizeExact(0)),
			statecheck.ExpectKnownValue(app, tfjsonpath.New("host"), knownvalue.StringExact("%")),
		}, Check: g.found},
		resource.TestStep{
			PreConfig: func() { g.grant(t, "app@%", "db0") },
			Config:    config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(app, tfjsonpath.New("databases"), knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("db0")})),
			},
			Check: g.has(state.User{Name: "app", Host: "%", Password: "pw1", Databases: []string{"db0"}}),
		},
	)
}

func (g *guest) grant(t *testing.T, user string, databases ...string) {
	t.Helper()
	if err := g.cloud.State().Grant(identity.DemoProjectID, g.id, user, databases); err != nil {
		t.Fatal(err)
	}
}

func TestAccChangesBehindOurBackAreSeen(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			g := &guest{cloud: cloud}
			config := cloud.Config(server + user("name = \"app\"\n  databases = [\"db0\"]\n  password_wo = \"pw1\""))
			right := g.has(state.User{Name: "app", Host: "%", Password: "pw1", Databases: []string{"db0"}})
			cloud.Test(t,
				resource.TestStep{Config: config, Check: right},
				// Rights too many are revoked.
				resource.TestStep{
					PreConfig: func() { g.grant(t, "app@%", "db2") }, Config: config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(app, plancheck.ResourceActionUpdate)}},
					Check:            right,
				},
				// A user that is gone is made again.
				resource.TestStep{
					PreConfig: func() {
						if err := cloud.State().DeleteUser(identity.DemoProjectID, g.id, "app"); err != nil {
							t.Fatal(err)
						}
					},
					Config:           config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(app, plancheck.ResourceActionCreate)}},
					Check:            right,
				},
				// So is one whose instance is gone.
				resource.TestStep{
					PreConfig:        func() { cloud.DeleteBehindOurBack(t, "orders"); g.id = "" },
					Config:           config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(app, plancheck.ResourceActionCreate)}},
					Check:            right,
				},
			)
		})
	}
}

// Trove escapes users once more than it must, splits them at the last @ and takes what follows a dot for a suffix.
func TestUsersWithAwkwardNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a@b", "a.json", "a%41", "a b", "a+b", "a?b#c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			config := h.config(name, "192.168.%", `, "databases": ["db0"], "password_wo": "pw1", "password_wo_version": 1`)
			made := h.run.Must(h.run.Create("trove_user", config))
			h.expect(t, state.User{Name: name, Host: "192.168.%", Password: "pw1", Databases: []string{"db0"}})
			imported := h.run.Must(h.run.ImportByID("trove_user", h.run.ID(made)))
			if diff := cmp.Diff(h.run.Texts(made), h.run.Texts(imported)); diff != "" {
				t.Errorf("it is imported otherwise (-made +imported):\n%s", diff)
			}
			config = strings.NewReplacer("db0", "db1", "pw1", "pw2", `version": 1`, `version": 2`).Replace(config)
			made = h.run.Must(h.run.Update(h.run.Must(h.run.Refresh(made)), config))
			h.expect(t, state.User{Name: name, Host: "192.168.%", Password: "pw2", Databases: []string{"db1"}})
			h.run.Must(h.run.Destroy(made))
			h.expect(t)
		})
	}
}

func TestAccUserThatExistsIsNotTakenOver(t *testing.T) {
	cloud := acctest.NewCloud(t)
	g := &guest{cloud: cloud}
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(server), Check: func(s *terraform.State) error {
			return cloud.State().CreateUsers(identity.DemoProjectID, acctest.ID(s, "trove_instance.server"), []state.User{{Name: "app", Host: "%", Password: "theirs1"}})
		}},
		resource.TestStep{
			Config:      cloud.Config(server + user("name = \"app\"\n  password_wo = \"ours1\"")),
			ExpectError: regexp.MustCompile(`(?s)exists\s+already.*terraform\s+import\s+trove_user.NAME\s+'[0-9a-f-]+/app@%'`),
		},
		resource.TestStep{Config: cloud.Config(server), Check: g.has(state.User{Name: "app", Host: "%", Password: "theirs1"})},
	)
}

func TestAccUsersAreJudgedByTheirDatastore(t *testing.T) {
	t.Parallel()
	onPostgreSQL := strings.Replace(server, `type = "mysql", version = "mysql-8.0"`, `type = "postgresql", version = "postgresql-16"`, 1)
	for _, tt := range []struct {
		name, server, lines string
		warning, want       string // of a plan that does not know the instance yet, and of the error once it is there; "" is none
	}{
		{"a comma in a password on MySQL", server, "name = \"u\"\npassword_wo = \"hunter2,secret\"", `Not every datastore accepts this password`, `Invalid password.*on mysql`},
		{"a comma in a password on PostgreSQL", onPostgreSQL, "name = \"u\"\npassword_wo = \"hunter2,secret\"", `Not every datastore accepts this password`, ``},
		{"a long name on MySQL", server, "name = \"" + strings.Repeat("u", 33) + "\"\npassword_wo = \"pw1\"", `Not every datastore accepts this user name`, `Invalid user name.*Max length = 32`},
		{"a long name on PostgreSQL", onPostgreSQL, "name = \"" + strings.Repeat("u", 63) + "\"\npassword_wo = \"pw1\"", `16 characters`, ``},
		{"PostgreSQL's own name", onPostgreSQL, "name = \"postgres\"\npassword_wo = \"pw1\"", `Not every datastore accepts this user name`, `Invalid user name.*reserved on PostgreSQL`},
		{"a host on PostgreSQL", onPostgreSQL, "name = \"u\"\nhost = \"10.0.0.%\"\npassword_wo = \"pw1\"", `Not every datastore accepts this host`, `Invalid host.*omit host`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, acctest.Upstream, func(o *sandbox.Options) { o.Release = 23 })
			cli := acctest.NewCLI(t, cloud.Config(tt.server+user(tt.lines)))
			if out := acctest.Unwrap(cli.MustRun("plan")); !strings.Contains(out, tt.warning) {
				t.Errorf("the plan says: %s", out)
			}
			for range 2 { // in the second run the plan knows
				out, err := cli.Run("apply", "-auto-approve")
				out = acctest.Unwrap(out)
				if (err != nil) != (tt.want != "") || !regexp.MustCompile(`(?s)`+tt.want).MatchString(out) {
					t.Errorf("%v: %s", err, out)
				}
			}
			if posted := cloud.Ledger().Count("POST /instances/{id}/users"); (posted > 0) != (tt.want == "") {
				t.Errorf("%d users were asked for", posted)
			}
			cli.MustRun("destroy", "-auto-approve", "-refresh=false") // a refresh plans the user as well
		})
	}
}

func TestAccUsersAreCheckedInThePlan(t *testing.T) {
	for lines, want := range map[string]string{
		`name = "root"` + "\n" + `password_wo = "pw1"`:                            `Invalid user name.*"root"\s+is\s+on\s+the\s+reserved`,
		`name = "` + strings.Repeat("u", 64) + `"` + "\n" + `password_wo = "pw1"`: `too\s+long\.\s+Max\s+length\s+=\s+32`,
		`name = "a'b"` + "\n" + `password_wo = "pw1"`:                             `is\s+not\s+a\s+valid\s+user\s+name`,
		"name = \"u\"\nhost = \"10.0.0.0/24\"\npassword_wo = \"pw1\"":             `'10.0.0.0/24'\s+is\s+not\s+a\s+valid\s+hostname`,
		"name = \"u\"\ndatabases = [\"mysql\"]\npassword_wo = \"pw1\"":            `reserved\s+list`,
		"name = \"u\"\npassword_wo = \"" + strings.Repeat("hunter2", 40) + "\"":   `Invalid\s+password.*longer\s+than\s+255`,
		"name = \"u\"\npassword_wo = \"hunter2'secret\"":                          `Invalid\s+password.*it\s+begins\s+or\s+ends\s+with`,
	} {
		t.Run(want, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			out, err := acctest.NewCLI(t, cloud.Config(server+user(lines))).Run("validate")
			if err == nil || !regexp.MustCompile(`(?s)`+want).MatchString(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	t.Run("a host that only some clouds take", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		out := acctest.NewCLI(t, cloud.Config(server+user("name = \"u\"\nhost = \"db.example.org\"\npassword_wo = \"pw1\""))).MustRun("validate")
		if !strings.Contains(out, "hostname_require_valid_ip") {
			t.Errorf("no warning: %s", out)
		}
	})
}
