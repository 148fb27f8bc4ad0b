package acctest

import (
	"fmt"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// ReplicationSet is a cloud with a MySQL source called orders, its replica orders-replica, and an instance called stranger that
// replicates with neither. All were made by Run.
type ReplicationSet struct {
	*Cloud
	Run                       *Driver
	Source, Replica, Stranger string // ids
}

// TodaysConsent consents, in a trove_replication_source, to the ejection of a dead source on the day on which it is planned.
const TodaysConsent = `eject_dead_source = formatdate("YYYY-MM-DD", plantimestamp())`

// CreateMySQL creates an instance called orders with MySQL 8.0, and returns its id.
func (d *Driver) CreateMySQL() string {
	d.t.Helper()
	return d.ID(d.Must(d.Create("trove_instance",
		`{"name": "orders", "flavor_id": "2", "volume": {"size": 5}, "datastore": {"type": "mysql", "version": "mysql-8.0"}}`)))
}

// NewReplicationSet makes a ReplicationSet on one of BothServers.
func NewReplicationSet(t *testing.T, options func(*sandbox.Options)) ReplicationSet {
	t.Helper()
	// Trove shows the age of instances by the second, and a former source is told by its age.
	cloud := NewCloud(t, options, func(o *sandbox.Options) { o.BuildTime = 1100 * time.Millisecond })
	run := cloud.NewDriver(t)
	create := func(typeName, config string) string { return run.ID(run.Must(run.Create(typeName, config))) }
	instance := func(name string) string {
		return create("trove_instance", fmt.Sprintf(
			`{"name": %q, "flavor_id": "2", "volume": {"size": 5}, "datastore": {"type": "mysql", "version": "mysql-5.7"}}`, name))
	}
	s := ReplicationSet{Cloud: cloud, Run: run, Source: instance("orders")}
	s.Replica = create("trove_mysql_replica", fmt.Sprintf(`{"name": "orders-replica", "replica_of": [%q]}`, s.Source))
	s.Stranger = instance("stranger")
	return s
}

// OnBothServers runs a test with a ReplicationSet on each of BothServers, in parallel.
func OnBothServers(t *testing.T, test func(t *testing.T, s ReplicationSet)) {
	t.Helper()
	for name, options := range BothServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, NewReplicationSet(t, options))
		})
	}
}
