package instance_test

import (
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

// expectMade checks how many instances were ever made, and how many of them are left.
func expectMade(t *testing.T, cloud *acctest.Cloud, ever, alive int) {
	t.Helper()
	if e, a := cloud.Made(); e != ever || a != alive {
		t.Errorf("%d instances were made and %d are left, want %d and %d", e, a, ever, alive)
	}
}

func TestAccInstanceWhoseAnswerIsLostIsAdopted(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: "POST /instances"})
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(minimal)},
	)
	expectMade(t, cloud, 1, 0)
	if err := cloud.ExpectRequests(map[string]int{"POST /instances": 1}); err != nil {
		t.Error(err)
	}
}

func TestAccInstanceWhoseRequestIsLostIsAskedForOnceMore(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.Drop, Kind: "POST /instances"})
	cloud.Test(t, resource.TestStep{Config: cloud.Config(minimal, `request_timeout = "1s"`)})
	expectMade(t, cloud, 1, 0)
	if err := cloud.ExpectRequests(map[string]int{"POST /instances": 2}); err != nil {
		t.Error(err)
	}
}

func TestAccInstanceIsNotTakenForAnOlderOneOfItsName(t *testing.T) {
	cloud := acctest.NewCloud(t)
	two := cloud.Config(minimal+strings.Replace(minimal, `"db"`, `"twin"`, 1), `request_timeout = "1s"`)
	// Both creations have one name; the first answer is lost, and the other's instance is no candidate.
	cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: "POST /instances"})
	cloud.Test(t, resource.TestStep{Config: two})
	expectMade(t, cloud, 2, 0)
}

func TestAccInstanceIsCreatedThroughAnUnwellServer(t *testing.T) {
	second := 1
	tests := map[string]faults.Rule{
		"rate limit with Retry-After":  {Do: faults.Status, Status: 413, RetryAfter: &second, Kind: "POST /instances"},
		"429 with Retry-After":         {Do: faults.Status, Status: 429, RetryAfter: &second, Kind: "POST /instances"},
		"503 while it builds":          {Do: faults.Status, Status: 503, Kind: "GET /instances/{id}", Times: 2},
		"connections that break":       {Do: faults.Drop, Kind: "GET /instances/{id}", Times: 2},
		"a token that expires midway":  {Do: faults.ExpireTokens, Kind: "GET /instances/{id}"},
		"a 500 after the work is done": {Do: faults.Status, Status: 500, AfterWork: true, Kind: "POST /instances"},
	}
	for name, rule := range tests {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Inject(t, rule)
			cloud.Test(t, resource.TestStep{Config: cloud.Config(minimal)})
			expectMade(t, cloud, 1, 0)
			if fired := cloud.Faults().List()[0].Fired; fired == 0 {
				t.Error("the fault never happened")
			}
		})
	}
}

func TestAccInstanceThatEndsInErrorIsTaintedAndReplaced(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.InstanceError, Instance: "orders", Message: "No valid host was found."})
	cloud.Test(t,
		resource.TestStep{
			Config:      cloud.Config(minimal),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+create\s+database\s+instance\s+orders.*No\s+valid\s+host\s+was\s+found.*marked\s+as\s+tainted`),
		},
		resource.TestStep{
			PreConfig: func() { expectMade(t, cloud, 1, 1) },
			Config:    cloud.Config(minimal),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace),
			}},
		},
	)
	expectMade(t, cloud, 2, 0)
}

func TestAccInstanceThatTakesTooLongIsTainted(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.BuildTime = 4 * time.Second })
	config := func(timeout string) string {
		return cloud.Config(`
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = "mysql-5.7" }
  timeouts  = { create = "` + timeout + `" }
}
`)
	}
	cloud.Test(t,
		resource.TestStep{
			Config:      config("1s"),
			ExpectError: regexp.MustCompile(`(?s)still\s+showed\s+status\s+BUILD,\s+then\s+the\s+timeout\s+was\s+reached.*timeouts\s+attribute`),
		},
		// The server refuses to delete what it builds, so the replacement waits for that first.
		resource.TestStep{Config: config("1m")},
	)
	expectMade(t, cloud, 2, 0)
}

func TestAccInstanceOverQuotaLeavesNothing(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.Quota = state.Quota{Instances: 1} })
	config := cloud.Config(strings.Replace(minimal, `name      = "orders"`, "count = 2\n  name = \"orders-${count.index}\"", 1))
	cloud.Test(t, resource.TestStep{
		Config:      config,
		ExpectError: regexp.MustCompile(`(?s)Quota\s+exceeded.*Nothing\s+was\s+created`),
	})
	expectMade(t, cloud, 1, 0)
	if err := cloud.ExpectRequests(map[string]int{"POST /instances": 2}); err != nil {
		t.Errorf("the quota is no rate limit: %v", err)
	}
}

func TestAccInstanceRefusesAGroupWithServerID(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream) // released Trove accepts such a group
	group := cloud.ConfigurationGroup(t, map[string]any{"server_id": 7})
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(strings.Replace(minimal, `name `, "configuration_id = \""+group+"\"\n  name ", 1)), PlanOnly: true,
		ExpectError: regexp.MustCompile(`(?s)configuration\s+group.*may\s+not\s+hold\s+server_id`),
	})
}

func TestAccInterruptedCreationStaysInTheState(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.BuildTime = 3 * time.Second })
	cli := acctest.NewCLI(t, cloud.Config(minimal))

	apply := cli.Command(t.Context(), "apply", "-auto-approve", "-no-color")
	var out strings.Builder
	apply.Stdout, apply.Stderr = &out, &out
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the instance to build", func() bool { ever, _ := cloud.Made(); return ever == 1 })
	if err := apply.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := apply.Wait(); err == nil {
		t.Fatalf("an interrupted apply says that all is well:\n%s", out.String())
	}
	if text := acctest.Unwrap(out.String()); !strings.Contains(text, "the wait was canceled") {
		t.Errorf("the output does not say what became of the instance:\n%s", text)
	}
	if state := cli.MustRun("show"); !strings.Contains(state, "tainted") {
		t.Errorf("the instance is not in the state as tainted:\n%s", state)
	}
	cli.MustRun("destroy", "-auto-approve")
	expectMade(t, cloud, 1, 0)
}

func TestAccInterruptedRequestIsNotTorn(t *testing.T) {
	cloud := acctest.NewCloud(t)
	// The answer comes after the interruption: its id must not be lost.
	cloud.Inject(t, faults.Rule{Do: faults.Delay, Delay: faults.Duration(2 * time.Second), AfterWork: true, Kind: "POST /instances"})
	cli := acctest.NewCLI(t, cloud.Config(minimal))

	apply := cli.Command(t.Context(), "apply", "-auto-approve", "-no-color")
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the creation to be on its way", func() bool { ever, _ := cloud.Made(); return ever == 1 })
	if err := apply.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := apply.Wait(); err == nil {
		t.Fatal("an interrupted apply says that all is well")
	}
	if list := cli.MustRun("state", "list"); !strings.Contains(list, address) {
		t.Errorf("the instance is not in the state: %q", list)
	}
	cli.MustRun("destroy", "-auto-approve")
	expectMade(t, cloud, 1, 0)
}

// A provider whose Terraform was killed ends by itself, so that the next run finds what it was creating.
func TestAccTerraformThatIsKilledTakesTheProviderWithIt(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.InstanceHang, Times: 1})
	cli := acctest.NewCLI(t, cloud.Config(minimal))
	// Terraform's input is the provider's too: the other end of the pipe is closed when both have ended.
	ended, input, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ended.Close(); err != nil {
			t.Error(err)
		}
	})
	apply := cli.Command(t.Context(), "apply", "-auto-approve", "-input=false")
	apply.Stdin = input
	if err := errors.Join(apply.Start(), input.Close()); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the instance to build", func() bool { ever, _ := cloud.Made(); return ever == 1 })
	if err := apply.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := apply.Wait(); err == nil {
		t.Fatal("a killed apply says that all is well")
	}
	if err := ended.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := ended.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("the provider does not end: %v", err)
	}
	if out, err := cli.Run("apply", "-auto-approve"); err == nil || !strings.Contains(out, "terraform import") {
		t.Errorf("%v, want the instance to be offered for import:\n%s", err, out)
	}
	expectMade(t, cloud, 1, 1)
}

func TestAccServerThatIsLostAndComesBackEmpty(t *testing.T) {
	cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.BuildTime = time.Hour })
	cli := acctest.NewCLI(t, cloud.Config(minimal, `max_retries = 0`))

	apply := cli.Command(t.Context(), "apply", "-auto-approve", "-no-color")
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the instance to build", func() bool { ever, _ := cloud.Made(); return ever == 1 })
	address := cloud.Address()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := cloud.Close(ctx); err != nil {
		t.Fatal(err)
	}
	empty := acctest.NewCloudAt(t, address)
	if err := apply.Wait(); err == nil {
		t.Fatal("the apply says that all is well although its instance is gone")
	}
	cli.MustRun("apply", "-auto-approve")
	expectMade(t, empty, 1, 1)
	cli.MustRun("destroy", "-auto-approve")
	expectMade(t, empty, 1, 0)
}

// What answers 404 at an endpoint that leads elsewhere, here Keystone, knows nothing of instances: they stay in the state.
func TestAccInstanceStaysWhereTheEndpointLeadsElsewhere(t *testing.T) {
	cloud := acctest.NewCloud(t)
	const config = `
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 1 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
resource "trove_database" "shop" {
  instance_id = trove_instance.db.id
  name        = "shop"
}
`
	cli := acctest.NewCLI(t, cloud.Config(config))
	cli.MustRun("apply", "-auto-approve")
	before := cli.Read("terraform.tfstate")
	cli.Configure(cloud.Config(config, `endpoint_override = "`+cloud.IdentityURL+`/%(project_id)s"`))
	for _, args := range [][]string{{"plan"}, {"apply", "-refresh-only", "-auto-approve"}, {"destroy", "-auto-approve"}} {
		out, err := cli.Run(args...)
		if err == nil || !strings.Contains(out, "This is not an answer of Trove") || !strings.Contains(out, "OS_DATABASE_ENDPOINT_OVERRIDE") {
			t.Errorf("%v: %v, want what is wrong with the endpoint:\n%s", args, err, out)
		}
		if after := cli.Read("terraform.tfstate"); after != before {
			t.Errorf("%v changed the state:\n%s", args, after)
		}
	}
	cli.Configure(cloud.Config(config))
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	expectMade(t, cloud, 1, 0)
}

// waitFor waits for another process to get somewhere.
func waitFor(t *testing.T, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !there(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// A server that is dead stays as it is in the state, and the refresh says so.
func TestRefreshWarnsOfADatabaseThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	run := cloud.NewDriver(t)
	made := run.Must(run.Create("trove_instance", `{"name":"orders","flavor_id":"1","volume":{"size":1},"datastore":{"type":"mysql","version":"mysql-5.7"}}`))
	cloud.Heartbeat(t, "orders", false)
	refreshed := run.Refresh(made)
	if refreshed.Failed() || !strings.Contains(refreshed.Text(), "A database does not answer") || !strings.Contains(refreshed.Text(), "orders") {
		t.Errorf("it says %q", refreshed.Text())
	}
	cloud.Heartbeat(t, "orders", true)
	if refreshed := run.Refresh(made); refreshed.Text() != "" {
		t.Errorf("when it answers again: %q", refreshed.Text())
	}
}
