package provider_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

func TestConfigurationMovesFromTheOpenStackProvider(t *testing.T) {
	cloud := acctest.NewCloud(t)
	id := cloud.ConfigurationGroup(t, map[string]any{"max_connections": 200, "autocommit": true})
	p := cloud.NewProtocol(t)
	// As that provider's schema writes it.
	text, err := json.Marshal(map[string]any{
		"id": id, "region": "RegionOne", "name": "settings", "description": "", "timeouts": nil,
		"datastore":     []any{map[string]any{"type": "mysql", "version": "mysql-5.7"}},
		"configuration": []any{map[string]any{"name": "max_connections", "value": "200", "string_type": false}},
	})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := p.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/terraform-provider-openstack/openstack", SourceTypeName: "openstack_db_configuration_v1",
		SourceState: &tfprotov6.RawState{JSON: text}, TargetTypeName: "trove_configuration",
	})
	if err != nil {
		t.Fatal(err)
	}
	p.NoErrors(moved.Diagnostics)
	read := p.Read("trove_configuration", acctest.Managed{State: moved.TargetState, Identity: moved.TargetIdentity})
	if diff := cmp.Diff(map[string]string{"id": id, "region": "RegionOne"}, p.IdentityOf("trove_configuration", read)); diff != "" {
		t.Errorf("the identity (-want +got):\n%s", diff)
	}
	got := p.Resource("trove_configuration", read.State)
	delete(got, "created")
	delete(got, "updated")
	if diff := cmp.Diff(map[string]string{"id": id, "name": "settings", "region": "RegionOne"}, got); diff != "" {
		t.Error(diff)
	}
}
