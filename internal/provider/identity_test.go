package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

// sample is a resource of a test: its configurations are JSON, and $1 and $2 stand for the ids of what is made before it.
type sample struct {
	typeName string
	before   []sample
	first    string // what is made
	then     string // what it becomes in place
	// identity are the attributes that tell it from others, but for the region; the id where there are none.
	identity []string
	released bool // takes a server like released Trove
	admin    bool // takes an administrator
}

func server(datastore, version string, more ...string) func(name string) string {
	return func(name string) string {
		lines := append([]string{
			fmt.Sprintf(`"name": %q, "flavor_id": "1", "volume": {"size": 2}, "datastore": {"type": %q, "version": %q}`, name, datastore, version),
		}, more...)
		return "{" + strings.Join(lines, ", ") + "}"
	}
}

var (
	mysqlAs        = server("mysql", "mysql-5.7")
	memberAs       = server("mongodb", "mongodb-7.0", `"replica_set": "products"`)
	bucketNode     = server("couchbase", "couchbase-7.2", `"cluster_name": "products"`)
	cassandraAs    = server("cassandra", "cassandra-4.1", `"cluster_name": "products", "num_tokens": 16, "is_seed": true, "endpoint_snitch": "SimpleSnitch"`)
	redisClusterAs = server("redis", "redis-7.2", `"cluster_name": "products"`)
	redisAs        = server("redis", "redis-7.2")

	orders = sample{typeName: "trove_instance", first: mysqlAs("orders"), then: mysqlAs("accounts")}
	reader = sample{
		typeName: "trove_replica", released: true, before: []sample{orders},
		first: `{"name": "reader", "replica_of": "$1"}`, then: `{"name": "analyst", "replica_of": "$1"}`,
	}
	member   = sample{typeName: "trove_mongodb_member", first: memberAs("a"), then: memberAs("b")}
	nodeA    = sample{typeName: "trove_couchbase_node", first: bucketNode("a"), then: bucketNode("b")}
	database = sample{
		typeName: "trove_database", before: []sample{orders}, identity: []string{"instance_id", "name"},
		first: `{"instance_id": "$1", "name": "shop"}`, then: `{"instance_id": "$1", "name": "shop", "collate": "utf8mb4_unicode_ci"}`,
	}
	bucket = sample{
		typeName: "trove_couchbase_bucket", before: []sample{nodeA}, identity: []string{"cluster_name", "name"},
		first: `{"node_id": "$1", "name": "orders", "ram_mb": 256}`, then: `{"node_id": "$1", "name": "orders", "ram_mb": 256, "timeouts": {"create": "1h"}}`,
	}
	set = sample{
		typeName: "trove_mongodb_replica_set", before: []sample{member}, identity: []string{"name"},
		first: `{"name": "products", "members": {"$1": {"priority": 2, "hidden": false, "secondary_delay_secs": 0, "votes": 1}}}`,
		then:  `{"name": "products", "members": {"$1": {"priority": 3, "hidden": false, "secondary_delay_secs": 0, "votes": 1}}}`,
	}
)

func group(name string) string {
	return fmt.Sprintf(`{"name": %q, "datastore": {"type": "mysql", "version": "mysql-5.7"}, "values": {"max_connections": "100"}}`, name)
}

// samples has one of every kind of resource.
var samples = []sample{
	orders, reader, member, nodeA, database, bucket, set,
	{typeName: "trove_configuration", first: group("orders"), then: group("accounts")},
	{
		typeName: "trove_mysql_replica", before: []sample{orders},
		first: `{"name": "reader", "replica_of": ["$1"]}`, then: `{"name": "analyst", "replica_of": ["$1"]}`,
	},
	{
		typeName: "trove_backup", before: []sample{orders},
		first: `{"instance_id": "$1", "name": "full"}`, then: `{"instance_id": "$1", "name": "full", "incremental": false}`,
	},
	{
		typeName: "trove_user", before: []sample{orders}, identity: []string{"instance_id", "name", "host"},
		first: `{"instance_id": "$1", "name": "app", "password_wo": "change-me-1"}`,
		then:  `{"instance_id": "$1", "name": "app", "password_wo": "change-me-2", "password_wo_version": 2}`,
	},
	{
		typeName: "trove_root", before: []sample{orders}, identity: []string{"instance_id"},
		first: `{"instance_id": "$1", "password_wo": "change-me-1"}`,
		then:  `{"instance_id": "$1", "password_wo": "change-me-2", "password_wo_version": 2}`,
	},
	{
		typeName: "trove_backup_strategy", before: []sample{orders},
		first: `{"instance_id": "$1", "swift_container": "ours"}`, then: `{"instance_id": "$1", "swift_container": "theirs"}`,
	},
	{
		typeName: "trove_instance_ssl", before: []sample{orders}, identity: []string{"instance_id"},
		first: `{"instance_id": "$1", "container_ref": "https://keys/1"}`, then: `{"instance_id": "$1", "container_ref": "https://keys/1", "mode": "mtls"}`,
	},
	{
		typeName: "trove_datastore_version", admin: true,
		first: `{"type": "mysql", "name": "mysql-8.4", "manager": "mysql", "image_tags": ["trove"]}`,
		then:  `{"type": "mysql", "name": "mysql-lts", "manager": "mysql", "image_tags": ["trove"]}`,
	},
	{typeName: "trove_quota", admin: true, first: `{"project_id": "p1", "instances": 5}`, then: `{"project_id": "p1", "instances": 6}`},
	{typeName: "trove_redis_node", first: redisAs("a"), then: redisAs("b")},
	{typeName: "trove_redis_cluster_node", first: redisClusterAs("a"), then: redisClusterAs("b")},
	{typeName: "trove_cassandra_node", first: cassandraAs("a"), then: cassandraAs("b")},
	{
		typeName: "trove_replication_source", released: true, before: []sample{orders, reader},
		first: `{"members": ["$1", "$2"], "source_id": "$1"}`, then: `{"members": ["$1", "$2"], "source_id": "$2"}`,
	},
}

// make makes the resource with all that it needs; fill puts the ids of that into a text.
func (th sample) make(p *acctest.Protocol, made map[string]string) (_ acctest.Managed, fill func(string) string) {
	fill = th.makeBefore(p, made)
	return p.Apply(th.typeName, acctest.Managed{}, fill(th.first)), fill
}

// makeBefore makes what the resource needs.
func (th sample) makeBefore(p *acctest.Protocol, made map[string]string) (fill func(string) string) {
	var pairs []string
	for n, b := range th.before {
		if made[b.first] == "" {
			m, _ := b.make(p, made)
			made[b.first] = p.Resource(b.typeName, m.State)["id"]
		}
		pairs = append(pairs, fmt.Sprintf("$%d", n+1), made[b.first])
	}
	return strings.NewReplacer(pairs...).Replace
}

// options make a sandbox one for the resource.
func (th sample) options() []func(*sandbox.Options) {
	if th.released {
		return []func(*sandbox.Options){acctest.Upstream}
	}
	return nil
}

// cloud is a sandbox for the resource.
func (th sample) cloud(t *testing.T) *acctest.Cloud {
	cloud := acctest.NewCloud(t, th.options()...)
	if th.admin {
		return cloud.ByAdministrator(t)
	}
	return cloud
}

// want is the identity that the resource is to have.
func (th sample) want(state map[string]string) map[string]string {
	want := map[string]string{"region": acctest.Region}
	for _, name := range th.identity {
		want[name] = state[name]
	}
	if len(th.identity) == 0 {
		want["id"] = state["id"]
	}
	return want
}

// The identity is whole from the first on and stays the same, and an import by it gives what an import by the id does, with
// and without what may be left out.
func TestIdentityOfEveryResource(t *testing.T) {
	t.Parallel()
	for _, th := range samples {
		t.Run(th.typeName, func(t *testing.T) {
			t.Parallel()
			cloud := th.cloud(t)
			p := cloud.NewProtocol(t)
			made, fill := th.make(p, map[string]string{})
			want := th.want(p.Resource(th.typeName, made.State))
			check := func(after string, m acctest.Managed) {
				t.Helper()
				if diff := cmp.Diff(want, p.IdentityOf(th.typeName, m)); diff != "" {
					t.Errorf("after %s (-want +got):\n%s", after, diff)
				}
			}
			check("the creation", made)
			made = p.Read(th.typeName, made)
			check("a read", made)
			made = p.Apply(th.typeName, made, fill(th.then))
			check("an update", made)
			made = p.Read(th.typeName, made)
			check("a read of what was updated", made)
			made.Identity = nil // as Terraform before 1.12, which kept none
			check("a read without an identity", p.Read(th.typeName, made))
			check("an update without an identity", p.Apply(th.typeName, made, fill(th.then)))

			byID := p.Import(th.typeName, p.Resource(th.typeName, made.State)["id"], nil)
			check("an import by id", byID)
			short := maps.Clone(want)
			for _, a := range p.IdentityAttributes(th.typeName) {
				if a.OptionalForImport {
					delete(short, a.Name)
				}
			}
			for how, asked := range map[string]map[string]string{"the whole identity": want, "no more of the identity than it takes": short} {
				m := p.Import(th.typeName, "", asked)
				check("an import by "+how, m)
				if diff := cmp.Diff(p.Values(th.typeName, byID).String(), p.Values(th.typeName, m).String()); diff != "" {
					t.Errorf("the state after an import by %s is not that by id (-id +identity):\n%s", how, diff)
				}
			}
			for name := range short {
				empty := maps.Clone(short)
				empty[name] = ""
				if _, diagnostics := p.TryImport(th.typeName, "", empty); len(diagnostics) == 0 || !strings.Contains(diagnostics[0].Detail, name) {
					t.Errorf("an empty %s is imported: %v", name, diagnostics)
				}
			}
		})
	}
}

// An identity must not change, also where the provider had no region and is given one later.
func TestIdentityWithoutARegionStays(t *testing.T) {
	t.Parallel()
	for _, th := range samples {
		t.Run(th.typeName, func(t *testing.T) {
			t.Parallel()
			cloud := th.cloud(t)
			p := cloud.NewProtocolIn(t, "")
			made, fill := th.make(p, map[string]string{})
			want := p.IdentityOf(th.typeName, made) // instances say where they are, others do not
			given := cloud.NewProtocol(t)
			read := given.Read(th.typeName, p.Read(th.typeName, made))
			changed := given.Apply(th.typeName, read, fill(th.then))
			for _, m := range []acctest.Managed{read, changed} {
				if diff := cmp.Diff(want, p.IdentityOf(th.typeName, m)); len(want) == 0 || diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// What is in another region than the provider's is imported by its identity; without the region it is not found.
func TestImportFromAnotherRegion(t *testing.T) {
	t.Parallel()
	const region = "RegionTwo"
	for _, th := range samples {
		t.Run(th.typeName, func(t *testing.T) {
			t.Parallel()
			there := th.cloud(t)
			p := there.NewProtocol(t)
			made, _ := th.make(p, map[string]string{})
			identity := p.IdentityOf(th.typeName, made)
			want := p.Resource(th.typeName, p.Import(th.typeName, "", identity).State)
			want["region"] = region

			both := th.cloud(t).WithRegion(t, region, there).NewProtocol(t)
			identity["region"] = region
			imported := both.Import(th.typeName, "", identity)
			if diff := cmp.Diff(want, both.Resource(th.typeName, imported.State)); diff != "" {
				t.Errorf("what the import of %v gives (-want +got):\n%s", identity, diff)
			}
			if diff := cmp.Diff(identity, both.IdentityOf(th.typeName, both.Read(th.typeName, imported))); diff != "" {
				t.Errorf("the identity afterwards (-want +got):\n%s", diff)
			}
			delete(identity, "region")
			elsewhere, diagnostics := both.TryImport(th.typeName, "", identity)
			if len(diagnostics) == 0 {
				elsewhere = both.Read(th.typeName, elsewhere)
				// A project has quotas in every region.
				if found := both.Resource(th.typeName, elsewhere.State); len(found) > 0 && th.typeName != "trove_quota" {
					t.Errorf("without the region there is %v", found)
				}
			}
		})
	}
}

// The node that stands for the cluster is no part of a bucket's identity, but the cluster is, into which the bucket may follow a
// node.
func TestIdentityOfABucketGoesByItsCluster(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	p := cloud.NewProtocol(t)
	node := func(config string) string {
		return p.Resource(nodeA.typeName, p.Apply(nodeA.typeName, acctest.Managed{}, config).State)["id"]
	}
	through := func(id string) string { return fmt.Sprintf(`{"node_id": %q, "name": "orders", "ram_mb": 256}`, id) }
	made := p.Apply(bucket.typeName, acctest.Managed{}, through(node(bucketNode("a"))))
	check := func(cluster string) {
		t.Helper()
		want := map[string]string{"cluster_name": cluster, "name": "orders", "region": acctest.Region}
		if diff := cmp.Diff(want, p.IdentityOf(bucket.typeName, made)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	check("products")
	b := node(bucketNode("b"))
	made = p.Apply(bucket.typeName, made, through(b))
	check("products")
	other := node(server("couchbase", "couchbase-7.2", `"cluster_name": "others"`)("c"))
	cloud.DeleteBehindOurBack(t, "a")
	cloud.DeleteBehindOurBack(t, "b")
	made = p.Apply(bucket.typeName, made, through(other))
	check("others")
	made = p.Read(bucket.typeName, made)
	check("others")
}

// A creation that fails leaves what it has made in the state, with its identity.
func TestIdentityOfWhatFailed(t *testing.T) {
	t.Parallel()
	for typeName, tt := range map[string]struct {
		fault  faults.Rule
		config string
	}{
		"trove_instance": {faults.Rule{Do: faults.InstanceError, Instance: "broken"}, mysqlAs("broken")},
		"trove_backup":   {faults.Rule{Do: faults.ActionError, Action: "backup"}, `{"instance_id": "$1", "name": "broken"}`},
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			p := cloud.NewProtocol(t)
			id := p.Resource("trove_instance", p.Apply("trove_instance", acctest.Managed{}, mysqlAs("orders")).State)["id"]
			cloud.Inject(t, tt.fault)
			failed, diagnostics := p.TryApply(typeName, acctest.Managed{}, strings.ReplaceAll(tt.config, "$1", id))
			if len(diagnostics) == 0 {
				t.Fatal("nothing has failed")
			}
			want := map[string]string{"id": p.Resource(typeName, failed.State)["id"], "region": acctest.Region}
			if diff := cmp.Diff(want, p.IdentityOf(typeName, failed)); want["id"] == "" || diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A replica set is found by its name, whatever else the project has.
func TestReplicaSetIsFoundByItsName(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	ids := populate(t, cloud)
	cloud.BreakBehindOurBack(t, "customers-0")
	p := cloud.NewProtocol(t)
	const typeName = "trove_mongodb_replica_set"
	for _, by := range []string{"customers", ids["customers-0"], ids["customers-1"]} {
		imported := p.Import(typeName, by, nil)
		if got := p.IdentityOf(typeName, imported); got["name"] != "customers" {
			t.Errorf("by %s: %v", by, got)
		}
		state := p.Values(typeName, imported).String()
		for name, id := range ids {
			if is, want := strings.Contains(state, id), strings.HasPrefix(name, "customers-"); is != want {
				t.Errorf("by %s: %s is in the state: %v, want %v", by, name, is, want)
			}
		}
	}
	for by, want := range map[string]string{
		"accounts": "No instance of the project is in mongodb/accounts", "ring": "No instance of the project is in mongodb/ring", ids["orders"]: "is in no replica set",
	} {
		if _, diagnostics := p.TryImport(typeName, by, nil); len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, want) {
			t.Errorf("by %s: %v, want %q", by, diagnostics, want)
		}
	}
}

// Whoever adds a resource gives it an identity, an import and the examples of both.
func TestEveryResourceCanBeImported(t *testing.T) {
	t.Parallel()
	p := acctest.NewCloud(t).NewProtocol(t)
	var tested []string
	for _, th := range samples {
		tested = append(tested, th.typeName)
	}
	types := p.ResourceTypes()
	if len(types) == 0 {
		t.Fatal("the provider has no resources")
	}
	for _, typeName := range types {
		attributes := p.IdentityAttributes(typeName)
		if len(attributes) == 0 {
			t.Errorf("%s has no identity", typeName)
			continue
		}
		if !slices.Contains(tested, typeName) {
			t.Errorf("%s is not one of the samples whose identity is tested", typeName)
		}
		identity := map[string]string{}
		for _, a := range attributes {
			if a.Name == "region" != a.OptionalForImport && a.Name != "host" {
				t.Errorf("%s.%s may be left out in an import: %v", typeName, a.Name, a.OptionalForImport)
			}
			identity[a.Name] = "x"
		}
		identity["region"] = ""
		if _, diagnostics := p.TryImport(typeName, "", identity); len(diagnostics) > 0 && strings.Contains(diagnostics[0].Summary, "Not Implemented") {
			t.Errorf("%s cannot be imported", typeName)
		}
		folder := filepath.Join("../../examples/resources", typeName)
		for _, file := range []string{"import.sh", "import-by-identity.tf"} {
			text, err := os.ReadFile(filepath.Join(folder, file))
			if err != nil {
				t.Error(err)
				continue
			}
			if !strings.Contains(string(text), typeName+".") {
				t.Errorf("%s of %s imports another resource:\n%s", file, typeName, text)
			}
			for name := range identity {
				if file == "import-by-identity.tf" && !strings.Contains(string(text), "    "+name+" ") {
					t.Errorf("import-by-identity.tf of %s says nothing of %s", typeName, name)
				}
			}
		}
	}
}
