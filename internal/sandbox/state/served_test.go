package state

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

func TestDatastoresOfferWhatReallyServesThem(t *testing.T) {
	s := New(Options{Served: []engine.Served{
		{Datastore: "redis", Version: engine.NewVersion("redis-server", "7.0.15", "redis", 2)},
		{Datastore: "mysql", Version: engine.NewVersion("MariaDB", "10.11.14", "mariadb", 2)},
		{Datastore: "mariadb", Version: engine.NewVersion("MariaDB", "10.11.14", "mariadb", 2)},
		{Datastore: "mongodb", Why: ": the sandbox has no program for it"},
	}})
	got, ids := map[string][]string{}, map[string]bool{}
	for _, d := range s.Datastores() {
		for _, v := range d.Versions {
			got[d.Name] = append(got[d.Name], v.Name+" "+v.Number)
			if ids[v.ID] {
				t.Errorf("two versions have the id %s", v.ID)
			}
			ids[v.ID] = true
		}
		if before := datastoreOf(Version{DatastoreID: d.ID}); d.Default().ID != before.DefaultID {
			t.Errorf("the default of %s is %s now", d.Name, d.Default().Name)
		}
	}
	want := map[string][]string{
		"mysql":      {"mysql-5.5 5.5.62", "mysql-5.7 5.7.44", "mysql-8.0 8.0.40", "mariadb-10.11 10.11.14"},
		"mariadb":    {"mariadb-10.11 10.11.14"},
		"postgresql": {"postgresql-16 16.6"},
		"mongodb":    {"mongodb-2.0.4 2.0.4", "tokumx-2.0.1 2.0.1", "mongodb-7.0 7.0.15"},
		"cassandra":  {"cassandra-2.0.5 2.0.5", "cassandra-4.1 4.1.7"},
		"couchbase":  {"couchbase-2.2 2.2.0", "couchbase-7.2 7.2.5"},
		"redis":      {"redis-2.8.6 2.8.6", "redis-3.0.0-beta1 3.0.0-beta1", "redis-7.2 7.2.6", "redis-7.0 7.0.15"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
