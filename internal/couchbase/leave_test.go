package couchbase_test

import (
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

// slow is a server whose rebalances take longer than refusals are put up with.
func slow(o *sandbox.Options) { o.ActionTime = 2 * time.Second }

func TestAccNodesLeaveOneAtATime(t *testing.T) {
	cloud := acctest.NewCloud(t, slow)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(4, ""))},
		resource.TestStep{Config: cloud.Config(nodes(1, ""))},
	)
	var sent []time.Time
	for _, r := range cloud.Ledger().Requests() {
		if r.Kind != rebalance {
			continue
		}
		if r.Status != 202 {
			t.Errorf("a rebalance was answered with %d", r.Status)
		}
		sent = append(sent, r.Received)
	}
	if len(sent) != 3 {
		t.Fatalf("%d rebalances, want 3", len(sent))
	}
	for n := range sent[1:] {
		if apart := sent[n+1].Sub(sent[n]); apart < 2*time.Second {
			t.Errorf("rebalance %d began %s after the one before it, which takes 2s", n+2, apart)
		}
	}
}

func TestAccClusterLargerThanTheParallelismIsDestroyedWithoutRebalances(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t, resource.TestStep{Config: cloud.Config(nodes(12, ""))})
	if err := cloud.ExpectRequests(map[string]int{rebalance: 0, deletion: 12}); err != nil {
		t.Error(err)
	}
}

func TestAccRebalanceThatFailsIsResumed(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(3, ""))},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.ActionError, Action: "couchbase.rebalance", Instance: "products-2", Message: "Rebalance exited at 50%."})
			},
			Config:      cloud.Config(nodes(2, "")),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+remove\s+Couchbase\s+node.*Rebalance\s+exited\s+at\s+50%.*was\s+not\s+deleted`),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := cloud.ExpectRequests(map[string]int{rebalance: 1, deletion: 0}); err != nil {
					t.Error(err)
				}
				cloud.ResetBehindOurBack(t, "products-2") // an operator has mended it
			},
			Config: cloud.Config(nodes(2, "")),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{rebalance: 2, deletion: 3}); err != nil {
		t.Error(err)
	}
}

func TestAccRebalanceWhoseAnswerIsLostIsSentOnce(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(nodes(3, ""))},
		resource.TestStep{
			PreConfig: func() { cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: rebalance}) },
			Config:    cloud.Config(nodes(2, "")),
		},
	)
	if err := cloud.ExpectRequests(map[string]int{rebalance: 1, deletion: 3}); err != nil {
		t.Error(err)
	}
}

func TestAccInterruptedRebalanceGoesOn(t *testing.T) {
	cloud := acctest.NewCloud(t, slow)
	cli := acctest.NewCLI(t, cloud.Config(nodes(3, "")))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(cloud.Config(nodes(2, "")))
	out := interrupt(t, cli, func() bool { return cloud.Ledger().Count(rebalance) > 0 }, "apply", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{deletion: 0}); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	cli.MustRun("apply", "-auto-approve")
	if err := cloud.ExpectRequests(map[string]int{rebalance: 1, deletion: 1}); err != nil {
		t.Errorf("it left twice: %v", err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// interrupt runs the command line, presses Ctrl-C when something has come about, and returns what was printed.
func interrupt(t *testing.T, cli *acctest.CLI, when func() bool, args ...string) string {
	t.Helper()
	run := cli.Command(t.Context(), append(args, "-no-color")...)
	var out strings.Builder
	run.Stdout, run.Stderr = &out, &out
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !when(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what the interruption waits for did not come about")
		}
	}
	if err := run.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := run.Wait(); err == nil {
		t.Fatalf("an interrupted run says that all is well:\n%s", out.String())
	}
	return out.String()
}
