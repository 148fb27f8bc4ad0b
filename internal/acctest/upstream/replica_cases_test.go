package upstream

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

var replicaCases = []testCase{
	{"a_locality_is_that_of_the_replicas", localityOfReplicas},
	{"soft_localities", softLocalities},
	{"three_replicas_at_once_and_all_removed_with_their_source", threeReplicas},
	{"one_replica_is_detached", oneDetached},
	{"a_replica_whose_guest_fails_is_replaced", replicaFails},
	{"replicas_grow_with_their_source", volumeGrows},
	{"a_replica_that_differs_from_its_source_and_is_imported", replicaDiffers},
	{"a_replica_of_a_replica_is_refused", replicaOfReplica},
	{"a_source_with_a_strangers_replica_is_kept", strangersReplica},
}

// source is the configuration of a source of so many GB.
func source(gb int) string {
	return fmt.Sprintf(`
resource "trove_instance" "source" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = %d }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`, gb)
}

// replicas is the configuration of so many replicas, with these lines.
func replicas(count int, lines string) string {
	return fmt.Sprintf(`
resource "trove_mysql_replica" "replica" {
  count = %d
  name  = "orders-replica-${count.index}"
  %s
}
`, count, lines)
}

const (
	ofSource = `replica_of = [trove_instance.source.id]`
	first    = "trove_mysql_replica.replica[0]"
	second   = "trove_mysql_replica.replica[1]"
)

func threeReplicas(t *testing.T, c *cloud) {
	config := c.Config(source(2) + replicas(3, ofSource))
	var checks []statecheck.StateCheck
	for n := range 3 {
		address := fmt.Sprintf("trove_mysql_replica.replica[%d]", n)
		checks = append(checks,
			statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("ACTIVE")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("replica_of"), knownvalue.SetSizeExact(1)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("flavor_id"), knownvalue.StringExact("2")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(2)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("read_only"), knownvalue.Bool(true)),
		)
	}
	c.Test(t,
		resource.TestStep{Config: config, ConfigStateChecks: checks},
	)
}

func oneDetached(t *testing.T, c *cloud) {
	detached := c.Config(source(2) + replicas(2, `replica_of = count.index == 0 ? null : [trove_instance.source.id]`))
	c.Test(t,
		resource.TestStep{Config: c.Config(source(2) + replicas(2, ofSource))},
		resource.TestStep{
			Config: detached,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(first, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction(second, plancheck.ResourceActionNoop),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(first, tfjsonpath.New("replica_of"), knownvalue.Null()),
				statecheck.ExpectKnownValue(second, tfjsonpath.New("replica_of"), knownvalue.SetSizeExact(1)),
			},
			Check: func(s *terraform.State) error { return c.ExpectStandalone(acctest.ID(s, first)) },
		},
	)
}

func replicaFails(t *testing.T, c *cloud) {
	config := c.Config(source(2) + replicas(1, ofSource))
	c.Test(t,
		resource.TestStep{
			PreConfig:   func() { c.fail(t, "orders-replica-0", build) },
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+create\s+MySQL\s+replica\s+orders-replica-0.*in\s+status\s+ERROR.*marked\s+as\s+tainted`),
		},
		resource.TestStep{
			PreConfig: func() { c.heal(t) },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_instance.source", plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(first, plancheck.ResourceActionReplace),
			}},
		},
	)
}

func volumeGrows(t *testing.T, c *cloud) {
	grown := c.Config(source(4) + replicas(2, ofSource))
	size := func(address string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(4))
	}
	c.Test(t,
		resource.TestStep{Config: c.Config(source(2) + replicas(2, ofSource))},
		resource.TestStep{
			Config:           grown,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, "trove_instance.source"),
			Check: func(s *terraform.State) error {
				return c.ExpectInstance(acctest.ID(s, "trove_instance.source"), acctest.Shown{Name: "orders", Flavor: "2", Volume: 4, Version: "mysql-5.7"})
			},
		},
		// The replicas have grown with it, as the server does on its own.
		resource.TestStep{Config: grown, ConfigStateChecks: []statecheck.StateCheck{size(first), size(second)}},
	)
}

func replicaDiffers(t *testing.T, c *cloud) {
	const reader = "trove_mysql_replica.reader"
	config := c.Config(source(2) + `
resource "trove_mysql_replica" "reader" {
  name       = "orders-reader"
  flavor_id  = "3"
  volume     = { size = 5 }
  networks   = [{ id = "` + other + `" }]
  access     = { allowed_cidrs = ["192.0.2.0/24"] }
  replica_of = [trove_instance.source.id]
}
`)
	c.Test(t,
		resource.TestStep{
			Config: config,
			Check: func(s *terraform.State) error {
				return c.ExpectInstance(acctest.ID(s, reader), acctest.Shown{
					Name: "orders-reader", Flavor: "3", Volume: 5, Version: "mysql-5.7", CIDRs: []string{"192.0.2.0/24"},
				})
			},
		},
		resource.TestStep{
			ResourceName: reader, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"networks"}, // the API does not return it
		},
		resource.TestStep{ResourceName: "trove_instance.source", ImportState: true, ImportStateVerify: true},
	)
}

func replicaOfReplica(t *testing.T, c *cloud) {
	chained := c.Config(source(2) + replicas(1, ofSource) + `
resource "trove_mysql_replica" "chained" {
  name       = "orders-chained"
  replica_of = [trove_mysql_replica.replica[0].id]
}
`)
	c.Test(t,
		resource.TestStep{
			Config:      chained,
			ExpectError: regexp.MustCompile(`(?s)orders-replica-0.*is\s+itself\s+a\s+replica\s+of.*Set\s+replica_of\s+to`),
		},
		stays(c.Config(source(2)+replicas(1, ofSource))),
	)
}

func strangersReplica(t *testing.T, c *cloud) {
	config := c.Config(source(2))
	c.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:   func() { c.ReplicateBehindOurBack(t, "orders", "strangers-replica") },
			Config:      config,
			Destroy:     true,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+delete.*these\s+instances\s+replicate\s+from\s+it:\s+strangers-replica`),
		},
		resource.TestStep{
			PreConfig: func() { c.DeleteBehindOurBack(t, "strangers-replica") },
			Config:    config, PlanOnly: true,
		},
	)
}

// placed is a source of that locality.
func placed(locality string) string {
	return strings.Replace(source(2), "name", "locality = \""+locality+"\"\n  name", 1)
}

// locality checks that the servers at these addresses are of a locality.
func (c *cloud) locality(t *testing.T, want string, addresses ...string) resource.TestCheckFunc {
	t.Helper()
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	return func(s *terraform.State) error {
		for _, address := range addresses {
			i, err := client.Instance(t.Context(), acctest.ID(s, address))
			if err != nil || i.Locality != want {
				return fmt.Errorf("%s: %+v, %w, want locality %s", address, i, err, want)
			}
		}
		return nil
	}
}

func localityOfReplicas(t *testing.T, c *cloud) {
	config := c.Config(placed("anti-affinity") + readers(1))
	c.Test(t,
		resource.TestStep{Config: c.Config(placed("nowhere")), ExpectError: regexp.MustCompile(`(?s)locality.*soft-anti-affinity`)},
		resource.TestStep{Config: config, Check: c.locality(t, "anti-affinity", declared, reader0)},
		resource.TestStep{Config: c.Config(source(2) + readers(1)), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{
			Config: c.Config(placed("affinity") + readers(1)), PlanOnly: true, ExpectNonEmptyPlan: true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{plancheck.ExpectResourceAction(declared, plancheck.ResourceActionReplace)}},
		},
	)
}

// Trove 18 refuses them, by the names of those that it has.
func softLocalities(t *testing.T, c *cloud) {
	for _, locality := range []string{"soft-affinity", "soft-anti-affinity"} {
		config := c.Config(placed(locality) + readers(1))
		if !since(23) {
			c.Test(t, resource.TestStep{Config: config, ExpectError: regexp.MustCompile(
				`(?s)Unable\s+to\s+create\s+database\s+instance\s+orders.*Invalid\s+locality\s+'` + locality + `'\.\s+Must\s+be\s+one\s+of\s+\['affinity',\s+'anti-affinity'\].*Nothing\s+was\s+created`)})
			continue
		}
		c.Test(t, resource.TestStep{Config: config, Check: c.locality(t, locality, declared, reader0)})
	}
}
