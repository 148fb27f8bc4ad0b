package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ledger"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// openstackAttributes are states of all four resources as version 3.4 of the OpenStack provider wrote them for what ours has here.
func openstackAttributes(t *testing.T, cloud *acctest.Cloud) map[string]string {
	t.Helper()
	client, err := cloud.Client()
	if err != nil {
		t.Fatal(err)
	}
	group := cloud.ConfigurationGroup(t, map[string]any{"max_connections": 200})
	server := mysqlServer("orders")
	server.Configuration = group
	id := cloud.CreateBehindOurBack(t, server)
	for _, name := range []string{"shop", "inline"} {
		if err := client.CreateDatabase(t.Context(), id, trove.Database{Name: name}, func() {}); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range []struct{ name, host, database string }{{"shop", "10.0.0.%", "shop"}, {"anywhere", "%", ""}} {
		var grants []string
		if u.database != "" {
			grants = []string{u.database}
		}
		if err := client.CreateUser(t.Context(), id, trove.Account{Name: u.name, Host: u.host}, "hunter2", grants, func() {}); err != nil {
			t.Fatal(err)
		}
	}
	ids := strings.NewReplacer("INSTANCE", id, "GROUP", group)
	return map[string]string{
		"openstack_db_configuration_v1.settings": ids.Replace(`{"configuration": [{"name": "max_connections", "string_type": false, "value": "200"}],
			"datastore": [{"type": "mysql", "version": "mysql-5.7"}], "description": "", "id": "GROUP", "name": "settings", "region": "RegionOne", "timeouts": null}`),
		"openstack_db_instance_v1.orders": ids.Replace(`{"addresses": [], "configuration_id": "GROUP", "database": [{"charset": "utf8mb4", "collate": "", "name": "inline"}],
			"datastore": [{"type": "mysql", "version": "mysql-5.7"}], "flavor_id": "1", "id": "INSTANCE", "name": "orders", "network": [], "region": "RegionOne", "size": 2,
			"timeouts": null, "user": [{"databases": ["inline"], "host": "", "name": "inline", "password": "hunter2"}], "volume_type": "ssd"}`),
		"openstack_db_database_v1.shop": ids.Replace(`{"id": "INSTANCE/shop", "instance_id": "INSTANCE", "name": "shop", "region": "RegionOne", "timeouts": null}`),
		"openstack_db_user_v1.shop": ids.Replace(`{"databases": ["shop"], "host": "10.0.0.%", "id": "INSTANCE/shop", "instance_id": "INSTANCE", "name": "shop", "password": "hunter2",
			"region": "RegionOne", "timeouts": null}`),
		"openstack_db_user_v1.anywhere": ids.Replace(`{"databases": [], "host": null, "id": "INSTANCE/anywhere", "instance_id": "INSTANCE", "name": "anywhere", "password": "hunter2",
			"region": "RegionOne", "timeouts": null}`),
	}
}

// stateFile is a state with these resources of the OpenStack provider.
func stateFile(t *testing.T, attributes map[string]string) string {
	t.Helper()
	var resources []map[string]any
	for address, values := range attributes {
		typeName, name, _ := strings.Cut(address, ".")
		resources = append(resources, map[string]any{
			"mode": "managed", "type": typeName, "name": name, "provider": fmt.Sprintf("provider[%q]", openstackAddress),
			"instances": []map[string]any{{"schema_version": 0, "attributes": json.RawMessage(values)}},
		})
	}
	text, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "9e008cd6-228a-0c05-feef-b2653996c021", "outputs": map[string]any{}, "resources": resources,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const ours = `
resource "trove_configuration" "settings" {
  name      = "settings"
  datastore = { type = "mysql", version = "mysql-5.7" }
  values    = { max_connections = 200 }
}
resource "trove_instance" "orders" {
  name             = "orders"
  flavor_id        = "1"
  volume           = { size = 2, type = "ssd" }
  datastore        = { type = "mysql", version = "mysql-5.7" }
  configuration_id = trove_configuration.settings.id
}
resource "trove_database" "shop" {
  instance_id = trove_instance.orders.id
  name        = "shop"
}
resource "trove_user" "shop" {
  instance_id = trove_instance.orders.id
  name        = "shop"
  host        = "10.0.0.%"
  databases   = [trove_database.shop.name]
}
resource "trove_user" "anywhere" {
  instance_id = trove_instance.orders.id
  name        = "anywhere"
}
`

const movedBlocks = `
moved {
  from = openstack_db_configuration_v1.settings
  to   = trove_configuration.settings
}
moved {
  from = openstack_db_instance_v1.orders
  to   = trove_instance.orders
}
moved {
  from = openstack_db_database_v1.shop
  to   = trove_database.shop
}
moved {
  from = openstack_db_user_v1.shop
  to   = trove_user.shop
}
moved {
  from = openstack_db_user_v1.anywhere
  to   = trove_user.anywhere
}
`

// sent are the requests that changed something on the server.
func sent(cloud *acctest.Cloud) (changes []ledger.Request) {
	for _, e := range cloud.Ledger().Requests() {
		if e.Method != "GET" && !strings.HasSuffix(e.Path, "/auth/tokens") {
			changes = append(changes, e)
		}
	}
	return changes
}

// Terraform and OpenTofu move all that the OpenStack provider has of Trove in one plan, and nothing happens on the server. No
// password comes along, neither into the state nor into what is printed.
func TestAccAllMovesFromTheOpenStackProvider(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{"with a refresh": nil, "without": {"-refresh=false"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, acctest.Upstream)
			old := openstackAttributes(t, cloud)
			before := len(sent(cloud))
			cli := acctest.NewCLI(t, cloud.Config(ours+movedBlocks))
			cli.StandIn("terraform-provider-openstack/openstack")
			cli.PutState(stateFile(t, old))

			plan := cli.MustRun(append([]string{"plan"}, flags...)...)
			if flags == nil && !strings.Contains(plan, "Plan: 0 to add, 0 to change, 0 to destroy") {
				t.Errorf("more than moves is planned:\n%s", plan)
			}
			if !strings.Contains(plan, "Databases and users require their own resources") || !strings.Contains(plan, "/inline@%") {
				t.Errorf("the plan does not tell what stays behind:\n%s", plan)
			}
			apply := cli.MustRun(append([]string{"apply", "-auto-approve"}, flags...)...)
			if !strings.Contains(apply, "0 added") || !strings.Contains(apply, "0 destroyed") {
				t.Errorf("more than moves:\n%s", apply)
			}
			cli.Configure(cloud.Config(ours)) // the blocks may go afterwards
			cli.MustRun("plan", "-detailed-exitcode")
			if changes := sent(cloud)[before:]; len(changes) > 0 {
				t.Errorf("the server was asked for changes: %+v", changes)
			}
			if state := cli.Read("terraform.tfstate"); strings.Contains(state, "hunter2") || strings.Contains(state, "openstack_db") {
				t.Errorf("the state still has:\n%s", state)
			}
			if strings.Contains(plan+apply, "hunter2") {
				t.Error("a password is printed")
			}
			cli.MustRun("destroy", "-auto-approve")
			if err := cloud.NothingAlive(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A state of Terraform 0.11 has another form, which Terraform leaves out of what it asks and OpenTofu passes on.
func TestStateOfTerraform011DoesNotMove(t *testing.T) {
	p := acctest.NewCloud(t).NewProtocol(t)
	for from, to := range map[string]string{
		"openstack_db_instance_v1": "trove_instance", "openstack_db_configuration_v1": "trove_configuration",
		"openstack_db_database_v1": "trove_database", "openstack_db_user_v1": "trove_user",
	} {
		for name, raw := range map[string]*tfprotov6.RawState{"Terraform": {}, "OpenTofu": {Flatmap: map[string]string{"id": "7/app", "password": "hunter2"}}} {
			resp, err := p.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: openstackAddress, SourceTypeName: from, SourceState: raw, TargetTypeName: to,
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, "`terraform apply -refresh-only` and the OpenStack provider") {
				t.Errorf("%s from %s: %+v, want how to renew the state", name, from, resp.Diagnostics)
			}
		}
	}
}
