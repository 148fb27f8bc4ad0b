package upstream

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var contentCases = []testCase{
	{"databases_are_created_imported_and_dropped", databaseLife},
	{"a_users_password_and_rights_change_in_one_apply", userChanges},
	{"a_user_is_renamed_and_keeps_password_and_rights", userRenamed},
	{"users_and_databases_of_more_than_one_page", manyContents},
	{"users_with_awkward_names", awkwardUsers},
	{"users_and_rights_changed_by_somebody_else", usersChanged},
	{"what_exists_is_not_taken_over", existing},
	{"contents_wait_for_a_restart", contentsWait},
	{"a_user_on_a_replica_is_refused", userOnReplica},
	{"databases_and_users_of_postgresql", postgresqlContents},
	{"a_datastore_without_databases", noDatabases},
	{"a_refused_password_is_not_shown", passwordNotShown},
}

// databases are three databases within the instance of instance.
const databases = `
resource "trove_database" "db" {
  count         = 3
  instance_id   = trove_instance.db.id
  name          = "db${count.index}"
  character_set = "utf8"
}
`

// user is a user of these databases, with the password of that number.
func user(name string, password int, grants ...string) string {
	return fmt.Sprintf(`
resource "trove_user" "app" {
  depends_on          = [trove_database.db]
  instance_id         = trove_instance.db.id
  name                = %q
  host                = "10.0.0.%%"
  databases           = [%s]
  password_wo         = "secret-%d"
  password_wo_version = %d
}
`, name, strings.Join(grants, ", "), password, password)
}

const app = "trove_user.app"

// expectGrants checks which databases a user of the instance may use.
func (c *cloud) expectGrants(t *testing.T, name string, want ...string) resource.TestCheckFunc {
	t.Helper()
	return c.expectGrantsFrom(t, name, "10.0.0.%", want...)
}

// expectGrantsFrom is expectGrants for a user of that host.
func (c *cloud) expectGrantsFrom(t *testing.T, name, host string, want ...string) resource.TestCheckFunc {
	t.Helper()
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	return func(s *terraform.State) error {
		got, err := client.UserGrants(t.Context(), acctest.ID(s, db), trove.Account{Name: name, Host: host})
		if err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("%s may use %v, want %v", name, got, want)
		}
		return err
	}
}

func databaseLife(t *testing.T, c *cloud) {
	config := c.Config(instance(``) + databases)
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want ...string) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			got, err := client.Databases(t.Context(), acctest.ID(s, db))
			if err == nil && !slices.Equal(got, want) {
				err = fmt.Errorf("the server has %v, want %v", got, want)
			}
			return err
		}
	}
	lone := c.Config(instance(``) + `
resource "trove_database" "lone" {
  instance_id = trove_instance.db.id
  name        = "db_1"
}
`)
	c.Test(t,
		resource.TestStep{Config: config, Check: expect("db0", "db1", "db2")},
		resource.TestStep{Config: lone, Check: expect("db_1")},
		resource.TestStep{ResourceName: "trove_database.lone", ImportState: true, ImportStateVerify: true},
		resource.TestStep{Config: c.Config(instance(``)), Check: expect()},
	)
}

func userChanges(t *testing.T, c *cloud) {
	changed := c.Config(instance(``) + databases + user("app", 2, `"db1"`, `"db2"`))
	c.Test(t,
		resource.TestStep{
			Config: c.Config(instance(``) + databases + user("app", 1, `"db0"`, `"db1"`)),
			Check:  c.expectGrants(t, "app", "db0", "db1"),
		},
		resource.TestStep{
			ResourceName: app, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"password_wo_version"},
		},
		resource.TestStep{
			Config:           changed,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, app),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(app, tfjsonpath.New("password_wo"), knownvalue.Null()),
			},
			Check: c.expectGrants(t, "app", "db1", "db2"),
		},
	)
}

func userRenamed(t *testing.T, c *cloud) {
	config := func(name, host string, version int, grants ...string) string {
		return c.Config(instance(``) + databases + strings.Replace(user(name, version, grants...), "10.0.0.%", host, 1))
	}
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	// only checks that the instance has this user, with these rights, and no other.
	only := func(name, host string, grants ...string) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			id = acctest.ID(s, db)
			got, err := client.Users(t.Context(), id)
			want := []trove.User{{Account: trove.Account{Name: name, Host: host}, Databases: grants}}
			if diff := cmp.Diff(want, got); err == nil && diff != "" {
				err = fmt.Errorf("the server has other users (-want +got):\n%s", diff)
			}
			return err
		}
	}
	c.Test(t,
		resource.TestStep{Config: config("app", "10.0.0.%", 1, `"db0"`, `"db1"`), Check: only("app", "10.0.0.%", "db0", "db1")},
		resource.TestStep{
			Config: config("a@b.json", "10.0.0.%", 1, `"db0"`, `"db1"`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, app),
			Check: only("a@b.json", "10.0.0.%", "db0", "db1"),
		},
		resource.TestStep{
			Config: config("a@b.json", "%", 1, `"db0"`, `"db1"`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, app),
			Check: only("a@b.json", "%", "db0", "db1"),
		},
		resource.TestStep{
			Config: config("app2", "192.0.2.1", 2, `"db1"`, `"db2"`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, app),
			Check: only("app2", "192.0.2.1", "db1", "db2"),
		},
		resource.TestStep{ResourceName: app, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"password_wo_version"}},
		// A name that another user has is refused before anything is changed.
		resource.TestStep{
			PreConfig: func() {
				if err := client.CreateUser(t.Context(), id, trove.Account{Name: "other", Host: "%"}, "secret", nil, func() {}); err != nil {
					t.Fatal(err)
				}
			},
			Config: config("other", "%", 2, `"db1"`, `"db2"`), ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+rename\s+user\s+app2@192.*other@%\s+exists\s+already`),
		},
	)
}

func manyContents(t *testing.T, c *cloud) {
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	c.Test(t, resource.TestStep{Config: c.Config(instance(``)), Check: func(s *terraform.State) error {
		id := acctest.ID(s, db)
		var names, users []string
		for n := range 25 {
			names, users = append(names, fmt.Sprintf("app %02d", n)), append(users, fmt.Sprintf("app%02d@%%", n))
		}
		users = append(users, "app@%", "app@10.0.0.%")
		for _, name := range names {
			if err := client.PostDatabase(t.Context(), id, trove.Database{Name: name}); err != nil {
				return err
			}
		}
		for _, name := range users {
			name, host, _ := strings.Cut(name, "@")
			if err := client.PostUser(t.Context(), id, trove.Account{Name: name, Host: host}, "secret", nil); err != nil {
				return err
			}
		}
		got, err := client.DatabasesOf(t.Context(), id)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(names, got); diff != "" {
			return fmt.Errorf("databases (-want +got):\n%s", diff)
		}
		all, err := client.UsersOf(t.Context(), id)
		if err != nil {
			return err
		}
		got = nil
		for _, u := range all {
			got = append(got, u.String())
		}
		slices.Sort(users)
		if diff := cmp.Diff(users, got); diff != "" {
			return fmt.Errorf("users (-want +got):\n%s", diff)
		}
		return nil
	}})
}

func awkwardUsers(t *testing.T, c *cloud) {
	config := func(password int, grants ...string) string {
		text := strings.Replace(user("NAME", password, grants...), `"NAME"`, "each.key", 1)
		text = strings.Replace(text, "depends_on", "for_each   = toset([\"a@b\", \"a.json\", \"a%41\", \"a b\", \"a+b\"])\n  depends_on", 1)
		return c.Config(instance(``) + databases + text)
	}
	cli := acctest.NewCLI(t, config(1, `"db0"`))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(config(2, `"db1"`))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	if err := c.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func usersChanged(t *testing.T, c *cloud) {
	config := c.Config(instance(``) + databases + user("app", 1, `"db0"`))
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	account, id := trove.Account{Name: "app", Host: "10.0.0.%"}, ""
	c.Test(t,
		resource.TestStep{Config: config, Check: func(s *terraform.State) error {
			id = acctest.ID(s, db)
			return nil
		}},
		resource.TestStep{
			PreConfig: func() {
				if err := client.SetGrants(t.Context(), id, account, []string{"db1"}); err != nil {
					t.Fatal(err)
				}
			},
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, app),
			Check:            c.expectGrants(t, "app", "db0"),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := errors.Join(client.RemoveUser(t.Context(), id, account), client.RemoveDatabase(t.Context(), id, "db2")); err != nil {
					t.Fatal(err)
				}
			},
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate, app, "trove_database.db[2]"),
			Check:            c.expectGrants(t, "app", "db0"),
		},
		resource.TestStep{
			PreConfig:        func() { c.DeleteBehindOurBack(t, "orders") },
			Config:           config,
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate, db, app, "trove_database.db[2]"),
		},
	)
}

func existing(t *testing.T, c *cloud) {
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	c.Test(t,
		resource.TestStep{Config: c.Config(instance(``)), Check: func(s *terraform.State) error {
			return client.CreateDatabase(t.Context(), acctest.ID(s, db), trove.Database{Name: "db1"}, func() {})
		}},
		resource.TestStep{
			Config:      c.Config(instance(``) + databases),
			ExpectError: regexp.MustCompile(`(?s)exists\s+already.*terraform\s+import`),
		},
	)
}

func contentsWait(t *testing.T, c *cloud) {
	c.Test(t,
		resource.TestStep{Config: c.Config(instance(``) + databases + user("app", 1, `"db0"`))},
		resource.TestStep{
			PreConfig: func() { c.RestartBehindOurBack(t, "orders") },
			Config:    c.Config(instance(``) + databases + user("app", 2, `"db1"`)),
			Check:     c.expectGrants(t, "app", "db1"),
		},
	)
}

func userOnReplica(t *testing.T, c *cloud) {
	c.Test(t, resource.TestStep{
		Config: c.Config(source(2) + replicas(1, ofSource) + `
resource "trove_database" "db" {
  instance_id = trove_mysql_replica.replica[0].id
  name        = "db0"
}
`),
		ExpectError: regexp.MustCompile(`(?s)made\s+as\s+a\s+replica\s+of\s+instance.*Set\s+instance_id\s+to`),
	})
}

// of is the instance of instance, of another datastore.
func of(datastore, version string) string {
	return strings.Replace(instance(``), `type = "mysql", version = "mysql-5.7"`, fmt.Sprintf("type = %q, version = %q", datastore, version), 1)
}

// PostgreSQL has databases and users since Trove 23.
func postgresqlContents(t *testing.T, c *cloud) {
	server := of("postgresql", "postgresql-16")
	shop := strings.Replace(databases, `character_set = "utf8"`, `character_set = "UTF8"`, 1)
	account := func(name string, password int, grants ...string) string {
		return strings.Replace(user(name, password, grants...), `host                = "10.0.0.%"`, ``, 1)
	}
	const unserved = `(?s)Unable\s+to\s+manage\s+databases\s+of\s+postgresql`
	if !since(23) {
		c.Test(t,
			resource.TestStep{Config: c.Config(server + shop), ExpectError: regexp.MustCompile(unserved)},
			resource.TestStep{Config: c.Config(server + shop), PlanOnly: true, ExpectError: regexp.MustCompile(unserved)},
			stays(c.Config(server)),
		)
		return
	}
	c.Test(t,
		resource.TestStep{Config: c.Config(server + shop + account("app", 1, `"db0"`, `"db1"`)), Check: c.expectGrantsFrom(t, "app", "%", "db0", "db1")},
		resource.TestStep{ResourceName: app, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"password_wo_version"}},
		resource.TestStep{
			Config:           c.Config(server + shop + account("app", 2, `"db2"`)),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, app),
			Check:            c.expectGrantsFrom(t, "app", "%", "db2"),
		},
		resource.TestStep{ // whose password might depend on the name
			Config:           c.Config(server + shop + account("app-of-the-shop-and-of-others", 2, `"db2"`)),
			ConfigPlanChecks: planned(plancheck.ResourceActionReplace, app),
			Check:            c.expectGrantsFrom(t, "app-of-the-shop-and-of-others", "%", "db2"),
		},
		resource.TestStep{
			Config: c.Config(server + shop + account("postgres", 2)), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)Invalid\s+user\s+name.*reserved\s+on\s+PostgreSQL`),
		},
		resource.TestStep{Config: c.Config(server)},
	)
}

func noDatabases(t *testing.T, c *cloud) {
	server := of("couchbase", "couchbase-7.2")
	const unserved = `(?s)Unable\s+to\s+manage\s+databases\s+of\s+couchbase.*Operation\s+not\s+supported\s+for\s+datastore\s+couchbase`
	c.Test(t,
		resource.TestStep{Config: c.Config(server + databases), ExpectError: regexp.MustCompile(unserved)},
		resource.TestStep{Config: c.Config(server + databases), PlanOnly: true, ExpectError: regexp.MustCompile(unserved)},
	)
}

// The client alone is asked, since the plan would not let it come to that.
func passwordNotShown(t *testing.T, c *cloud) {
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	const secret = "hunter2,secret" // no comma is allowed
	c.Test(t, resource.TestStep{Config: c.Config(instance(``)), Check: func(s *terraform.State) error {
		ctx := t.Context()
		if since(23) { // only the guest refuses it, of which nobody hears
			soon, cancel := context.WithTimeout(ctx, 20*time.Second)
			defer cancel()
			ctx = soon
		}
		err := client.CreateUser(ctx, acctest.ID(s, db), trove.Account{Name: "app", Host: "%"}, secret, nil, func() {})
		if refused := errors.Is(err, openstack.ErrBadRequest); err == nil || refused == since(23) || strings.Contains(err.Error(), "hunter2") {
			return fmt.Errorf("the server's refusal is %w", err)
		}
		return nil
	}})
}
