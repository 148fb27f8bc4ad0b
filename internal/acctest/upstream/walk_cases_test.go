package upstream

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

var walkCases = []testCase{
	{"a_users_walk", walk},
	{"data_sources_and_what_they_are_used_for", dataSources},
	{"volume_types_and_an_unknown_flavor", catalog},
	{"a_query_finds_what_there_is", query},
}

// walked is where a user stands on the way.
type walked struct{ name, version, settings, more string }

func (w walked) config() string {
	large := group("large", `max_connections = 300, innodb_open_files = 400`) // the latter needs a restart
	return group("small", `max_connections = 100`) + large + strings.NewReplacer("mysql-5.7", "mysql-8.0", `"large"`, `"newer"`).Replace(large) + fmt.Sprintf(`
resource "trove_instance" "source" {
  name             = %q
  flavor_id        = "2"
  volume           = { size = 2 }
  datastore        = { type = "mysql", version = %q }
  configuration_id = trove_configuration.%s.id
  restart_policy   = "if_needed"
}
`, w.name, w.version, w.settings) + w.more
}

// After each step the plan is empty.
func walk(t *testing.T, c *cloud) {
	const (
		replica  = "\nresource \"trove_replica\" \"reader\" {\n  count      = 1\n  name       = \"orders-0\"\n  replica_of = trove_instance.source.id\n}\n"
		contents = `
resource "trove_database" "app" {
  instance_id = trove_instance.source.id
  name        = "app"
}

resource "trove_user" "app" {
  instance_id         = trove_instance.source.id
  name                = "app"
  databases           = [trove_database.app.name]
  password_wo         = "secret-1"
  password_wo_version = 1
}
`
		saved    = "\nresource \"trove_backup\" \"full\" {\n  instance_id = trove_instance.source.id\n  name        = \"full\"\n}\n"
		restored = `
resource "trove_instance" "restored" {
  name         = "restored"
  flavor_id    = "2"
  volume       = { size = 2 }
  datastore    = { type = "mysql", version = "mysql-5.7" }
  restore_from = trove_backup.full.id
}
`
	)
	at := walked{name: "orders", version: "mysql-5.7", settings: "small"}
	cli := acctest.NewCLI(t, c.Config(at.config()))
	step := func(what string, change func()) {
		t.Helper()
		change()
		cli.Configure(c.Config(at.config()))
		cli.MustRun("apply", "-auto-approve")
		if out, err := cli.Run("plan", "-detailed-exitcode"); err != nil {
			t.Fatalf("after the step %q the plan is not empty: %v\n%s", what, err, out)
		}
	}
	step("source", func() {})
	step("replica", func() { at.more += replica })
	step("database and user", func() { at.more += contents })
	step("configuration", func() { at.settings = "large" })
	step("backup", func() { at.more += saved })
	step("restore", func() { at.more += restored })
	step("switchover", func() { at.more += ledBy("trove_replica.reader[0]", ``) })
	step("switchover back", func() {
		at.more = strings.Replace(at.more, "trove_replica.reader[0].id", "trove_instance.source.id", 1)
	})
	step("rename", func() { at.name = "orders-2" })
	step("the end of replication", func() {
		at.more = strings.NewReplacer(replica, "", ledBy("trove_instance.source", ``), "").Replace(at.more)
	})
	step("upgrade", func() { at.version, at.settings = "mysql-8.0", "newer" })
	cli.MustRun("destroy", "-auto-approve")
	if err := c.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func dataSources(t *testing.T, c *cloud) {
	cli := acctest.NewCLI(t, c.Config(`
data "trove_flavor" "small" {
  name = "db.small"
}

data "trove_datastore_version" "v" {
  type    = "mysql"
  version = "mysql-5.7"
}

resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = data.trove_flavor.small.id
  volume    = { size = 2 }
  datastore = { type = data.trove_datastore_version.v.type, version = data.trove_datastore_version.v.version }
}
`+databases+user("app", 1, `"db0"`)+`
data "trove_instance" "db" {
  id = trove_instance.db.id
}

data "trove_instances" "all" {
  depends_on = [trove_instance.db]
}

data "trove_databases" "all" {
  depends_on  = [trove_database.db]
  instance_id = trove_instance.db.id
}

data "trove_users" "all" {
  depends_on  = [trove_user.app]
  instance_id = trove_instance.db.id
}

output "seen" {
  value = join(" ", [
    data.trove_instance.db.name, data.trove_instance.db.flavor_id, length(data.trove_instances.all.ids), length(data.trove_databases.all.ids),
    length(data.trove_users.all.ids)
  ])
}
`))
	cli.MustRun("apply", "-auto-approve")
	if out := strings.TrimSpace(cli.MustRun("output", "-raw", "seen")); !strings.Contains(out, "orders 2 1 3 1") {
		t.Errorf("the data sources show %s", out)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
}

func catalog(t *testing.T, c *cloud) {
	typed := strings.Replace(instance(``), `{ size = 2 }`, `{ size = 2, type = "ssd" }`, 1)
	cli := acctest.NewCLI(t, c.Config(typed))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	cli.Configure(c.Config(strings.Replace(typed, `flavor_id = "1"`, `flavor_id = "99"`, 1)))
	if out, err := cli.Run("plan"); err == nil || !strings.Contains(out, `Error: Unknown flavor`) || !strings.Contains(out, `flavor_id is "99", but the server has no such flavor`) {
		t.Errorf("a plan with a flavor that there is not: %v, %s", err, out)
	}
	cli.Configure(c.Config(typed))
	cli.MustRun("destroy", "-auto-approve")
}

func query(t *testing.T, c *cloud) {
	cli := acctest.NewCLI(t, c.Config(group("settings", `max_connections = 200`)+grouped("orders", "settings", ``)+databases+user("app", 1, `"db0"`)+full+`
resource "trove_replica" "reader" {
  depends_on = [trove_user.app]
  name       = "orders-0"
  replica_of = trove_instance.db.id
}
resource "trove_backup_strategy" "project" {
  swift_container = "ours"
}
`))
	cli.MustRun("apply", "-auto-approve")
	run := c.NewDriver(t, map[string]string{"request_timeout": c.RequestTimeout})
	byOperator, _ := c.operator(t)
	admin := byOperator.NewDriver(t, map[string]string{"request_timeout": c.RequestTimeout})
	instances := run.List("trove_instance", nil, true, 0)
	if len(instances) != 1 || instances[0].Resource["name"] != "orders" || instances[0].Resource["flavor_id"] != "1" {
		t.Fatalf("the instances are %+v", instances)
	}
	within := map[string]string{"instance_id": instances[0].Identity["id"]}
	for _, tt := range []struct {
		run    *acctest.Driver
		listed string
		config map[string]string
		want   []string
	}{
		{run, "trove_replica", nil, []string{"orders-0"}},
		{run, "trove_configuration", nil, []string{"settings"}},
		{run, "trove_backup", nil, []string{"full"}}, // the snapshot of the replica is none
		{run, "trove_backup_strategy", nil, []string{"ours"}},
		{run, "trove_database", within, []string{"db0", "db1", "db2"}},
		{run, "trove_user", within, []string{"app@10.0.0.%"}},
		{admin, "trove_datastore_version", map[string]string{"type": "couchbase"}, []string{"couchbase-2.2", "couchbase-7.2"}},
	} {
		var names []string
		for _, found := range tt.run.List(tt.listed, tt.config, true, 0) {
			if names = append(names, found.Name); len(found.Diagnostics) > 0 || found.Resource["id"] == "" {
				t.Errorf("%s: %+v", tt.listed, found)
			}
		}
		if slices.Sort(names); !slices.Equal(names, tt.want) {
			t.Errorf("%s: %q, want %q", tt.listed, names, tt.want)
		}
	}
	// Only an operator sees all versions.
	if found := run.List("trove_datastore_version", nil, false, 0); len(found) != 1 || len(found[0].Diagnostics) != 1 {
		t.Errorf("trove_datastore_version as a user of the project: %+v", found)
	}
	cli.MustRun("destroy", "-auto-approve")
}
