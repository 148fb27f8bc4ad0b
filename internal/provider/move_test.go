package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// openstackInstance is the state of an openstack_db_instance_v1, as that provider's schema writes it.
func openstackInstance(id string) map[string]any {
	return map[string]any{
		"id": id, "region": "RegionOne", "name": "orders", "flavor_id": "1", "size": 2, "volume_type": "ssd",
		"datastore":        []any{map[string]any{"type": "mysql", "version": "mysql-5.7"}},
		"network":          []any{map[string]any{"uuid": "00000000-0000-4000-8000-00000000bbbb", "port": "", "fixed_ip_v4": "", "fixed_ip_v6": ""}},
		"database":         []any{map[string]any{"name": "shop", "charset": "utf8", "collate": "utf8_general_ci"}},
		"user":             []any{map[string]any{"name": "shop", "password": "secret", "host": "%", "databases": []any{"shop"}}},
		"configuration_id": nil, "addresses": []any{"10.0.0.3"}, "timeouts": nil,
	}
}

func moveFromOpenStack(t *testing.T, p *acctest.Protocol, state map[string]any, address string) *tfprotov6.MoveResourceStateResponse {
	t.Helper()
	return move(t, p, address, "openstack_db_instance_v1", state, "trove_instance")
}

func move(t *testing.T, p *acctest.Protocol, address, from string, state map[string]any, to string) *tfprotov6.MoveResourceStateResponse {
	t.Helper()
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: address, SourceTypeName: from, SourceState: &tfprotov6.RawState{JSON: text}, TargetTypeName: to,
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestInstanceMovesFromTheOpenStackProvider(t *testing.T) {
	cloud := acctest.NewCloud(t)
	id := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	p := cloud.NewProtocol(t)
	for _, address := range []string{"registry.terraform.io/terraform-provider-openstack/openstack", "registry.opentofu.org/terraform-provider-openstack/openstack"} {
		moved := moveFromOpenStack(t, p, openstackInstance(id), address)
		p.NoErrors(moved.Diagnostics)
		if len(moved.Diagnostics) != 1 || !strings.Contains(moved.Diagnostics[0].Detail, "- trove_database "+id+"/shop\n- trove_user "+id+"/shop@%") {
			t.Errorf("%+v, want a warning about databases and users", moved.Diagnostics)
		}
		if strings.Contains(moved.Diagnostics[0].Detail, "secret") {
			t.Error("the password is told")
		}
		read, err := p.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: "trove_instance", CurrentState: moved.TargetState, CurrentIdentity: moved.TargetIdentity})
		if err != nil {
			t.Fatal(err)
		}
		p.NoErrors(read.Diagnostics)
		have := p.Resource("trove_instance", read.NewState)
		networks, _, err := tftypes.WalkAttributePath(p.Values("trove_instance", acctest.Managed{State: read.NewState}),
			tftypes.NewAttributePath().WithAttributeName("networks").WithElementKeyInt(0).WithAttributeName("id"))
		if network, ok := networks.(tftypes.Value); err != nil || !ok || !network.Equal(tftypes.NewValue(tftypes.String, "00000000-0000-4000-8000-00000000bbbb")) {
			t.Errorf("the network is %v (%v)", networks, err)
		}
		for name, want := range map[string]string{"id": id, "name": "orders", "flavor_id": "1", "region": "RegionOne", "status": "ACTIVE"} {
			if have[name] != want {
				t.Errorf("%s is %q, want %q", name, have[name], want)
			}
		}
	}
}

func TestInstanceDoesNotMoveFromAnotherProvider(t *testing.T) {
	p := acctest.NewCloud(t).NewProtocol(t)
	resp := moveFromOpenStack(t, p, openstackInstance("x"), "registry.terraform.io/somebody/openstack")
	if len(resp.Diagnostics) == 0 {
		t.Error("it was moved")
	}
}

func TestStateWithoutAnIDDoesNotMove(t *testing.T) {
	p := acctest.NewCloud(t).NewProtocol(t)
	resp := moveFromOpenStack(t, p, map[string]any{"name": "orders"}, "registry.terraform.io/terraform-provider-openstack/openstack")
	if len(resp.Diagnostics) == 0 || !strings.Contains(resp.Diagnostics[0].Detail, "no id") {
		t.Errorf("%+v, want that there is no id", resp.Diagnostics)
	}
}

const promoted = `
resource "trove_instance" "source" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}

resource "%KIND%" "standby" {
  name                = "orders-standby"
  flavor_id           = "1"
  volume              = { size = 2 }
  datastore           = { type = "mysql", version = "mysql-5.7" }
  deletion_protection = false
  timeouts            = { create = "50m" }
  %REPLICA%
}
`

func TestAccPromotedReplicaBecomesAnInstanceByAMovedBlock(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := func(kind, replica, more string) string {
		return cloud.Config(strings.NewReplacer("%KIND%", kind, "%REPLICA%", replica).Replace(promoted) + more)
	}
	const moved = `
moved {
  from = trove_mysql_replica.standby
  to   = trove_instance.standby
}
`
	cloud.Test(t,
		resource.TestStep{Config: config("trove_mysql_replica", "replica_of = [trove_instance.source.id]", "")},
		resource.TestStep{Config: config("trove_mysql_replica", "", "")},
		resource.TestStep{
			Config: config("trove_instance", "", moved),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("trove_instance.standby", plancheck.ResourceActionNoop),
			}},
		},
	)
}

// A replica that was declared, or imported, as another kind moves to the kind that it is, and nothing happens on the server.
func TestAccReplicaMovesBetweenOurKinds(t *testing.T) {
	t.Parallel()
	block := func(kind string) string {
		switch kind {
		case "trove_mysql_replica":
			return "replica_of = [trove_instance.source.id]"
		case "trove_replica":
			return "replica_of = trove_instance.source.id"
		}
		return "flavor_id = \"1\"\n  volume = { size = 2 }\n  datastore = { type = \"mysql\", version = \"mysql-5.7\" }"
	}
	for _, kinds := range [][2]string{
		{"trove_instance", "trove_replica"}, {"trove_instance", "trove_mysql_replica"},
		{"trove_mysql_replica", "trove_replica"}, {"trove_replica", "trove_mysql_replica"},
	} {
		from, to := kinds[0], kinds[1]
		t.Run(from+" to "+to, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, acctest.Upstream)
			source := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
			reader := cloud.CreateBehindOurBack(t, trove.CreateRequest{Name: "orders-reader", ReplicaOf: source})
			config := func(kind, more string) string {
				return cloud.Config(strings.NewReplacer("%KIND%", kind, "%BLOCK%", block(kind), "%SOURCE%", source).Replace(`
resource "trove_instance" "source" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
import {
  to = trove_instance.source
  id = "%SOURCE%"
}
resource "%KIND%" "reader" {
  name = "orders-reader"
  %BLOCK%
}
`) + more)
			}
			cli := acctest.NewCLI(t, config(from, fmt.Sprintf("import {\n  to = %s.reader\n  id = %q\n}\n", from, reader)))
			if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "2 imported, 0 added, 0 changed, 0 destroyed") {
				t.Errorf("more than an import:\n%s", out)
			}
			cli.Configure(config(to, fmt.Sprintf("moved {\n  from = %s.reader\n  to   = %s.reader\n}\n", from, to)))
			if out := cli.MustRun("plan", "-refresh=false"); strings.Contains(out, "to destroy") && !strings.Contains(out, "0 to destroy") {
				t.Errorf("a plan that does not look destroys:\n%s", out)
			}
			if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "0 added, 0 changed, 0 destroyed") {
				t.Errorf("more than a move:\n%s", out)
			}
			cli.MustRun("plan", "-detailed-exitcode")
			cli.MustRun("destroy", "-auto-approve")
			if err := cloud.NothingAlive(); err != nil {
				t.Error(err)
			}
		})
	}
}
