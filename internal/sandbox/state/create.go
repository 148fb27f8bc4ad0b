package state

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// CreateRequest is what POST /instances asks for. A nil pointer means that the field was omitted.
type CreateRequest struct {
	Name             string
	FlavorID         string
	Volume           *Volume
	Datastore        *DatastoreRef
	AvailabilityZone string
	ConfigurationID  string
	Networks         []Network
	Databases        []Database
	Users            []User
	Access           *Access
	Locality         string
	ReplicaOf        string
	ReplicaCount     int
	BackupID         string // to restore from; Trove ignores it for a replica
	Topology         *topology.Topology
}

// Volume is the requested data volume. Size is in GB.
type Volume struct {
	Size int64
	Type string
}

// DatastoreRef names a datastore and its version, each by name or id; "" means the default.
type DatastoreRef struct {
	Type, Version string
}

// blueprint is an instance that passed every check and is to be made.
type blueprint struct {
	CreateRequest
	flavor        Flavor
	version       Version
	volume        int64
	configuration *configuration
	backup        *backup     // to restore from, nil if there is none
	sources       []*instance // to back up and replicate from
	place         place
}

// Create makes an instance, or several replicas, of which it returns the last, as Trove does. The returned instance is in BUILD. If it
// refuses, it makes nothing and returns the contract's *Error.
func (s *State) Create(project string, r CreateRequest) (Instance, error) {
	defer s.enter()()
	p := s.project(project)
	var b blueprint
	var err error
	if r.ReplicaOf != "" {
		b, err = p.planReplica(r)
	} else {
		b, err = s.plan(p, r)
	}
	if err != nil {
		return Instance{}, err
	}
	count := max(r.ReplicaCount, 1)
	if b.configuration, err = p.configurationFor(r.ConfigurationID); err != nil {
		return Instance{}, err
	}
	if r.ReplicaOf != "" && b.configuration == nil && s.Since(26) {
		b.configuration = b.sources[0].configuration
	}
	if err := p.checkQuota(count, int64(count)*b.volume); err != nil {
		return Instance{}, err
	}
	s.backup(b.sources)
	var last *instance
	for n := range count {
		if count > 1 {
			b.Name = fmt.Sprintf("%s-%d", r.Name, n+1)
		}
		last = s.build(p, b)
	}
	shown := s.snapshot(last)
	shown.Warnings = b.place.warnings
	return shown, nil
}

// plan checks a creation other than that of an upstream replica.
func (s *State) plan(p *project, r CreateRequest) (b blueprint, err error) {
	if r.ReplicaCount > 0 {
		return b, badRequest("Replica count only valid when creating replicas. Cannot create %d instances.", r.ReplicaCount)
	}
	b.CreateRequest = r
	var ds DatastoreRef
	if r.Datastore != nil {
		ds = *r.Datastore
	}
	if r.Topology != nil && ds.Version == "" {
		ds = p.inherited(*r.Topology, ds)
	}
	if b.version, err = s.versionFor(ds.Type, ds.Version); err != nil {
		return b, err
	}
	if r.Topology == nil && b.version.DatastoreName == "mongodb" && !s.opts.Upstream {
		return b, badRequest("A server of %s belongs to a replica set, if it is one of a single member: topology with a mongodb block is required, with type and replSet.", b.version.Name)
	}
	if r.Volume == nil {
		return b, badRequest("Volume size was not specified.")
	}
	if b.flavor, err = s.flavorFor(r.FlavorID); err != nil {
		return b, err
	}
	b.volume = r.Volume.Size
	if localities := s.localities(); r.Locality != "" && !slices.Contains(localities, r.Locality) {
		return b, badRequest("Invalid locality '%s'. Must be one of ['%s']", r.Locality, strings.Join(localities, "', '"))
	}
	if err := p.checkVolumeSize(b.volume); err != nil {
		return b, err
	}
	if b.backup, err = p.restorable(r.BackupID, b.version, b.volume); err != nil {
		return b, err
	}
	if err := s.checkSchemas(datastoreOf(b.version), r.Databases, r.Users); err != nil {
		return b, err
	}
	if r.Topology != nil {
		b.place, err = s.locate(p, *r.Topology, b.version)
		b.sources = b.place.sources
	}
	return b, err
}

// localities are the accepted values; Trove 18 has no soft ones.
func (s *State) localities() []string {
	if s.opts.Upstream && !s.Since(23) {
		return []string{"affinity", "anti-affinity"}
	}
	return []string{"affinity", "soft-affinity", "anti-affinity", "soft-anti-affinity"}
}

// build makes the instance and schedules the end of its building.
func (s *State) build(p *project, b blueprint) *instance {
	i := &instance{
		id: newID(), project: p, name: b.Name, order: s.order(), created: s.clock, updated: s.clock,
		flavor: b.flavor, version: b.version, volume: b.volume, zone: b.AvailabilityZone, networks: b.Networks,
		configuration: b.configuration, locality: b.Locality, schemas: b.Databases, users: b.Users,
	}
	if b.Access != nil {
		i.access = *b.Access
	}
	if b.backup != nil {
		i.restored = b.backup.ID
		i.schemas, i.users = slices.Concat(b.backup.schemas, i.schemas), slices.Concat(b.backup.users, i.users)
	}
	if len(b.sources) > 0 {
		i.locality, i.ssl = b.sources[0].locality, b.sources[0].ssl
	}
	if hasServerID(i.version) {
		p.serverIDs++
		i.serverID = p.serverIDs
	}
	i.record = &Record{ID: i.id, Name: i.name, ProjectID: p.id, Created: s.clock}
	s.records = append(s.records, i.record)
	p.instances[i.id] = i
	s.settle(i, b)

	fate := s.opts.InstanceFate(p.id, i.name)
	switch {
	case fate.Hang:
		s.after(s.opts.UsageTimeout, func() { s.fail(i, "Polling request timed out.") })
	case fate.Fault != "":
		s.after(s.opts.BuildTime, func() { s.fail(i, fate.Fault) })
	default:
		s.after(s.opts.BuildTime, func() { s.finish(i) })
	}
	return i
}

// finish ends the building of an instance, as a member of what it joins.
func (s *State) finish(i *instance) {
	if c := i.cluster; c != nil && c.first != i && !slices.ContainsFunc(i.project.members(c), (*instance).ready) {
		s.fail(i, fmt.Sprintf("%s has no member left to join through.", c))
		return
	}
	s.configure(i, true)
	s.await(s.realize([]*instance{i}), func(err error) {
		if err != nil {
			s.fail(i, err.Error())
			return
		}
		s.begun(i)
	})
}

// begun makes an instance whose building has ended a member of what it joins.
func (s *State) begun(i *instance) {
	i.phase, i.built, i.updated = live, true, s.clock
	if parents := i.parents(); len(parents) == 1 && i.project.instances[parents[0]] != nil {
		i.project.instances[parents[0]].replicateContents()
	}
	s.connect(i)
	s.enroll(i)
}

// ready reports whether the instance serves, whatever else it is busy with.
func (i *instance) ready() bool { return i.phase == live }

// fail ends the building of an instance with a failure. It then belongs to no cluster, and the name of a cluster that it was to create is
// free; its source still counts it as a replica, as in Trove.
func (s *State) fail(i *instance, message string) {
	i.phase, i.updated = failed, s.clock
	i.setFault(message, s.clock)
	s.leave(i)
	if s.runs(i) {
		s.opts.Engine.Remove(i.id)
	}
}

// connect gives a built instance its addresses, if it has a network.
func (s *State) connect(i *instance) {
	if len(i.networks) == 0 {
		return
	}
	if i.access.IsPublic == nil {
		private := false
		i.access.IsPublic = &private
	}
	i.project.addresses++
	n := i.project.addresses
	i.address = i.networks[0].IPAddress
	if i.address == "" {
		i.address = fmt.Sprintf("10.1.%d.%d", n/250%250, n%250+1)
	}
	i.publish(n)
}

// publish adds or removes the public address.
func (i *instance) publish(n int) {
	switch public := i.access.IsPublic != nil && *i.access.IsPublic; {
	case !public || i.address == "":
		i.publicAddress = ""
	case i.publicAddress == "":
		i.publicAddress = fmt.Sprintf("203.0.113.%d", n%250+1)
	}
}
