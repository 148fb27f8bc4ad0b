package provider_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// strange are ids that mean another path where they are put into a URL as they are; %s is an id that exists.
var strange = []string{"%s?x", "%s#x", "..", ".", "%%zz", "%s/../%s", "%s%%2F..%%2F%s", "%s/", "%s/users", "/%s", " %s", "%s\n", "%s%%00", "%s;x", "?", "#"}

// strangely makes the strange ids of one that exists.
func strangely(id string) (all []string) {
	for _, form := range strange {
		all = append(all, strings.ReplaceAll(strings.ReplaceAll(form, "%s", id), "%%", "%"))
	}
	return all
}

// expectPath checks that nothing was asked of another path than that of this id, and nothing at all where no path can hold it.
func (w *world) expectPath(id string) {
	w.t.Helper()
	for _, h := range w.proxy.Requests() {
		parts := strings.Split(h.Path, "/")
		switch {
		case strings.HasPrefix(h.Path, "/v3"), strings.HasPrefix(h.Path, "/flavors"), strings.HasPrefix(h.Path, "/datastores"):
		case len(parts) < 3 || h.Query != "" && strings.HasSuffix(h.Query, "x"):
			w.t.Errorf("%q leads to %s %s?%s", id, h.Method, h.Path, h.Query)
		case id == "." || id == "..":
			w.t.Errorf("%q leads to %s %s", id, h.Method, h.Path)
		default:
			if got, err := url.PathUnescape(parts[2]); err != nil || got != id && strings.Contains(h.Path, strings.Trim(id, " \n")) {
				w.t.Errorf("%q leads to %s %s", id, h.Method, h.Path)
			}
		}
		if h.Method != "GET" && !strings.HasPrefix(h.Path, "/v3") {
			w.t.Errorf("%q leads to %s %s", id, h.Method, h.Path)
		}
	}
}

// expectNotAsked checks that none of the paths that were asked for is that of the instance or group that exists, which would have been
// taken for the strange one.
func (w *world) expectNotAsked(id, existing string) {
	w.t.Helper()
	for _, h := range w.proxy.Requests() {
		if parts := strings.Split(h.Path, "/"); len(parts) > 2 && parts[2] == existing {
			w.t.Errorf("%q leads to %s %s", id, h.Method, h.Path)
		}
	}
}

// named says whether a text names an id, as it is or quoted.
func named(text, id string) bool {
	bare := strings.Trim(id, " \n")
	return strings.Contains(text, bare) || strings.Contains(text, strings.ReplaceAll(bare, "%", "%%")) || strings.Contains(text, url.PathEscape(bare))
}

// An id that is none leads to an error that names it, and to no other path.
func TestAStrangeIDIsNoOtherPath(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		typeName string
		config   settings
		at       string // the attribute that gets the id
	}{
		"user":                  {"trove_user", settings{"name": "app", "password_wo": "change-me-1"}, "instance_id"},
		"database":              {"trove_database", settings{"name": "shop"}, "instance_id"},
		"backup":                {"trove_backup", settings{"name": "full"}, "instance_id"},
		"root":                  {"trove_root", settings{"password_wo": "change-me-1"}, "instance_id"},
		"backup strategy":       {"trove_backup_strategy", settings{"swift_container": "ours"}, "instance_id"},
		"SSL":                   {"trove_instance_ssl", settings{"container_ref": "https://keys/1"}, "instance_id"},
		"bucket":                {"trove_couchbase_bucket", settings{"name": "articles", "ram_mb": 256}, "node_id"},
		"redis replica":         {"trove_redis_node", settings{"name": "reader"}, "replica_of"},
		"replica":               {"trove_replica", settings{"name": "reader"}, "replica_of"},
		"configured instance":   {"trove_instance", lone.with("name", "other"), "configuration_id"},
		"restored instance":     {"trove_instance", lone.with("name", "other"), "restore_from"},
		"redis cluster replica": {"trove_redis_cluster_node", redisMaster.with("name", "other"), "replica_of"},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			existing := w.run.ID(w.create("trove_instance", lone))
			switch kind.at {
			case "node_id":
				existing = w.run.ID(w.create("trove_couchbase_node", couchbaseNode.with("name", "node")))
			case "configuration_id":
				existing = w.run.ID(w.create("trove_configuration", mysqlGroup))
			case "restore_from":
				existing = w.run.ID(w.create("trove_backup", settings{"name": "full", "instance_id": existing}))
			case "replica_of":
				existing = w.run.ID(w.create("trove_redis_node", redisServer.with("name", "master")))
			}
			w.within(20 * time.Second)
			for _, id := range strangely(existing) {
				w.proxy.Forget()
				made := w.run.Create(kind.typeName, kind.config.with(kind.at, id).json())
				if !made.Failed() || !named(made.Text(), id) {
					t.Errorf("%q: the error does not name it: %s", id, made.Text())
				}
				w.expectNotAsked(id, existing)
				w.expectPath(id)
			}
		})
	}
}

// The same holds of imports, and of what data sources are asked for.
func TestAStrangeIDIsImportedFromNoOtherPath(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	instance := w.run.ID(w.create("trove_instance", lone))
	group := w.run.ID(w.create("trove_configuration", mysqlGroup))
	existing := map[string]string{
		"trove_instance": instance, "trove_mysql_replica": instance, "trove_configuration": group,
		"trove_backup":             w.run.ID(w.create("trove_backup", settings{"name": "full", "instance_id": instance})),
		"trove_mongodb_member":     w.run.ID(w.create("trove_mongodb_member", mongoMember.with("name", "m"))),
		"trove_cassandra_node":     w.run.ID(w.create("trove_cassandra_node", cassandraNode.with("name", "c"))),
		"trove_couchbase_node":     w.run.ID(w.create("trove_couchbase_node", couchbaseNode.with("name", "b"))),
		"trove_redis_node":         w.run.ID(w.create("trove_redis_node", redisServer.with("name", "r"))),
		"trove_redis_cluster_node": w.run.ID(w.create("trove_redis_cluster_node", redisMaster.with("name", "n"))),
	}
	w.within(60 * time.Second)
	for typeName, one := range existing {
		for _, id := range strangely(one) {
			w.proxy.Forget()
			imported := w.run.ImportByID(typeName, id)
			if !imported.Failed() || !named(imported.Text(), id) {
				t.Errorf("%s %q: the error does not name it: %s", typeName, id, imported.Text())
			}
			w.expectNotAsked(id, one)
		}
	}
	for _, id := range strangely(instance) {
		for typeName, attribute := range map[string]string{"trove_instance": "id", "trove_topology": "instance_id"} {
			w.proxy.Forget()
			read := acctest.Result{Diagnostics: w.run.Data(typeName, settings{attribute: id}.json())}
			if !read.Failed() || !named(read.Text(), id) {
				t.Errorf("data %s %q: the error does not name it: %s", typeName, id, read.Text())
			}
			w.expectNotAsked(id, instance)
		}
		w.proxy.Forget()
		if imported := w.run.ImportByID("trove_user", id+"/app"); !imported.Failed() {
			t.Errorf("trove_user %q: no error", id+"/app")
		}
		w.expectNotAsked(id, instance)
	}
}

// A state whose id is none, as after an edit by hand, is not read from another path either, and nothing is deleted for it.
func TestAStrangeIDInTheStateDeletesNothingElse(t *testing.T) {
	t.Parallel()
	for n, form := range strange {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			mine := w.create("trove_instance", lone)
			existing := w.run.ID(mine)
			id := strangely(existing)[n]
			w.within(20 * time.Second)
			w.proxy.Forget()
			stored := w.run.Stored("trove_instance", lone.with("id", id, "region", acctest.Region, "status", "ACTIVE").json())
			w.run.Refresh(stored)
			w.run.Destroy(stored)
			w.expectNotAsked(id, existing)
			w.expectAlive(mine)
		})
	}
}
