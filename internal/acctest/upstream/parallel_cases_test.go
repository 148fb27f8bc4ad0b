package upstream

import (
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

var parallelCases = []testCase{
	{"the_first_creations_of_a_project_all_at_once", firstCreations},
}

// The first requests of a project race for the rows that count what it uses: some are answered with 500.
func firstCreations(t *testing.T, c *cloud) {
	c.lose(t, 5)
	cli := acctest.NewCLI(t, c.Config(`
resource "trove_instance" "db" {
  count     = 10
  name      = "orders-${count.index}"
  flavor_id = "1"
  volume    = { size = 1 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}

resource "trove_configuration" "settings" {
  count     = 3
  name      = "settings-${count.index}"
  datastore = { type = "mysql", version = "mysql-5.7" }
  values    = { max_connections = 200 }
}
`))
	cli.MustRun("apply", "-auto-approve", "-parallelism=20")
	cli.MustRun("plan", "-detailed-exitcode")
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	if all, err := client.Instances(t.Context()); err != nil || len(all) != 10 {
		t.Errorf("there are %d instances, %v: want 10", len(all), err)
	}
	cli.MustRun("destroy", "-auto-approve", "-parallelism=20")
}
