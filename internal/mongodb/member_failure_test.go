package mongodb_test

import (
	"regexp"
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

func TestAccSettingsInTwoPlacesThatFitGoOutAsOne(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(members(3, "")))
	cli.MustRun("apply", "-auto-approve")
	made := madeAs(t, cloud, "products-0")
	// The others say nothing, so the round waits for its window.
	cli.Configure(cloud.Config(members(3, `hostname = count.index == 0 ? "a.example" : null`)+literal(entry(made, "priority = 3")), `reconfig_window = "4s"`))
	cli.MustRun("apply", "-auto-approve", "-refresh=false")
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccMemberKeepsToItsPlanWhileTheSetChanges(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, slow)
	cli := acctest.NewCLI(t, cloud.Config(members(1, "")))
	cli.MustRun("apply", "-auto-approve")
	resized := strings.Replace(members(1, ""), `flavor_id   = "1"`, `flavor_id   = "3"`, 1)
	cli.Configure(cloud.Config(resized + literal(entry(madeAs(t, cloud, "products-0"), "priority = 3"))))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccSettingsThatLandedAreKeptWhereWhatFollowsFails(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.Bare = true }) // no refresh could tell
	after := cloud.Config(strings.Replace(members(1, "priority = 3"), `flavor_id   = "1"`, `flavor_id   = "3"`, 1))
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(1, "priority = 2"))},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Message: "The moon is full.", Kind: "POST /instances/{id}/action resize"})
			},
			Config:      after,
			ExpectError: regexp.MustCompile(`The\s+moon\s+is\s+full`),
		},
		resource.TestStep{PreConfig: cloud.Faults().Clear, Config: after},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Errorf("what had landed was sent again: %v", err)
	}
}
