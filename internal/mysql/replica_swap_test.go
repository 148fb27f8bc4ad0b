package mysql_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// Terraform deletes a source before it changes the replica that referred to it: without the replica's promotion the server refuses that, in
// every apply.
func TestAccReplicaIsPromotedInTheApplyThatTakesItsSourceAway(t *testing.T) {
	t.Parallel()
	const (
		standalone = "\nresource \"trove_mysql_replica\" \"b\" {\n  name = \"b\"\n  flavor_id = \"2\"\n  volume = { size = 5 }\n}\n"
		replicaOfA = "\nresource \"trove_mysql_replica\" \"b\" {\n  name = \"b\"\n  replica_of = [trove_instance.source.id]\n}\n"
		rebuilt    = "\nresource \"trove_mysql_replica\" \"a\" {\n  name = \"a\"\n  replica_of = [trove_mysql_replica.b.id]\n}\n"
		swapped    = "\nresource \"trove_mysql_replica\" \"b\" {\n  name = \"b\"\n  replica_of = [trove_mysql_replica.a.id]\n}\nresource \"trove_mysql_replica\" \"a\" {\n  name = \"a\"\n}\n"
	)
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			cli := acctest.NewCLI(t, cloud.Config(source+replicaOfA))
			cli.MustRun("apply", "-auto-approve")
			// The plan in one process, the apply in another; the source goes, then it is replaced, then both change places.
			for _, step := range []struct{ config, plan string }{
				{standalone, "0 to add, 1 to change, 1 to destroy"},
				{standalone + rebuilt, "1 to add, 0 to change, 0 to destroy"},
				{swapped, "1 to add, 1 to change, 1 to destroy"},
			} {
				cli.Configure(cloud.Config(step.config))
				if out := cli.MustRun("plan", "-out", "saved"); !strings.Contains(out, step.plan) {
					t.Errorf("want %s:\n%s", step.plan, out)
				}
				cli.MustRun("apply", "saved")
				cli.MustRun("plan", "-detailed-exitcode")
			}
			cli.MustRun("destroy", "-auto-approve")
			if err := cloud.NothingAlive(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccSourceOfAnotherKindIsRefusedAtPlanTime(t *testing.T) {
	instance := func(datastore, version string) string {
		return strings.NewReplacer(`"mysql"`, `"`+datastore+`"`, "mysql-5.7", version).Replace(source)
	}
	second := strings.NewReplacer(`"source"`, `"second"`, `"orders"`, `"second"`)
	for name, tt := range map[string]struct{ sources, lines, want string }{
		"another datastore": {instance("redis", "redis-7.2"), "replica_of = [trove_instance.source.id]", `is of type redis, and trove_mysql_replica`},
		"the other of MySQL and MariaDB": {
			instance("mariadb", "mariadb-10.11"), "replica_of = [trove_instance.source.id]\ndatastore = { type = \"mysql\" }", `datastore\.type is mysql, but the source`,
		},
		"an older version": {source, "replica_of = [trove_instance.source.id]\ndatastore = { version = \"mysql-5.5\" }", `a replica cannot be of an older major version`},
		"two sources on 5.5": {
			instance("mysql", "mysql-5.5") + second.Replace(instance("mysql", "mysql-5.5")), "replica_of = [trove_instance.source.id, trove_instance.second.id]",
			`2 sources, but mysql-5\.5 replicates from one only`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(tt.sources)},
				resource.TestStep{
					Config: cloud.Config(tt.sources + replicaOf(tt.lines)), PlanOnly: true,
					ExpectError: regexp.MustCompile(strings.ReplaceAll(tt.want, " ", `\s+`)),
				},
			)
		})
	}
}
