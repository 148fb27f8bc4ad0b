package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
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
