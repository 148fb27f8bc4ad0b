package provider_test

import (
	"os"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// The demo's topologies, one of each kind, with about forty nodes: more than Terraform handles at a time.
func TestAccEverythingAtOnce(t *testing.T) {
	text, err := os.ReadFile("../../examples/demo/everything/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	const (
		size  = "-var=nodes=6"
		nodes = 6 + (6 + 1) + 6 + 6 + 6 + 6*2 // an arbiter is the odd one
	)
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(string(text)))
	cli.MustRun("apply", "-auto-approve", size)
	report(t, cloud, "create", nodes)
	cli.MustRun("plan", "-detailed-exitcode", size)
	// The name of the flavor is no change, whatever the kind.
	cli.Configure(cloud.Config(strings.Replace(string(text), `flavor_id = "1"`, `flavor_id = "db.tiny"`, 1)))
	cli.MustRun("plan", "-detailed-exitcode", size)
	cloud.Ledger().Reset()
	cli.MustRun("destroy", "-auto-approve", size)
	report(t, cloud, "destroy", nodes)
	if err := cloud.ExpectRequests(map[string]int{
		"POST /instances/{id}/topology/action mongodb.remove_member": 0,
		"POST /instances/{id}/topology/action cassandra.drain_node":  0,
		"POST /instances/{id}/topology/action cassandra.remove_node": 0,
		"POST /instances/{id}/topology/action couchbase.rebalance":   0,
		// Terraform destroys replicas before the masters that they refer to; only the plan tells that those go as well.
		"POST /instances/{id}/topology/action redis_cluster.remove_node": 0,
		"DELETE /instances/{id}": nodes,
	}); err != nil {
		t.Error(err)
	}
	if ever, alive := cloud.Made(); ever != nodes || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want %d and 0", ever, alive, nodes)
	}
}

// report tells what a step cost.
func report(t *testing.T, cloud *acctest.Cloud, step string, nodes int) {
	t.Helper()
	all, reads := 0, 0
	for kind, n := range cloud.Ledger().Counts() {
		all += n
		if strings.HasPrefix(kind, "GET ") {
			reads += n
		}
	}
	t.Logf("%s: %d requests for %d nodes, %.1f a node, %.1f of them reads", step, all, nodes, float64(all)/float64(nodes), float64(reads)/float64(nodes))
}
