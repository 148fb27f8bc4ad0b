package mysql_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

var replicated = source + replicaOf(`replica_of = [trove_instance.source.id]`)

func TestAccTopologyThatTheServerIgnoresIsSaid(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	// The block says that the server has the topology API, and it has not: it makes a lone server of the replica.
	cloud.Test(t,
		resource.TestStep{
			Config:      cloud.Config(replicated, `topology_api = "always"`),
			ExpectError: regexp.MustCompile(`(?s)server\s+ignored\s+the\s+topology.*topology_api\s+=\s+"never".*marked\s+as\s+tainted`),
		},
		resource.TestStep{
			Config: cloud.Config(replicated),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(replica, plancheck.ResourceActionReplace),
			}},
		},
	)
	if ever, alive := cloud.Made(); ever != 3 || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want 3 and 0", ever, alive)
	}
}

func TestAccServerIsAskedOnceWhetherItHasTopologies(t *testing.T) {
	tests := map[string]struct {
		server  func(*sandbox.Options)
		setting string
		want    map[string]int
	}{
		"never, although it has": {acctest.BothServers()["topology API"], `topology_api = "never"`, map[string]int{"GET /instances/{id}/topology": 0, "POST /instances": 2}},
		"auto, and it has not":   {acctest.Upstream, `topology_api = "auto"`, map[string]int{"POST /instances": 2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, tt.server)
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(replicated, tt.setting),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(replica, tfjsonpath.New("replica_of"), knownvalue.SetSizeExact(1)),
				},
			})
			if err := cloud.ExpectRequests(tt.want); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccPromotionWhoseAnswerIsLostIsNotSentAgain(t *testing.T) {
	const promote = "POST /instances/{id}/topology/action mysql.promote"
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(replicated)},
		resource.TestStep{
			PreConfig: func() { cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: promote}) },
			Config:    cloud.Config(source + replicaOf(``)),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{promote: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccPromotionThatFailsSaysSo(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(replicated)},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "mysql.promote", Message: "The replica is too far behind."})
			},
			Config:      cloud.Config(source + replicaOf(``)),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+promote\s+MySQL\s+replica\s+orders-replica.*The\s+replica\s+is\s+too\s+far\s+behind`),
		},
	)
}

func TestAccReplicaWaitsForABusySource(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options, func(o *sandbox.Options) { o.ActionTime = time.Second })
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(source)},
				resource.TestStep{
					PreConfig: func() { cloud.RestartBehindOurBack(t, "orders") },
					Config:    cloud.Config(replicated),
				},
			)
			if err := cloud.ExpectRequests(map[string]int{"POST /instances": 2}); err != nil {
				t.Errorf("the busy source was not waited for: %v", err)
			}
		})
	}
}

func TestAccSourceWithAStrangersReplicaNamesIt(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cloud.Test(t,
				resource.TestStep{Config: cloud.Config(source)},
				resource.TestStep{
					PreConfig:   func() { cloud.ReplicateBehindOurBack(t, "orders", "strangers-replica") },
					Config:      cloud.Config(source),
					Destroy:     true,
					ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+delete.*these\s+instances\s+replicate\s+from\s+it:\s+strangers-replica.*Promote\s+them\s+first,\s+which\s+keeps\s+their\s+data`),
				},
				resource.TestStep{
					PreConfig: func() { cloud.DeleteBehindOurBack(t, "strangers-replica") },
					Config:    cloud.Config(source), PlanOnly: true,
				},
			)
		})
	}
}
