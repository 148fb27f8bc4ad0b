package topology

import (
	"fmt"
	"slices"
)

// Ref refers to an instance by id.
type Ref struct {
	ID string `json:"id"`
}

// MySQL is the block of a replica (topology API, section 2). A source has none. The server chooses server_id.
type MySQL struct {
	SlaveOf  []Ref `json:"slave_of,omitempty"`
	ReadOnly *bool `json:"read_only,omitempty"`
}

// Sources returns the ids that the replica replicates from.
func (m MySQL) Sources() []string {
	ids := make([]string, len(m.SlaveOf))
	for i, r := range m.SlaveOf {
		ids[i] = r.ID
	}
	return ids
}

// Writable reports whether the replica is to accept writes; read_only defaults to true.
func (m MySQL) Writable() bool { return !deref(m.ReadOnly, true) }

// MultiSource reports whether the datastore version can replicate from more than one source: MySQL 5.7, MariaDB 10.0 and later, and
// unknown versions.
func (d Datastore) MultiSource() bool {
	if d.Type == "mariadb" {
		return !d.older(10, 0)
	}
	return !d.older(5, 7)
}

// Check applies the rules of section 2 about a single replica.
func (m *MySQL) Check(ds Datastore) Problems {
	var ps Problems
	if m.ReadOnly != nil && len(m.SlaveOf) == 0 {
		ps = append(ps, problem("read_only is allowed only with slave_of: a server that replicates from nothing takes writes").about("read_only", "slave_of"))
	}
	if len(m.SlaveOf) == 0 && m.ReadOnly == nil {
		ps = append(ps, problem("slave_of is empty: a source is an instance without topology").about("slave_of").empty())
	}
	for i, r := range m.SlaveOf {
		switch {
		case r.ID == "":
			ps = append(ps, problem("slave_of holds an empty id").about("slave_of").empty())
		case slices.Contains(m.SlaveOf[:i], r):
			ps = append(ps, problem("slave_of names %s twice", r.ID).about("slave_of"))
		}
	}
	if len(m.SlaveOf) > 1 && !ds.MultiSource() {
		ps = append(ps, problem("%d sources, but %s replicates from one only: more than one source takes MySQL 5.7 or MariaDB 10.0 and later", len(m.SlaveOf), ds.Version).about("slave_of", FieldDatastore))
	}
	return ps
}

// replicationSettings are the server variables that Trove sets itself, so that no group can break replication.
var replicationSettings = map[string]string{
	"server_id": "Trove chooses it, so that it differs between a source and all its replicas",
	"read_only": "it is a field of the replica's topology",
}

// CheckConfiguration refuses settings that a MySQL configuration group must not contain (topology API, section 2). Released Trove accepts
// server_id, so the provider must check.
func CheckConfiguration(datastoreType string, values map[string]any) Problems {
	if !slices.Contains(datastores[NamespaceMySQL], datastoreType) {
		return nil
	}
	var ps Problems
	for _, name := range []string{"server_id", "read_only"} {
		if _, held := values[name]; held {
			ps = append(ps, problem("a configuration group for %s may not hold %s: %s", datastoreType, name, replicationSettings[name]).about(name))
		}
	}
	return ps
}

// Promote makes a replica a standalone, writable instance. Upstream Trove calls this detach.
type Promote struct {
	ID string `json:"id"`
}

// Operation implements Action.
func (Promote) Operation() (Namespace, string) { return NamespaceMySQL, "promote" }

func (a Promote) check() error { return requireID("promote", "id", a.ID) }

func requireID(action, field, id string) error {
	if id == "" {
		return fmt.Errorf("%s: %s is required", action, field)
	}
	return nil
}
