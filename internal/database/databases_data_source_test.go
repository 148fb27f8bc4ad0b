package database_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// awkward are names that a marker quotes, beside those that make three pages of a list with them.
var awkward = []string{"a b", "a#b", "a-b", "a?b", "a@b"}

// filled makes a MySQL server with 45 databases, and returns its id and their names, sorted.
func filled(t *testing.T, cloud *acctest.Cloud) (id string, names []string) {
	t.Helper()
	id = cloud.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "orders", FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-8.0"},
	})
	names = slices.Clone(awkward)
	for n := range 40 {
		names = append(names, fmt.Sprintf("shop_%02d", n))
	}
	var all []state.Database
	for _, name := range names {
		all = append(all, state.Database{Name: name})
	}
	if err := cloud.State().CreateDatabases(identity.DemoProjectID, id, all); err != nil {
		t.Fatal(err)
	}
	return id, names
}

func TestDatabasesOfAnInstance(t *testing.T) {
	t.Parallel()
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			id, names := filled(t, cloud)
			run := cloud.NewDriver(t)
			for prefix, names := range map[string][]string{"": names, "a": awkward, "none": {}} {
				config := map[string]any{"instance_id": id}
				if prefix != "" {
					config["name_prefix"] = prefix
				}
				shown, ids := []any{}, []any{}
				for _, name := range names {
					shown, ids = append(shown, name), append(ids, id+"/"+name)
				}
				want := map[string]any{"instance_id": id, "name_prefix": config["name_prefix"], "region": acctest.Region, "names": shown, "ids": ids}
				text, err := json.Marshal(config)
				if err != nil {
					t.Fatal(err)
				}
				got, diags := run.ReadData("trove_databases", string(text))
				run.NoErrors(diags)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("by prefix %q (-want +got):\n%s", prefix, diff)
				}
			}
			if n := cloud.Ledger().Count("GET /instances/{id}/databases"); n != 3*3 {
				t.Errorf("%d pages were read, want 3 for each of 3 reads", n)
			}
		})
	}
}

// What is listed is what an import gives, and an import by the identity of what is listed plans nothing.
func TestDatabasesAreListed(t *testing.T) {
	t.Parallel()
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			id, names := filled(t, cloud)
			run := cloud.NewDriver(t)
			for _, tt := range []struct {
				config map[string]string
				limit  int64
				want   []string
			}{
				{map[string]string{"instance_id": id}, 0, names},
				{map[string]string{"instance_id": id}, 7, names[:7]},
				{map[string]string{"instance_id": id, "name_prefix": "a"}, 0, awkward},
			} {
				var got []string
				for _, one := range run.List("trove_database", tt.config, true, tt.limit) {
					run.NoErrors(one.Diagnostics)
					got = append(got, one.Name)
					if diff := cmp.Diff(map[string]string{"instance_id": id, "name": one.Name, "region": acctest.Region}, one.Identity); diff != "" {
						t.Errorf("the identity of %s (-want +got):\n%s", one.Name, diff)
					}
					imported := run.Import("trove_database", "", one.Identity)
					if diff := cmp.Diff(run.Resource("trove_database", imported.State), one.Resource); diff != "" {
						t.Errorf("%s (-imported +listed):\n%s", one.Name, diff)
					}
					config := fmt.Sprintf(`{"instance_id": %q, "name": %q}`, id, one.Name)
					if change, diags := run.Plan(acctest.Object{Type: "trove_database", Managed: imported}, config); !run.NoOp(change) || len(diags) > 0 {
						t.Errorf("after the import of %s the plan changes %v: %s", one.Name, run.Changed(change), diags.Text())
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%v (-want +got):\n%s", tt.config, diff)
				}
			}
		})
	}
}

// What cannot be listed says why, as the resource does, in the data source and in the list.
func TestDatabasesThatCannotBeListed(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, acctest.Upstream)
	id, _ := filled(t, cloud)
	postgres := cloud.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "pg", FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "postgresql", Version: "postgresql-16"},
	})
	for instance, want := range map[string]string{
		postgres:  "Operation not supported for datastore postgresql",
		"no-such": "no-such",
		id:        "Not for you.",
	} {
		run := cloud.NewDriver(t)
		if instance == id {
			cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Message: "Not for you.", Kind: "GET /instances/{id}/databases", Times: faults.Always})
		}
		if diags := run.Data("trove_databases", fmt.Sprintf(`{"instance_id": %q}`, instance)); !diags.Failed() || !strings.Contains(diags.Text(), want) {
			t.Errorf("%s: the data source says %q, without %q", instance, diags.Text(), want)
		}
		listed := run.List("trove_database", map[string]string{"instance_id": instance}, false, 0)
		if len(listed) != 1 || len(listed[0].Diagnostics) != 1 || !strings.Contains(listed[0].Diagnostics[0].Detail, want) {
			t.Errorf("%s: the list is %+v, without %q", instance, listed, want)
		}
		cloud.Faults().Clear() // the order of the instances is random
	}
}

// A replica has what its source has, and is asked about that.
func TestDatabasesOfAReplicaAreThoseOfItsSource(t *testing.T) {
	t.Parallel()
	acctest.OnBothServers(t, func(t *testing.T, s acctest.ReplicationSet) {
		s.Run.Must(s.Run.Create("trove_database", fmt.Sprintf(`{"instance_id": %q, "name": "shop"}`, s.Source)))
		from := s.Ledger().Count("GET /instances/{id}/databases")
		listed := s.Run.List("trove_database", map[string]string{"instance_id": s.Replica}, false, 0)
		if len(listed) != 1 || listed[0].Name != "shop" || listed[0].Identity["instance_id"] != s.Replica {
			t.Fatalf("the list is %+v", listed)
		}
		for _, r := range s.Ledger().Requests() {
			if r.Kind == "GET /instances/{id}/databases" && strings.Contains(r.Path, s.Replica) {
				t.Errorf("the replica itself was asked: %s", r.Path)
			}
		}
		if s.Ledger().Count("GET /instances/{id}/databases") == from {
			t.Error("nobody was asked")
		}
	})
}
