package instance_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// several are instances of two datastores, in no order of their names.
const several = `
resource "trove_instance" "stock" {
  name      = "stock"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mariadb", version = "mariadb-10.11" }
}

resource "trove_instance" "orders" {
  count     = 2
  name      = "orders-${2 - count.index}"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`

func TestAccInstancesThatFit(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := several
			var checks []statecheck.StateCheck
			for n, one := range []struct {
				filter string
				names  []string
			}{
				{``, []string{"orders-1", "orders-2", "stock"}},
				{`name_prefix = "orders"`, []string{"orders-1", "orders-2"}},
				{`datastore_type = "mariadb"`, []string{"stock"}},
				{"datastore_type = \"mariadb\"\nname_prefix = \"orders\"", nil},
				{`status = "RESTART_REQUIRED"`, nil},
				{`cluster = "products"`, nil},
			} {
				config += fmt.Sprintf("data \"trove_instances\" \"all%d\" {\n%s\ndepends_on = [trove_instance.stock, trove_instance.orders]\n}\n", n, one.filter)
				values := make([]knownvalue.Check, len(one.names))
				for i, name := range one.names {
					values[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"name": knownvalue.StringExact(name), "status": knownvalue.StringExact("ACTIVE"), "flavor_id": knownvalue.StringExact("1"),
						"volume": knownvalue.ObjectExact(map[string]knownvalue.Check{"size": knownvalue.Int64Exact(2)}),
					})
				}
				address := fmt.Sprintf("data.trove_instances.all%d", n)
				checks = append(checks,
					statecheck.ExpectKnownValue(address, tfjsonpath.New("instances"), knownvalue.ListExact(values)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("ids"), knownvalue.ListSizeExact(len(one.names))))
			}
			cloud.Test(t, resource.TestStep{Config: cloud.Config(config), ConfigStateChecks: checks})
		})
	}
}

func TestAccInstancesOfASet(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(several + `
resource "trove_mongodb_member" "m" {
  count       = 2
  name        = "products-${count.index}"
  flavor_id   = "1"
  volume      = { size = 2 }
  replica_set = "products"
  datastore   = { version = "mongodb-7.0" }
}

data "trove_instances" "set" {
  cluster    = "products"
  depends_on = [trove_mongodb_member.m, trove_instance.orders]
}
`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.trove_instances.set", tfjsonpath.New("instances"), knownvalue.ListExact([]knownvalue.Check{
				knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact("products-0")}),
				knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact("products-1")}),
			})),
		},
	})
}
