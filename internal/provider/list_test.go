package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func mysqlServer(name string) trove.CreateRequest {
	return trove.CreateRequest{Name: name, FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-5.7"}}
}

// populate makes a source with a replica, and two replica sets, and returns their ids by name.
func populate(t *testing.T, cloud *acctest.Cloud) map[string]string {
	t.Helper()
	ids := map[string]string{"orders": cloud.CreateBehindOurBack(t, mysqlServer("orders"))}
	reader := mysqlServer("orders-reader")
	reader.Topology = &topology.Topology{MySQL: &topology.MySQL{SlaveOf: []topology.Ref{{ID: ids["orders"]}}}}
	ids["orders-reader"] = cloud.CreateBehindOurBack(t, reader)
	for _, set := range []string{"products", "customers"} {
		for n := range 2 {
			member := mysqlServer(fmt.Sprintf("%s-%d", set, n))
			member.Datastore = &trove.Datastore{Type: "mongodb", Version: "mongodb-7.0"}
			member.Topology = &topology.Topology{MongoDB: &topology.MongoDB{Type: topology.TypeMember, ReplSet: set}}
			ids[member.Name] = cloud.CreateBehindOurBack(t, member)
		}
	}
	ring := mysqlServer("ring-0")
	ring.Datastore = &trove.Datastore{Type: "cassandra", Version: "cassandra-4.1"}
	ring.Topology = &topology.Topology{Cassandra: &topology.Cassandra{
		ClusterName: "ring", NumTokens: new(int64(16)), IsSeed: new(true), EndpointSnitch: new("SimpleSnitch"),
	}}
	ids[ring.Name] = cloud.CreateBehindOurBack(t, ring)
	return ids
}

func TestListResources(t *testing.T) {
	cloud := acctest.NewCloud(t)
	ids := populate(t, cloud)
	provider := cloud.NewProtocol(t)
	for name, tt := range map[string]struct {
		typeName string
		config   map[string]string
		limit    int64
		want     []string
	}{
		"all that stand alone or are a source": {"trove_instance", nil, 0, []string{"orders"}},
		"none of another datastore":            {"trove_instance", map[string]string{"datastore_type": "redis"}, 0, nil},
		"replicas":                             {"trove_mysql_replica", nil, 0, []string{"orders-reader"}},
		"replicas by another prefix":           {"trove_mysql_replica", map[string]string{"name_prefix": "x"}, 0, nil},
		"members":                              {"trove_mongodb_member", nil, 0, []string{"customers-0", "customers-1", "products-0", "products-1"}},
		"members of one set":                   {"trove_mongodb_member", map[string]string{"replica_set": "customers"}, 0, []string{"customers-0", "customers-1"}},
		"members by prefix":                    {"trove_mongodb_member", map[string]string{"name_prefix": "products-"}, 0, []string{"products-0", "products-1"}},
		"nodes of a cluster":                   {"trove_cassandra_node", map[string]string{"cluster_name": "ring"}, 0, []string{"ring-0"}},
		"nodes of no cluster":                  {"trove_cassandra_node", map[string]string{"cluster_name": "x"}, 0, nil},
		"no more than asked for":               {"trove_mongodb_member", nil, 3, []string{"customers-0", "customers-1", "products-0"}},
	} {
		t.Run(name, func(t *testing.T) {
			var names []string
			for _, one := range provider.List(tt.typeName, tt.config, false, tt.limit) {
				provider.NoErrors(one.Diagnostics)
				names = append(names, one.Name)
				if diff := cmp.Diff(map[string]string{"id": ids[one.Name], "region": acctest.Region}, one.Identity); diff != "" {
					t.Errorf("the identity of %s (-want +got):\n%s", one.Name, diff)
				}
				if one.Resource != nil {
					t.Errorf("%s comes with its attributes, which nobody asked for", one.Name)
				}
			}
			if diff := cmp.Diff(tt.want, names); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestListedResourcesAreWhole(t *testing.T) {
	cloud := acctest.NewCloud(t)
	ids := populate(t, cloud)
	listed := cloud.NewProtocol(t).List("trove_mongodb_member", map[string]string{"replica_set": "products"}, true, 1)
	if len(listed) != 1 {
		t.Fatalf("%d are listed, want 1", len(listed))
	}
	for name, want := range map[string]string{"id": ids["products-0"], "name": "products-0", "replica_set": "products", "type": "member", "flavor_id": "1", "status": "ACTIVE"} {
		if have := listed[0].Resource[name]; have != want {
			t.Errorf("%s is %q, want %q", name, have, want)
		}
	}
}

func TestListThatFailsSaysSo(t *testing.T) {
	cloud := acctest.NewCloud(t)
	populate(t, cloud)
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Message: "Not for you.", Kind: "GET /instances/detail"})
	listed := cloud.NewProtocol(t).List("trove_instance", nil, false, 0)
	if len(listed) != 1 || len(listed[0].Diagnostics) != 1 || !strings.Contains(listed[0].Diagnostics[0].Detail, "Not for you") {
		t.Errorf("%+v, want the server's reason", listed)
	}
}

// groupsAndBackups makes three configuration groups, and a server with two backups; it returns ids by name.
func groupsAndBackups(p *acctest.Protocol) map[string]string {
	ids := map[string]string{}
	apply := func(typeName, config string) {
		made := p.Resource(typeName, p.Apply(typeName, acctest.Managed{}, config).State)
		ids[made["name"]] = made["id"]
	}
	const postgres = `{"name": "orders-archive", "datastore": {"type": "postgresql", "version": "postgresql-16"}, "values": {"max_connections": "100"}}`
	apply("trove_configuration", group("orders-shop"))
	apply("trove_configuration", group("accounts"))
	apply("trove_configuration", postgres)
	apply("trove_instance", mysqlAs("orders"))
	apply("trove_backup", fmt.Sprintf(`{"instance_id": %q, "name": "monday"}`, ids["orders"]))
	apply("trove_backup", fmt.Sprintf(`{"instance_id": %q, "name": "tuesday", "parent_id": %q}`, ids["orders"], ids["monday"]))
	apply("trove_backup", fmt.Sprintf(`{"instance_id": %q, "name": "Replication snapshot for %s"}`, ids["orders"], ids["orders"])) // as Trove calls its own
	apply("trove_instance", mysqlAs("other"))
	apply("trove_backup", fmt.Sprintf(`{"instance_id": %q, "name": "other-monday"}`, ids["other"]))
	return ids
}

func TestListsOfWhatIsNoInstance(t *testing.T) {
	cloud := acctest.NewCloud(t)
	p := cloud.NewProtocol(t)
	ids := groupsAndBackups(p)
	for name, tt := range map[string]struct {
		typeName string
		config   map[string]string
		limit    int64
		want     []string
	}{
		"all groups":               {"trove_configuration", nil, 0, []string{"accounts", "orders-archive", "orders-shop"}},
		"groups by prefix":         {"trove_configuration", map[string]string{"name_prefix": "orders-"}, 0, []string{"orders-archive", "orders-shop"}},
		"groups by datastore":      {"trove_configuration", map[string]string{"datastore_type": "postgresql"}, 0, []string{"orders-archive"}},
		"groups by version":        {"trove_configuration", map[string]string{"datastore_version": "mysql-5.7"}, 0, []string{"accounts", "orders-shop"}},
		"groups by both":           {"trove_configuration", map[string]string{"datastore_type": "mysql", "datastore_version": "postgresql-16"}, 0, nil},
		"no more groups than that": {"trove_configuration", map[string]string{"name_prefix": "o"}, 1, []string{"orders-archive"}},
		"all backups":              {"trove_backup", nil, 0, []string{"monday", "other-monday", "tuesday"}},
		"backups of an instance":   {"trove_backup", map[string]string{"instance_id": ids["orders"]}, 0, []string{"monday", "tuesday"}},
		"backups by prefix":        {"trove_backup", map[string]string{"name_prefix": "other"}, 0, []string{"other-monday"}},
		"no more backups":          {"trove_backup", nil, 2, []string{"monday", "other-monday"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, whole := range []bool{false, true} {
				var names []string
				for _, one := range p.List(tt.typeName, tt.config, whole, tt.limit) {
					p.NoErrors(one.Diagnostics)
					names = append(names, one.Name)
					if diff := cmp.Diff(map[string]string{"id": ids[one.Name], "region": acctest.Region}, one.Identity); diff != "" {
						t.Errorf("the identity of %s (-want +got):\n%s", one.Name, diff)
					}
					if !whole {
						continue
					}
					// What is listed is what an import gives.
					imported := p.Resource(tt.typeName, p.Import(tt.typeName, "", one.Identity).State)
					if diff := cmp.Diff(imported, one.Resource); diff != "" {
						t.Errorf("%s (-imported +listed):\n%s", one.Name, diff)
					}
				}
				if diff := cmp.Diff(tt.want, names); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestListOfAnotherRegion(t *testing.T) {
	t.Parallel()
	const region = "RegionTwo"
	there := acctest.NewCloud(t)
	ids := groupsAndBackups(there.NewProtocol(t))
	p := acctest.NewCloud(t).WithRegion(t, region, there).NewProtocol(t)
	for typeName, want := range map[string]string{"trove_configuration": "accounts", "trove_backup": "monday", "trove_instance": "orders"} {
		listed := p.List(typeName, map[string]string{"region": region}, true, 1)
		if len(listed) != 1 || listed[0].Name != want {
			t.Errorf("%s: %+v, want %s", typeName, listed, want)
			continue
		}
		if diff := cmp.Diff(map[string]string{"id": ids[want], "region": region}, listed[0].Identity); diff != "" {
			t.Errorf("%s (-want +got):\n%s", typeName, diff)
		}
		if got := listed[0].Resource["region"]; got != region {
			t.Errorf("%s is said to be in region %q", typeName, got)
		}
		if here := p.List(typeName, nil, false, 0); len(here) > 0 {
			t.Errorf("without the region there is %+v", here)
		}
	}
}

// One that cannot be read stands with the reason, and the others are listed all the same.
func TestListTellsWhichOneCouldNotBeRead(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	p := cloud.NewProtocol(t)
	for _, name := range []string{"a", "b", "c"} {
		p.Apply("trove_configuration", acctest.Managed{}, group(name))
	}
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Message: "Not for you.", Kind: "GET /configurations/{id}", After: 1})
	var failed []string
	listed := p.List("trove_configuration", nil, true, 0)
	for _, one := range listed {
		if len(one.Diagnostics) > 0 && strings.Contains(one.Diagnostics[0].Detail, "Not for you") {
			failed = append(failed, one.Diagnostics[0].Summary)
		}
	}
	if diff := cmp.Diff([]string{"Unable to list configuration group b"}, failed); len(listed) != 3 || diff != "" {
		t.Errorf("%d are listed, and those that could not be read (-want +got):\n%s", len(listed), diff)
	}
	cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Message: "Nor these.", Kind: "GET /configurations"})
	listed = p.List("trove_configuration", nil, true, 0)
	if len(listed) != 1 || len(listed[0].Diagnostics) != 1 || !strings.Contains(listed[0].Diagnostics[0].Detail, "Nor these") {
		t.Errorf("%+v, want the server's reason", listed)
	}
}
