package mongodb_test

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
	create = "POST /instances"
	update = "POST /instances/{id}/topology/action mongodb.update_members"
	remove = "POST /instances/{id}/topology/action mongodb.remove_member"
)

// members are so many members with these further lines.
func members(count int, lines string) string {
	return fmt.Sprintf(`
resource "trove_mongodb_member" "member" {
  count       = %d
  name        = "products-${count.index}"
  flavor_id   = "1"
  volume      = { size = 2 }
  datastore   = { version = "mongodb-7.0" }
  replica_set = "products"
  %s
}
`, count, lines)
}

const arbiter = `
resource "trove_mongodb_member" "arbiter" {
  name        = "products-arbiter"
  flavor_id   = "1"
  volume      = { size = 1 }
  datastore   = { version = "mongodb-7.0" }
  replica_set = "products"
  type        = "arbiter"
}
`

func TestAccReplicaSetIsBuiltWithoutReferences(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(members(3, "") + arbiter)
	cloud.Test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("trove_mongodb_member.member[0]", tfjsonpath.New("priority"), knownvalue.Float64Exact(1)),
				statecheck.ExpectKnownValue("trove_mongodb_member.arbiter", tfjsonpath.New("priority"), knownvalue.Null()),
			},
		},
	)
	bootstraps, joiners := 0, 0
	for _, request := range cloud.Ledger().Requests() {
		if request.Kind != create || request.Status != 200 {
			continue
		}
		if regexp.MustCompile(`"join":\s*true`).Match(request.Body) {
			joiners++
		} else {
			bootstraps++
		}
	}
	if bootstraps != 1 || joiners != 3 {
		t.Errorf("%d bootstrapped and %d joined, want 1 and 3", bootstraps, joiners)
	}
	if err := cloud.ExpectRequests(map[string]int{remove: 0}); err != nil {
		t.Errorf("the set was destroyed as a whole: %v", err)
	}
}

func TestAccPrioritiesChangeInOneCall(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(4, "") + arbiter)},
		resource.TestStep{
			Config: cloud.Config(members(4, "priority = 4 - count.index") + arbiter),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_mongodb_member.member[0]", plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("trove_mongodb_member.arbiter", plancheck.ResourceActionNoop),
			}},
			Check: func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{update: 1}) },
		},
		resource.TestStep{ResourceName: "trove_mongodb_member.arbiter", ImportState: true, ImportStateVerify: true},
	)
}

func TestAccMemberLeavesBeforeItIsDeleted(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, ""))},
		resource.TestStep{
			Config: cloud.Config(members(1, "")),
			Check: func(*terraform.State) error {
				return cloud.ExpectRequests(map[string]int{remove: 2, "DELETE /instances/{id}": 2})
			},
		},
	)
	if err := cloud.ExpectRequests(map[string]int{remove: 2, "DELETE /instances/{id}": 3}); err != nil {
		t.Errorf("the last member has nobody to leave: %v", err)
	}
}

func TestAccMemberThatCannotBe(t *testing.T) {
	tests := map[string]struct{ lines, want string }{
		"hidden with a priority":               {"hidden = true\npriority = 2", `(?i)hidden\s+needs\s+priority\s+0`},
		"delayed without priority 0":           {"secondary_delay_secs = 60", `secondary_delay_secs\s+above\s+0\s+needs\s+priority\s+0`},
		"a priority of its own":                {"priority = 1001", `Priority\s+is\s+1001:\s+it\s+must\s+lie\s+between\s+0\s+and\s+1000\.`},
		"an arbiter with a priority":           {"type = \"arbiter\"\npriority = 2", `an\s+arbiter\s+has\s+no\s+priority|An\s+arbiter\s+has\s+no\s+priority`},
		"a first member that nobody can elect": {"join = false\npriority = 0", `must\s+be\s+electable`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t, resource.TestStep{Config: cloud.Config(members(1, tt.lines)), PlanOnly: true, ExpectError: regexp.MustCompile(tt.want)})
		})
	}
}
