package configuration_test

import (
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// Terraform deletes a group that leaves the configuration before it changes the instances that use it: one apply does it all the same.
func TestAccGroupIsTakenOutWhileInstancesUseIt(t *testing.T) {
	const group = `
resource "trove_configuration" "g" {
  count     = var.custom ? 1 : 0
  name      = "tuning"
  datastore = { type = "mysql", version = "mysql-8.0" }
  values    = { max_connections = 100 }
  timeouts  = { delete = "20s" }
}
`
	const config = `
variable "custom" { default = true }
resource "trove_instance" "db" {
  count            = 2
  name             = "orders-${count.index}"
  flavor_id        = "2"
  volume           = { size = 5 }
  datastore        = { type = "mysql", version = "mysql-8.0" }
  configuration_id = one(trove_configuration.g[*].id)
}
`
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			cli := acctest.NewCLI(t, cloud.Config(group+config))
			cli.MustRun("apply", "-auto-approve")
			cli.MustRun("apply", "-auto-approve", "-var=custom=false")
			cli.MustRun("plan", "-detailed-exitcode", "-var=custom=false")
			// Also when the plan is saved, and with the group back.
			cli.MustRun("apply", "-auto-approve")
			cli.MustRun("plan", "-out=saved", "-var=custom=false")
			cli.MustRun("apply", "saved")
			cli.MustRun("plan", "-detailed-exitcode", "-var=custom=false")
			cli.MustRun("apply", "-auto-approve")
			cli.MustRun("destroy", "-auto-approve")
		})
	}
}

// Instances that the configuration does not hold keep the group, and the advice of the message works.
func TestAccGroupThatOthersUseStays(t *testing.T) {
	const group = `
resource "trove_configuration" "g" {
  name      = "tuning"
  datastore = { type = "mysql", version = "mysql-8.0" }
  values    = { max_connections = 100 }
  timeouts  = { delete = "20s" }
}
output "group" { value = trove_configuration.g.id }
`
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(group))
	cli.MustRun("apply", "-auto-approve")
	cloud.CreateConfiguredBehindOurBack(t, "orders", strings.TrimSpace(cli.MustRun("output", "-raw", "group")))
	out, err := cli.Run("destroy", "-auto-approve")
	if text := acctest.Unwrap(out); err == nil || !strings.Contains(text, "is attached to orders") || !strings.Contains(text, "openstack database configuration detach INSTANCE") {
		t.Errorf("the destruction of a group in use: %v, %s", err, out)
	}
}
