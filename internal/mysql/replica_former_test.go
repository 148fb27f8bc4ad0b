package mysql_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// A promoted replica has no flavor in its configuration. When it vanishes, that must not keep others from being planned.
func TestAccPromotedReplicaThatVanishesDoesNotBlockThePlan(t *testing.T) {
	cloud := acctest.NewCloud(t)
	promoted := source + replicaOf(``)
	const other = `
resource "trove_database" "shop" {
  instance_id = trove_instance.source.id
  name        = "shop"
}
`
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(source + replicaOf(`replica_of = [trove_instance.source.id]`))},
		resource.TestStep{Config: cloud.Config(promoted)},
		resource.TestStep{
			PreConfig: func() { cloud.DeleteBehindOurBack(t, "orders-replica") },
			Config:    cloud.Config(promoted + other), PlanOnly: true, ExpectNonEmptyPlan: true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(replica, plancheck.ResourceActionCreate),
				plancheck.ExpectResourceAction("trove_database.shop", plancheck.ResourceActionCreate),
			}},
		},
		// Nothing is sent for it until it says what it needs, and then it is made.
		resource.TestStep{Config: cloud.Config(promoted + other), ExpectError: regexp.MustCompile(`(?s)Missing\s+flavor.*set\s+flavor_id`)},
		resource.TestStep{Config: cloud.Config(source + other + replicaOf("flavor_id = \"2\"\n  volume = { size = 5 }\n  datastore = { type = \"mysql\", version = \"mysql-5.7\" }"))},
	)
	if err := cloud.ExpectRequests(map[string]int{"POST /instances": 3}); err != nil {
		t.Error(err)
	}
}

func TestPromotedReplicaThatVanishesSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		const config = `{"name": "orders-replica"}`
		made := s.Run.ImportByID("trove_mysql_replica", s.Replica)
		promoted := s.Run.Must(s.Run.Update(s.Run.Must(made), config))
		s.DeleteBehindOurBack(t, "orders-replica")
		run := s.NewDriver(t) // the next run of Terraform
		gone := run.Must(run.Refresh(promoted))
		if run.Exists(gone) {
			t.Fatal("the replica is still in the state")
		}
		change, diags := run.Plan(acctest.Object{Type: "trove_mysql_replica"}, config)
		want := fmt.Sprintf("orders-replica (%s) no longer exists", s.Replica)
		for _, line := range []string{want, `flavor_id = "2"`, `volume    = { size = 5 }`, `datastore = { type = "mysql", version = "mysql-5.7" }`} {
			if diags.Failed() || !strings.Contains(diags.Text(), line) {
				t.Errorf("the plan says %q, without %q", diags.Text(), line)
			}
		}
		posts := s.Ledger().Count("POST /instances")
		if r := run.Apply(change); !r.Failed() || !strings.Contains(r.Text(), "set flavor_id") || s.Ledger().Count("POST /instances") != posts {
			t.Errorf("the creation says %q after %d requests", r.Text(), s.Ledger().Count("POST /instances")-posts)
		}
		// What was never there is an error of the plan, as before.
		if _, diags = run.Plan(acctest.Object{Type: "trove_mysql_replica"}, `{"name": "new"}`); !diags.Failed() {
			t.Error("a new server without a flavor is planned")
		}
	})
}
