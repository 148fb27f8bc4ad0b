package mongodb_test

import (
	"fmt"
	"strings"
	"syscall"
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
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

func TestAccEverySettingOfAMemberChangesInPlaceAtOnce(t *testing.T) {
	cloud := acctest.NewCloud(t)
	const address = "trove_mongodb_member.member[3]"
	of := func(priority, hidden, delay, votes, hostname string) string {
		last := func(value string) string { return "count.index == 3 ? " + value + " : null" }
		return cloud.Config(members(4, "priority = "+last(priority)+"\nhidden = "+last(hidden)+"\nsecondary_delay_secs = "+last(delay)+
			"\nvotes = "+last(votes)+"\nhostname = "+last(hostname)))
	}
	after := of("0", "true", "60", "0", `"late.example"`)
	cloud.Test(t,
		resource.TestStep{Config: of("2", "false", "0", "1", `"early.example"`)},
		resource.TestStep{
			Config: after,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("priority"), knownvalue.Float64Exact(0)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("hidden"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("secondary_delay_secs"), knownvalue.Int64Exact(60)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("votes"), knownvalue.Int64Exact(0)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("hostname"), knownvalue.StringExact("late.example")),
			},
			Check: func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{update: 1, create: 4}) },
		}, // and so it is on the server
	)
}

func TestAccAnotherTypeOrSetReplacesAMember(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(members(2, "")+arbiter))
	cli.MustRun("apply", "-auto-approve")
	for name, changed := range map[string]string{
		"another type": strings.Replace(arbiter, `type        = "arbiter"`, `type        = "member"`, 1),
		"another set":  strings.Replace(arbiter, `replica_set = "products"`, `replica_set = "more"`, 1),
	} {
		cli.Configure(cloud.Config(members(2, "") + changed))
		out := cli.MustRun("plan")
		for _, want := range []string{"trove_mongodb_member.arbiter must be replaced", "Plan: 1 to add, 0 to change, 1 to destroy."} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: the plan does not say %q:\n%s", name, want, out)
			}
		}
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccMemberIsJudgedByWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.Bare = true })
	ids := somebodyElses(t, cloud, topology.MongoDB{}, topology.MongoDB{}, topology.MongoDB{Priority: new(0.0)})
	cli := acctest.NewCLI(t, cloud.Config(members(3, "")))
	for n, id := range ids {
		cli.MustRun("import", fmt.Sprintf("trove_mongodb_member.member[%d]", n), id)
	}
	cli.Configure(cloud.Config(members(3, "hidden = count.index == 2 ? true : null")))
	cli.MustRun("apply", "-auto-approve") // its priority is 0 already, which this server does not show
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccCanceledWhileUnderWaySaysThatItMayHaveLanded(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, slow)
	cli := acctest.NewCLI(t, cloud.Config(members(1, "")))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(cloud.Config(members(1, "priority = 5")))
	apply := cli.Command(t.Context(), "apply", "-auto-approve", "-no-color")
	var out strings.Builder
	apply.Stdout, apply.Stderr = &out, &out
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); cloud.Ledger().Count(update) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nothing was sent:\n%s", out.String())
		}
	}
	if err := apply.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := apply.Wait(); err == nil {
		t.Fatalf("a canceled apply says that all is well:\n%s", out.String())
	}
	if told := acctest.Unwrap(out.String()); !strings.Contains(told, "it may have landed") {
		t.Errorf("it does not tell:\n%s", told)
	}
	cli.MustRun("apply", "-auto-approve") // it has
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
}
