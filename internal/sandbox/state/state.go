// Package state is the sandbox's state: instances, their replication and topologies, configuration groups, users and databases, per project
// and in memory. It implements the rules without HTTP; rules about topologies come from internal/topology, so that the sandbox and a plan
// refuse the same things.
//
// Work that takes time is a list of steps with due times. Every access first applies the steps that are due by the given clock, so there
// are no goroutines: tests are deterministic, and nothing has to be stopped.
package state

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// Options are the options of a State. Its functions are called with the State locked: they must not call it.
type Options struct {
	// BuildTime is how long an instance builds; ActionTime how long every other task and a deletion take. Zero means that the work is done
	// at the next access.
	BuildTime  time.Duration
	ActionTime time.Duration
	// UsageTimeout is the time after which an instance that hangs in BUILD fails; 0 means 10 minutes.
	UsageTimeout time.Duration
	// Upstream makes it behave like released Trove: no topologies, and server_id allowed in configuration groups.
	Upstream bool
	// Release is the release of Trove for Upstream: 18, 23 or 26; 0 means 18.
	Release int
	// Bare makes it serve only the proposal, without the topology API's own additions: show calls return no more than the proposal shows,
	// buckets are not listed, and delete_bucket, failover and Redis Cluster's remove_node are unknown.
	Bare bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Quota is the quota of every project until SetQuota changes it.
	Quota Quota
	// Region is the name of the region; "" means RegionOne.
	Region string
	// InstanceFate decides how the building of an instance ends; nil means that all succeed.
	InstanceFate func(project, name string) Fate
	// ActionFate decides whether an accepted action fails, and with which error. The kinds are resize, resize_volume, backup, restart,
	// reboot, migrate, upgrade, access, detach, promote_to_replica_source, eject_replica_source, and the names of topology actions such as
	// mongodb.remove_member. It is called for each member that a change affects.
	ActionFate func(kind, project, id, name string) error
	// Engine runs database servers; nil if there are none.
	Engine Engine
	// Served says what the engine serves datastores with. They offer those versions in addition to their own.
	Served []engine.Served
}

// Fate is how the building of an instance ends; the zero value is success.
type Fate struct {
	// Fault is the message of the instance's fault if it ends in ERROR.
	Fault string
	// Hang leaves the instance in BUILD until the usage timeout.
	Hang bool
}

// State is the sandbox's whole state. Its methods may be called from several goroutines. Every method that takes a project sees only that
// project, and every error that it returns is an *Error.
type State struct {
	mu      sync.Mutex
	opts    Options
	clock   time.Time // the time of the present access
	queue   []step
	awaited []awaited
	orders  int
	records []*Record
	flavors []Flavor
	catalog *catalog

	managedParameters managedParameters

	projects map[string]*project
}

// New returns an empty State.
func New(opts Options) *State {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.InstanceFate == nil {
		opts.InstanceFate = func(string, string) Fate { return Fate{} }
	}
	if opts.ActionFate == nil {
		opts.ActionFate = func(string, string, string, string) error { return nil }
	}
	opts.UsageTimeout = cmp.Or(opts.UsageTimeout, 10*time.Minute)
	opts.Region = cmp.Or(opts.Region, "RegionOne")
	opts.Quota = opts.Quota.withDefaults()
	return &State{opts: opts, flavors: flavors, catalog: newCatalog(opts.Served), projects: map[string]*project{}}
}

// Upstream reports whether the State is that of released Trove, without topologies.
func (s *State) Upstream() bool { return s.opts.Upstream }

// Since reports whether the State is that of released Trove, of this release or a later one.
func (s *State) Since(release int) bool { return s.opts.Upstream && s.opts.Release >= release }

// dropsConfigurations reports whether other changes detach the configuration group of an instance, as in Trove 19 to 24.
func (s *State) dropsConfigurations() bool { return s.Since(19) && !s.Since(25) }

// guestsJudge reports whether the API leaves the check of names and passwords to the guest agent of the datastore, whose refusals are not
// reported.
func (s *State) guestsJudge() bool { return s.Since(23) }

// Region returns the name of the region that all instances are in.
func (s *State) Region() string { return s.opts.Region }

// Now returns the time of the State's clock.
func (s *State) Now() time.Time {
	defer s.enter()()
	return s.clock
}

// project is the state of one project.
type project struct {
	id             string
	quota          Quota
	instances      map[string]*instance
	clusters       map[clusterKey]*cluster
	configurations map[string]*configuration
	backups        map[string]*backup
	strategies     []BackupStrategy
	serverIDs      uint32
	addresses      int
	engine         Engine // nil if there is none
}

// project returns the project of that id, and makes it if necessary.
func (s *State) project(id string) *project {
	p := s.projects[id]
	if p == nil {
		p = &project{
			id: id, quota: s.opts.Quota, engine: s.opts.Engine, instances: map[string]*instance{},
			clusters: map[clusterKey]*cluster{}, configurations: map[string]*configuration{}, backups: map[string]*backup{},
		}
		s.projects[id] = p
	}
	return p
}

// find returns an instance of the project.
func (p *project) find(id string) (*instance, error) {
	if i := p.instances[id]; i != nil {
		return i, nil
	}
	return nil, noResource(id)
}

// all lists the project's instances in the order of their creation.
func (p *project) all() []*instance {
	list := make([]*instance, 0, len(p.instances))
	for _, i := range p.instances {
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b *instance) int { return cmp.Compare(a.order, b.order) })
	return list
}

// order numbers new objects, so that lists are stable if times are equal.
func (s *State) order() int {
	s.orders++
	return s.orders
}

func newID() string { return uuid.NewString() }

// Record is one instance that was ever made, for the ledger. Deleted is zero while it exists; DeletedBy is set as soon as its deletion is
// requested.
type Record struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	ProjectID string    `json:"project_id"`
	Status    string    `json:"status"`
	Created   time.Time `json:"created"`
	Deleted   time.Time `json:"deleted,omitzero"`
	DeletedBy string    `json:"deleted_by"`
}

// History lists every instance that was ever made, of all projects, in the order of creation. Instances that are gone have the status
// DELETED.
func (s *State) History() []Record {
	defer s.enter()()
	list := make([]Record, len(s.records))
	for n, r := range s.records {
		list[n] = *r
		if i := s.projects[r.ProjectID].instances[r.ID]; i != nil {
			list[n].Name = i.name
			list[n].Status, _ = i.status()
		}
	}
	return list
}
