package mongodb_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const setAddress = "trove_mongodb_replica_set.products"

// settings is a replica set resource that gives member n of members what expression says of n.
func settings(expression string) string {
	return fmt.Sprintf(`
resource "trove_mongodb_replica_set" "products" {
  name    = "products"
  members = { for n, m in trove_mongodb_member.member : m.id => %s }
}
`, expression)
}

func TestAccReplicaSetChangesInOneCall(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := func(expression string) string { return cloud.Config(members(3, "") + arbiter + settings(expression)) }
	cloud.Test(t,
		resource.TestStep{
			Config: config(`{ priority = 3 - n }`),
			Check:  func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{update: 1}) },
		},
		resource.TestStep{
			Config: config(`{ priority = n, hidden = n == 0 }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(setAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("trove_mongodb_member.member[0]", plancheck.ResourceActionNoop),
			}},
			Check: func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{update: 2}) },
		},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 2, remove: 0}); err != nil {
		t.Errorf("destroying the settings is no change of the set: %v", err)
	}
}

func TestAccTwelveMembersOneAtATimeChangeInOneCall(t *testing.T) {
	cloud := acctest.NewCloud(t)
	// Seven of twelve may vote.
	lines := "votes = count.index < 7 ? 1 : 0\n priority = count.index < 7 ? 1 : 0"
	cli := acctest.NewCLI(t, cloud.Config(members(12, lines)))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(cloud.Config(members(12, "votes = count.index < 7 ? 1 : 0") + settings(`{ priority = n < 7 ? 10 - n : 0 }`)))
	cli.MustRun("apply", "-auto-approve", "-parallelism=1")
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccSettingsInTwoPlacesAreReported(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(members(2, "priority = 2") + settings(`{ priority = 2 }`))
	cli := acctest.NewCLI(t, config)
	cli.MustRun("apply", "-auto-approve")
	if out := cli.MustRun("plan"); !strings.Contains(out, "also sets settings of instance") || !strings.Contains(out, "(priority)") {
		t.Errorf("no warning:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccResizeAndPriorityMeetInOneRound(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = 300 * time.Millisecond })
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, ""))},
		resource.TestStep{
			Config: cloud.Config(strings.Replace(members(3, "priority = 1 + count.index"), `flavor_id   = "1"`, `flavor_id   = "${count.index == 0 ? 3 : 1}"`, 1)),
			Check:  func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{update: 1}) },
		},
	)
}

func TestAccReplicaSetShowsDriftAndImports(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(members(3, "") + settings(`{ priority = 3 - n, hidden = false, secondary_delay_secs = 0, votes = 1 }`))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				cloud.ReconfigureBehindOurBack(t, "products-1", topology.MemberSettings{Priority: new(float64(7))})
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(setAddress, plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{ResourceName: setAddress, ImportState: true, ImportStateVerify: true, ImportStateId: "products"},
		resource.TestStep{
			ResourceName: setAddress, ImportState: true, ImportStateId: "customers",
			ExpectError: regexp.MustCompile(`(?s)in\s+mongodb/customers:\s+not\s+found.*imported\s+by\s+its\s+name`),
		},
		resource.TestStep{
			ResourceName: setAddress, ImportState: true, ImportStateVerify: true,
			ImportStateIdFunc: func(s *terraform.State) (string, error) {
				for address, r := range s.RootModule().Resources {
					if strings.HasPrefix(address, "trove_mongodb_member.member") {
						return r.Primary.ID, nil
					}
				}
				return "", fmt.Errorf("the state holds no member")
			},
		},
	)
}

func TestAccReplicaSetThatCannotBe(t *testing.T) {
	tests := map[string]struct{ expression, want string }{
		"nobody can become primary": {`{ priority = 0 }`, `(?i)no\s+member\s+of\s+the\s+replica\s+set\s+could\s+become\s+primary`},
		"hidden with a priority":    {`{ priority = 1, hidden = true }`, `(?i)hidden\s+needs\s+priority\s+0`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(members(2, ""))},
				resource.TestStep{Config: cloud.Config(members(2, "") + settings(tt.expression)), PlanOnly: true, ExpectError: regexp.MustCompile(tt.want)},
			)
			if err := cloud.ExpectRequests(map[string]int{update: 0}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("a stranger in the set", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t, resource.TestStep{
			Config: cloud.Config(`
resource "trove_mongodb_replica_set" "products" {
  name    = "products"
  members = { "44444444-4444-4444-8444-444444444444" = { priority = 1 } }
}
`),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`is\s+not\s+a\s+member\s+of\s+replica\s+set\s+products`),
		})
	})
}
