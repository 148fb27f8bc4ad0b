// Package state is the sandbox's world: instances, their replication and topologies, configuration groups, users and
// databases, per project and in memory. It knows the rules and no HTTP; rules about topologies come from
// internal/topology, so that the sandbox and a plan refuse the same things.
//
// Work that takes time is a list of steps with due times. Every access first applies what is due by the clock it was
// given, so there are no goroutines: tests are deterministic, and stopping is nothing.
package state

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// Options say how a State behaves. Its functions are called with the State locked: they may not call it.
type Options struct {
	// BuildTime is how long an instance builds; ActionTime how long every other task and a deletion take. Zero means
	// that the work is done when somebody looks next.
	BuildTime  time.Duration
	ActionTime time.Duration
	// UsageTimeout is after how long an instance that hangs in BUILD is given up; 0 means 10 minutes.
	UsageTimeout time.Duration
	// Upstream is to behave as released Trove: no topologies, and server_id allowed in configuration groups.
	Upstream bool
	// Release is the release of Trove that Upstream is of: 18, 23 or 26; 0 means 18.
	Release int
	// Bare is to serve the proposal alone, without the topology API's own additions: show calls return no more than
	// the proposal shows, buckets are not listed, and delete_bucket, failover and Redis Cluster's remove_node are unknown.
	Bare bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Quota is what every project may use until SetQuota says otherwise.
	Quota Quota
	// Region is the name of the region; "" means RegionOne.
	Region string
	// InstanceFate decides how the building of an instance ends; nil means well.
	InstanceFate func(project, name string) Fate
	// ActionFate decides whether an accepted action fails: with what the returned error says. The kinds are resize,
	// resize_volume, backup, restart, reboot, migrate, upgrade, access, detach, promote_to_replica_source, eject_replica_source, and the
	// names of topology actions such as mongodb.remove_member. It is asked for each member in change.
	ActionFate func(kind, project, id, name string) error
	// Engine runs database servers; nil where none are run.
	Engine Engine
	// Served says what the engine serves datastores with. They offer those versions beside their own.
	Served []engine.Served
}

// Fate is how the building of an instance ends; the zero value is well.
type Fate struct {
	// Fault is what the instance's fault says when it ends in ERROR.
	Fault string
	// Hang leaves the instance in BUILD until the usage timeout.
	Hang bool
}

// State is the sandbox's whole world. Its methods may be called from several goroutines. Every method that takes a
// project sees that project alone, and every error that it returns is an *Error.
type State struct {
	mu      sync.Mutex
	opts    Options
	clock   time.Time // the time of what is being done
	queue   []step
	awaited []awaited
	orders  int
	records []*Record
	flavors []Flavor
	catalog *catalog

	managedParameters managedParameters

	projects map[string]*project
}

// New returns an empty world.
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

// Upstream says that the world is one of released Trove, without topologies.
func (s *State) Upstream() bool { return s.opts.Upstream }

// Since says that the world is one of released Trove, of this release or a later one.
func (s *State) Since(release int) bool { return s.opts.Upstream && s.opts.Release >= release }

// dropsConfigurations says that a change of something else takes the configuration group off an instance, as Trove 19 to 24 have it.
func (s *State) dropsConfigurations() bool { return s.Since(19) && !s.Since(25) }

// guestsJudge says that the API leaves it to the guest agent of the datastore to judge names and passwords, of whose refusals nobody hears.
func (s *State) guestsJudge() bool { return s.Since(23) }

// Region is the name of the region that all instances are in.
func (s *State) Region() string { return s.opts.Region }

// Now is the time by the world's clock.
func (s *State) Now() time.Time {
	defer s.enter()()
	return s.clock
}

// project is what one tenant has.
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
	engine         Engine // nil where none runs
}

// project returns the project of that id, which comes into being when it is first spoken of.
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

// order numbers what is made, so that lists are stable where times are equal.
func (s *State) order() int {
	s.orders++
	return s.orders
}

func newID() string { return uuid.NewString() }

// Record is one instance that was ever made, for the ledger. Deleted is zero while it exists; DeletedBy is set as soon
// as the deletion was asked for.
type Record struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	ProjectID string    `json:"project_id"`
	Status    string    `json:"status"`
	Created   time.Time `json:"created"`
	Deleted   time.Time `json:"deleted,omitzero"`
	DeletedBy string    `json:"deleted_by"`
}

// History lists every instance that was ever made, of all projects, in the order of creation. The status of one that is
// gone is DELETED.
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
