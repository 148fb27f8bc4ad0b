package mysql_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// Released Trove refuses to be told a replica's flavor: what the name means is compared with what the source has, and only
// another flavor is resized to.
func TestAccReplicaByNames(t *testing.T) {
	const (
		resizes = "POST /instances/{id}/action resize"
		ids     = `
data "trove_datastore_version" "v" {
  type    = "mysql"
  version = "mysql-5.7"
}
`
		larger = `
resource "trove_mysql_replica" "larger" {
  name       = "orders-larger"
  flavor_id  = "db.large"
  replica_of = [trove_instance.source.id]
}
`
	)
	named := strings.Replace(source, `flavor_id = "2"`, `flavor_id = "db.small"`, 1)
	byNames := named + larger + replicaOf(`
  flavor_id  = "db.small"
  datastore  = { type = "mysql", version = "mysql-5.7" }
  replica_of = [trove_instance.source.id]`)
	byIDs := source + ids + strings.Replace(larger, "db.large", "4", 1) + replicaOf(`
  flavor_id  = "2"
  datastore  = { type = data.trove_datastore_version.v.datastore_id, version = data.trove_datastore_version.v.id }
  replica_of = [trove_instance.source.id]`)
	for name, resizesAtCreation := range map[string]int{"topology API": 0, "released Trove": 1} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, acctest.BothServers()[name])
			cloud.Test(t,
				resource.TestStep{
					Config: cloud.Config(byNames),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(replica, tfjsonpath.New("flavor_id"), knownvalue.StringExact("db.small")),
						statecheck.ExpectKnownValue("trove_mysql_replica.larger", tfjsonpath.New("flavor_id"), knownvalue.StringExact("db.large")),
					},
					Check: func(s *terraform.State) error {
						if err := cloud.ExpectRequests(map[string]int{resizes: resizesAtCreation}); err != nil {
							return err
						}
						return cloud.ExpectInstance(acctest.ID(s, "trove_mysql_replica.larger"), acctest.Shown{
							Name: "orders-larger", Flavor: "4", Volume: 5, Version: "mysql-5.7",
						})
					},
				},
				resource.TestStep{Config: cloud.Config(byNames), PlanOnly: true},
				// Nor do the roles seem to change where only the spelling does.
				resource.TestStep{Config: cloud.Config(byIDs), PlanOnly: true},
			)
		})
		t.Run(name+", made by ids", func(t *testing.T) {
			cloud := acctest.NewCloud(t, acctest.BothServers()[name])
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(byIDs)},
				resource.TestStep{Config: cloud.Config(byNames), PlanOnly: true},
			)
		})
	}
}

// The rules of a topology go by names: a version that is written by its id is looked up for them.
func TestAccSourcesAreCountedByTheVersionThatAnIDMeans(t *testing.T) {
	for version, refusal := range map[string]*regexp.Regexp{"mysql-5.5": regexp.MustCompile(`mysql-5\.5\s+replicates\s+from\s+one\s+only`), "mysql-5.7": nil} {
		t.Run(version, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			sources := cloud.Config(`
data "trove_datastore_version" "v" {
  type    = "mysql"
  version = "` + version + `"
}

resource "trove_instance" "source" {
  count     = 2
  name      = "orders-${count.index}"
  flavor_id = "db.small"
  volume    = { size = 5 }
  datastore = { type = "mysql", version = "` + version + `" }
}
`)
			cloud.Test(t,
				resource.TestStep{Config: sources},
				resource.TestStep{
					Config: sources + replicaOf(`
  datastore  = { type = data.trove_datastore_version.v.datastore_id, version = data.trove_datastore_version.v.id }
  replica_of = trove_instance.source[*].id`),
					ExpectError: refusal, PlanOnly: refusal != nil,
				},
			)
		})
	}
}
