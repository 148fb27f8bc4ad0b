package replica_test

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
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

const (
	leads     = "trove_replication_source.orders"
	ejectKind = "POST /instances/{id}/action eject_replica_source"
)

// ledBy says who is the source of the declared source and all replicas, with these further lines.
func ledBy(who string, lines ...string) string {
	return fmt.Sprintf(`
resource "trove_replication_source" "orders" {
  members   = concat([trove_instance.source.id], trove_replica.reader[*].id)
  source_id = %s
  %s
}
`, who, strings.Join(lines, "\n  "))
}

func consent(day time.Time) string {
	return fmt.Sprintf("eject_dead_source = %q", day.UTC().Format(time.DateOnly))
}

func updates(address string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
}

func TestAccSwitchoverIsMadeInPlaceAndOnce(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			set := mysqlSource + replicas(3)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(set + ledBy(declaredSource+".id")), Check: isSource(cloud, declaredSource)},
				resource.TestStep{
					Config:           cloud.Config(set + ledBy(reader(1)+".id")),
					ConfigPlanChecks: updates(leads),
					Check:            isSource(cloud, reader(1)),
				},
				resource.TestStep{
					Config:           cloud.Config(set + ledBy(reader(1)+".id")),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					Check: func(s *terraform.State) error {
						attributes := s.RootModule().Resources[leads].Primary.Attributes
						for n, want := range []string{"replica", "source", "replica"} {
							if got := attributes["roles."+acctest.ID(s, reader(n))]; got != want {
								return fmt.Errorf("the role of reader %d is %q, want %q", n, got, want)
							}
						}
						return nil
					},
				},
				resource.TestStep{ResourceName: leads, ImportState: true, ImportStateVerify: true},
			)
			// The second one is the handing back before the end.
			if err := cloud.ExpectRequests(map[string]int{promoteKind: 2}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccSwitchoverWithTheCreationOfTheSet(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	config := cloud.Config(mysqlSource + replicas(2) + ledBy(reader(0)+".id"))
	cloud.Test(t, resource.TestStep{Config: config, Check: isSource(cloud, reader(0))}, emptyPlan(config))
}

func TestAccSwitchoverBySomebodyElseIsSwitchedBack(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	config := cloud.Config(mysqlSource + replicas(2) + ledBy(declaredSource+".id"))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { cloud.SwitchOverBehindOurBack(t, "orders-1") },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(leads, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction(reader(0), plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(reader(1), plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction(declaredSource, plancheck.ResourceActionNoop),
			}},
			Check: isSource(cloud, declaredSource),
		},
	)
}

func TestAccSourceThatLeavesTheConfigurationHandsOver(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(mysqlSource + replicas(2) + ledBy(reader(1)+".id"))},
		resource.TestStep{
			Config: cloud.Config(mysqlSource + replicas(1) + ledBy(reader(0)+".id")),
			Check:  isSource(cloud, reader(0)),
		},
		emptyPlan(cloud.Config(mysqlSource+replicas(1)+ledBy(reader(0)+".id"))),
	)
	// Terraform deletes before it updates what has named it: the role goes to the declared source first, and back there in the end.
	if err := cloud.ExpectRequests(map[string]int{promoteKind: 4}); err != nil {
		t.Error(err)
	}
}

func TestAccSwitchoverWhoseAnswerIsLostIsSentOnce(t *testing.T) {
	for _, lost := range []faults.Rule{{Do: faults.LoseAnswer, Kind: promoteKind}, {Do: faults.Status, Status: 502, AfterWork: true, Kind: promoteKind}} {
		t.Run(string(lost.Do), func(t *testing.T) {
			cloud := acctest.NewCloud(t, acctest.Upstream)
			set := mysqlSource + replicas(1)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(set)},
				resource.TestStep{
					PreConfig: func() { cloud.Inject(t, lost) },
					Config:    cloud.Config(set + ledBy(reader(0)+".id")),
					Check: resource.ComposeTestCheckFunc(isSource(cloud, reader(0)), func(*terraform.State) error {
						return cloud.ExpectRequests(map[string]int{promoteKind: 1})
					}),
				},
			)
		})
	}
}

func TestAccSwitchoverThatFailsTellsHowEachMemberStands(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	set := mysqlSource + replicas(2)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(set)},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "promote_to_replica_source", Message: "The replica is too far behind."})
			},
			Config:      cloud.Config(set + ledBy(reader(0)+".id")),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+make\s+the\s+source.*too\s+far\s+behind.*The\s+members\s+of\s+the\s+set:.*orders-1.*PROMOTION_ERROR.*reset\s+status`),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{promoteKind: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccSwitchoverIsNotBegunWhereAMemberHasFailed(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	set := mysqlSource + replicas(2)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(set)},
		resource.TestStep{
			PreConfig:   func() { cloud.BreakBehindOurBack(t, "orders-1") },
			Config:      cloud.Config(set + ledBy(reader(0)+".id")),
			ExpectError: regexp.MustCompile(`(?s)orders-1.*ERROR.*Nothing\s+was\s+changed:\s+a\s+change\s+of\s+roles\s+requires\s+every\s+member`),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{promoteKind: 0}); err != nil {
		t.Error(err)
	}
}

func TestAccDeadSourceIsEjectedWithTodaysConsentAlone(t *testing.T) {
	set := mysqlSource + replicas(2)
	refused := map[string]struct {
		lines []string
		want  string
	}{
		"without consent":     {nil, `(?s)The\s+source\s+is\s+dead.*today's\s+date\s+in\s+UTC.*it\s+is\s+not\s+set.*Nothing\s+was\s+ejected`},
		"yesterday's consent": {[]string{consent(time.Now().AddDate(0, 0, -1))}, `(?s)The\s+source\s+is\s+dead.*and\s+it\s+is\s+"20`},
	}
	for name, tt := range refused {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, acctest.Upstream)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(set + ledBy(declaredSource+".id"))},
				resource.TestStep{
					PreConfig:   func() { cloud.Heartbeat(t, "orders", false) },
					Config:      cloud.Config(set + ledBy(reader(0)+".id", tt.lines...)),
					PlanOnly:    true,
					ExpectError: regexp.MustCompile(tt.want),
				},
			)
			if err := cloud.ExpectRequests(map[string]int{ejectKind: 0, promoteKind: 0}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("today's consent", func(t *testing.T) {
		cloud := acctest.NewCloud(t, acctest.Upstream)
		config := cloud.Config(set + ledBy(reader(1)+".id", acctest.TodaysConsent))
		cloud.Test(t,
			resource.TestStep{Config: cloud.Config(set + ledBy(declaredSource+".id"))},
			resource.TestStep{
				PreConfig:        func() { cloud.Heartbeat(t, "orders", false) },
				Config:           config,
				ConfigPlanChecks: updates(leads),
				Check: resource.ComposeTestCheckFunc(isSource(cloud, reader(1)), func(s *terraform.State) error {
					if got := s.RootModule().Resources[leads].Primary.Attributes["roles."+acctest.ID(s, declaredSource)]; got != "none" {
						return fmt.Errorf("the role of the ejected source is %q, want none", got)
					}
					return cloud.ExpectRequests(map[string]int{ejectKind: 1})
				}),
			},
			emptyPlan(config),
			// The consent of another day does no harm while nothing is to be ejected.
			resource.TestStep{Config: cloud.Config(set + ledBy(reader(1)+".id", consent(time.Now().AddDate(0, 0, -1)))), Check: isSource(cloud, reader(1))},
			// Back to the ejected one there is no way.
			resource.TestStep{
				Config: cloud.Config(set + ledBy(declaredSource+".id")), PlanOnly: true,
				ExpectError: regexp.MustCompile(`which\s+is\s+standalone`),
			},
		)
	})
	t.Run("the only replica of a dead source", func(t *testing.T) {
		cloud := acctest.NewCloud(t, acctest.Upstream)
		config := cloud.Config(mysqlSource + replicas(1) + ledBy(reader(0)+".id", acctest.TodaysConsent))
		cloud.Test(t,
			resource.TestStep{Config: cloud.Config(mysqlSource + replicas(1))},
			resource.TestStep{
				PreConfig: func() { cloud.Heartbeat(t, "orders", false) },
				Config:    config,
				Check:     resource.TestCheckResourceAttr(inState(0), "role", "replica"), // as it was planned; the next refresh tells
			},
			emptyPlan(config),
		)
		if err := cloud.ExpectRequests(map[string]int{ejectKind: 1, promoteKind: 0}); err != nil {
			t.Error(err)
		}
	})
}

func TestAccLivingSourceIsNotEjected(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(mysqlSource + replicas(2) + ledBy(reader(0)+".id", acctest.TodaysConsent)),
		Check:  isSource(cloud, reader(0)),
	})
	if err := cloud.ExpectRequests(map[string]int{ejectKind: 0, promoteKind: 2}); err != nil {
		t.Error(err)
	}
}

func TestAccReplicationSourceThatIsRefused(t *testing.T) {
	other := strings.NewReplacer(`"source"`, `"other"`, `"orders"`, `"accounts"`).Replace(mysqlSource)
	tests := map[string]struct{ config, want string }{
		"a source that is no member": {`
resource "trove_replication_source" "orders" {
  members   = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]
  source_id = "33333333-3333-4333-8333-333333333333"
}`, `33333333-3333-4333-8333-333333333333,\s+which\s+is\s+not\s+in\s+members`},
		"a date that is none": {ledBy(reader(0)+".id", `eject_dead_source = "yes"`), `eject_dead_source\s+is\s+"yes",\s+but\s+must\s+be\s+a\s+date`},
		"an instance that is not": {`
resource "trove_replication_source" "orders" {
  members   = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]
  source_id = "11111111-1111-4111-8111-111111111111"
}`, `there\s+is\s+no\s+such\s+instance`},
		"members of two sets": {`
resource "trove_replication_source" "orders" {
  members   = [trove_instance.source.id, trove_replica.reader[0].id, trove_instance.other.id]
  source_id = trove_replica.reader[0].id
}`, `(?s)Not\s+one\s+replication\s+set.*do\s+not\s+belong\s+to\s+the\s+replication\s+set\s+of\s+source_id`},
		"a source that stands alone": {`
resource "trove_replication_source" "orders" {
  members   = [trove_instance.source.id, trove_instance.other.id]
  source_id = trove_instance.other.id
}`, `which\s+is\s+standalone`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, acctest.Upstream)
			set := mysqlSource + replicas(1) + other
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(set)},
				resource.TestStep{Config: cloud.Config(set + tt.config), PlanOnly: true, ExpectError: regexp.MustCompile(tt.want)},
				emptyPlan(cloud.Config(set)),
			)
			if err := cloud.ExpectRequests(map[string]int{promoteKind: 0}); err != nil {
				t.Error(err)
			}
		})
	}
}
