package mongodb_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// dozen is a set as large as it may be: more members than Terraform deletes at a time.
const dozen = "priority = count.index < 7 ? 1 : 0\n  votes = count.index < 7 ? 1 : 0"

func TestAccSetLargerThanTheParallelismIsDestroyedWithoutLeaving(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{Config: cloud.Config(members(12, dozen))})
	if err := cloud.ExpectRequests(map[string]int{remove: 0, "DELETE /instances/{id}": 12}); err != nil {
		t.Error(err)
	}
}

func TestAccSetIsDestroyedWithoutLeavingFromASavedPlan(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(members(12, dozen)))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-destroy", "-out=plan")
	cli.MustRun("apply", "plan")
	if err := cloud.ExpectRequests(map[string]int{remove: 0, "DELETE /instances/{id}": 12}); err != nil {
		t.Error(err)
	}
}

func TestAccManyMembersLeaveOneAtATime(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(members(5, ""))},
		resource.TestStep{
			Config: cloud.Config(members(2, "")),
			Check: func(*terraform.State) error {
				return cloud.ExpectRequests(map[string]int{remove: 3, "DELETE /instances/{id}": 3})
			},
		},
	)
}

func TestAccFailedMemberSaysThatItCouldNotLeave(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(members(3, "")))
	cli.MustRun("apply", "-auto-approve")
	cloud.BreakBehindOurBack(t, "products-2")
	cli.Configure(cloud.Config(members(2, "")))
	out := cli.MustRun("apply", "-auto-approve", "-no-color")
	if !strings.Contains(out, "A member was deleted without being removed") {
		t.Errorf("no warning:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccLastHealthyMemberIsNotDeletedBesideFailedOnes(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(members(3, "")))
	cli.MustRun("apply", "-auto-approve")
	cloud.BreakBehindOurBack(t, "products-0")
	cloud.BreakBehindOurBack(t, "products-1")
	cli.Configure(cloud.Config(members(2, "")))
	out, err := cli.Run("apply", "-auto-approve", "-no-color")
	if err == nil || !strings.Contains(out, "have all failed") {
		t.Errorf("%v\n%s", err, out)
	}
	if err := cloud.ExpectRequests(map[string]int{"DELETE /instances/{id}": 0}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
}
