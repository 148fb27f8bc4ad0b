package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// What others made, by the API alone and in ways in which the provider would not, is imported with the configuration that
// Terraform writes for it: the server shows what a plan would refuse, and it is no change.
func TestAccGeneratedConfigurationOfWhatOthersMade(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options []func(*sandbox.Options)
		made    func(*testing.T, *acctest.Cloud) map[string]string // ids by what they are imported as
	}{
		"instances": {nil, func(t *testing.T, c *acctest.Cloud) map[string]string {
			bare := trove.CreateRequest{Name: "the default datastore", FlavorRef: "1", Volume: &trove.Volume{Size: 1}}
			odd := mysqlServer("${odd} %{name} \"quoted\" \\ é\n<<EOT")
			odd.Volume = &trove.Volume{Size: 3, Type: "fast"}
			odd.AvailabilityZone = "nova"
			odd.Access = &trove.Access{IsPublic: true, AllowedCIDRs: []string{"10.0.0.0/8"}}
			odd.Configuration = c.ConfigurationGroup(t, map[string]any{"max_connections": 100})
			closed := mysqlServer("private, but for some")
			closed.Access = &trove.Access{AllowedCIDRs: []string{"192.0.2.7/32"}}
			postgres := mysqlServer("postgres")
			postgres.Datastore = &trove.Datastore{Type: "postgresql"}
			ids := map[string]string{"trove_configuration.a": odd.Configuration}
			for n, r := range []trove.CreateRequest{bare, odd, closed, postgres} {
				ids[fmt.Sprintf("trove_instance.i%d", n)] = c.CreateBehindOurBack(t, r)
			}
			return ids
		}},
		"groups of values that no plan would take": {nil, func(t *testing.T, c *acctest.Cloud) map[string]string {
			return map[string]string{
				"trove_configuration.a": c.ConfigurationGroup(t, map[string]any{"innodb_ft_max_token_size": 20, "max_connections": 100}),
				"trove_configuration.b": c.ConfigurationGroup(t, map[string]any{"MAX_CONNECTIONS": 100}),
				"trove_configuration.c": c.ConfigurationGroup(t, map[string]any{
					"sort_buffer_size": 1 << 40, "autocommit": true, "long_query_time": 1.5, "character_set_server": "",
				}),
			}
		}},
		"an instance that never was well, and one that is being built": {nil, func(t *testing.T, c *acctest.Cloud) map[string]string {
			c.Inject(t, faults.Rule{Do: faults.InstanceError, Instance: "broken", Message: "No valid host was found."})
			client, err := c.Client()
			if err != nil {
				t.Fatal(err)
			}
			broken, err := client.Create(t.Context(), mysqlServer("broken"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.WaitReady(t.Context(), broken.ID); err == nil {
				t.Fatal("the instance is well")
			}
			building, err := client.Create(t.Context(), mysqlServer("building"))
			if err != nil {
				t.Fatal(err)
			}
			return map[string]string{"trove_instance.broken": broken.ID, "trove_instance.building": building.ID}
		}},
		"replicas of released Trove, one of them the successor of a dead source": {[]func(*sandbox.Options){acctest.Upstream},
			func(t *testing.T, c *acctest.Cloud) map[string]string {
				dead := c.CreateBehindOurBack(t, mysqlServer("orders"))
				var replicas []string
				for n := range 3 {
					replicas = append(replicas, c.CreateBehindOurBack(t, trove.CreateRequest{Name: fmt.Sprintf("orders-%d", n), ReplicaOf: dead}))
				}
				c.Heartbeat(t, "orders", false)
				c.AwaitSilence(t, "orders")
				c.EjectBehindOurBack(t, "orders")
				client, err := c.Client()
				if err != nil {
					t.Fatal(err)
				}
				set, err := client.ReplicationSet(t.Context(), replicas[0])
				if err != nil {
					t.Fatal(err)
				}
				ids := map[string]string{"trove_instance.dead": dead, "trove_replication_source.orders": set.Source}
				for n, id := range replicas {
					kind := "trove_replica"
					if id == set.Source {
						kind = "trove_instance"
					}
					ids[fmt.Sprintf("%s.r%d", kind, n)] = id
				}
				return ids
			}},
		"a chain of Redis, a Redis Cluster whose shards have all failed over, and a bucket": {nil, func(t *testing.T, c *acctest.Cloud) map[string]string {
			redis := func(name string, top topology.Topology) string {
				r := mysqlServer(name)
				r.Datastore, r.Topology = &trove.Datastore{Type: "redis", Version: "redis-7.2"}, &top
				return c.CreateBehindOurBack(t, r)
			}
			ids := map[string]string{}
			var before *string
			for n := range 3 {
				node := redis(fmt.Sprintf("chain-%d", n), topology.Topology{Redis: &topology.Redis{SlaveOf: before}})
				ids[fmt.Sprintf("trove_redis_node.c%d", n)], before = node, &node
			}
			for n := range 2 {
				master := redis(fmt.Sprintf("carts-%d", n), topology.Topology{RedisCluster: &topology.RedisCluster{ClusterName: "carts"}})
				name := fmt.Sprintf("carts-%d-b", n)
				ids[fmt.Sprintf("trove_redis_cluster_node.m%d", n)] = master
				ids[fmt.Sprintf("trove_redis_cluster_node.r%d", n)] = redis(name, topology.Topology{RedisCluster: &topology.RedisCluster{ClusterName: "carts", SlaveOf: &master}})
				c.ActBehindOurBack(t, name, func(id string) topology.Action { return topology.Failover{ID: id} })
			}
			base := mysqlServer("bases")
			base.Datastore, base.Topology = &trove.Datastore{Type: "couchbase"}, &topology.Topology{Couchbase: &topology.Couchbase{ClusterName: "bases"}}
			ids["trove_couchbase_node.n"] = c.CreateBehindOurBack(t, base)
			client, err := c.Client()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.CreateBucket(t.Context(), ids["trove_couchbase_node.n"], topology.Bucket{Name: "a%b.c", Type: topology.BucketCouchbase, RAMSize: 100},
				func(operation.Buckets) {}); err != nil {
				t.Fatal(err)
			}
			ids["trove_couchbase_bucket.b"] = ids["trove_couchbase_node.n"] + "/a%b.c"
			return ids
		}},
		"backups": {nil, func(t *testing.T, c *acctest.Cloud) map[string]string {
			client, err := c.Client()
			if err != nil {
				t.Fatal(err)
			}
			instance := c.CreateBehindOurBack(t, mysqlServer("orders"))
			ids := map[string]string{"trove_instance.orders": instance}
			for n, r := range []trove.BackupRequest{
				{Name: "full", Description: "before \"it\"\n${all} began"}, {Name: "on top", Incremental: 1}, {Name: "failed"},
			} {
				if r.Name == "failed" {
					c.Inject(t, faults.Rule{Do: faults.ActionError, Action: "backup", Instance: "orders", Message: "The disk is full."})
				}
				r.InstanceID = instance
				b, err := client.CreateBackup(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := client.WaitBackup(t.Context(), b.ID); (err != nil) != (r.Name == "failed") {
					t.Fatalf("backup %s: %v", r.Name, err)
				}
				ids[fmt.Sprintf("trove_backup.b%d", n)] = b.ID
			}
			return ids
		}},
		"clusters on a server that shows as little as it may": {[]func(*sandbox.Options){func(o *sandbox.Options) { o.Bare = true }},
			func(t *testing.T, c *acctest.Cloud) map[string]string {
				ids := map[string]string{}
				create := func(kind, name, version string, top topology.Topology) string {
					datastore, _, _ := strings.Cut(version, "-")
					r := mysqlServer(name)
					r.Datastore, r.Topology = &trove.Datastore{Type: datastore, Version: version}, &top
					id := c.CreateBehindOurBack(t, r)
					ids[kind+"."+name] = id
					return id
				}
				for n := range 3 {
					ring := topology.Cassandra{ClusterName: "ring", NumTokens: new(int64(16)), IsSeed: new(n == 0), AutoBootstrap: new(true)}
					if n == 0 {
						ring.EndpointSnitch = new("GossipingPropertyFileSnitch")
					}
					create("trove_cassandra_node", fmt.Sprintf("ring-%d", n), "cassandra-4.1", topology.Topology{Cassandra: &ring})
					create("trove_couchbase_node", fmt.Sprintf("bases-%d", n), "couchbase-7.2", topology.Topology{Couchbase: &topology.Couchbase{ClusterName: "bases"}})
					create("trove_mongodb_member", fmt.Sprintf("products-%d", n), "mongodb-7.0", topology.Topology{MongoDB: &topology.MongoDB{
						Type: []string{topology.TypeMember, topology.TypeMember, topology.TypeArbiter}[n], ReplSet: "products",
					}})
				}
				ids["trove_mongodb_replica_set.products"] = "products"
				return ids
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, tt.options...)
			generate(t, cloud, tt.made(t, cloud))
			if err := cloud.NothingAlive(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A cloud may have no volumes: its instances show none, have none written for them, and are changed without one.
func TestAccGeneratedConfigurationWithoutVolumes(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	id := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	replica := mysqlServer("orders-reader")
	replica.Topology = &topology.Topology{MySQL: &topology.MySQL{SlaveOf: []topology.Ref{{ID: id}}}}
	reader := cloud.CreateBehindOurBack(t, replica)
	endpoint, _ := cloud.Endpoint(t)
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	volume := regexp.MustCompile(`, ?"volume": ?\{[^}]*\}`) // it is never the first
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(resp *http.Response) error {
			text, err := io.ReadAll(resp.Body)
			if err != nil {
				return err
			}
			text = volume.ReplaceAll(text, nil)
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
			resp.Header.Set("Content-Length", strconv.Itoa(len(text)))
			return nil
		},
	})
	t.Cleanup(proxy.Close)
	cli := generated(t, cloud, map[string]string{"trove_instance.a": id, "trove_mysql_replica.b": reader}, fmt.Sprintf("endpoint_override = %q", proxy.URL))
	written := cli.Read("generated.tf")
	if strings.Contains(written, "volume = {") {
		t.Errorf("a volume is written:\n%s", written)
	}
	cli.Write("generated.tf", regexp.MustCompile(`flavor_id +=.*`).ReplaceAllString(strings.ReplaceAll(written, `"orders`, `"renamed`), `flavor_id = "2"`))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, "0 added, 2 changed, 0 destroyed") {
		t.Errorf("two were to be changed:\n%s", out)
	}
	cli.MustRun("plan", "-detailed-exitcode")
	if err := cloud.ExpectRequests(map[string]int{"POST /instances/{id}/action resize": 2, "POST /instances/{id}/action resize_volume": 0}); err != nil {
		t.Error(err)
	}
	cli.MustRun("destroy", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}
