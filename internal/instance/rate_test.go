package instance_test

import (
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// A rate far below what an apply needs makes it slower, and nothing else: without retries, too.
func TestAccARateLimitIsWaitedFor(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream, func(o *sandbox.Options) { o.Rate, o.BuildTime = 30, 50*time.Millisecond })
	cli := acctest.NewCLI(t, cloud.Config(`
resource "trove_instance" "it" {
  count     = 24
  name      = "limited-${count.index}"
  flavor_id = "1"
  volume    = { size = 1 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`))
	cli.Set("TROVE_MAX_RETRIES=0")
	cli.MustRun("apply", "-auto-approve")
	if ever, alive := cloud.Made(); ever != 24 || alive != 24 {
		t.Errorf("%d instances were made, and %d are alive; want 24", ever, alive)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	refused := 0
	for _, r := range cloud.Ledger().Requests() {
		if r.Status == 413 {
			refused++
		}
	}
	// Each of two processes finds the rate with what was under way, and keeps to it.
	if refused == 0 || refused > 40 {
		t.Errorf("%d requests were refused, want a few", refused)
	}
	cloud.SetRate(0)
	cli.MustRun("destroy", "-auto-approve")
}
