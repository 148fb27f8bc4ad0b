package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

func TestServersOfDatastoresThatFormClustersAreSentToTheirResource(t *testing.T) {
	t.Parallel()
	for name, options := range acctest.BothServers() {
		w := newWorld(t, options)
		for _, tt := range []struct {
			datastore, version, says string
			failed                   bool
		}{
			{"mongodb", "mongodb-7.0", "use trove_mongodb_member", true},
			{"mongodb", "tokumx-2.0.1", "use trove_mongodb_member", true},
			{"cassandra", "cassandra-4.1", "use trove_cassandra_node", false},
			{"couchbase", "couchbase-7.2", "use trove_couchbase_node", false},
			{"redis", "redis-7.2", "use trove_redis_node or trove_redis_cluster_node", false},
			{"mysql", "mysql-8.0", "", false},
		} {
			_, diagnostics := w.run.Plan(acctest.Object{Type: "trove_instance"}, dbServer(tt.datastore, tt.version).json())
			text := diagnostics.Text()
			if strings.Contains(name, "released") {
				if len(diagnostics) > 0 {
					t.Errorf("%s, %s: %s", name, tt.version, text)
				}
				continue
			}
			if diagnostics.Failed() != tt.failed || !strings.Contains(text, tt.says) || (tt.says == "") != (len(diagnostics) == 0) {
				t.Errorf("%s, %s: failed %t, says %q", name, tt.version, diagnostics.Failed(), text)
			}
		}
	}
}

func TestReplicasRefuseDatabasesAndUsersInThePlan(t *testing.T) {
	t.Parallel()
	for name, options := range acctest.BothServers() {
		w := newWorld(t, options)
		source := w.run.ID(w.create("trove_instance", lone))
		replica := w.run.ID(w.create("trove_mysql_replica", settings{"name": "reader", "replica_of": []string{source}}))
		for typeName, config := range map[string]settings{
			"trove_database": {"name": "shop"}, "trove_user": {"name": "reader", "password_wo": "secret1"},
		} {
			_, diagnostics := w.run.Plan(acctest.Object{Type: typeName}, config.with("instance_id", replica).json())
			if !diagnostics.Failed() || !strings.Contains(diagnostics.Text(), "Set instance_id to "+source) {
				t.Errorf("%s, %s on a replica: %q", name, typeName, diagnostics.Text())
			}
			// The advice works.
			w.create(typeName, config.with("instance_id", source))
		}
	}
}

func TestPostgreSQLReplicaDetachesOnEitherServer(t *testing.T) {
	t.Parallel()
	for name, options := range acctest.BothServers() {
		w := newWorld(t, options)
		source := w.run.ID(w.create("trove_instance", dbServer("postgresql", "postgresql-16")))
		replica := w.create("trove_replica", settings{"name": "reader", "replica_of": source})
		w.succeeds(name+": detach", w.run.Update(replica, settings{"name": "reader"}.json()))
		w.expectActions("promote", 0)
	}
}

func TestAConfigurationGroupThatIsNoneIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	group := w.run.ID(w.create("trove_configuration", mysqlGroup))
	for name, id := range map[string]string{"unknown": "5f1b0b5e-0c3a-4c7e-9d0b-8d6a3c1e2f40", "name of a group": "settings", "in capitals": strings.ToUpper(group)} {
		_, diagnostics := w.run.Plan(acctest.Object{Type: "trove_instance"}, lone.with("configuration_id", id).json())
		if !diagnostics.Failed() || !strings.Contains(diagnostics.Text(), id) || !strings.Contains(diagnostics.Text(), "configuration_id") {
			t.Errorf("%s: %s", name, diagnostics.Text())
		}
	}
}

// A change of what only the provider knows shows nothing else, whatever the resource.
func TestAChangeOfWhatOnlyTheProviderKnowsShowsOnlyThat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, make := range w.resources() {
		object, config := make()
		attributes := w.run.Attributes(object.Type)
		for attribute, value := range map[string]any{
			"deletion_protection": true, "force_destroy": true, "restart_policy": "if_needed", "timeouts": settings{"create": "3h"},
		} {
			if _, has := attributes[attribute]; !has {
				continue
			}
			change, diagnostics := w.run.Plan(object, config.with(attribute, value).json())
			w.run.NoErrors(diagnostics)
			if changed := w.run.Changed(change); len(changed) != 1 || changed[0] != attribute {
				t.Errorf("%s: a change of %s shows %v", name, attribute, changed)
			}
		}
	}
}

// resources make one resource of each type.
func (w *world) resources() map[string]func() (acctest.Object, settings) {
	all := map[string]func() (acctest.Object, settings){}
	add := func(typeName string, config func() settings) {
		all[typeName] = func() (acctest.Object, settings) {
			c := config()
			return w.create(typeName, c), c
		}
	}
	server := func(name string) string { return w.run.ID(w.create("trove_instance", lone.with("name", name))) }
	add("trove_instance", func() settings { return lone })
	add("trove_configuration", func() settings { return mysqlGroup })
	add("trove_database", func() settings { return settings{"instance_id": server("d"), "name": "shop"} })
	add("trove_user", func() settings {
		return settings{"instance_id": server("u"), "name": "reader", "password_wo": "secret1", "password_wo_version": 1}
	})
	add("trove_backup", func() settings { return settings{"instance_id": server("b"), "name": "nightly"} })
	add("trove_replica", func() settings { return settings{"name": "reader", "replica_of": server("r")} })
	add("trove_mysql_replica", func() settings { return settings{"name": "reader-2", "replica_of": []string{server("m")}} })
	add("trove_redis_node", func() settings { return redisServer })
	for _, kind := range clusterKinds {
		add(kind.typeName, func() settings { return kind.config })
	}
	add("trove_couchbase_bucket", func() settings {
		node := w.run.ID(w.create("trove_couchbase_node", couchbaseNode.with("cluster_name", "buckets")))
		return settings{"node_id": node, "name": "orders", "ram_mb": 100}
	})
	add("trove_mongodb_replica_set", func() settings {
		member := w.run.ID(w.create("trove_mongodb_member", mongoMember.with("replica_set", "settings")))
		return settings{"name": "settings", "members": settings{member: settings{"priority": 2}}}
	})
	add("trove_replication_source", func() settings {
		source := server("s")
		replica := w.run.ID(w.create("trove_replica", settings{"name": "s-2", "replica_of": source}))
		return settings{"members": []string{source, replica}, "source_id": source}
	})
	return all
}

// A plan asks for a source once, however many replicas it makes of it.
func TestASourceIsReadOnceByAPlan(t *testing.T) {
	t.Parallel()
	for name, options := range acctest.BothServers() {
		w := newWorld(t, options)
		source := w.run.ID(w.create("trove_instance", lone))
		w.restart()
		before := w.proxy.Ledger().Count("GET /instances/{id}")
		for n := range 9 {
			config := settings{"name": fmt.Sprintf("reader-%d", n), "replica_of": []string{source}}
			_, diagnostics := w.run.Plan(acctest.Object{Type: "trove_mysql_replica"}, config.json())
			w.run.NoErrors(diagnostics)
		}
		if n := w.proxy.Ledger().Count("GET /instances/{id}") - before; n != 1 {
			t.Errorf("%s: the source was read %d times", name, n)
		}
	}
}
