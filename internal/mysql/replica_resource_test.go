package mysql_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

const (
	source = `
resource "trove_instance" "source" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`
	replica = "trove_mysql_replica.replica"
)

// replicaOf is a replica with these further lines.
func replicaOf(lines string) string {
	return fmt.Sprintf(`
resource "trove_mysql_replica" "replica" {
  name = "orders-replica"
  %s
}
`, lines)
}

func TestAccReplicasOfOneSource(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(source + `
resource "trove_mysql_replica" "replica" {
  count      = 3
  name       = "orders-replica-${count.index}"
  flavor_id  = "1"
  volume     = { size = 5 }
  datastore  = { version = "mysql-5.7" }
  replica_of = [trove_instance.source.id]
}
`)
	cloud.Test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("trove_mysql_replica.replica[0]", tfjsonpath.New("read_only"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue("trove_mysql_replica.replica[0]", tfjsonpath.New("status"), knownvalue.StringExact("ACTIVE")),
				statecheck.ExpectKnownValue("trove_mysql_replica.replica[0]", tfjsonpath.New("replica_of"), knownvalue.SetSizeExact(1)),
			},
			Check: func(*terraform.State) error {
				// One creation each, none refused: they took turns at the source, which is backed up for each.
				return cloud.ExpectRequests(map[string]int{"POST /instances": 4})
			},
		},
	)
}

func TestAccReplicaIsWhatItsSourceIs(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(source + replicaOf(`replica_of = [trove_instance.source.id]`)),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(replica, tfjsonpath.New("flavor_id"), knownvalue.StringExact("2")),
					statecheck.ExpectKnownValue(replica, tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(5)),
					statecheck.ExpectKnownValue(replica, tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("mysql-5.7")),
					statecheck.ExpectKnownValue(replica, tfjsonpath.New("read_only"), knownvalue.Bool(true)),
				},
			})
		})
	}
}

func TestAccReplicaThatDiffersFromItsSource(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(source + replicaOf(`
  flavor_id  = "3"
  volume     = { size = 8 }
  replica_of = [trove_instance.source.id]`))
			cloud.Test(t,
				resource.TestStep{
					Config: config,
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(replica, tfjsonpath.New("flavor_id"), knownvalue.StringExact("3")),
						statecheck.ExpectKnownValue(replica, tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(8)),
					},
				},
			)
		})
	}
}

func TestAccReplicaIsPromotedInPlace(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			promoted := cloud.Config(source + replicaOf(``))
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(source + replicaOf(`replica_of = [trove_instance.source.id]`))},
				resource.TestStep{
					Config: promoted,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(replica, plancheck.ResourceActionUpdate),
						plancheck.ExpectResourceAction("trove_instance.source", plancheck.ResourceActionNoop),
					}},
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(replica, tfjsonpath.New("replica_of"), knownvalue.Null()),
						statecheck.ExpectKnownValue(replica, tfjsonpath.New("read_only"), knownvalue.Null()),
					},
					Check: func(s *terraform.State) error { return cloud.ExpectStandalone(acctest.ID(s, replica)) },
				},
				resource.TestStep{
					// Back below a source takes a new server.
					Config: cloud.Config(source + replicaOf(`replica_of = [trove_instance.source.id]`)),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(replica, plancheck.ResourceActionReplace),
					}},
				},
			)
		})
	}
}

func TestAccReplicaPromotedBehindOurBackIsReplaced(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(source + replicaOf(`replica_of = [trove_instance.source.id]`))
			cloud.Test(t,
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig: func() { cloud.PromoteBehindOurBack(t, "orders-replica") },
					Config:    config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(replica, plancheck.ResourceActionReplace),
					}},
				},
			)
		})
	}
}

func TestAccReplicaChangesInPlace(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(source + replicaOf(`replica_of = [trove_instance.source.id]`))},
		resource.TestStep{
			Config: cloud.Config(source + `
resource "trove_mysql_replica" "replica" {
  name       = "orders-reader"
  flavor_id  = "3"
  volume     = { size = 9 }
  datastore  = { version = "mysql-8.0" }
  access     = { is_public = true, allowed_cidrs = ["192.0.2.0/24"] }
  replica_of = [trove_instance.source.id]
}
`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(replica, plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(replica, tfjsonpath.New("name"), knownvalue.StringExact("orders-reader")),
				statecheck.ExpectKnownValue(replica, tfjsonpath.New("flavor_id"), knownvalue.StringExact("3")),
				statecheck.ExpectKnownValue(replica, tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("mysql-8.0")),
			},
		},
		resource.TestStep{
			ResourceName:      replica,
			ImportState:       true,
			ImportStateVerify: true,
		},
	)
}

func TestAccReplicaOfTwoSources(t *testing.T) {
	two := func(version string) string {
		return fmt.Sprintf(`
resource "trove_instance" "source" {
  count     = 2
  name      = "source-${count.index}"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = %[1]q }
}

resource "trove_mysql_replica" "replica" {
  name       = "warehouse"
  flavor_id  = "2"
  volume     = { size = 4 }
  datastore  = { version = %[1]q }
  read_only  = false
  replica_of = trove_instance.source[*].id
}
`, version)
	}
	t.Run("MySQL 5.7 replicates from both", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t, resource.TestStep{
			Config: cloud.Config(two("mysql-5.7")),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(replica, tfjsonpath.New("replica_of"), knownvalue.SetSizeExact(2)),
				statecheck.ExpectKnownValue(replica, tfjsonpath.New("read_only"), knownvalue.Bool(false)),
			},
		})
	})
	t.Run("MySQL 5.5 is refused at plan time", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t, resource.TestStep{
			Config: cloud.Config(`
resource "trove_mysql_replica" "replica" {
  name       = "warehouse"
  flavor_id  = "2"
  volume     = { size = 4 }
  datastore  = { version = "mysql-5.5" }
  replica_of = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]
}
`),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`(?s)replica_of.*2 sources, but mysql-5\.5 replicates\s+from\s+one\s+only`),
		})
		if err := cloud.ExpectRequests(map[string]int{"POST /instances": 0}); err != nil {
			t.Error(err)
		}
	})
	t.Run("released Trove is refused at plan time", func(t *testing.T) {
		cloud := acctest.NewCloud(t, acctest.Upstream)
		cloud.Test(t, resource.TestStep{
			Config:      cloud.Config(two("mysql-5.7")),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`More\s+than\s+one\s+source\s+on\s+released\s+Trove`),
		})
	})
}

func TestAccReplicaThatIsRefused(t *testing.T) {
	tests := map[string]struct {
		config string
		want   string
	}{
		"read_only without replica_of": {
			config: replicaOf(`
  flavor_id = "1"
  read_only = true`),
			want: `read_only\s+is\s+allowed\s+only\s+with\s+replica_of`,
		},
		"a source that does not exist": {
			config: replicaOf(`replica_of = ["33333333-3333-4333-8333-333333333333"]`),
			want:   `replica_of\s+is\s+33333333-3333-4333-8333-333333333333,\s+but\s+there\s+is\s+no\s+such\s+instance`,
		},
		"an empty set of sources": {
			config: replicaOf(`replica_of = []`),
			want:   `set\s+must\s+contain\s+at\s+least\s+1`,
		},
		"no source and no flavor": {
			config: replicaOf(``),
			want:   `Without\s+replica_of\s+there\s+is\s+no\s+source\s+that\s+defines\s+the\s+flavor`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t, resource.TestStep{Config: cloud.Config(tt.config), PlanOnly: true, ExpectError: regexp.MustCompile(tt.want)})
			if err := cloud.ExpectRequests(map[string]int{"POST /instances": 0}); err != nil {
				t.Error(err)
			}
		})
	}
}
