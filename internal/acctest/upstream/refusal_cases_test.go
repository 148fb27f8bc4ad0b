package upstream

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

var refusalCases = []testCase{
	{"a_wrong_password_is_said", wrongPassword},
	{"an_exceeded_quota_is_said", overQuota},
	{"a_topology_resource_is_refused", topologyRefused},
	{"a_datastore_that_does_not_replicate", noReplication},
}

func wrongPassword(t *testing.T, c *cloud) {
	config := strings.Replace(c.Config(instance(``)), c.Password+`"`, `not-the-password"`, 1)
	c.Test(t, resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`(?s)(user|password|credential)`)})
}

func overQuota(t *testing.T, c *cloud) {
	c.limit(t, 1)
	cli := acctest.NewCLI(t, c.Config(source(2)+replicas(1, ofSource)))
	out := cli.MustRun("plan")
	if !strings.Contains(out, "The project's quota of instances is too small") || !strings.Contains(out, "at least 2 instances, and the project is limited to 1 (max_instances)") {
		t.Errorf("the plan says nothing of the quota:\n%s", out)
	}
	out, err := cli.Run("apply", "-auto-approve")
	const want = `Unable to create MySQL replica orders-replica-0.*Quota exceeded.*The quota of the project: 1 instances, 10000 GB of volumes, .*quota is used up`
	if err == nil || !regexp.MustCompile(want).MatchString(out) {
		t.Errorf("%v\n%s", err, out)
	}
	cli.Configure(c.Config(source(2)))
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	if err := c.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func topologyRefused(t *testing.T, c *cloud) {
	c.Test(t, resource.TestStep{
		Config: c.Config(`
resource "trove_mysql_replica" "replica" {
  name       = "warehouse"
  flavor_id  = "2"
  volume     = { size = 4 }
  read_only  = false
  replica_of = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]
}
`),
		PlanOnly:    true,
		ExpectError: regexp.MustCompile(`(?s)More\s+than\s+one\s+source\s+on\s+released\s+Trove`),
	})
}

func noReplication(t *testing.T, c *cloud) {
	c.Test(t,
		resource.TestStep{
			Config: c.Config(`
resource "trove_instance" "source" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 2 }
  datastore = { type = "couchbase", version = "couchbase-7.2" }
}

resource "trove_mysql_replica" "replica" {
  name       = "orders-replica"
  replica_of = [trove_instance.source.id]
}
`),
			ExpectError: regexp.MustCompile(`(?s)replica`),
		},
	)
}
