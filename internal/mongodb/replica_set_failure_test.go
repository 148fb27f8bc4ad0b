package mongodb_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// literal is a replica set resource with these entries of members.
func literal(entries ...string) string {
	return fmt.Sprintf("\nresource \"trove_mongodb_replica_set\" \"products\" {\n  name = \"products\"\n  members = {\n    %s\n  }\n}\n", strings.Join(entries, "\n    "))
}

// entry gives one member these settings.
func entry(id, settings string) string { return fmt.Sprintf("%q = { %s }", id, settings) }

// test is cloud.Test for sets that are not Terraform's to destroy.
func test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.ParallelTest(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: steps})
}

// priorities are those that the server shows, by id.
func priorities(t *testing.T, cloud *acctest.Cloud, via string) map[string]float64 {
	t.Helper()
	client, err := cloud.Client()
	if err != nil {
		t.Fatal(err)
	}
	view, err := client.Topology(t.Context(), via)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]float64{}
	for _, m := range view.Members {
		if m.MongoDB != nil && m.MongoDB.Priority != nil {
			shown[m.ID] = *m.MongoDB.Priority
		}
	}
	return shown
}

func TestAccVotesThatTheServerDoesNotShowAreNotCounted(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.Bare = true })
	blocks := slices.Repeat([]topology.MongoDB{{}}, 7)
	made := somebodyElses(t, cloud, append(blocks, topology.MongoDB{Priority: new(0.0), Votes: new(int64(0))})...)
	test(t,
		resource.TestStep{Config: cloud.Config(literal(entry(made[0], "priority = 5")))},
	)
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccReplicaSetThatCannotBeIsRefusedBeforeItIsSent(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{ // the ids are known only after the members are made
		Config:      cloud.Config(members(2, "") + settings(`{ priority = 0 }`)),
		ExpectError: regexp.MustCompile(`(?i)no\s+member\s+of\s+the\s+replica\s+set\s+could\s+become\s+primary`),
	})
	if err := cloud.ExpectRequests(map[string]int{update: 0}); err != nil {
		t.Error(err)
	}
}

func TestAccReplicaSetSaysWhatIsUnwise(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	made := somebodyElses(t, cloud, topology.MongoDB{}, topology.MongoDB{Priority: new(0.0)})
	cli := acctest.NewCLI(t, cloud.Config(literal(entry(made[1], "priority = 0, hidden = false, secondary_delay_secs = 60"))))
	out := cli.MustRun("plan")
	for _, want := range []string{
		"only one member of the replica set can become primary", "even number of voting members (2) and no arbiter", "A delayed member that is not hidden",
		"give one member votes 0 and priority 0",
	} {
		if n := strings.Count(strings.ToLower(out), strings.ToLower(want)); n != 1 {
			t.Errorf("%q stands there %d times, want once:\n%s", want, n, out)
		}
	}
}

func TestAccRefusedReplicaSetChangesNothingAndNamesItsMembers(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	made := somebodyElses(t, cloud, topology.MongoDB{}, topology.MongoDB{}, topology.MongoDB{})
	config := func(priority int) string {
		return cloud.Config(literal(entry(made[0], fmt.Sprintf("priority = %d", priority)), entry(made[1], fmt.Sprintf("priority = %d", priority+1))))
	}
	cli := acctest.NewCLI(t, config(2))
	cli.MustRun("apply", "-auto-approve")
	before := priorities(t, cloud, made[0])
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Message: "The moon is full.", Kind: update})
	cli.Configure(config(5))
	out, err := cli.Run("apply", "-auto-approve")
	if err == nil {
		t.Fatalf("a refused change was applied:\n%s", out)
	}
	for _, want := range []string{made[0], made[1], "The moon is full", "together or not at all"} {
		if !strings.Contains(out, want) {
			t.Errorf("the error does not hold %q:\n%s", want, out)
		}
	}
	if diff := cmp.Diff(before, priorities(t, cloud, made[0])); diff != "" {
		t.Errorf("it changed something (-before +after):\n%s", diff)
	}
	cli.Configure(config(2))
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	if err := cloud.ExpectRequests(map[string]int{update: 2}); err != nil {
		t.Error(err)
	}
}

func TestAccDestroyedReplicaSetKeepsItsSettings(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	made := somebodyElses(t, cloud, topology.MongoDB{}, topology.MongoDB{}, topology.MongoDB{})
	cli := acctest.NewCLI(t, cloud.Config(literal(entry(made[0], "priority = 4"), entry(made[1], "priority = 0.5"))))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("destroy", "-auto-approve")
	if diff := cmp.Diff(map[string]float64{made[0]: 4, made[1]: 0.5, made[2]: 1}, priorities(t, cloud, made[0])); diff != "" {
		t.Errorf("priorities (-want +got):\n%s", diff)
	}
	if err := cloud.ExpectRequests(map[string]int{update: 1, "DELETE /instances/{id}": 0}); err != nil {
		t.Error(err)
	}
}

func TestAccReplicaSetWithoutItsMembers(t *testing.T) {
	cloud := acctest.NewCloud(t)
	made := somebodyElses(t, cloud, topology.MongoDB{}, topology.MongoDB{}, topology.MongoDB{})
	config := cloud.Config(literal(entry(made[1], "priority = 2"), entry(made[2], "priority = 3")))
	at := tfjsonpath.New("members")
	leave := func(id string) topology.Action { return topology.RemoveMember{ID: id} }
	test(t,
		resource.TestStep{Config: config},
		resource.TestStep{ // one of two has left: it is no longer in the state
			PreConfig:    func() { cloud.ActBehindOurBack(t, "products-1", leave) },
			RefreshState: true, ExpectNonEmptyPlan: false,
			ExpectError: regexp.MustCompile(made[1] + `\s+is\s+not\s+a\s+member\s+of\s+replica\s+set\s+products`),
		},
		resource.TestStep{
			Config:            cloud.Config(literal(entry(made[2], "priority = 3"))),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(setAddress, at, knownvalue.MapSizeExact(1))},
		},
		resource.TestStep{ // none is left: the next one is made anew
			PreConfig: func() { cloud.ActBehindOurBack(t, "products-2", leave) },
			Config:    cloud.Config(literal(entry(made[0], "priority = 6"))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(setAddress, plancheck.ResourceActionCreate),
			}},
		},
	)
	if diff := cmp.Diff(map[string]float64{made[0]: 6}, priorities(t, cloud, made[0])); diff != "" {
		t.Errorf("priorities (-want +got):\n%s", diff)
	}
}

func TestAccReplicaSetOfSomebodyElseImportsWithoutChanges(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	made := somebodyElses(t, cloud, topology.MongoDB{Hostname: new("a.example")}, topology.MongoDB{Priority: new(0.5), Hostname: new("b.example")},
		topology.MongoDB{Type: topology.TypeArbiter})
	const rest = `hidden = false, secondary_delay_secs = 0, votes = 1`
	cli := acctest.NewCLI(t, cloud.Config(literal(
		entry(made[0], `priority = 1, hostname = "a.example", `+rest), entry(made[1], `priority = 0.5, hostname = "b.example", `+rest))))
	cli.MustRun("import", setAddress, made[2]) // the arbiter shows its set, too
	cli.MustRun("plan", "-detailed-exitcode")  // exit status 2 would tell of changes
	// Settings that the configuration leaves out leave the state, and nothing is sent for that.
	cli.Configure(cloud.Config(literal(entry(made[0], `priority = 1`))))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	if err := cloud.ExpectRequests(map[string]int{update: 0}); err != nil {
		t.Error(err)
	}
	if out, err := cli.Run("import", "trove_mongodb_replica_set.products", "44444444-4444-4444-8444-444444444444"); err == nil {
		t.Errorf("an instance that does not exist was imported:\n%s", out)
	}
}

func TestAccMembersOwnChangesInTheSameApplyWarn(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	config := func(priority int) string {
		return cloud.Config(members(2, fmt.Sprintf("hostname = \"${count.index}-%d.example\"", priority)) + settings(fmt.Sprintf(`{ priority = n + %d }`, priority)))
	}
	cli := acctest.NewCLI(t, config(1))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(config(2))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "More than one reconfiguration of replica set products") {
		t.Errorf("no warning:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
}

func TestAccSettingsInTwoPlacesClash(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(members(2, "")))
	cli.MustRun("apply", "-auto-approve")
	made := madeAs(t, cloud, "products-0")
	// With one member that is not listed, neither of them goes before its window has passed.
	cli.Configure(cloud.Config(members(2, "priority = 2 - count.index")+literal(entry(made, "priority = 3")), `reconfig_window = "4s"`))
	out, err := cli.Run("apply", "-auto-approve")
	if err == nil {
		t.Fatalf("two contradicting changes were applied:\n%s", out)
	}
	for _, want := range []string{"the change of " + made + " contradicts one that is waiting to be sent", "priority cannot be"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if err := cloud.ExpectRequests(map[string]int{update: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
}

// madeAs is the id of the instance that was made under that name.
func madeAs(t *testing.T, cloud *acctest.Cloud, name string) string {
	t.Helper()
	for _, r := range cloud.State().History() {
		if r.Name == name {
			return r.ID
		}
	}
	t.Fatalf("no instance was ever called %s", name)
	return ""
}
