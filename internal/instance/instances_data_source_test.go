package instance_test

import (
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
			found := func(filter string, names ...string) resource.TestStep {
				values := make([]knownvalue.Check, len(names))
				for i, n := range names {
					values[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"name": knownvalue.StringExact(n), "status": knownvalue.StringExact("ACTIVE"), "flavor_id": knownvalue.StringExact("1"),
						"volume": knownvalue.ObjectExact(map[string]knownvalue.Check{"size": knownvalue.Int64Exact(2)}),
					})
				}
				return resource.TestStep{
					Config: cloud.Config(several + "data \"trove_instances\" \"all\" {\n" + filter + "\ndepends_on = [trove_instance.stock, trove_instance.orders]\n}\n"),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue("data.trove_instances.all", tfjsonpath.New("instances"), knownvalue.ListExact(values)),
						statecheck.ExpectKnownValue("data.trove_instances.all", tfjsonpath.New("ids"), knownvalue.ListSizeExact(len(names))),
					},
				}
			}
			cloud.Test(t,
				found(``, "orders-1", "orders-2", "stock"),
				found(`name_prefix = "orders"`, "orders-1", "orders-2"),
				found(`datastore_type = "mariadb"`, "stock"),
				found("datastore_type = \"mariadb\"\nname_prefix = \"orders\""),
				found(`status = "RESTART_REQUIRED"`),
				found(`cluster = "products"`),
			)
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
