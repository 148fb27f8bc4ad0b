package provider_test

import (
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// Signed in to another project, what is there looks as if it had been deleted: it is not taken for that, and the error names both projects.
func TestWhatIsInAnotherProjectIsNotTakenForDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	instance := w.create("trove_instance", lone)
	within := settings{"instance_id": w.run.ID(instance)}
	all := map[string]acctest.Object{
		"instance":            instance,
		"database":            w.create("trove_database", within.with("name", "shop")),
		"user":                w.create("trove_user", within.with("name", "reader", "password_wo", "secret1", "password_wo_version", 1)),
		"root":                w.create("trove_root", within.with("password_wo", "secret1")),
		"SSL":                 w.create("trove_instance_ssl", within.with("container_ref", "https://keys/1", "restart_policy", "if_needed")),
		"backup strategy":     w.create("trove_backup_strategy", within.with("swift_container", "ours")),
		"backup":              w.create("trove_backup", within.with("name", "nightly")),
		"configuration group": w.create("trove_configuration", mysqlGroup),
		"Cassandra node":      w.create("trove_cassandra_node", cassandraNode),
	}
	w.configure(map[string]string{"username": "other", "password": "other", "project_name": "other"})
	for name, object := range all {
		refreshed := w.run.Refresh(object)
		w.fails("refresh of a "+name+" in another project", refreshed, "Unable to read", "project other (", "project demo (", "keeps the state")
		if !w.run.Exists(refreshed.Object) {
			t.Errorf("the %s has left the state", name)
		}
		w.fails("destroy of a "+name+" in another project", w.run.Destroy(object), "project other (", "project demo (")
	}
	w.configure(nil)
	for name, object := range all {
		if refreshed := w.run.Refresh(object); refreshed.Failed() || !w.run.Exists(refreshed.Object) {
			t.Errorf("the %s is not found in its own project: %s", name, refreshed.Text())
		}
	}
	// What has gone from its own project is gone, as ever.
	w.succeeds("destroy", w.run.Destroy(all["Cassandra node"]))
	if refreshed := w.run.Refresh(all["Cassandra node"]); refreshed.Failed() || w.run.Exists(refreshed.Object) {
		t.Errorf("what was deleted stays in the state: %s", refreshed.Text())
	}
}

// What has gone, and cannot be made anew as it is written, keeps nothing else from being planned, nor from being destroyed, for which
// Terraform plans everything first. What was never there is refused by the plan.
func TestACreationRuleOnlyWarnsOfWhatHasGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	instance := w.run.ID(w.create("trove_instance", lone))
	for name, tt := range map[string]struct {
		typeName      string
		config, after settings
		says          string
	}{
		"detached replica": {
			"trove_replica", settings{"name": "reader", "replica_of": instance}, settings{"name": "reader"}, "set replica_of to the id of an instance",
		},
		"promoted replica": {
			"trove_mysql_replica", settings{"name": "reader-2", "replica_of": []string{instance}}, settings{"name": "reader-2"}, "flavor_id",
		},
		"imported user": {
			"trove_user", settings{"instance_id": instance, "name": "reader", "password_wo": "secret1", "password_wo_version": 1},
			settings{"instance_id": instance, "name": "reader"}, "It no longer exists on the server",
		},
	} {
		object := w.create(tt.typeName, tt.config)
		object = w.run.Must(w.run.Update(object, tt.after.json()))
		w.succeeds("destroy", w.run.Destroy(object))
		if _, diagnostics := w.run.Plan(acctest.Object{Type: tt.typeName}, tt.after.json()); !diagnostics.Failed() {
			t.Errorf("%s: one that was never there is planned", name)
		}
		if refreshed := w.run.Refresh(object); w.run.Exists(refreshed.Object) {
			t.Fatalf("%s: it has not gone", name)
		}
		change, diagnostics := w.run.Plan(acctest.Object{Type: tt.typeName}, tt.after.json())
		if diagnostics.Failed() || !strings.Contains(diagnostics.Text(), tt.says) {
			t.Errorf("%s: the plan says %q", name, diagnostics.Text())
			continue
		}
		w.fails("apply of the "+name, w.run.Apply(change))
		w.restart()
	}
}

// An empty region reads as absent, whether the resource is there or is made with it, and the identity holds the region itself.
func TestAnEmptyRegionIsTheProviders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typeName string
		config   settings
	}{{"trove_instance", lone}, {"trove_configuration", mysqlGroup}, {"trove_couchbase_node", couchbaseNode}} {
		w := newWorld(t)
		object := w.create(tt.typeName, tt.config.with("region", acctest.Region))
		change, diagnostics := w.run.Plan(object, tt.config.with("region", "").json())
		if w.run.NoErrors(diagnostics); !w.run.NoOp(change) {
			t.Errorf("%s: region = \"\" changes something; it replaces for %v", tt.typeName, change.Replace)
		}
		made := w.create(tt.typeName, tt.config.with("name", "other", "region", "").with(clusterOf(tt.config)...))
		if region := w.run.IdentityOf(tt.typeName, made.Managed)["region"]; region != acctest.Region {
			t.Errorf("%s: made with region = \"\", its identity has region %q", tt.typeName, region)
		}
		made = w.run.Must(w.run.Refresh(made))
		for _, region := range []any{"", nil, acctest.Region} {
			change, diagnostics := w.run.Plan(made, tt.config.with("name", "other", "region", region).with(clusterOf(tt.config)...).json())
			if w.run.NoErrors(diagnostics); !w.run.NoOp(change) {
				t.Errorf("%s: made with region = \"\", region %v changes something; it replaces for %v", tt.typeName, region, change.Replace)
			}
		}
	}
}

// clusterOf names another cluster, where a resource belongs to one.
func clusterOf(config settings) []any {
	if config["cluster_name"] == nil {
		return nil
	}
	return []any{"cluster_name", "other"}
}
