package state

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// ManagedVersion is a version of a datastore as administrators see it.
type ManagedVersion struct {
	Version
	Manager, Image      string
	ImageTags, Packages []string
	Active              bool
	RegistryExt         string // of Trove 23 and later
	ReplStrategy        string
}

// catalog is the datastores as administrators have changed them. Slices in it are replaced, never changed in place.
type catalog struct {
	versions []ManagedVersion
	defaults map[string]string // ids of versions by ids of their datastores
}

// knownImage is the only image besides those of the versions that a State starts with.
const knownImage = "44444444-4444-4444-8444-444444444444"

func newCatalog(served []engine.Served) *catalog {
	c := &catalog{defaults: map[string]string{}}
	for _, d := range datastores {
		c.defaults[d.ID] = d.DefaultID
		for _, v := range d.offered(served) {
			c.versions = append(c.versions, ManagedVersion{Version: v, Manager: d.Name, ImageTags: []string{"trove", d.Name}, Active: true})
		}
	}
	return c
}

// datastores returns those that projects see: the ones with an active version.
func (c *catalog) datastores() (all []Datastore) {
	for _, v := range c.versions {
		if !v.Active {
			continue
		}
		n := slices.IndexFunc(all, func(d Datastore) bool { return d.ID == v.DatastoreID })
		if n < 0 {
			d := datastoreOf(v.Version)
			d.Versions, d.DefaultID = nil, c.defaults[d.ID]
			n, all = len(all), append(all, d)
		}
		all[n].Versions = append(all[n].Versions, v.Version)
	}
	return all
}

// Datastores lists the datastores, which all projects share.
func (s *State) Datastores() []Datastore {
	defer s.enter()()
	return s.catalog.datastores()
}

// DatastoreByName returns a datastore by name or id, or a 404 *Error.
func (s *State) DatastoreByName(nameOrID string) (Datastore, error) {
	defer s.enter()()
	return s.catalog.datastore(nameOrID)
}

func (c *catalog) datastore(nameOrID string) (Datastore, error) {
	for _, d := range c.datastores() {
		if d.Name == nameOrID || d.ID == nameOrID {
			return d, nil
		}
	}
	return Datastore{}, notFound("Datastore '%s' cannot be found.", nameOrID)
}

// VersionByID returns a version of any datastore by its id, or a 400 *Error.
func (s *State) VersionByID(id string) (Version, error) {
	defer s.enter()()
	for _, v := range s.catalog.versions {
		if v.ID == id {
			return v.Version, nil
		}
	}
	return Version{}, badRequest("Datastore version '%s' cannot be found.", id)
}

// versionFor returns the datastore version for a request body; fields that it omits get Trove's defaults.
func (s *State) versionFor(datastore, version string) (Version, error) {
	if datastore == "" {
		datastore = datastores[0].Name
	}
	d, err := s.catalog.datastore(datastore)
	if err != nil {
		return Version{}, err
	}
	if version != "" {
		return d.Version(version)
	}
	if v := d.Default(); v.ID != "" {
		return v, nil
	}
	return Version{}, badRequest("Default version for datastore '%s' not found.", d.Name)
}

// ManagedVersions lists the versions of all datastores, including inactive ones, and says which are defaults.
func (s *State) ManagedVersions() (all []ManagedVersion, defaults []bool) {
	defer s.enter()()
	for _, v := range s.catalog.versions {
		defaults = append(defaults, s.catalog.defaults[v.DatastoreID] == v.ID)
	}
	return slices.Clone(s.catalog.versions), defaults
}

// ManagedVersion returns one version or, as Trove does, a 400 *Error.
func (s *State) ManagedVersion(id string) (v ManagedVersion, isDefault bool, err error) {
	defer s.enter()()
	n, err := s.catalog.find(id)
	if err != nil {
		return v, false, err
	}
	v = s.catalog.versions[n]
	return v, s.catalog.defaults[v.DatastoreID] == v.ID, nil
}

func (c *catalog) find(id string) (int, error) {
	n := slices.IndexFunc(c.versions, func(v ManagedVersion) bool { return v.ID == id })
	if n < 0 {
		return n, badRequest("Datastore version '%s' cannot be found.", id)
	}
	return n, nil
}

// AddVersion makes a version, and its datastore if that is new. A missing image is 404, and an existing version 400.
func (s *State) AddVersion(v ManagedVersion, isDefault bool) error {
	defer s.enter()()
	if err := checkImage(v); err != nil {
		return err
	}
	for _, have := range s.catalog.versions {
		if have.DatastoreName == v.DatastoreName {
			v.DatastoreID = have.DatastoreID
			if have.Name == v.Name && have.Number == v.Number {
				return badRequest("The datastore version '%s(%s)' already exists.", v.Name, v.Number)
			}
		}
	}
	if v.DatastoreID == "" {
		v.DatastoreID = newID()
	}
	v.ID = newID()
	if s.Since(23) {
		if err := v.chooseClasses(); err != nil {
			return err
		}
	}
	s.catalog.versions = append(s.catalog.versions, v)
	return s.catalog.setDefault(v, isDefault, false)
}

// classes are the ones that Trove chooses for a manager: for the manager, and for replication.
var classes = map[string][2]string{
	"mysql":      {"trove.guestagent.datastore.mysql.manager.Manager", "trove.guestagent.strategies.replication.mysql_gtid.MysqlGTIDReplication"},
	"mariadb":    {"trove.guestagent.datastore.mariadb.manager.Manager", "trove.guestagent.strategies.replication.mariadb_gtid.MariaDBGTIDReplication"},
	"postgresql": {"trove.guestagent.datastore.postgres.manager.PostgresManager", "trove.guestagent.strategies.replication.postgresql.PostgresqlReplicationStreaming"},
}

// chooseClasses chooses the classes that were not given. For a manager that it does not know, Trove looks in its settings, and fails.
func (v *ManagedVersion) chooseClasses() error {
	chosen, known := classes[v.Manager]
	if !known && v.ReplStrategy == "" {
		return internal()
	}
	v.RegistryExt, v.ReplStrategy = cmp.Or(v.RegistryExt, chosen[0]), cmp.Or(v.ReplStrategy, chosen[1])
	return nil
}

// ChangeVersion changes a version with edit; isDefault may be nil.
func (s *State) ChangeVersion(id string, edit func(*ManagedVersion), isDefault *bool) error {
	defer s.enter()()
	n, err := s.catalog.find(id)
	if err != nil {
		return err
	}
	v := s.catalog.versions[n]
	edit(&v)
	if err := checkImage(v); err != nil {
		return err
	}
	s.catalog.versions[n] = v
	if isDefault == nil {
		return nil
	}
	return s.catalog.setDefault(v, *isDefault, true)
}

func (c *catalog) setDefault(v ManagedVersion, isDefault, clears bool) error {
	switch {
	case isDefault && !v.Active:
		return refuse(http.StatusInternalServerError, "instanceFault", "Datastore version '%s' is not active.", v.Name)
	case isDefault:
		c.defaults[v.DatastoreID] = v.ID
	case clears && c.defaults[v.DatastoreID] == v.ID:
		delete(c.defaults, v.DatastoreID)
	}
	return nil
}

// checkImage refuses a version without an image, or with an image that does not exist.
func checkImage(v ManagedVersion) error {
	switch {
	case v.Image == "" && len(v.ImageTags) == 0:
		return badRequest("Image must be specified.")
	case v.Image != "" && v.Image != knownImage:
		return notFound("Image %s cannot be found.", v.Image)
	case v.Image == "" && !slices.Contains(v.ImageTags, "trove"):
		return notFound("Image with tags '%v' cannot be found.", v.ImageTags)
	}
	return nil
}

// RemoveVersion deletes a version that nothing uses.
func (s *State) RemoveVersion(id string) error {
	defer s.enter()()
	n, err := s.catalog.find(id)
	if err != nil {
		return err
	}
	for _, p := range s.projects {
		for _, i := range p.instances {
			if i.version.ID == id {
				return badRequest("Datastore version is in use by instance.")
			}
		}
		for _, g := range p.configurations {
			if g.version.ID == id {
				return badRequest("Datastore version is in use by configuration.")
			}
		}
	}
	v := s.catalog.versions[n]
	s.catalog.versions = slices.Delete(slices.Clone(s.catalog.versions), n, n+1)
	return s.catalog.setDefault(v, false, true)
}
