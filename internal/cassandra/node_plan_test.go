package cassandra_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// single is one node with these lines as its own attributes.
func single(lines string) string {
	return fmt.Sprintf(`
resource "trove_cassandra_node" "node" {
  name      = "products-0"
  flavor_id = "1"
  volume    = { size = 2 }
  %s
}
`, lines)
}

// attributes are one node's own, with some changed; "" leaves one out.
func attributes(changes map[string]string) string {
	var lines []string
	values := map[string]string{
		"cluster_name": `"products"`, "num_tokens": "16", "is_seed": "true", "endpoint_snitch": `"SimpleSnitch"`,
		"auto_bootstrap": "", "seed_provider": "", "join": "", "datastore": `{ version = "cassandra-4.1" }`,
	}
	for name, value := range values {
		if changed, ok := changes[name]; ok {
			value = changed
		}
		if value != "" {
			lines = append(lines, name+" = "+value)
		}
	}
	return strings.Join(lines, "\n  ")
}

func TestAccNodeThatCannotBe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changes  map[string]string
		at, want string
	}{
		"no tokens":                       {map[string]string{"num_tokens": "0"}, "num_tokens", `num_tokens is 0: it must lie between 1 and 1536`},
		"too many tokens":                 {map[string]string{"num_tokens": "1537"}, "num_tokens", `num_tokens is 1537: it must lie between 1 and 1536`},
		"a cluster without a name":        {map[string]string{"cluster_name": `""`}, "cluster_name", `cluster_name is "".`},
		"a first member without a snitch": {map[string]string{"join": "false", "endpoint_snitch": ""}, "resource", `endpoint_snitch is required for the first node, which creates`},
		"an empty snitch":                 {map[string]string{"endpoint_snitch": `""`}, "endpoint_snitch", `endpoint_snitch is "".`},
		"another datastore":               {map[string]string{"datastore": `{ type = "mysql", version = "mysql-5.7" }`}, "datastore", `goes with datastore type cassandra, not with mysql`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			cli := acctest.NewCLI(t, cloud.Config(single(attributes(tt.changes))))
			out, err := cli.Run("plan")
			if err == nil || !strings.Contains(strings.ToLower(out), strings.ToLower(tt.want)) || !strings.Contains(out, ": "+tt.at+" ") {
				t.Errorf("%v, want %q at %s:\n%s", err, tt.want, tt.at, out)
			}
			if n := cloud.Ledger().Count(create); n != 0 {
				t.Errorf("%d creations", n)
			}
		})
	}
}

// What is Cassandra's own replaces, and the plan says what that means for the ring, by the name of the attribute.
func TestAccChangesReplaceWithAWarning(t *testing.T) {
	all := map[string]string{
		"cluster_name": `"orders"`, "num_tokens": "32", "is_seed": "false", "endpoint_snitch": `"GossipingPropertyFileSnitch"`,
		"auto_bootstrap": "true", "seed_provider": `"org.example.SeedProvider"`,
	}
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(single(attributes(nil))))
	cli.MustRun("apply", "-auto-approve")
	for name, value := range all {
		cli.Configure(cloud.Config(single(attributes(map[string]string{name: value}))))
		out := cli.MustRun("plan")
		share := "takes over no data" // a seed does not bootstrap
		if name == "is_seed" || name == "auto_bootstrap" {
			share = "takes over its share"
		}
		for _, want := range []string{"1 to add, 0 to change, 1 to destroy", "Replacing a Cassandra node moves its data", name + " of products-0", share} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is not said:\n%s", name, want, out)
			}
		}
	}
	// join matters at creation alone, and what is taken out stays as it is.
	for _, lines := range []string{attributes(map[string]string{"join": "true"}), attributes(map[string]string{"join": "false"}), attributes(map[string]string{"endpoint_snitch": ""})} {
		cli.Configure(cloud.Config(single(lines)))
		out := cli.MustRun("plan")
		if strings.Contains(out, "to destroy") && !strings.Contains(out, "0 to destroy") {
			t.Errorf("%s replaces:\n%s", lines, out)
		}
	}
	cli.MustRun("destroy", "-auto-approve")
}

// The one node of a cluster that is replaced leaves it, and the new one joins.
func TestAccReplacedNodeLeavesAndTheNewOneJoins(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(3, ""))},
		resource.TestStep{
			Config: cloud.Config(strings.Replace(nodes(3, ""), "= 16", "= count.index == 2 ? 32 : 16", 1)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_cassandra_node.products[2]", plancheck.ResourceActionDestroyBeforeCreate),
				plancheck.ExpectResourceAction("trove_cassandra_node.products[0]", plancheck.ResourceActionNoop),
			}},
		},
	)
	if err := cloud.ExpectRequests(map[string]int{create: 4, drain: 1, remove: 1}); err != nil {
		t.Error(err)
	}
	if block := blocks(t, cloud, 200)["products-2"]; !block.Joins() || *block.NumTokens != 32 || !*block.AutoBootstrap {
		t.Errorf("the new node was asked for as %+v", block)
	}
}

func TestAccSnitchThatDiffersIsRefused(t *testing.T) {
	const both = `(?s)endpoint_snitch\s+is\s+(SimpleSnitch\s+for\s+node\s+\S+,\s+but\s+Gossiping|GossipingPropertyFileSnitch\s+for\s+node\s+\S+,\s+but\s+SimpleSnitch)`
	t.Run("from that of another node of the plan", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		config := strings.Replace(nodes(3, ""), `= "Gossiping`, `= count.index == 2 ? "SimpleSnitch" : "Gossiping`, 1)
		cloud.Test(t, resource.TestStep{
			Config: cloud.Config(config), PlanOnly: true,
			ExpectError: regexp.MustCompile(both),
		})
		if ever, _ := cloud.Made(); ever != 0 {
			t.Errorf("%d instances were made", ever)
		}
	})
	t.Run("from that of a cluster that others have built", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		first, second := acctest.NewCLI(t, cloud.Config(nodes(2, ""))), acctest.NewCLI(t, cloud.Config(strings.NewReplacer("GossipingPropertyFileSnitch", "SimpleSnitch", `"products-$`, `"others-$`).Replace(nodes(1, ""))))
		first.MustRun("apply", "-auto-approve")
		out, err := second.Run("apply", "-auto-approve")
		if err == nil || !regexp.MustCompile(both).MatchString(out) {
			t.Errorf("%v:\n%s", err, out)
		}
		if ever, _ := cloud.Made(); ever != 2 {
			t.Errorf("%d instances were made", ever)
		}
		first.MustRun("destroy", "-auto-approve")
	})
	t.Run("where the cluster would keep its own", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		cloud.Test(t,
			resource.TestStep{Config: cloud.Config(nodes(2, ""))},
			resource.TestStep{
				Config: cloud.Config(strings.Replace(nodes(2, ""), "GossipingPropertyFileSnitch", "SimpleSnitch", 1)), PlanOnly: true,
				ExpectError: regexp.MustCompile(`(?s)endpoint_snitch\s+is\s+SimpleSnitch,\s+but\s+the\s+nodes\s+of\s+cluster\s+products\s+have\s+GossipingPropertyFileSnitch`),
			},
		)
	})
	t.Run("not where it is left out", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		config := cloud.Config(strings.Replace(nodes(3, ""), `= "Gossiping`, `= count.index > 0 ? null : "Gossiping`, 1))
		cloud.Test(t, resource.TestStep{Config: config})
	})
}

// What only the apply will know does not keep the plan from being made, and the datastore is Cassandra's where it is left out.
func TestAccSettingsThatTheApplyWillKnow(t *testing.T) {
	late := func(tokens int) string {
		return fmt.Sprintf(`
resource "terraform_data" "settings" {
  input = { cluster = "products", tokens = %d, seed = false, snitch = "SimpleSnitch" }
}

resource "trove_cassandra_node" "node" {
  count           = 2
  name            = "products-${count.index}"
  flavor_id       = "1"
  volume          = { size = 2 }
  cluster_name    = terraform_data.settings.output.cluster
  num_tokens      = terraform_data.settings.output.tokens
  is_seed         = count.index == 0 ? true : terraform_data.settings.output.seed
  endpoint_snitch = terraform_data.settings.output.snitch
}
`, tokens)
	}
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(late(8)))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	made := blocks(t, cloud, 200)
	if first, joiner := made["products-0"], made["products-1"]; first.Joins() || *first.AutoBootstrap || !joiner.Joins() || !*joiner.AutoBootstrap || *joiner.NumTokens != 8 {
		t.Errorf("asked for as %+v and %+v", first, joiner)
	}
	cli.Configure(cloud.Config(late(4)))
	out := cli.MustRun("plan")
	if !strings.Contains(out, "changes from 8 to a value that is not known yet") && !strings.Contains(out, "changes from \"products\" to a value that is not known yet") {
		t.Errorf("nothing warns of what may replace the nodes:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
}

// Advice about the cluster as a whole comes when it is whole, and once.
func TestAccAdviceAboutSeedsIsSaidOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		seeds, want string
		count       int
	}{
		"one seed":          {"count.index == 0", "Cluster products has one seed among 4 nodes", 4},
		"all seeds":         {"true", "Each of the 4 nodes of cluster products is a seed", 4},
		"two of four":       {"count.index < 2", "", 4},
		"two nodes":         {"true", "", 2},
		"a lone first node": {"true", "", 1},
		"one seed of two":   {"count.index == 0", "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			cli := acctest.NewCLI(t, cloud.Config(strings.Replace(nodes(tt.count, ""), "count.index < 2", tt.seeds, 1)))
			out := cli.MustRun("apply", "-auto-approve")
			if tt.want != "" && strings.Count(out, tt.want) != 1 || strings.Contains(out, "more similar warnings") {
				t.Errorf("%q is not said once:\n%s", tt.want, out)
			}
			if tt.want == "" && strings.Contains(out, "configuration warning") {
				t.Errorf("there is nothing to warn of:\n%s", out)
			}
			if again := cli.MustRun("plan", "-detailed-exitcode"); strings.Contains(again, "configuration warning") {
				t.Errorf("said again:\n%s", again)
			}
			cli.MustRun("destroy", "-auto-approve")
		})
	}
}

func TestAccAutoBootstrapGoesOutAsWritten(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{Config: cloud.Config(nodes(3, "auto_bootstrap = count.index == 1"))})
	for name, block := range blocks(t, cloud, 200) {
		if block.AutoBootstrap == nil || *block.AutoBootstrap != (name == "products-1") {
			t.Errorf("%s was asked for as %+v", name, block)
		}
	}
}

// A plan that takes seeds away says what that leaves, and says nothing where the whole cluster goes.
func TestAccPlanThatTakesASeedAwayWarns(t *testing.T) {
	backwards := func(count int) string { // the last two are the seeds
		return strings.Replace(nodes(count, ""), "count.index < 2", "count.index > 2", 1)
	}
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(backwards(5)))
	cli.MustRun("apply", "-auto-approve")
	for name, tt := range map[string]struct {
		count int
		want  string
	}{
		"one of two seeds": {4, "has one seed among 4 nodes"}, "both": {3, "has no seed"}, "all": {0, ""},
	} {
		cli.Configure(cloud.Config(backwards(tt.count)))
		out := cli.MustRun("plan")
		if tt.want != "" && strings.Count(out, "Cluster products "+tt.want) != 1 {
			t.Errorf("%s: %q is not said once:\n%s", name, tt.want, out)
		}
		if tt.want == "" && strings.Contains(out, "configuration warning") {
			t.Errorf("%s: there is nothing to warn of:\n%s", name, out)
		}
	}
	cli.MustRun("destroy", "-auto-approve")
}

// A cluster that is larger than what Terraform plans and creates at a time is no reason for warnings while it comes and goes.
func TestAccLargeClusterComesAndGoesWithoutWarnings(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(strings.Replace(nodes(13, ""), "count.index < 2", "count.index < 4", 1))) // there is one among any ten
	for _, args := range [][]string{{"apply", "-auto-approve"}, {"plan", "-destroy"}, {"destroy", "-auto-approve"}} {
		if out := cli.MustRun(args...); strings.Contains(out, "configuration warning") {
			t.Errorf("%v:\n%s", args, out)
		}
	}
	if err := cloud.ExpectRequests(map[string]int{drain: 0, remove: 0, deletion: 13}); err != nil {
		t.Error(err)
	}
}

// A ring that no node can found is refused at plan time, and only that: one of its nodes may be written in any way, and come late.
func TestAccRingWithoutASnitchIsRefusedAtPlanTime(t *testing.T) {
	t.Parallel()
	const snitch = `  endpoint_snitch = "GossipingPropertyFileSnitch"`
	bare := strings.Replace(nodes(3, ""), snitch, "", 1)
	other := func(lines string) string {
		return strings.NewReplacer(`"trove_cassandra_node" "products"`, `"trove_cassandra_node" "first"`, `"products-$`, `"first-$`, snitch, lines).Replace(nodes(1, ""))
	}
	for name, tt := range map[string]struct {
		config  string
		refused bool
	}{
		"nobody names it":                  {bare, true},
		"one of its own resource does":     {bare + other(snitch), false},
		"one that the others wait for":     {strings.Replace(bare, "count ", "depends_on = [trove_cassandra_node.first]\n  count ", 1) + other(snitch), false},
		"one names it by a value of later": {"resource \"terraform_data\" \"s\" { input = \"SimpleSnitch\" }\n" + bare + other("endpoint_snitch = terraform_data.s.output"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			cli := acctest.NewCLI(t, cloud.Config(tt.config))
			out, err := cli.Run("plan")
			if (err != nil) != tt.refused || strings.Contains(out, "No node of cluster products names endpoint_snitch") != tt.refused {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
	t.Run("not those that join what exists", func(t *testing.T) {
		cloud := acctest.NewCloud(t)
		creator, joiners := acctest.NewCLI(t, cloud.Config(other(snitch))), acctest.NewCLI(t, cloud.Config(bare))
		creator.MustRun("apply", "-auto-approve")
		joiners.MustRun("apply", "-auto-approve")
		for _, cli := range []*acctest.CLI{joiners, creator} {
			cli.MustRun("destroy", "-auto-approve")
		}
	})
}
