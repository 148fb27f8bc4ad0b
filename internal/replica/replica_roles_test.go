package replica_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

func TestAccSwitchoverBehindOurBackPlansNothing(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options, slowEnough)
			config := cloud.Config(mysqlSource + replicas(2))
			cloud.Test(t,
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig:         func() { cloud.SwitchOverBehindOurBack(t, "orders-1") },
					Config:            config,
					ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					ConfigStateChecks: []statecheck.StateCheck{role(reader(0), "replica"), role(reader(1), "source")},
					Check: resource.ComposeTestCheckFunc(
						resource.TestCheckResourceAttrPair(inState(0), "source_id", inState(1), "id"),
						resource.TestCheckResourceAttrPair(inState(1), "source_id", inState(1), "id"),
						resource.TestCheckResourceAttrPair(inState(1), "replica_of", declaredSource, "id"),
					),
				},
				// One more replica joins the set, whose source is another than the declared one now.
				resource.TestStep{
					Config: cloud.Config(mysqlSource + replicas(3)),
					Check:  resource.TestCheckResourceAttrPair(inState(2), "source_id", inState(1), "id"),
				},
				emptyPlan(cloud.Config(mysqlSource+replicas(3))),
			)
			// In the end all are destroyed: the declared source comes last, so the role goes back to it, once.
			if err := cloud.ExpectRequests(map[string]int{promoteKind: 2}); err != nil {
				t.Error(err)
			}
		})
	}
}

func oneLeads(count int) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		var sources []string
		for n := range count {
			attributes := s.RootModule().Resources[inState(n)].Primary.Attributes
			if attributes["role"] == "source" {
				sources = append(sources, attributes["id"])
			}
			if n > 0 && attributes["source_id"] != s.RootModule().Resources[inState(0)].Primary.Attributes["source_id"] {
				return fmt.Errorf("reader %d has source %s, unlike the first", n, attributes["source_id"])
			}
		}
		if len(sources) != 1 {
			return fmt.Errorf("the sources are %v, want one of the readers", sources)
		}
		return nil
	}
}

func TestAccEjectionBehindOurBackPlansNothing(t *testing.T) {
	for count := 1; count <= 3; count++ {
		t.Run(fmt.Sprintf("%d replicas", count), func(t *testing.T) {
			cloud := acctest.NewCloud(t, acctest.Upstream)
			config := cloud.Config(mysqlSource + replicas(count))
			cloud.Test(t,
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig: func() {
						cloud.Heartbeat(t, "orders", false)
						cloud.EjectBehindOurBack(t, "orders")
					},
					Config:           config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					Check:            oneLeads(count),
				},
				emptyPlan(config),
			)
			if err := cloud.ExpectRequests(map[string]int{promoteKind: 0}); err != nil {
				t.Errorf("all replicas go, so none has to become the source: %v", err)
			}
		})
	}
}

func TestAccPresentSourceHandsTheRoleBackBeforeItIsDestroyed(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(mysqlSource + replicas(3))},
				resource.TestStep{
					PreConfig: func() { cloud.SwitchOverBehindOurBack(t, "orders-2") },
					Config:    cloud.Config(mysqlSource + replicas(2)),
					Check: resource.ComposeTestCheckFunc(
						isSource(cloud, declaredSource),
						resource.TestCheckResourceAttr(inState(0), "role", "replica"),
						func(*terraform.State) error { return cloud.ExpectRequests(map[string]int{promoteKind: 2}) },
					),
				},
				resource.TestStep{
					Config:            cloud.Config(mysqlSource + replicas(2)),
					ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					ConfigStateChecks: []statecheck.StateCheck{role(reader(0), "replica"), role(reader(1), "replica")},
					Check:             resource.TestCheckResourceAttrPair(inState(0), "source_id", declaredSource, "id"),
				},
			)
		})
	}
}

func TestAccHandoverWhoseAnswerIsLostIsSentOnce(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(mysqlSource + replicas(2))},
		resource.TestStep{
			PreConfig: func() {
				cloud.SwitchOverBehindOurBack(t, "orders-1")
				cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: promoteKind})
			},
			Config: cloud.Config(mysqlSource + replicas(1)),
			Check:  isSource(cloud, declaredSource),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{promoteKind: 2}); err != nil {
		t.Error(err)
	}
}

func TestAccHandoverThatFailsTellsHowEachMemberStands(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(mysqlSource + replicas(2))},
		resource.TestStep{
			PreConfig: func() {
				cloud.SwitchOverBehindOurBack(t, "orders-1")
				cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "promote_to_replica_source", Message: "The replica is too far behind."})
			},
			Config:      cloud.Config(mysqlSource + replicas(1)),
			ExpectError: regexp.MustCompile(`(?s)could\s+not\s+hand\s+over\s+the\s+role.*too\s+far\s+behind.*members\s+of\s+the\s+set:.*orders-1.*the\s+source.*with\s+neither\s+source\s+nor\s+replicas.*administrator\s+resets\s+each`),
		},
	)
}

func TestAccReplicaOfAnotherMemberOfTheSetChangesNothing(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	other := `
resource "trove_replica" "other" {
  name       = "orders-other"
  replica_of = %s
}
`
	config := func(of string) string { return cloud.Config(mysqlSource + replicas(1) + fmt.Sprintf(other, of)) }
	cloud.Test(t,
		resource.TestStep{Config: config("trove_instance.source.id")},
		resource.TestStep{
			PreConfig: func() { cloud.SwitchOverBehindOurBack(t, "orders-0") },
			Config:    config(reader(0) + ".id"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_replica.other", plancheck.ResourceActionUpdate),
			}},
		},
		emptyPlan(config(reader(0)+".id")),
		resource.TestStep{ResourceName: "trove_replica.other", ImportState: true, ImportStateVerify: true},
	)
	if ever, _ := cloud.Made(); ever != 3 {
		t.Errorf("%d instances were made, want 3", ever)
	}
}

func TestAccPresentSourceHandsOverToAnotherReplicaOfTerraformsAlone(t *testing.T) {
	t.Parallel()
	// The declared source was ejected, and is not of the set any more.
	ejected := func(t *testing.T, config string) (*acctest.Cloud, *acctest.CLI, string) {
		t.Helper()
		cloud := acctest.NewCloud(t, acctest.Upstream)
		cli := acctest.NewCLI(t, cloud.Config(config))
		cli.MustRun("apply", "-auto-approve")
		cloud.Heartbeat(t, "orders", false)
		cloud.EjectBehindOurBack(t, "orders")
		client, err := cloud.Client()
		if err != nil {
			t.Fatal(err)
		}
		all, err := client.Instances(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for n := range all {
			if i, err := client.Instance(t.Context(), all[n].ID); err != nil {
				t.Fatal(err)
			} else if len(i.Replicas) > 0 {
				return cloud, cli, i.Name
			}
		}
		t.Fatal("no source is left")
		return nil, nil, ""
	}
	named := func(names ...string) string {
		text := mysqlSource
		for _, name := range names {
			text += fmt.Sprintf("\nresource \"trove_replica\" %q {\n  name       = %[1]q\n  replica_of = trove_instance.source.id\n}\n", name)
		}
		return text
	}
	both := []string{"orders-a", "orders-b"}
	other := map[string]string{both[0]: both[1], both[1]: both[0]}
	t.Run("to Terraform's", func(t *testing.T) {
		t.Parallel()
		cloud, cli, source := ejected(t, named(both...))
		cli.Configure(cloud.Config(named(other[source])))
		cli.MustRun("apply", "-auto-approve")
		cli.MustRun("plan", "-detailed-exitcode")
		if err := cloud.ExpectRequests(map[string]int{promoteKind: 1}); err != nil {
			t.Error(err)
		}
		cli.MustRun("destroy", "-auto-approve")
		if err := cloud.NothingAlive(); err != nil {
			t.Error(err)
		}
	})
	t.Run("not to a stranger's", func(t *testing.T) {
		t.Parallel()
		cloud, cli, source := ejected(t, named(both...))
		cli.MustRun("state", "rm", "trove_replica."+other[source])
		cli.Configure(cloud.Config(mysqlSource))
		out, err := cli.Run("apply", "-auto-approve")
		if err == nil || !strings.Contains(out, "these instances replicate from it: "+other[source]) {
			t.Errorf("the stranger is not named: %v\n%s", err, out)
		}
		if err := cloud.ExpectRequests(map[string]int{promoteKind: 0}); err != nil {
			t.Error(err)
		}
	})
}

func TestAccLargeSetIsDestroyedWithOneChangeOfRoles(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cli := acctest.NewCLI(t, cloud.Config(mysqlSource+replicas(13))) // more than Terraform's ten at once
	cli.MustRun("apply", "-auto-approve")
	cloud.SwitchOverBehindOurBack(t, "orders-5")
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
	// Somebody else's, and the one that gives the role back to the declared source.
	if err := cloud.ExpectRequests(map[string]int{promoteKind: 2}); err != nil {
		t.Error(err)
	}
}
