package instance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/instance"
)

// orders is an instance with everything that the API shows.
const orders = `{"instance": {
	"id": "i1", "name": "orders", "status": "ACTIVE", "operating_status": "HEALTHY", "region": "RegionOne",
	"flavor": {"id": "2"}, "volume": {"size": 5, "used": 0.16}, "datastore": {"type": "mysql", "version": "mysql-5.7"},
	"configuration": {"id": "g1", "name": "tuned"}, "access": {"is_public": true, "allowed_cidrs": ["10.0.0.0/8"]},
	"addresses": [{"address": "10.1.0.48", "type": "private", "network": "n1"}, {"address": "203.0.113.49", "type": "public"}],
	"hostname": "orders.example.com", "replicas": [{"id": "i3"}, {"id": "i2"}],
	"created": "2026-11-22T22:48:58", "updated": "2026-11-22T22:49:00"}}`

// ordersShown is what the data source makes of it.
func ordersShown() map[string]any {
	return map[string]any{
		"id": "i1", "name": "orders", "status": "ACTIVE", "region": "one", "flavor_id": "2", "volume": map[string]any{"size": 5.0},
		"datastore": map[string]any{"type": "mysql", "version": "mysql-5.7"}, "configuration_id": "g1",
		"access": map[string]any{"is_public": true, "allowed_cidrs": []any{"10.0.0.0/8"}},
		"addresses": []any{
			map[string]any{"address": "10.1.0.48", "type": "private", "network": "n1"},
			map[string]any{"address": "203.0.113.49", "type": "public", "network": nil},
		},
		"hostname": "orders.example.com", "replica_of": []any{}, "replicas": []any{"i2", "i3"},
		"created": "2026-11-22T22:48:58Z", "updated": "2026-11-22T22:49:00Z",
	}
}

// listed is the answer of GET /instances/detail.
func listed(entries ...string) string {
	return fmt.Sprintf(`{"instances": [%s]}`, strings.Join(entries, ", "))
}

func TestInstanceDataSourceShowsAllThatTheServerShows(t *testing.T) {
	list := listed(`{"id": "i0", "name": "orders", "status": "DELETED"}`, `{"id": "i1", "name": "orders", "status": "ACTIVE"}`,
		`{"id": "i9", "name": "orders-2", "status": "ACTIVE"}`)
	for name, config := range map[string]map[string]string{"by id": {"id": "i1"}, "by name": {"name": "orders"}} {
		t.Run(name, func(t *testing.T) {
			server := acctest.NewDataSourceServer(t, acctest.FakeTrove{Documents: map[string]string{"instances/i1": orders, "instances/detail": list}}, instance.NewDataSource)
			state, diags := server.Read(t, "trove_instance", config)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(ordersShown(), state); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestInstanceDataSourceLeavesNullWhatTheServerDoesNotShow(t *testing.T) {
	server := acctest.NewDataSourceServer(t, acctest.FakeTrove{Documents: map[string]string{"instances/i1": `{"instance": {"id": "i1", "name": "building", "status": "BUILD"}}`}}, instance.NewDataSource)
	state, diags := server.Read(t, "trove_instance", map[string]string{"id": "i1", "region": "two"})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	want := map[string]any{
		"id": "i1", "name": "building", "status": "BUILD", "region": "two", "flavor_id": nil, "volume": nil, "datastore": nil,
		"configuration_id": nil, "access": nil, "addresses": []any{}, "hostname": nil, "replica_of": []any{}, "replicas": []any{},
		"created": nil, "updated": nil,
	}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Error(diff)
	}
}

func TestInstanceDataSourceShowsTheClosedDefaultOfAccess(t *testing.T) {
	server := acctest.NewDataSourceServer(t, acctest.FakeTrove{Documents: map[string]string{"instances/i1": `{"instance": {"id": "i1", "name": "a", "status": "ACTIVE", "access": {}}}`}}, instance.NewDataSource)
	state, diags := server.Read(t, "trove_instance", map[string]string{"id": "i1"})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if diff := cmp.Diff(map[string]any{"is_public": false, "allowed_cidrs": []any{}}, state["access"]); diff != "" {
		t.Error(diff)
	}
}

func TestInstanceDataSourceShowsReplicationByTheTopology(t *testing.T) {
	server := acctest.NewDataSourceServer(t, acctest.FakeTrove{ServesTopology: true, Documents: map[string]string{
		"instances/b": `{"instance": {"id": "b", "name": "b", "status": "ACTIVE", "datastore": {"type": "redis", "version": "redis-2.8.6"}}}`,
		"instances/b/topology": `{"topology": {"members": [{"id": "a", "name": "a", "redis": {}},
			{"id": "b", "name": "b", "redis": {"slave_of": "a"}}, {"id": "c", "name": "c", "redis": {"slave_of": "b"}}]}}`,
	}}, instance.NewDataSource)
	state, diags := server.Read(t, "trove_instance", map[string]string{"id": "b"})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if diff := cmp.Diff([]any{[]any{"a"}, []any{"c"}}, []any{state["replica_of"], state["replicas"]}); diff != "" {
		t.Error(diff)
	}
}

func TestInstanceDataSourceFailures(t *testing.T) {
	several := listed(`{"id": "i2", "name": "orders", "status": "ERROR"}`, `{"id": "i1", "name": "orders", "status": "ACTIVE"}`)
	tests := map[string]struct {
		server acctest.FakeTrove
		config map[string]string
		at     string
		want   []string // in the detail
	}{
		"an unknown id": {
			config: map[string]string{"id": "gone"}, at: "id",
			want: []string{"Resource gone cannot be found.", "There is no instance gone in this project and region"},
		},
		"an instance that is deleted": {
			server: acctest.FakeTrove{Documents: map[string]string{"instances/i1": `{"instance": {"id": "i1", "name": "a", "status": "DELETED"}}`}},
			config: map[string]string{"id": "i1"}, at: "id", want: []string{"There is no instance i1"},
		},
		"an unknown name": {
			server: acctest.FakeTrove{Documents: map[string]string{"instances/detail": several}},
			config: map[string]string{"name": "order"}, at: "name", want: []string{`no instance named "order"`},
		},
		"a name of several": {
			server: acctest.FakeTrove{Documents: map[string]string{"instances/detail": several}},
			config: map[string]string{"name": "orders"}, at: "name", want: []string{`2 instances are named "orders": i1 (ACTIVE), i2 (ERROR).`, "Set id"},
		},
		"a list that is forbidden": {
			server: acctest.FakeTrove{Codes: map[string]int{"instances/detail": 403}},
			config: map[string]string{"name": "orders"}, at: "name", want: []string{"403", "check the project and the roles"},
		},
		"a topology that cannot be read": {
			server: acctest.FakeTrove{ServesTopology: true, Documents: map[string]string{"instances/i1": orders}, Codes: map[string]int{"instances/i1/topology": 500}},
			config: map[string]string{"id": "i1"}, at: "id", want: []string{"500", "told to"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, diags := acctest.NewDataSourceServer(t, tt.server, instance.NewDataSource).Read(t, "trove_instance", tt.config)
			acctest.ExpectError(t, diags, "Unable to read", tt.at, tt.want...)
		})
	}
}

func TestInstanceDataSourceTakesExactlyOneOfIDAndName(t *testing.T) {
	tests := map[string]struct {
		config map[string]string
		want   string // the summary of the one error; "" for none
	}{
		"id":            {config: map[string]string{"id": "i1"}},
		"name":          {config: map[string]string{"name": "orders"}},
		"both":          {config: map[string]string{"id": "i1", "name": "orders"}, want: "Invalid Attribute Combination"},
		"neither":       {config: map[string]string{"region": "one"}, want: "Missing Attribute Configuration"},
		"an empty id":   {config: map[string]string{"id": ""}, want: "Empty value"},
		"an empty name": {config: map[string]string{"name": ""}, want: "Empty value"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			diags := acctest.NewDataSourceServer(t, acctest.FakeTrove{}, instance.NewDataSource).Validate(t, "trove_instance", tt.config)
			var errors []string
			for _, d := range diags {
				errors = append(errors, d.Summary)
			}
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if diff := cmp.Diff(want, errors); diff != "" {
				t.Error(diff)
			}
		})
	}
}
