package mongodb_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

// slow is a server whose changes take longer than refusals are put up with.
func slow(o *sandbox.Options) { o.ActionTime = 3 * time.Second }

func TestAccMemberLeavesWhileOthersChange(t *testing.T) {
	cloud := acctest.NewCloud(t, slow)
	after := cloud.Config(members(3, "priority = 3 - count.index"))
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(4, "priority = 5"))},
		resource.TestStep{Config: after},
		resource.TestStep{Config: after, PlanOnly: true},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 1, remove: 1}); err != nil {
		t.Errorf("a request was refused, or sent more than once: %v", err)
	}
}

func TestAccMemberJoinsWhileOthersChange(t *testing.T) {
	cloud := acctest.NewCloud(t, slow)
	after := cloud.Config(members(4, "priority = 4 - count.index"))
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(3, "priority = 5"))},
		resource.TestStep{Config: after},
		resource.TestStep{Config: after, PlanOnly: true},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccLateArbiterChangesInTheSameCall(t *testing.T) {
	cloud := acctest.NewCloud(t)
	named := func(suffix string) string {
		return cloud.Config(members(2, `hostname = "${count.index}.`+suffix+`"`)+
			strings.Replace(arbiter, `type `, `hostname = "arbiter.`+suffix+`"
  type `, 1), `reconfig_window = "4s"`)
	}
	cloud.Test(t,
		resource.TestStep{Config: named("old.example")},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{
					Do: faults.Delay, Kind: "GET /instances/{id}/topology", Instance: "products-arbiter",
					Delay: faults.Duration(time.Second), Times: faults.Always,
				})
			},
			Config: named("new.example"),
		},
		resource.TestStep{PreConfig: cloud.Faults().Clear, Config: named("new.example"), PlanOnly: true},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
}
