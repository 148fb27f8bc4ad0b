package redis_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// literal makes nodes and imports them with ids that are written out, so that Terraform knows nothing of who replicates from
// whom. above tells for each node, in the order of creation, what it replicates from: the place of another one, -1 for none.
func literal(t *testing.T, cloud *acctest.Cloud, above []int) (cli *acctest.CLI, config []string) {
	t.Helper()
	ids := make([]string, len(above))
	for n, source := range above {
		block, line := &topology.Redis{}, ""
		if source >= 0 {
			block.SlaveOf = &ids[source]
			line = fmt.Sprintf("replica_of = %q", ids[source])
		}
		ids[n] = cloud.CreateBehindOurBack(t, trove.CreateRequest{
			Name: fmt.Sprintf("sessions-n%d", n), FlavorRef: "1", Volume: &trove.Volume{Size: 1},
			Datastore: &trove.Datastore{Type: "redis", Version: "redis-7.2"}, Topology: &topology.Topology{Redis: block},
		})
		config = append(config, fmt.Sprintf("import {\n  to = trove_redis_node.n%d\n  id = %q\n}\n", n, ids[n])+link(fmt.Sprintf("n%d", n), "", "flavor_id = \"1\"\n"+line))
	}
	cli = acctest.NewCLI(t, cloud.Config(strings.Join(config, "")))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", len(above))) {
		t.Fatalf("an import changes something:\n%s", out)
	}
	return cli, config
}

func TestAccNodesAreDestroyedInAnyOrder(t *testing.T) {
	t.Parallel()
	const slow = 3 * time.Second // for each link, so that a long chain takes longer than anybody may be idle
	deep := func(n int) []int {
		above := make([]int, n)
		for i := range above {
			above[i] = i - 1
		}
		return above
	}
	wide := slices.Repeat([]int{0}, 14)
	wide[0] = -1
	tests := map[string]struct {
		above []int
		flag  string
		time  time.Duration
	}{
		"two whose deletion takes longer than anybody may be idle": {deep(2), "-parallelism=10", 12 * time.Second},
		"a chain": {deep(5), "-parallelism=10", slow},
		"more replicas than are deleted at a time": {wide, "-parallelism=2", time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.ActionTime = max(o.ActionTime, tt.time) })
			cli, _ := literal(t, cloud, tt.above)
			cli.MustRun("destroy", "-auto-approve", tt.flag)
			if err := cloud.NothingAlive(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccNodeInTheMiddleIsNotDeletedWhileItsReplicasStay(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli, config := literal(t, cloud, []int{-1, 0, 1})
	cli.Configure(cloud.Config(config[0] + config[2]))
	out, err := cli.Run("apply", "-auto-approve")
	if err == nil {
		t.Fatalf("it was deleted:\n%s", out)
	}
	for _, want := range []string{"Unable to delete Redis node sessions-n1", "these instances replicate from it: sessions-n2", "Promote them first"} {
		if !strings.Contains(out, want) {
			t.Errorf("the error does not say %q:\n%s", want, out)
		}
	}
	if err := cloud.ExpectRequests(map[string]int{promote: 0}); err != nil {
		t.Errorf("somebody was promoted in silence: %v", err)
	}
	// With those below promoted in the same apply, it goes.
	cli.Configure(cloud.Config(config[0] + regexp.MustCompile(`replica_of = .*`).ReplaceAllString(config[2], "")))
	cli.MustRun("apply", "-auto-approve")
	if _, alive := cloud.Made(); alive != 2 {
		t.Errorf("%d nodes are left, want 2", alive)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

func TestAccNodeInTheMiddleGoesWithWhatHangsBelow(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(chain)},
		resource.TestStep{Config: cloud.Config(master)},
		resource.TestStep{Config: cloud.Config(chain)}, // and is built again
	)
	if err := cloud.ExpectRequests(map[string]int{create: 5, destroy: 5, promote: 0}); err != nil {
		t.Error(err)
	}
}

func TestAccReplicasGrowAndShrinkByOne(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := func(n int) string {
		return cloud.Config(master + fmt.Sprintf(`
resource "trove_redis_node" "reader" {
  for_each   = toset([for n in range(%d) : "sessions-reader-${n}"])
  name       = each.key
  replica_of = trove_redis_node.master.id
}
`, n))
	}
	cli := acctest.NewCLI(t, config(3))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(config(4))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(config(2))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	if ever, alive := cloud.Made(); ever != 5 || alive != 3 {
		t.Errorf("%d nodes were made and %d are left, want 5 and 3", ever, alive)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}
