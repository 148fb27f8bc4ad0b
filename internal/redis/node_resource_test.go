package redis_test

import (
	"fmt"
	"os"
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
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

const (
	create  = "POST /instances"
	promote = "POST /instances/{id}/topology/action redis.slaveof_no_one"
	destroy = "DELETE /instances/{id}"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

const master = `
resource "trove_redis_node" "master" {
  name      = "sessions"
  flavor_id = "2"
  volume    = { size = 3 }
  datastore = { version = "redis-7.2" }
}
`

// link is a node of a chain below another one, with these further lines.
func link(name, above, lines string) string {
	if above != "" {
		above = "replica_of = trove_redis_node." + above + ".id"
	}
	return fmt.Sprintf(`
resource "trove_redis_node" %[1]q {
  name = "sessions-%[1]s"
  %[2]s
  %[3]s
}
`, name, above, lines)
}

// chain is a master, a replica, and a replica of that.
var chain = master + link("near", "master", "") + link("far", "near", "")

func TestAccChainIsBuiltAndDestroyed(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{
			Config: cloud.Config(chain),
			ConfigStateChecks: []statecheck.StateCheck{
				// What a replica leaves out is its source's, down the chain.
				statecheck.ExpectKnownValue("trove_redis_node.far", tfjsonpath.New("flavor_id"), knownvalue.StringExact("2")),
				statecheck.ExpectKnownValue("trove_redis_node.far", tfjsonpath.New("volume").AtMapKey("size"), knownvalue.Int64Exact(3)),
				statecheck.ExpectKnownValue("trove_redis_node.far", tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("redis-7.2")),
				statecheck.ExpectKnownValue("trove_redis_node.master", tfjsonpath.New("replica_of"), knownvalue.Null()),
			},
		},
		resource.TestStep{ResourceName: "trove_redis_node.far", ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: "trove_redis_node.master", ImportState: true, ImportStateVerify: true},
	)
	if err := cloud.ExpectRequests(map[string]int{create: 3, destroy: 3, promote: 0}); err != nil {
		t.Error(err)
	}
}

func TestAccMasterTakesTheServersDefaultVersionOfRedis(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(link("alone", "", "flavor_id = \"1\"\nvolume = { size = 1 }")),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("trove_redis_node.alone", tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("redis-7.2")),
		},
	})
}

func TestAccReplicaIsPromotedInPlaceAndWhatHangsBelowFollows(t *testing.T) {
	cloud := acctest.NewCloud(t)
	promoted := cloud.Config(master + link("near", "", "flavor_id = \"3\"") + link("far", "near", ""))
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(chain)},
		resource.TestStep{
			Config: promoted,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_redis_node.master", plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction("trove_redis_node.near", plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("trove_redis_node.far", plancheck.ResourceActionNoop),
			}},
			Check: func(s *terraform.State) error {
				if err := cloud.ExpectStandalone(acctest.ID(s, "trove_redis_node.near")); err != nil {
					return err
				}
				return cloud.ExpectInstance(acctest.ID(s, "trove_redis_node.near"), acctest.Shown{Name: "sessions-near", Flavor: "3", Version: "redis-7.2", Volume: 3})
			},
		},
		resource.TestStep{
			// Back below a master takes a new server, and so does what hangs below that.
			Config: cloud.Config(chain),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_redis_node.near", plancheck.ResourceActionReplace),
				plancheck.ExpectResourceAction("trove_redis_node.far", plancheck.ResourceActionReplace),
			}},
		},
	)
	promotedAt, resizedAt := -1, -1
	for n, request := range cloud.Ledger().Requests() {
		switch request.Kind {
		case promote:
			promotedAt = n
		case "POST /instances/{id}/action resize":
			resizedAt = n
		}
	}
	if promotedAt < 0 || resizedAt < promotedAt {
		t.Errorf("the promotion was request %d and the resize %d: who promotes waits for a server that takes writes", promotedAt, resizedAt)
	}
	if err := cloud.ExpectRequests(map[string]int{promote: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccPromotionWhoseAnswerIsLostIsNotSentAgain(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(master + link("near", "", "") + link("far", "near", ""))
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(chain)},
		resource.TestStep{
			PreConfig: func() { cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: promote}) },
			Config:    config,
		},
	)
	if err := cloud.ExpectRequests(map[string]int{promote: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccPromotionThatFailsSaysSo(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(chain)},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "redis.slaveof_no_one", Message: "The link is down."})
			},
			Config:      cloud.Config(master + link("near", "", "") + link("far", "near", "")),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+promote\s+Redis\s+node\s+sessions-near.*The\s+link\s+is\s+down`),
		},
	)
}

func TestAccNodePromotedBehindOurBackIsReplaced(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(chain))
	cli.MustRun("apply", "-auto-approve")
	cloud.PromoteBehindOurBack(t, "sessions-near")
	out := cli.MustRun("plan")
	for _, want := range []string{"sessions-near", "promoted to a master outside of Terraform", "trove_redis_node.near must be replaced"} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "trove_redis_node.master will") || strings.Contains(out, "trove_redis_node.master must") {
		t.Errorf("the master is to change:\n%s", out)
	}
	// As the warning says, it is kept by taking replica_of out; what hangs below it never left it.
	cli.Configure(cloud.Config(master + link("near", "", "") + link("far", "near", "")))
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccNodeThatIsRefused(t *testing.T) {
	tests := map[string]struct {
		config, want string
		settings     []func(*testing.T)
	}{
		"no master and no flavor":        {config: link("alone", "", ""), want: `Without\s+replica_of\s+there\s+is\s+no\s+source\s+that\s+defines\s+the\s+flavor`},
		"a source that does not exist":   {config: link("alone", "", `replica_of = "33333333-3333-4333-8333-333333333333"`), want: `(?s)replica_of.*is\s+33333333-3333-4333-8333-333333333333,\s+but\s+there\s+is\s+no\s+such\s+instance`},
		"an empty source":                {config: link("alone", "", `replica_of = ""`), want: `replica_of\s+is\s+""\.`},
		"another datastore":              {config: link("alone", "", "flavor_id = \"1\"\ndatastore = { type = \"mysql\" }"), want: `(?s)datastore.*redis\s+goes\s+with\s+datastore\s+type\s+redis,\s+not\s+with\s+mysql`},
		"a version that does not exist":  {config: link("alone", "", "flavor_id = \"1\"\ndatastore = { version = \"redis-1\" }"), want: `Unknown\s+datastore\s+version`},
		"a flavor that does not exist":   {config: link("alone", "", `flavor_id = "9"`), want: `Unknown\s+flavor`},
		"a replica with its own mystery": {config: link("alone", "", "flavor_id = \"1\"\nslave_of = \"x\""), want: `Unsupported\s+argument`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t, resource.TestStep{Config: cloud.Config(tt.config), PlanOnly: true, ExpectError: regexp.MustCompile(tt.want)})
			if err := cloud.ExpectRequests(map[string]int{create: 0}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccReplicaOfAnotherDatabaseIsRefusedAtPlanTime(t *testing.T) {
	cloud := acctest.NewCloud(t)
	const orders = `
resource "trove_instance" "orders" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 1 }
  datastore = { type = "mysql" }
}
`
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(orders)},
		resource.TestStep{
			Config:      cloud.Config(orders + link("alone", "", "replica_of = trove_instance.orders.id")),
			ExpectError: regexp.MustCompile(`(?s)replica_of.*names\s+orders.*runs\s+mysql`),
		},
	)
	if ever, _ := cloud.Made(); ever != 1 {
		t.Errorf("%d instances were made, want 1", ever)
	}
}

func TestAccReleasedTroveServesNoRedisReplication(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(master), PlanOnly: true,
		ExpectError: regexp.MustCompile(`(?s)no\s+topology\s+API.*trove_redis_node\s+requires`),
	})
}
