package mongodb_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

const (
	instanceRead = "GET /instances/{id}"
	pageRead     = "GET /instances/detail"
	topologyRead = "GET /instances/{id}/topology"
)

// replicaSet makes a set of so many members by one run of Terraform.
func replicaSet(t *testing.T, cloud *acctest.Cloud, members int) (made []acctest.Object, configs []string) {
	t.Helper()
	run := cloud.NewDriver(t)
	for n := range members {
		config := fmt.Sprintf(`{"name":"products-%d","flavor_id":"1","volume":{"size":2},"datastore":{"version":"mongodb-7.0"},"replica_set":"products"}`, n)
		made = append(made, run.Must(run.Create("trove_mongodb_member", config)))
		configs = append(configs, config)
	}
	return made, configs
}

// Five members are refreshed, and planned, by one read, one page and one topology.
func TestMembersAreRefreshedAndPlannedByPagesAndOneTopology(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	made, configs := replicaSet(t, cloud, 5)
	run := cloud.NewDriver(t) // the next run of Terraform
	cloud.Ledger().Reset()
	var all sync.WaitGroup
	for n := range made {
		all.Go(func() {
			refreshed := run.Must(run.Refresh(made[n]))
			if change, diagnostics := run.Plan(refreshed, configs[n]); diagnostics.Failed() || !run.NoOp(change) {
				t.Errorf("%s: changed: %t, %s", configs[n], !run.NoOp(change), diagnostics.Text())
			}
		})
	}
	all.Wait()
	if err := cloud.ExpectRequests(map[string]int{instanceRead: 1, pageRead: 1, topologyRead: 1}); err != nil {
		t.Error(err)
	}
	// A change is judged with the members that are known by now.
	if _, diagnostics := run.Plan(made[1], configs[1][:len(configs[1])-1]+`,"priority":2}`); diagnostics.Failed() {
		t.Error(diagnostics.Text())
	}
	if err := cloud.ExpectRequests(map[string]int{topologyRead: 1}); err != nil {
		t.Error(err)
	}
}

// The destruction of a whole set reads its topology once when it is planned, and once when it is applied.
func TestDestructionOfASetReadsItsTopologyOnce(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	made, _ := replicaSet(t, cloud, 5)
	run := cloud.NewDriver(t)
	cloud.Ledger().Reset()
	changes := run.PlanDestroyAll(made...)
	if err := cloud.ExpectRequests(map[string]int{topologyRead: 1}); err != nil {
		t.Errorf("the plan: %v", err)
	}
	run = cloud.NewDriver(t)
	for _, result := range run.ApplyAll(10, changes...) {
		for _, text := range result.Errors() {
			t.Error(text)
		}
	}
	if err := cloud.ExpectRequests(map[string]int{topologyRead: 2, "DELETE /instances/{id}": 5}); err != nil {
		t.Error(err)
	}
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// A list of members with all their attributes costs a page, and a topology for the set.
func TestListOfMembersCostsAPageAndATopology(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	made, _ := replicaSet(t, cloud, 5)
	run := cloud.NewDriver(t)
	cloud.Ledger().Reset()
	listed := run.List("trove_mongodb_member", map[string]string{"replica_set": "products"}, true, 0)
	if len(listed) != 5 {
		t.Fatalf("%d members are listed, want 5", len(listed))
	}
	for n, one := range listed {
		run.NoErrors(one.Diagnostics)
		want := run.Texts(made[n])
		if one.Resource["id"] != want["id"] || one.Resource["replica_set"] != "products" || one.Resource["status"] != want["status"] {
			t.Errorf("listed: %v, want %v", one.Resource, want)
		}
	}
	run.List("trove_cassandra_node", nil, true, 0) // another block of the same query
	// The first topology is asked of no instance, to find out whether the server has the topology API.
	if err := cloud.ExpectRequests(map[string]int{instanceRead: 0, pageRead: 1, topologyRead: 2}); err != nil {
		t.Error(err)
	}
}
