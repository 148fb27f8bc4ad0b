package datastore_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/datastore"
)

func TestAccDatastores(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			mysql := tfjsonpath.New("datastores").AtSliceIndex(0)
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(`data "trove_datastores" "all" {}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.trove_datastores.all", tfjsonpath.New("types").AtSliceIndex(0), knownvalue.StringExact("mysql")),
					statecheck.ExpectKnownValue("data.trove_datastores.all", mysql.AtMapKey("default_version"), knownvalue.StringExact("mysql-8.0")),
					statecheck.ExpectKnownValue("data.trove_datastores.all", mysql.AtMapKey("versions").AtSliceIndex(1), knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": knownvalue.NotNull(), "version": knownvalue.StringExact("mysql-5.7"), "number": knownvalue.StringExact("5.7.44"),
					})),
				},
			})
		})
	}
}

// A datastore may have no default, none of its versions may have a number, and it may have no versions at all.
func TestWhatTheServerLeavesOutIsNull(t *testing.T) {
	cloud := acctest.FakeTrove{Documents: map[string]string{"datastores": `{"datastores": [
		{"id": "d1", "name": "mysql", "versions": [{"id": "v1", "name": "8.0"}]}, {"id": "d2", "name": "redis", "default_version": "7.2", "versions": []}]}`}}
	state, diags := acctest.NewDataSourceServer(t, cloud, datastore.NewDataSource).Read(t, "trove_datastores", nil)
	if len(diags) > 0 {
		t.Fatal(diags[0].Summary, diags[0].Detail)
	}
	want := map[string]any{"region": "one", "types": []any{"mysql", "redis"}, "datastores": []any{
		map[string]any{"id": "d1", "type": "mysql", "default_version": nil, "versions": []any{map[string]any{"id": "v1", "version": "8.0", "number": nil}}},
		map[string]any{"id": "d2", "type": "redis", "default_version": nil, "versions": []any{}},
	}}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
