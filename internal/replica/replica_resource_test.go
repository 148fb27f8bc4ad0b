package replica_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

const (
	declaredSource = "trove_instance.source"
	promoteKind    = "POST /instances/{id}/action promote_to_replica_source"
)

// source is the declared source.
func source(datastore, version string) string {
	return fmt.Sprintf(`
resource "trove_instance" "source" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { type = %q, version = %q }
}
`, datastore, version)
}

var mysqlSource = source("mysql", "mysql-5.7")

// replicas are so many of them, called orders-0, orders-1 ...
func replicas(count int) string {
	return fmt.Sprintf(`
resource "trove_replica" "reader" {
  count      = %d
  name       = "orders-${count.index}"
  replica_of = trove_instance.source.id
}
`, count)
}

func reader(n int) string { return fmt.Sprintf("trove_replica.reader[%d]", n) }

// inState is reader(n) as the state that checks get calls it.
func inState(n int) string { return fmt.Sprintf("trove_replica.reader.%d", n) }

// slowEnough tells the source's age from its replicas' by the second that Trove tells.
func slowEnough(o *sandbox.Options) { o.BuildTime = 1100 * time.Millisecond }

func role(address, want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("role"), knownvalue.StringExact(want))
}

func emptyPlan(config string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true}
}

// isSource checks by the server's own account who leads the set.
func isSource(cloud *acctest.Cloud, address string) resource.TestCheckFunc {
	return func(s *terraform.State) error { return cloud.ExpectSource(acctest.ID(s, address)) }
}

func TestAccReplicasOfEveryDatastoreThatReplicates(t *testing.T) {
	for datastore, version := range map[string]string{"mysql": "mysql-5.7", "mariadb": "mariadb-10.11", "postgresql": "postgresql-16"} {
		for name, options := range acctest.BothServers() {
			t.Run(datastore+" on "+name, func(t *testing.T) {
				cloud := acctest.NewCloud(t, options)
				config := cloud.Config(source(datastore, version) + replicas(3))
				cloud.Test(t,
					resource.TestStep{
						Config: config,
						ConfigStateChecks: []statecheck.StateCheck{
							role(reader(0), "replica"),
							statecheck.ExpectKnownValue(reader(0), tfjsonpath.New("flavor_id"), knownvalue.StringExact("2")),
							statecheck.ExpectKnownValue(reader(0), tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(5)),
							statecheck.ExpectKnownValue(reader(0), tfjsonpath.New("datastore").AtMapKey("type"), knownvalue.StringExact(datastore)),
						},
						Check: resource.ComposeTestCheckFunc(
							resource.TestCheckResourceAttrPair(inState(1), "source_id", declaredSource, "id"),
							// One creation each, none refused: they took turns at the source.
							func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{"POST /instances": 4}) },
						),
					},
					emptyPlan(config),
				)
			})
		}
	}
}

func TestAccReplicaIsDetachedInPlace(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			detached := cloud.Config(mysqlSource + strings.Replace(replicas(1), "replica_of = trove_instance.source.id", "", 1))
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(mysqlSource + replicas(1))},
				resource.TestStep{
					Config: detached,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(reader(0), plancheck.ResourceActionUpdate),
					}},
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(reader(0), tfjsonpath.New("replica_of"), knownvalue.Null()),
						statecheck.ExpectKnownValue(reader(0), tfjsonpath.New("role"), knownvalue.Null()),
						statecheck.ExpectKnownValue(reader(0), tfjsonpath.New("source_id"), knownvalue.Null()),
					},
					Check: func(s *terraform.State) error { return cloud.ExpectStandalone(acctest.ID(s, inState(0))) },
				},
				emptyPlan(detached),
			)
		})
	}
}

func TestAccReplicaChangesInPlace(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(mysqlSource + replicas(1))},
		resource.TestStep{
			Config: cloud.Config(mysqlSource + `
resource "trove_replica" "reader" {
  count               = 1
  name                = "orders-renamed"
  replica_of          = trove_instance.source.id
  access              = { is_public = true, allowed_cidrs = ["192.0.2.0/24"] }
  deletion_protection = false
}
`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(reader(0), plancheck.ResourceActionUpdate),
			}},
			Check: func(s *terraform.State) error {
				return cloud.ExpectInstance(acctest.ID(s, inState(0)), acctest.Shown{
					Name: "orders-renamed", Flavor: "2", Version: "mysql-5.7", Volume: 5, Public: true, CIDRs: []string{"192.0.2.0/24"},
				})
			},
		},
	)
}

func TestAccReplicaGrowsWithItsSource(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	grown := cloud.Config(strings.Replace(mysqlSource, "size = 5", "size = 7", 1) + replicas(2))
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(mysqlSource + replicas(2))},
		resource.TestStep{Config: grown},
		resource.TestStep{
			Config:           grown,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(reader(1), tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(7)),
			},
		},
	)
}

func TestAccReplicaDetachedBehindOurBackIsReplaced(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			config := cloud.Config(mysqlSource + replicas(2))
			cloud.Test(t,
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig: func() { cloud.PromoteBehindOurBack(t, "orders-0") },
					Config:    config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(reader(0), plancheck.ResourceActionReplace),
						plancheck.ExpectResourceAction(reader(1), plancheck.ResourceActionNoop),
					}},
				},
			)
		})
	}
}

// oneLeads checks that one of the readers is the source of the others: the server chooses which.
func TestAccReplicaThatIsRefused(t *testing.T) {
	none := map[string]int{"POST /instances": 0}
	tests := map[string]struct {
		config string
		want   string
		made   map[string]int
	}{
		"without a source": {
			config: strings.Replace(replicas(1), "replica_of = trove_instance.source.id", "", 1),
			want:   `A\s+replica\s+requires\s+a\s+source`, made: none,
		},
		"a source that does not exist": {
			config: strings.Replace(replicas(1), "trove_instance.source.id", `"33333333-3333-4333-8333-333333333333"`, 1),
			want:   `replica_of\s+is\s+33333333-3333-4333-8333-333333333333,\s+but\s+there\s+is\s+no\s+such\s+instance`, made: none,
		},
		"with a flavor": {
			config: strings.Replace(replicas(1), "replica_of = trove_instance.source.id", `flavor_id = "2"`, 1),
			want:   `(?s)Invalid\s+Configuration\s+for\s+Read-Only\s+Attribute.*flavor_id`, made: none,
		},
		"with a fixed address": {
			config: strings.Replace(replicas(1), "replica_of = trove_instance.source.id", `
  replica_of = "33333333-3333-4333-8333-333333333333"
  networks   = [{ subnet_id = "50000000-0000-4000-8000-00000000bbbb", ip_address = "10.1.0.9" }]`, 1),
			want: `Trove\s+refuses\s+a\s+fixed\s+address\s+for\s+a\s+replica`, made: none,
		},
		"of a replica": {
			config: mysqlSource + replicas(1) + `
resource "trove_replica" "second" {
  name       = "orders-second"
  replica_of = trove_replica.reader[0].id
}
`,
			want: `(?s)orders-0.*is\s+itself\s+a\s+replica\s+of.*Set\s+replica_of\s+to`, made: map[string]int{"POST /instances": 2},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, acctest.Upstream)
			cloud.Test(t, resource.TestStep{Config: cloud.Config(tt.config), ExpectError: regexp.MustCompile(tt.want)})
			if err := cloud.ExpectRequests(tt.made); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccReplicaOfADatastoreThatReplicatesOtherwise(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			alone := cloud.Config(source("cassandra", "cassandra-4.1"))
			cloud.Test(t,
				resource.TestStep{Config: alone},
				resource.TestStep{
					Config: cloud.Config(source("cassandra", "cassandra-4.1") + replicas(1)), PlanOnly: true,
					ExpectError: regexp.MustCompile(`(?s)of\s+type\s+cassandra.*use\s+trove_cassandra_node`),
				},
			)
		})
	}
}

func TestAccReplicaThatFailsIsReplaced(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	config := cloud.Config(mysqlSource + replicas(1))
	cloud.Test(t,
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.InstanceError, Instance: "orders-0", Message: "The guest did not come up."})
			},
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+create\s+replica.*The\s+guest\s+did\s+not\s+come\s+up.*tainted`),
		},
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(reader(0), plancheck.ResourceActionReplace),
			}},
		},
	)
	if ever, _ := cloud.Made(); ever != 3 {
		t.Errorf("%d instances were made, want 3", ever)
	}
}

func TestAccReplicaMovesToTheOtherKindAndBack(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, acctest.Upstream)
	const moved = `
moved {
  from = %s.reader
  to   = %s.reader
}
`
	general := mysqlSource + `
resource "trove_replica" "reader" {
  name       = "orders-0"
  replica_of = trove_instance.source.id
}
`
	mysql := strings.NewReplacer(`"trove_replica"`, `"trove_mysql_replica"`, "trove_instance.source.id", "[trove_instance.source.id]").Replace(general)
	cli := acctest.NewCLI(t, cloud.Config(general))
	cli.MustRun("apply", "-auto-approve")
	for _, config := range []string{mysql + fmt.Sprintf(moved, "trove_replica", "trove_mysql_replica"), general + fmt.Sprintf(moved, "trove_mysql_replica", "trove_replica")} {
		cli.Configure(cloud.Config(config))
		if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "0 added, 0 changed, 0 destroyed") {
			t.Errorf("the move changes something:\n%s", out)
		}
	}
	cli.MustRun("destroy", "-auto-approve")
	if ever, alive := cloud.Made(); ever != 2 || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want 2 and 0", ever, alive)
	}
}
