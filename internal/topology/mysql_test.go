package topology

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMySQLRulesOfOneReplica(t *testing.T) {
	var (
		mysql55   = Datastore{"mysql", "mysql-5.5"}
		mysql57   = Datastore{"mysql", "mysql-5.7"}
		mariadb55 = Datastore{"mariadb", "mariadb-5.5"}
		mariadb10 = Datastore{"mariadb", "mariadb-10.11"}
	)
	two := MySQL{SlaveOf: []Ref{{"a"}, {"b"}}}
	for name, tc := range map[string]struct {
		replica   MySQL
		datastore Datastore
		want      []finding
	}{
		"one source":                     {MySQL{SlaveOf: []Ref{{"a"}}}, mysql55, nil},
		"read-only":                      {MySQL{SlaveOf: []Ref{{"a"}}, ReadOnly: to(true)}, mysql55, nil},
		"writable":                       {MySQL{SlaveOf: []Ref{{"a"}}, ReadOnly: to(false)}, mariadb10, nil},
		"read_only alone":                {MySQL{ReadOnly: to(true)}, mysql57, []finding{{about: "read_only slave_of", says: "only with slave_of"}}},
		"read_only false alone":          {MySQL{ReadOnly: to(false)}, mysql57, []finding{{about: "read_only slave_of"}}},
		"nothing":                        {MySQL{}, mysql57, []finding{{about: "slave_of", says: "without topology"}}},
		"an empty list":                  {MySQL{SlaveOf: []Ref{}}, mysql57, []finding{{about: "slave_of"}}},
		"an empty id":                    {MySQL{SlaveOf: []Ref{{""}}}, mysql57, []finding{{about: "slave_of", says: "empty id"}}},
		"a source twice":                 {MySQL{SlaveOf: []Ref{{"a"}, {"a"}}}, mysql57, []finding{{about: "slave_of", says: "names a twice"}}},
		"two sources on MySQL 5.5":       {two, mysql55, []finding{{about: "slave_of datastore", says: "mysql-5.5 replicates from one only"}}},
		"two sources on MySQL 5.7":       {two, mysql57, nil},
		"two sources on MySQL 8.0":       {two, Datastore{"mysql", "8.0"}, nil},
		"two sources on MariaDB 5.5":     {two, mariadb55, []finding{{about: "slave_of datastore"}}},
		"two sources on MariaDB 10":      {two, mariadb10, nil},
		"two sources, version not known": {two, Datastore{Type: "mysql"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, Topology{MySQL: &tc.replica}.Check(tc.datastore), tc.want)
		})
	}
}

func TestReplicasAreReadOnlyUnlessAskedOtherwise(t *testing.T) {
	if (MySQL{}).Writable() || (MySQL{ReadOnly: to(true)}).Writable() || !(MySQL{ReadOnly: to(false)}).Writable() {
		t.Error("read_only defaults to true")
	}
}

func TestSourcesAreTheIDsOfSlaveOf(t *testing.T) {
	if diff := cmp.Diff([]string{"b", "a"}, MySQL{SlaveOf: []Ref{{"b"}, {"a"}}}.Sources()); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	if got := (MySQL{}).Sources(); len(got) != 0 {
		t.Errorf("no slave_of, but sources %v", got)
	}
}

func TestConfigurationsLeaveReplicationToTrove(t *testing.T) {
	for name, tc := range map[string]struct {
		datastore string
		values    map[string]any
		want      []finding
	}{
		"nothing":               {"mysql", nil, nil},
		"other settings":        {"mysql", map[string]any{"max_connections": 100, "super_read_only": 1}, nil},
		"server_id":             {"mysql", map[string]any{"server_id": 7}, []finding{{about: "server_id", says: "Trove chooses it"}}},
		"read_only":             {"mysql", map[string]any{"read_only": true}, []finding{{about: "read_only", says: "topology"}}},
		"both":                  {"mysql", map[string]any{"read_only": false, "server_id": 7}, []finding{{about: "server_id"}, {about: "read_only"}}},
		"server_id of nothing":  {"mysql", map[string]any{"server_id": nil}, []finding{{about: "server_id"}}},
		"MariaDB":               {"mariadb", map[string]any{"server_id": 7}, []finding{{about: "server_id", says: "for mariadb"}}},
		"another datastore":     {"redis", map[string]any{"read_only": true}, nil},
		"a datastore not known": {"", map[string]any{"server_id": 7}, nil},
	} {
		t.Run(name, func(t *testing.T) { wantFindings(t, CheckConfiguration(tc.datastore, tc.values), tc.want) })
	}
}
