package state

import (
	"slices"

	"github.com/google/uuid"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Flavor is a size of an instance. RAM is in MB, disk in GB.
type Flavor struct {
	ID, Name         string
	Number           int
	RAM, VCPUs, Disk int
}

var flavors = []Flavor{
	{"1", "db.tiny", 1, 512, 1, 10},
	{"2", "db.small", 2, 1024, 1, 20},
	{"3", "db.medium", 3, 2048, 2, 40},
	{"4", "db.large", 4, 4096, 4, 80},
}

// Flavors lists the flavors, which all projects share.
func (s *State) Flavors() []Flavor {
	defer s.enter()()
	return slices.Clone(s.flavors)
}

// SetFlavors sets the flavors that are offered from now on; existing instances keep theirs.
func (s *State) SetFlavors(offered []Flavor) {
	defer s.enter()()
	s.flavors = slices.Clone(offered)
}

// FlavorByID returns a flavor, or a 404 *Error. Trove does not accept names here.
func (s *State) FlavorByID(id string) (Flavor, error) {
	defer s.enter()()
	return s.flavor(id)
}

func (s *State) flavor(id string) (Flavor, error) {
	for _, f := range s.flavors {
		if f.ID == id {
			return f, nil
		}
	}
	return Flavor{}, noResource(id)
}

// flavorFor returns a flavor, or a 400 *Error, as Trove answers about bodies.
func (s *State) flavorFor(id string) (Flavor, error) {
	f, err := s.flavor(id)
	if err != nil {
		if id == "" {
			id = "None"
		}
		return f, badRequest("Resource %s cannot be found.", id)
	}
	return f, nil
}

// VolumeType is a type of volume.
type VolumeType struct{ ID, Name, Description string }

// VolumeTypes lists the types of volume, which all projects and all datastore versions share.
func VolumeTypes() []VolumeType {
	return []VolumeType{
		{"11111111-1111-4111-8111-111111111111", "__DEFAULT__", "default"},
		{"22222222-2222-4222-8222-222222222222", "ssd", "fast"},
	}
}

// Datastore is a type of database. Its default version is the last one, until an administrator sets another.
type Datastore struct {
	ID, Name  string
	DefaultID string // "" if there is none
	Versions  []Version
	// Configurable says that the datastore supports configuration groups.
	Configurable bool
	replicates   bool // supports replica_of
	schemas      bool // supports databases and users in every release
	schemasSince int  // the release of Trove that added them; 0 if no release or all releases have them
}

// Version is one version of a datastore.
type Version struct {
	ID, Name, Number string
	DatastoreID      string
	DatastoreName    string
}

func (v Version) datastore() topology.Datastore {
	return topology.Datastore{Type: v.DatastoreName, Version: v.Name}
}

// traits say what datastores support.
const (
	configurable = 1 << iota
	replicates
	schemas
)

var datastores = []Datastore{
	offer("mysql", configurable|replicates|schemas, "mysql-5.5", "5.5.62", "mysql-5.7", "5.7.44", "mysql-8.0", "8.0.40"),
	offer("mariadb", configurable|replicates|schemas, "mariadb-10.11", "10.11.10"),
	offer("postgresql", configurable|replicates, "postgresql-16", "16.6").withSchemasSince(23),
	offer("mongodb", configurable, "mongodb-2.0.4", "2.0.4", "tokumx-2.0.1", "2.0.1", "mongodb-7.0", "7.0.15"),
	offer("cassandra", configurable, "cassandra-2.0.5", "2.0.5", "cassandra-4.1", "4.1.7"),
	offer("couchbase", 0, "couchbase-2.2", "2.2.0", "couchbase-7.2", "7.2.5"),
	offer("redis", configurable, "redis-2.8.6", "2.8.6", "redis-3.0.0-beta1", "3.0.0-beta1", "redis-7.2", "7.2.6"),
}

// offer makes a datastore from names and numbers of versions. Ids are made from names, so that they are the same after a restart.
func offer(name string, traits int, namesAndNumbers ...string) Datastore {
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("trove-sandbox/datastore/"+name)).String()
	d := Datastore{
		ID: id, Name: name, Configurable: traits&configurable != 0, replicates: traits&replicates != 0, schemas: traits&schemas != 0,
	}
	for n := 0; n < len(namesAndNumbers); n += 2 {
		d.Versions = append(d.Versions, d.version(namesAndNumbers[n], namesAndNumbers[n], namesAndNumbers[n+1]))
	}
	d.DefaultID = d.Versions[len(d.Versions)-1].ID
	return d
}

// version makes a version of the datastore, with an id that is made from key.
func (d Datastore) version(key, name, number string) Version {
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("trove-sandbox/version/"+key))
	return Version{ID: id.String(), Name: name, Number: number, DatastoreID: d.ID, DatastoreName: d.Name}
}

// offered returns the datastore's own versions, and the one of the program that serves it: a version of that name has the number of the
// program.
func (d Datastore) offered(served []engine.Served) []Version {
	versions := slices.Clone(d.Versions)
	for _, s := range served {
		if s.Datastore != d.Name || s.Version.Name == "" {
			continue
		}
		if n := slices.IndexFunc(versions, func(own Version) bool { return own.Name == s.Version.Name }); n >= 0 {
			versions[n].Number = s.Version.Number
			continue
		}
		versions = append(versions, d.version(d.Name+"/"+s.Version.Name, s.Version.Name, s.Version.Number))
	}
	return versions
}

func (d Datastore) withSchemasSince(release int) Datastore {
	d.schemasSince = release
	return d
}

// hasSchemas reports whether the server manages databases and users of this datastore. A server with the topology API has what the newest
// Trove has.
func (s *State) hasSchemas(d Datastore) bool {
	return d.schemas || d.schemasSince > 0 && (s.Since(d.schemasSince) || !s.opts.Upstream && !s.opts.Bare)
}

// Default returns the version that an instance gets if it names none; the zero Version if there is none.
func (d Datastore) Default() Version {
	for _, v := range d.Versions {
		if v.ID == d.DefaultID {
			return v
		}
	}
	return Version{}
}

// Version returns a version by name or id, or a 400 *Error, as Trove answers even about paths.
func (d Datastore) Version(nameOrID string) (Version, error) {
	for _, v := range d.Versions {
		if v.Name == nameOrID || v.ID == nameOrID {
			return v, nil
		}
	}
	return Version{}, badRequest("Datastore version '%s' cannot be found.", nameOrID)
}

// Datastores lists the datastores that a State starts with.
func Datastores() []Datastore { return slices.Clone(datastores) }

// datastoreOf returns the datastore of a version, as the State starts with it. A datastore that an administrator has made has no traits:
// the sandbox knows nothing about it.
func datastoreOf(v Version) Datastore {
	n := slices.IndexFunc(datastores, func(d Datastore) bool { return d.ID == v.DatastoreID })
	if n < 0 {
		return Datastore{ID: v.DatastoreID, Name: v.DatastoreName, Versions: []Version{v}}
	}
	return datastores[n]
}
