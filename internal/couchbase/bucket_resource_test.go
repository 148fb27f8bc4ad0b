package couchbase_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const (
	createBucket = "POST /instances/{id}/topology/action couchbase.create_bucket"
	deleteBucket = "POST /instances/{id}/topology/action couchbase.delete_bucket"
	orders       = "trove_couchbase_bucket.orders"
	firstNode    = "trove_couchbase_node.node[0].id"
)

// bare is a server of the proposal alone: it lists no buckets and deletes none.
func bare(o *sandbox.Options) { o.Bare = true }

// bucket is the bucket orders of the cluster that a node is in, with these further lines.
func bucket(node string, lines ...string) string {
	return fmt.Sprintf(`
resource "trove_couchbase_bucket" "orders" {
  node_id = %s
  name    = "orders"
  %s
}
`, node, strings.Join(lines, "\n  "))
}

// expectBuckets checks what buckets the server has in the cluster of a node.
func expectBuckets(t *testing.T, cloud *acctest.Cloud, address string, want ...topology.Bucket) resource.TestCheckFunc {
	t.Helper()
	return func(s *terraform.State) error {
		if diff := cmp.Diff(want, cloud.Topology(t, acctest.ID(s, address)).Buckets); diff != "" {
			return fmt.Errorf("the buckets (-want +got):\n%s", diff)
		}
		return nil
	}
}

func TestAccBucketIsMadeOnceAndDeletedBeforeItsCluster(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(nodes(3, "") + bucket(firstNode, "ram_mb = 256", "replicas = 1", "port = 11222"))
	cloud.Test(t,
		resource.TestStep{
			Config: config,
			Check: expectBuckets(t, cloud, "trove_couchbase_node.node.0",
				topology.Bucket{Name: "orders", Type: "couchbase", RAMSize: 256, Replica: new(int64(1)), Port: new(int64(11222))}),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(orders, tfjsonpath.New("cluster_name"), knownvalue.StringExact("products")),
				statecheck.ExpectKnownValue(orders, tfjsonpath.New("type"), knownvalue.StringExact("couchbase")),
				statecheck.ExpectKnownValue(orders, tfjsonpath.New("region"), knownvalue.StringExact(acctest.Region)),
			},
		},
		resource.TestStep{ResourceName: orders, ImportState: true, ImportStateVerify: true},
	)
	if err := cloud.ExpectRequests(map[string]int{createBucket: 1, deleteBucket: 1, rebalance: 0, deletion: 3}); err != nil {
		t.Error(err)
	}
}

func TestAccBucketIsReplacedWithAWarning(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(nodes(1, "")+bucket(firstNode, "ram_mb = 256")))
	cli.MustRun("apply", "-auto-approve")
	for _, lines := range [][]string{{"ram_mb = 512"}, {"ram_mb = 512", "port = 11222"}, {"ram_mb = 512", "port = 11222", "replicas = 0"}, {"ram_mb = 512", `type = "memcached"`, "replicas = 0"}} {
		cli.Configure(cloud.Config(nodes(1, "") + bucket(firstNode, lines...)))
		out := cli.MustRun("apply", "-auto-approve")
		for _, want := range []string{"must be replaced", "The replacement of bucket orders loses its data", "1 added, 0 changed, 1 destroyed"} {
			if !strings.Contains(out, want) {
				t.Errorf("%v: no %q in\n%s", lines, want, out)
			}
		}
		cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	}
	cli.Configure(cloud.Config(nodes(1, "") + bucket(firstNode, "ram_mb = 512", `type = "memcached"`))) // what is left out stays
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{createBucket: 5, deleteBucket: 5}); err != nil {
		t.Error(err)
	}
}

func TestAccBucketThatCannotBe(t *testing.T) {
	const nowhere = `"0b1d4e2f-8a9b-4c6d-9e4f-3a21c0ffee5a"`
	for name, tt := range map[string]struct{ config, want string }{
		"a small quota":            {bucket(firstNode, "ram_mb = 99"), `ram_mb is 99: it must be 100 MB or more`},
		"a name with a blank":      {strings.Replace(bucket(firstNode, "ram_mb = 100"), `= "orders"`, `= "my orders"`, 1), `name is "my orders": a name has 1 to 100`},
		"a name with a dot ahead":  {strings.Replace(bucket(firstNode, "ram_mb = 100"), `= "orders"`, `= ".orders"`, 1), `name is ".orders": a name has 1 to 100`},
		"an unknown type":          {bucket(firstNode, "ram_mb = 100", `type = "ephemeral"`), `type is "ephemeral": it must be couchbase or memcached`},
		"too many replicas":        {bucket(firstNode, "ram_mb = 100", "replicas = 4"), `replicas is 4: it must lie between 0 and 3`},
		"memcached with replicas":  {bucket(firstNode, "ram_mb = 100", `type = "memcached"`, "replicas = 1"), `replicas is 1, but memcached keeps no replicas`},
		"a port that is no port":   {bucket(firstNode, "ram_mb = 100", "port = 70000"), `port is 70000: it must lie between 1 and 65535`},
		"a node that is not there": {bucket(nowhere, "ram_mb = 100"), `node_id must be the id of a node of a Couchbase cluster`},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(nodes(1, "") + tt.config), PlanOnly: true,
				ExpectError: regexp.MustCompile("(?i)" + strings.ReplaceAll(tt.want, " ", `\s+`)),
			})
		})
	}
}

func TestAccBucketStaysWhenItsNodeIsAnother(t *testing.T) {
	cloud := acctest.NewCloud(t)
	at := func(node string, count int) string {
		return cloud.Config(nodes(count, "") + bucket(node, "ram_mb = 256"))
	}
	unchanged := func(node string) resource.TestCheckFunc {
		return resource.ComposeTestCheckFunc(
			expectBuckets(t, cloud, node, topology.Bucket{Name: "orders", Type: "couchbase", RAMSize: 256}),
			func(*terraform.State) error {
				return cloud.ExpectRequests(map[string]int{createBucket: 1, deleteBucket: 0})
			},
		)
	}
	cloud.Test(t,
		resource.TestStep{Config: at("trove_couchbase_node.node[2].id", 3)},
		resource.TestStep{ // to another node of the cluster
			Config: at("trove_couchbase_node.node[1].id", 3),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(orders, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(orders, tfjsonpath.New("cluster_name"), knownvalue.StringExact("products")),
			}},
			Check: unchanged("trove_couchbase_node.node.1"),
		},
		resource.TestStep{ // whose node leaves in the same apply
			Config: at(firstNode, 1), Check: unchanged("trove_couchbase_node.node.0"),
		},
		resource.TestStep{ // to a new one
			Config: at("trove_couchbase_node.node[1].id", 2), Check: unchanged("trove_couchbase_node.node.1"),
		},
		resource.TestStep{ // that is deleted behind our back, so that a new one takes its place
			PreConfig: func() { cloud.DeleteBehindOurBack(t, "products-1") },
			Config:    at("trove_couchbase_node.node[1].id", 2),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(orders, plancheck.ResourceActionUpdate),
			}},
			Check: unchanged("trove_couchbase_node.node.1"),
		},
	)
}

func TestAccBucketGoesToTheClusterOfItsNode(t *testing.T) {
	cloud := acctest.NewCloud(t)
	both := nodes(1, "") + strings.NewReplacer(`"products"`, `"other"`, "products-", "other-", `"node"`, `"other"`).Replace(nodes(1, ""))
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(both + bucket(firstNode, "ram_mb = 256"))},
		resource.TestStep{
			Config: cloud.Config(both + bucket("trove_couchbase_node.other[0].id", "ram_mb = 256")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(orders, plancheck.ResourceActionReplace),
			}},
			Check: resource.ComposeTestCheckFunc(
				expectBuckets(t, cloud, "trove_couchbase_node.node.0", []topology.Bucket{}...),
				expectBuckets(t, cloud, "trove_couchbase_node.other.0", topology.Bucket{Name: "orders", Type: "couchbase", RAMSize: 256}),
			),
		},
	)
}

func TestAccBucketIsMadeAnewWithItsCluster(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := func(zone string) string {
		return cloud.Config(nodes(1, fmt.Sprintf("availability_zone = %q", zone)) + bucket(firstNode, "ram_mb = 256"))
	}
	cli := acctest.NewCLI(t, config("nova"))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(config("az2"))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "Bucket orders was created again") {
		t.Errorf("no warning:\n%s", out)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	if err := cloud.ExpectRequests(map[string]int{createBucket: 2, deleteBucket: 0}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := errors.Join(cloud.ExpectRequests(map[string]int{deleteBucket: 1}), cloud.NothingAlive()); err != nil {
		t.Error(err)
	}
}

func TestAccBucketFollowsItsNodeIntoAnotherCluster(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := func(cluster string) string {
		return cloud.Config(strings.Replace(nodes(1, ""), `= "products"`, fmt.Sprintf("= %q", cluster), 1) + bucket(firstNode, "ram_mb = 256"))
	}
	cli := acctest.NewCLI(t, config("products"))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(config("others"))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "Bucket orders was created in another cluster") {
		t.Errorf("no warning:\n%s", out)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	if out := cli.MustRun("state", "show", orders); !strings.Contains(out, `cluster_name = "others"`) {
		t.Errorf("the state has another cluster:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := errors.Join(cloud.ExpectRequests(map[string]int{createBucket: 2, deleteBucket: 1}), cloud.NothingAlive()); err != nil {
		t.Error(err)
	}
}

func TestAccBucketOnReleasedTroveIsRefusedAtPlanTime(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(bucket(`"0b1d4e2f-8a9b-4c6d-9e4f-3a21c0ffee5a"`, "ram_mb = 100")), PlanOnly: true,
		ExpectError: regexp.MustCompile(`(?s)no\s+topology\s+API.*trove_couchbase_bucket`),
	})
}

func TestAccBucketChangedBehindOurBack(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(nodes(1, "") + bucket(firstNode, "ram_mb = 256"))
	remove := func() {
		cloud.ActBehindOurBack(t, "products-0", func(string) topology.Action { return topology.DeleteBucket{Bucket: "orders"} })
	}
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: remove,
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(orders, plancheck.ResourceActionCreate),
			}},
		},
		resource.TestStep{
			PreConfig: func() {
				remove()
				cloud.ActBehindOurBack(t, "products-0", func(string) topology.Action {
					return topology.CreateBucket{Bucket: topology.Bucket{Name: "orders", Type: "couchbase", RAMSize: 128}}
				})
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(orders, plancheck.ResourceActionReplace),
			}},
		},
	)
}

func TestAccBucketThatExistsIsNotTakenOver(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(nodes(1, "")))
	cli.MustRun("apply", "-auto-approve")
	cloud.ActBehindOurBack(t, "products-0", func(string) topology.Action {
		return topology.CreateBucket{Bucket: topology.Bucket{Name: "orders", Type: "couchbase", RAMSize: 256}}
	})
	cli.Configure(cloud.Config(nodes(1, "") + bucket(firstNode, "ram_mb = 256")))
	out, err := cli.Run("apply", "-auto-approve")
	id := regexp.MustCompile(`terraform import ADDRESS (\S+/orders)`).FindStringSubmatch(out)
	if err == nil || id == nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cli.MustRun("import", orders, id[1])
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{createBucket: 1, deleteBucket: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccBucketOnAServerThatListsNone(t *testing.T) {
	cloud := acctest.NewCloud(t, bare)
	config := func(lines ...string) string { return cloud.Config(nodes(2, "") + bucket(firstNode, lines...)) }
	cli := acctest.NewCLI(t, config("ram_mb = 256", "port = 11222"))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")

	cli.Configure(config("ram_mb = 512", "port = 11222"))
	if out, err := cli.Run("plan"); err == nil || !strings.Contains(out, "Unable to replace Couchbase bucket orders") {
		t.Errorf("%v\n%s", err, out)
	}

	cli.Configure(config("ram_mb = 256", "port = 11222"))
	id := strings.TrimSpace(cli.MustRun("state", "show", "-no-color", orders))
	id = regexp.MustCompile(`id = "(\S+/orders)"`).FindStringSubmatch(id)[1]
	cli.MustRun("state", "rm", orders)
	if out := cli.MustRun("import", orders, id); !strings.Contains(out, "Unable to verify bucket orders") {
		t.Errorf("an import that shows nothing does not say so:\n%s", out)
	}
	out := cli.MustRun("apply", "-auto-approve")
	if !strings.Contains(out, "0 added, 1 changed, 0 destroyed") {
		t.Errorf("the settings were not taken over:\n%s", out)
	}
	cli.MustRun("plan", "-detailed-exitcode")

	out = cli.MustRun("destroy", "-auto-approve")
	if !strings.Contains(out, "Bucket orders stays") || !strings.Contains(out, `couchbase has no action "delete_bucket"`) {
		t.Errorf("no warning that the bucket stays:\n%s", out)
	}
	if err := errors.Join(cloud.ExpectRequests(map[string]int{createBucket: 1, deleteBucket: 1, rebalance: 0}), cloud.NothingAlive()); err != nil {
		t.Error(err)
	}
}

func TestAccManyBucketsTakeTurns(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(nodes(3, "") + `
resource "trove_couchbase_bucket" "many" {
  count   = 4
  node_id = trove_couchbase_node.node[count.index % 3].id
  name    = "bucket-${count.index}"
  ram_mb  = 100
}
`)
	cloud.Test(t, resource.TestStep{Config: config})
	if err := cloud.ExpectRequests(map[string]int{createBucket: 4, deleteBucket: 4}); err != nil {
		t.Errorf("some were refused and sent again: %v", err)
	}
}

func TestAccBucketWhoseCreationIsInterruptedIsNotLost(t *testing.T) {
	cloud := acctest.NewCloud(t, slow)
	config := cloud.Config(nodes(1, "") + bucket(firstNode, "ram_mb = 256"))
	cli := acctest.NewCLI(t, config)
	out := interrupt(t, cli, func() bool { return cloud.Ledger().Count(createBucket) > 0 }, "apply", "-auto-approve")
	if list := cli.MustRun("state", "list"); !strings.Contains(list, orders) {
		t.Errorf("the bucket is not in the state: %s\n%s", list, out)
	}
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	if err := cloud.ExpectRequests(map[string]int{createBucket: 2, deleteBucket: 1}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccBucketThatFailsIsMadeAnew(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(nodes(2, "") + bucket(firstNode, "ram_mb = 256", "depends_on = [trove_couchbase_node.node]"))
	cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "couchbase.create_bucket", Instance: "products-0", Message: "No memory is left."})
	cloud.Test(t,
		resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+create\s+Couchbase\s+bucket\s+orders.*No\s+memory\s+is\s+left`)},
		resource.TestStep{ // through the other node, since the first one is in ERROR
			Config: config, Check: expectBuckets(t, cloud, "trove_couchbase_node.node.1", topology.Bucket{Name: "orders", Type: "couchbase", RAMSize: 256}),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{createBucket: 2, deleteBucket: 1}); err != nil {
		t.Error(err)
	}
}
