package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// moved is a resource of the OpenStack provider after a `moved` block, and without a refresh.
func moved(t *testing.T, run *acctest.Driver, from, state, to string) acctest.Object {
	t.Helper()
	resp, err := run.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: openstackAddress, SourceTypeName: from, SourceState: &tfprotov6.RawState{JSON: []byte(state)}, TargetTypeName: to,
	})
	if err != nil {
		t.Fatal(err)
	}
	run.NoErrors(resp.Diagnostics)
	return acctest.Object{Type: to, Managed: acctest.Managed{State: resp.TargetState, Identity: resp.TargetIdentity, Private: resp.TargetPrivate}}
}

// The OpenStack provider knows no deletion_protection, so that the state after a move says nothing of it: with -refresh=false the plan has to do
// with that. It protects what the configuration protects, and fails for nothing else.
func TestProtectionAfterAMoveFromTheOpenStackProviderWithoutARefresh(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, acctest.Upstream)
	old := openstackAttributes(t, cloud)
	other := cloud.CreateBehindOurBack(t, mysqlServer("other"))
	run := cloud.NewDriver(t)
	instance := run.Texts(moved(t, run, "openstack_db_instance_v1", old["openstack_db_instance_v1.orders"], "trove_instance"))
	mysql := settings{"type": "mysql", "version": "mysql-5.7"}
	tests := map[string]struct {
		to       string
		config   settings
		replaces []any
	}{
		"openstack_db_configuration_v1.settings": {
			"trove_configuration", settings{"name": "settings", "datastore": mysql, "values": settings{"max_connections": "200"}},
			[]any{"datastore", settings{"type": "mariadb", "version": "mariadb-10.11"}},
		},
		"openstack_db_instance_v1.orders": {
			"trove_instance", settings{
				"name": "orders", "flavor_id": "1", "volume": settings{"size": 2, "type": "ssd"}, "datastore": mysql, "configuration_id": instance["configuration_id"],
			},
			[]any{"datastore", settings{"type": "mariadb", "version": "mariadb-10.11"}, "configuration_id", nil},
		},
		"openstack_db_database_v1.shop": {"trove_database", settings{"instance_id": instance["id"], "name": "shop"}, []any{"name", "other"}},
		"openstack_db_user_v1.shop": {
			"trove_user", settings{"instance_id": instance["id"], "name": "shop", "host": "10.0.0.%", "databases": []string{"shop"}},
			[]any{"instance_id", other, "password_wo", "secret1"},
		},
	}
	for address, tt := range tests {
		t.Run(tt.to, func(t *testing.T) {
			t.Parallel()
			from, _, _ := strings.Cut(address, ".")
			object := moved(t, run, from, old[address], tt.to)
			before := len(sent(cloud))
			for name, config := range map[string]settings{"unprotected": tt.config, "protected": tt.config.with("deletion_protection", true)} {
				change, diagnostics := run.Plan(object, config.json())
				run.NoErrors(diagnostics)
				if changed := run.Changed(change); len(change.Replace) > 0 || !slices.Contains(changed, "deletion_protection") {
					t.Errorf("%s: the plan changes %v and replaces for %v", name, changed, change.Replace)
				}
				replaced, diagnostics := run.Plan(object, config.with(tt.replaces...).json())
				if refused := strings.Contains(diagnostics.Text(), "It is protected by deletion_protection, and this change would replace it"); diagnostics.Failed() != refused || refused != (name == "protected") {
					t.Errorf("%s: the plan of a replacement for %v says %q", name, replaced.Replace, diagnostics.Text())
				}
				if name == "unprotected" && len(replaced.Replace) == 0 {
					t.Error("the change replaces nothing: it shows nothing of protection")
				}
			}
			// Whoever destroys before the first apply has not protected it yet: the plan of that does not fail because the state says nothing.
			if _, diagnostics := run.PlanDestroy(object); diagnostics.Failed() {
				t.Errorf("the plan of a destruction says %q", diagnostics.Text())
			}
			object = run.Must(run.Update(object, tt.config.with("deletion_protection", true).json()))
			if after := len(sent(cloud)); after != before {
				t.Errorf("%d requests changed the server", after-before)
			}
			if _, diagnostics := run.PlanDestroy(object); !strings.Contains(diagnostics.Text(), "It is protected by deletion_protection") {
				t.Errorf("the plan of a destruction says %q", diagnostics.Text())
			}
		})
	}
}
