package provider_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const openstackAddress = "registry.terraform.io/terraform-provider-openstack/openstack"

// Configuration groups, databases and users, in states as the OpenStack provider's schema writes them.
func TestContentMovesFromTheOpenStackProvider(t *testing.T) {
	cloud := acctest.NewCloud(t)
	group := cloud.ConfigurationGroup(t, map[string]any{"max_connections": 200, "autocommit": true})
	server := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	client, err := cloud.Client()
	if err != nil {
		t.Fatal(err)
	}
	noted := func() {}
	if err := client.CreateDatabase(t.Context(), server, trove.Database{Name: "shop"}, noted); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"%", "10.0.0.7"} {
		if err := client.CreateUser(t.Context(), server, trove.Account{Name: "app", Host: host}, "their-secret", []string{"shop"}, noted); err != nil {
			t.Fatal(err)
		}
	}
	user := func(host string) map[string]any {
		return map[string]any{
			"id": server + "/app", "region": "RegionOne", "instance_id": server, "name": "app", "password": "their-secret", "host": host,
			"databases": []any{"shop"}, "timeouts": nil,
		}
	}
	for name, tt := range map[string]struct {
		from     string
		state    map[string]any
		to       string
		want     map[string]string
		identity map[string]string
	}{
		"a configuration group": {
			"openstack_db_configuration_v1", map[string]any{
				"id": group, "region": "RegionOne", "name": "settings", "description": "", "timeouts": nil,
				"datastore":     []any{map[string]any{"type": "mysql", "version": "mysql-5.7"}},
				"configuration": []any{map[string]any{"name": "max_connections", "value": "200", "string_type": false}},
			},
			"trove_configuration",
			map[string]string{"id": group, "name": "settings", "region": "RegionOne"},
			map[string]string{"id": group, "region": "RegionOne"},
		},
		"a database": {
			"openstack_db_database_v1", map[string]any{"id": server + "/shop", "region": "RegionOne", "instance_id": server, "name": "shop", "timeouts": nil},
			"trove_database",
			map[string]string{"id": server + "/shop", "instance_id": server, "name": "shop", "region": "RegionOne"},
			map[string]string{"instance_id": server, "name": "shop", "region": "RegionOne"},
		},
		"a user from anywhere": {
			"openstack_db_user_v1", user(""), "trove_user",
			map[string]string{"id": server + "/app@%", "instance_id": server, "name": "app", "host": "%", "region": "RegionOne"},
			map[string]string{"instance_id": server, "name": "app", "host": "%", "region": "RegionOne"},
		},
		"a user from one host": {
			"openstack_db_user_v1", user("10.0.0.7"), "trove_user",
			map[string]string{"id": server + "/app@10.0.0.7", "instance_id": server, "name": "app", "host": "10.0.0.7", "region": "RegionOne"},
			map[string]string{"instance_id": server, "name": "app", "host": "10.0.0.7", "region": "RegionOne"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := cloud.NewProtocol(t)
			moved := move(t, p, openstackAddress, tt.from, tt.state, tt.to)
			p.NoErrors(moved.Diagnostics)
			read := p.Read(tt.to, acctest.Managed{State: moved.TargetState, Identity: moved.TargetIdentity})
			got := p.Resource(tt.to, read.State)
			delete(got, "created")
			delete(got, "updated")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("the state (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.identity, p.IdentityOf(tt.to, read)); diff != "" {
				t.Errorf("the identity (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a state without what is needed", func(t *testing.T) {
		p := cloud.NewProtocol(t)
		moved := move(t, p, openstackAddress, "openstack_db_user_v1", map[string]any{"id": "x", "name": "app", "password": "their-secret"}, "trove_user")
		if len(moved.Diagnostics) != 1 || !strings.Contains(moved.Diagnostics[0].Detail, `The id is "x"`) || strings.Contains(moved.Diagnostics[0].Detail, "secret") {
			t.Errorf("%+v, want what is wrong with the id", moved.Diagnostics)
		}
	})
}
