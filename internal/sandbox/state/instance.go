package state

import (
	"slices"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// The statuses that are used in more than one place.
const (
	StatusActive   = "ACTIVE"
	StatusBackup   = "BACKUP"
	StatusBuild    = "BUILD"
	StatusDeleted  = "DELETED"
	StatusError    = "ERROR"
	StatusShutdown = "SHUTDOWN"

	OperatingHealthy = "HEALTHY"
	OperatingError   = "ERROR"
)

// Instance is an instance as the API shows it. Pointers and slices in it are never changed afterwards.
type Instance struct {
	ID, ProjectID, Name     string
	Status, OperatingStatus string
	Created, Updated        time.Time
	FlavorID                string
	Version                 Version // of the datastore
	Region                  string
	VolumeSize              int64 // GB
	VolumeShown             bool  // whether the use of the volume is known
	Addresses               []Address
	Access                  Access
	ReplicaOf               string
	Replicas                []string
	ConfigurationID         string
	ConfigurationName       string
	Locality                string
	Host                    string // shown only to administrators
	Fault                   *Fault
	Topology                *topology.Topology
	Warnings                []string // only after a creation
}

// Address is one address of an instance. Network is "" if it is not known, as for a public one.
type Address struct {
	Address, Type, Network string
}

// Network is a network that was requested for an instance.
type Network struct {
	ID, SubnetID, IPAddress string
}

// Access says who may reach an instance. Nil fields were never set.
type Access struct {
	IsPublic     *bool
	AllowedCIDRs []string
}

// Fault is the last failure recorded on an instance. It remains after a recovery.
type Fault struct {
	Message string
	Created time.Time
}

// phase is a phase in the life of an instance.
type phase int

const (
	building phase = iota
	live
	failed
	deleting
)

// instance is one database server. Slices, maps and topology blocks that it shows are replaced, never changed in place.
type instance struct {
	id      string
	project *project
	name    string
	order   int
	record  *Record

	created, updated time.Time
	phase            phase
	built            bool // has been ready once
	task             *task
	restartRequired  bool
	silent           bool // its heartbeat is lost
	fault            *Fault

	flavor        Flavor
	version       Version
	volume        int64 // GB
	zone          string
	networks      []Network
	address       string
	publicAddress string
	access        Access
	configuration *configuration
	locality      string
	host          string // "" means the first

	// Replication of MySQL, MariaDB and PostgreSQL.
	sources    []string
	readOnly   bool
	byTopology bool   // requested with a topology, and shown with one
	serverID   uint32 // 0 if the datastore has none

	// The other namespaces.
	block   *topology.Topology
	cluster *cluster // nil if it belongs to none
	next    *topology.MongoDB
	drained bool

	schemas []Database
	users   []User
	// root says that root was ever enabled here, which servers before Trove 26 do not forget; a replica does not inherit it.
	root         bool
	rootPassword string

	logs map[string]guestLog

	ssl       SSL
	sslBefore *SSL // before the last change; nil if there is nothing to roll back

	// State that only an engine needs.
	asked    bool              // the engine was told of it
	inForce  map[string]string // values of its configuration group
	starts   int               // on purpose
	restored string            // the backup that it was restored from
	pending  int               // changes that the engine has not made yet
}

// status returns status and operating_status.
func (i *instance) status() (status, operating string) {
	switch {
	case i.phase == deleting:
		return StatusShutdown, ""
	case i.phase == failed:
		return StatusError, ""
	case i.phase == building:
		return StatusBuild, ""
	case i.task != nil:
		return i.task.status, i.task.operating
	case i.restartRequired:
		return "RESTART_REQUIRED", ""
	case i.silent || i.dead():
		return StatusActive, OperatingError
	}
	return StatusActive, OperatingHealthy
}

// idle returns, in Trove's words, why the instance cannot take a task now; nil if it can.
func (i *instance) idle() error {
	status, _ := i.status()
	switch {
	case i.phase == building:
		return unprocessable("Instance %s is not ready.", i.id)
	case i.phase != live:
		return unprocessable("Instance %s is not currently available for an action to be performed (instance status was %s).", i.id, status)
	case i.task != nil && i.task.status == StatusBackup:
		return unprocessable("Instance %s is not currently available for an action to be performed (instance status was %s).", i.id, status)
	case i.task != nil:
		return unprocessable("Instance %s is not currently available for an action to be performed (task status was %s).", i.id, i.task.name)
	}
	return nil
}

func (i *instance) setFault(message string, at time.Time) {
	i.fault = &Fault{Message: message, Created: at}
}

// refused records a refusal as a fault, as Trove does even on a healthy instance.
func (s *State) refused(i *instance, err error) error {
	if err != nil && i.phase == live {
		i.setFault(err.Error(), s.clock)
	}
	return err
}

// absent reports whether the instance is in no topology, because it is being deleted or failed to build.
func (i *instance) absent() bool {
	return i.phase == deleting || i.phase == failed && !i.built
}

// snapshot returns the instance as it is shown now.
func (s *State) snapshot(i *instance) Instance {
	shown := Instance{
		ID: i.id, ProjectID: i.project.id, Name: i.name, Created: i.created, Updated: i.updated,
		FlavorID: i.flavor.ID, Version: i.version, Region: s.opts.Region, VolumeSize: i.volume, VolumeShown: i.phase != building,
		Access: i.access, Locality: i.locality, Host: i.onHost(), Fault: i.fault, Topology: s.shown(i.block),
	}
	shown.Status, shown.OperatingStatus = i.status()
	if i.address != "" {
		address := i.address
		if o, runs := i.observed(); runs && o.Address != "" {
			address = o.Address
		}
		shown.Addresses = append(shown.Addresses, Address{address, "private", i.networks[0].ID})
	}
	if i.publicAddress != "" {
		shown.Addresses = append(shown.Addresses, Address{Address: i.publicAddress, Type: "public"})
	}
	switch {
	case i.byTopology:
		shown.Topology = &topology.Topology{MySQL: i.mysql()}
	case len(i.sources) > 0:
		shown.ReplicaOf = i.sources[0]
	}
	for _, r := range i.project.replicas(i) {
		if !r.byTopology && len(r.sources) > 0 {
			shown.Replicas = append(shown.Replicas, r.id)
		}
	}
	if i.configuration != nil {
		shown.ConfigurationID, shown.ConfigurationName = i.configuration.id, i.configuration.name
	}
	return shown
}

// Instance returns one instance.
func (s *State) Instance(project, id string) (Instance, error) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return Instance{}, err
	}
	return s.snapshot(i), nil
}

// MaxPage is the maximum number of entries in a list, whatever limit is requested.
const MaxPage = 20

// Instances returns up to limit instances with ids after the marker, newest first, and the marker of the next page, which is "" if there is
// none. A limit of 0 means MaxPage. Trove pages by id and sorts by creation within a page.
func (s *State) Instances(project, marker string, limit int) (page []Instance, next string) {
	defer s.enter()()
	all := s.project(project).all()
	slices.SortFunc(all, func(a, b *instance) int { return strings.Compare(a.id, b.id) })
	selected, next := paged(all, marker, limit, func(i *instance) string { return i.id })
	slices.SortFunc(selected, func(a, b *instance) int { return b.order - a.order })
	page = make([]Instance, len(selected))
	for n, i := range selected {
		page[n] = s.snapshot(i)
	}
	return page, next
}

// paged returns one page of a list that is sorted by its keys.
func paged[T any](sorted []T, marker string, limit int, key func(T) string) (page []T, next string) {
	if limit <= 0 || limit > MaxPage {
		limit = MaxPage
	}
	from := slices.IndexFunc(sorted, func(e T) bool { return key(e) > marker })
	if from < 0 {
		return nil, ""
	}
	sorted = sorted[from:]
	if len(sorted) <= limit {
		return slices.Clone(sorted), ""
	}
	return slices.Clone(sorted[:limit]), key(sorted[limit-1])
}
