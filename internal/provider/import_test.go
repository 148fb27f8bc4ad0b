package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// An instance that is imported as what it is not would be deleted without leaving its cluster, or replaced at the next plan.
func TestAccImportOfAnotherKindIsRefused(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	ids := populate(t, cloud)
	cases := []struct{ resource, instance, want string }{
		{"trove_mongodb_member", "orders", "Its datastore is mysql, and that of members and arbiters of MongoDB replica sets is mongodb. Nothing was changed. Import it as trove_instance."},
		{"trove_instance", "products-1", "It is a member of mongodb/products. Nothing was changed. Import it as trove_mongodb_member."},
		{"trove_replica", "ring-0", "It is a member of cassandra/ring. Nothing was changed. Import it as trove_cassandra_node."},
		{"trove_couchbase_node", "ring-0", "Its datastore is cassandra, and that of nodes of Couchbase clusters is couchbase. Nothing was changed. Import it as trove_cassandra_node."},
		{"trove_mysql_replica", "customers-0", "Its datastore is mongodb, and that of MySQL and MariaDB replicas is mysql or mariadb. Nothing was changed. Import it as trove_mongodb_member."},
		{"trove_redis_cluster_node", "orders-reader", "Its datastore is mysql, and that of nodes of Redis Clusters is redis. Nothing was changed. Import it as trove_mysql_replica."},
	}
	var config strings.Builder
	for n, c := range cases {
		fmt.Fprintf(&config, "import {\n  to = %s.wrong_%d\n  id = %q\n}\n", c.resource, n, ids[c.instance])
	}
	cli := acctest.NewCLI(t, cloud.Config(config.String()))
	out, err := cli.Run("plan", "-generate-config-out=generated.tf")
	if err == nil {
		t.Error("every import was accepted")
	}
	for _, c := range cases {
		if !strings.Contains(out, fmt.Sprintf("%s (%s) %s", c.instance, ids[c.instance], c.want)) {
			t.Errorf("%s as %s: want %q", c.instance, c.resource, c.want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// A declared source is a replica after a switchover, and may have to be imported as what it is declared as.
func TestAccImportOfAReplicaAsAnInstanceWarns(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	ids := populate(t, cloud)
	cli := acctest.NewCLI(t, cloud.Config(fmt.Sprintf(`
import {
  to = trove_instance.reader
  id = %q
}
`, ids["orders-reader"])))
	out := cli.MustRun("plan", "-generate-config-out=generated.tf")
	want := fmt.Sprintf("orders-reader (%s) replicates from %s.", ids["orders-reader"], ids["orders"])
	if !strings.Contains(out, want) || !strings.Contains(out, "Otherwise import it as trove_mysql_replica.") {
		t.Errorf("want %q:\n%s", want, out)
	}
}
