package cassandra_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const (
	create   = "POST /instances"
	drain    = "POST /instances/{id}/topology/action cassandra.drain_node"
	remove   = "POST /instances/{id}/topology/action cassandra.remove_node"
	deletion = "DELETE /instances/{id}"
)

// nodes are so many nodes of a cluster, of which the first two are seeds, with these further lines.
func nodes(count int, lines string) string { return cluster("products", count, lines) }

func cluster(name string, count int, lines string) string {
	return fmt.Sprintf(`
resource "trove_cassandra_node" %q {
  count           = %d
  name            = "%[1]s-${count.index}"
  flavor_id       = "1"
  volume          = { size = 2 }
  datastore       = { version = "cassandra-4.1" }
  cluster_name    = %[1]q
  num_tokens      = 16
  is_seed         = count.index < 2
  endpoint_snitch = "GossipingPropertyFileSnitch"
  %[3]s
}
`, name, count, lines)
}

// blocks are the blocks of all creations that were answered so, by the instance's name.
func blocks(t *testing.T, cloud *acctest.Cloud, status int) map[string]topology.Cassandra {
	t.Helper()
	found := map[string]topology.Cassandra{}
	for _, r := range cloud.Ledger().Requests() {
		if r.Kind != create || r.Status != status {
			continue
		}
		var body struct {
			Instance struct {
				Name     string            `json:"name"`
				Topology topology.Topology `json:"topology"`
			} `json:"instance"`
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		found[body.Instance.Name] = *body.Instance.Topology.Cassandra
	}
	return found
}

func TestAccClusterIsBuiltWithoutReferences(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(nodes(5, ""))
	cloud.Test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("trove_cassandra_node.products[0]", tfjsonpath.New("auto_bootstrap"), knownvalue.Bool(false)),
				statecheck.ExpectKnownValue("trove_cassandra_node.products[4]", tfjsonpath.New("auto_bootstrap"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue("trove_cassandra_node.products[4]", tfjsonpath.New("seed_provider"), knownvalue.StringExact(topology.DefaultSeedProvider)),
				statecheck.ExpectKnownValue("trove_cassandra_node.products[4]", tfjsonpath.New("data_center"), knownvalue.StringExact(acctest.Region)),
				statecheck.ExpectKnownValue("trove_cassandra_node.products[4]", tfjsonpath.New("rack"), knownvalue.StringExact("nova")),
			},
		},
	)
	bootstraps := []string{}
	for name, block := range blocks(t, cloud, 200) {
		if !block.Joins() {
			bootstraps = append(bootstraps, name)
		}
		seed := name == "products-0" || name == "products-1"
		if *block.IsSeed != seed || *block.NumTokens != 16 || *block.EndpointSnitch != "GossipingPropertyFileSnitch" || *block.AutoBootstrap == seed {
			t.Errorf("%s was asked for as %+v", name, block)
		}
	}
	if len(bootstraps) != 1 || bootstraps[0] != "products-0" && bootstraps[0] != "products-1" {
		t.Errorf("%v bootstrapped, want one of the seeds", bootstraps)
	}
	if err := cloud.ExpectRequests(map[string]int{create: 5, drain: 0, remove: 0, deletion: 5}); err != nil {
		t.Errorf("the cluster was destroyed as a whole: %v", err)
	}
}

func TestAccClusterGrowsByOneThatJoins(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(3, ""))},
		resource.TestStep{
			Config: cloud.Config(nodes(4, "")),
			Check: func(*terraform.State) error {
				return cloud.ExpectRequests(map[string]int{drain: 0, remove: 0, deletion: 0})
			},
		},
	)
	if block := blocks(t, cloud, 200)["products-3"]; !block.Joins() {
		t.Errorf("the fourth node was asked for as %+v", block)
	}
}

// step is a request of a leave: its kind, the instance it was sent to, and the one that it is about.
type step struct{ kind, about string }

// leaves are the steps by which nodes left and were deleted, in order, and checks that none was sent to the node itself.
func leaves(t *testing.T, cloud *acctest.Cloud) []step {
	t.Helper()
	names := map[string]string{}
	for _, i := range cloud.State().History() {
		names[i.ID] = i.Name
	}
	var steps []step
	for _, r := range cloud.Ledger().Requests() {
		_, at, _ := strings.Cut(r.Path, "/instances/")
		at, _, _ = strings.Cut(at, "/")
		switch r.Kind {
		case deletion:
			steps = append(steps, step{"delete", names[at]})
		case drain, remove:
			var body struct {
				Cassandra map[string]struct{ ID string }
			}
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
			for action, about := range body.Cassandra {
				steps = append(steps, step{action, names[about.ID]})
				if at == about.ID {
					t.Errorf("%s of %s was not sent through another node", action, names[about.ID])
				}
			}
		}
	}
	return steps
}

func TestAccNodeIsDrainedAndLeavesBeforeItIsDeleted(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(4, ""))},
		resource.TestStep{
			Config: cloud.Config(nodes(3, "")),
			Check: func(*terraform.State) error {
				want := []step{{"drain_node", "products-3"}, {"remove_node", "products-3"}, {"delete", "products-3"}}
				if diff := cmp.Diff(want, leaves(t, cloud), cmp.AllowUnexported(step{})); diff != "" {
					return fmt.Errorf("it left otherwise (-want +got):\n%s", diff)
				}
				return nil
			},
		},
	)
}

func TestAccNodesLeaveOneAtATime(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(5, ""))},
		resource.TestStep{
			Config: cloud.Config(nodes(3, "")),
			Check: func(*terraform.State) error {
				var actions []step
				for _, s := range leaves(t, cloud) {
					if s.kind != "delete" {
						actions = append(actions, s)
					}
				}
				first, second := "products-3", "products-4"
				if len(actions) > 0 && actions[0].about == second {
					first, second = second, first
				}
				want := []step{{"drain_node", first}, {"remove_node", first}, {"drain_node", second}, {"remove_node", second}}
				if diff := cmp.Diff(want, actions, cmp.AllowUnexported(step{})); diff != "" {
					return fmt.Errorf("they left otherwise (-want +got):\n%s", diff)
				}
				return cloud.ExpectRequests(map[string]int{deletion: 2})
			},
		},
	)
}

func TestAccClusterIsRebuilt(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(nodes(3, ""))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{Config: config, Destroy: true},
		resource.TestStep{Config: config},
	)
	if err := cloud.ExpectRequests(map[string]int{create: 6, drain: 0, remove: 0, deletion: 6}); err != nil {
		t.Error(err)
	}
}

// An imported node plans no change, whether the server shows all of its settings or only those of the proposal.
func TestAccNodeIsImported(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]func(*sandbox.Options){
		"all shown": func(*sandbox.Options) {}, "the proposal alone": func(o *sandbox.Options) { o.Bare = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, server)
			cli := acctest.NewCLI(t, cloud.Config(nodes(3, "")))
			cli.MustRun("apply", "-auto-approve")
			cli.Configure(cloud.Config(`
resource "trove_cassandra_node" "imported" {
  count        = 3
  name         = "products-${count.index}"
  flavor_id    = "1"
  cluster_name = "products"
  num_tokens   = 16
  is_seed      = count.index < 2
}
`))
			for n := range 3 {
				id := instance(t, cloud, fmt.Sprintf("products-%d", n))
				cli.MustRun("state", "rm", fmt.Sprintf("trove_cassandra_node.products[%d]", n))
				cli.MustRun("import", fmt.Sprintf("trove_cassandra_node.imported[%d]", n), id)
			}
			cli.MustRun("plan", "-detailed-exitcode")
			// Writing down what the nodes have replaces none of them, whether the server shows it or not.
			cli.Configure(cloud.Config(strings.Replace(nodes(3, "seed_provider = \""+topology.DefaultSeedProvider+"\"\n  auto_bootstrap = count.index > 1"), `"products"`, `"imported"`, 1)))
			if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "Resources: 0 added") || !strings.Contains(out, "0 destroyed") {
				t.Errorf("it replaces nodes:\n%s", out)
			}
			cli.MustRun("plan", "-detailed-exitcode")
			cli.MustRun("destroy", "-auto-approve")
			if err := cloud.NothingAlive(); err != nil {
				t.Error(err)
			}
		})
	}
}

// instance is the id of the instance of that name that is alive.
func instance(t *testing.T, cloud *acctest.Cloud, name string) string {
	t.Helper()
	for _, i := range cloud.State().History() {
		if i.Name == name && i.Deleted.IsZero() {
			return i.ID
		}
	}
	t.Fatalf("there is no instance %s", name)
	return ""
}
