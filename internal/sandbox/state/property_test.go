package state_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// machine drives a State with random operations, valid and not, and checks after each what must always hold.
type machine struct {
	*state.State
	now   time.Time
	known []string          // every id ever made, in all projects
	home  map[string]string // the project of each
	ready map[string]bool   // what has ever been seen ready
	quiet bool              // nothing fails
}

var projects = []string{"demo", "other"}

func newMachine(t *rapid.T) *machine {
	m := &machine{now: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), home: map[string]string{}, ready: map[string]bool{}, quiet: true}
	fate := rapid.IntRange(0, 9)
	m.State = state.New(state.Options{
		BuildTime: buildTime, ActionTime: actionTime, UsageTimeout: time.Minute, Now: func() time.Time { return m.now },
		Quota: state.Quota{Instances: 30},
		InstanceFate: func(string, string) state.Fate {
			if m.quiet {
				return state.Fate{}
			}
			switch fate.Draw(t, "fate") {
			case 0:
				return state.Fate{Fault: "it was not to be"}
			case 1:
				return state.Fate{Hang: true}
			}
			return state.Fate{}
		},
		ActionFate: func(string, string, string) error {
			if !m.quiet && fate.Draw(t, "action fate") == 0 {
				return errors.New("it was not to be")
			}
			return nil
		},
	})
	return m
}

// populate builds something of everything, so that random operations have something to meet.
func (m *machine) populate(t *rapid.T) {
	build := func(datastore, block string) string {
		r := state.CreateRequest{Name: "any", FlavorID: "1", Volume: &state.Volume{Size: 1}, Datastore: &state.DatastoreRef{Type: datastore}}
		if block != "" {
			decoded, err := topology.Decode([]byte(block))
			if err != nil {
				t.Fatal(err)
			}
			r.Topology = decoded
		}
		i, err := m.Create("demo", r)
		if err != nil {
			t.Fatal(err)
		}
		m.accepted(t, "demo", i, nil)
		m.now = m.now.Add(buildTime)
		return i.ID
	}
	source := build("mysql", "")
	build("mysql", slaveOf(source))
	build("mysql", slaveOf(source))
	for range 2 {
		i, err := m.Create("demo", state.CreateRequest{Name: "any", ReplicaOf: source})
		m.accepted(t, "demo", i, err)
		m.now = m.now.Add(buildTime)
	}
	for n, block := range []string{
		`{"mongodb": {"type": "member", "replSet": "x"%s}}`,
		`{"cassandra": {"cluster_name": "x", "num_tokens": 8, "is_seed": true, "endpoint_snitch": "SimpleSnitch", "auto_bootstrap": true%s}}`,
		`{"couchbase": {"cluster_name": "x"%s}}`,
		`{"redis_cluster": {"cluster_name": "x"%s}}`,
	} {
		datastore := []string{"mongodb", "cassandra", "couchbase", "redis"}[n]
		founder := build(datastore, fmt.Sprintf(block, ""))
		build(datastore, fmt.Sprintf(block, `, "join": true`))
		if datastore == "redis" {
			build(datastore, fmt.Sprintf(block, fmt.Sprintf(`, "slave_of": %q`, founder)))
			build(datastore, fmt.Sprintf(block, fmt.Sprintf(`, "slave_of": %q`, founder)))
		}
	}
	master := build("redis", `{"redis": {}}`)
	replica := build("redis", fmt.Sprintf(`{"redis": {"slave_of": %q}}`, master))
	build("redis", fmt.Sprintf(`{"redis": {"slave_of": %q}}`, replica))
	m.quiet = false
}

// id draws an instance, of any project and state, gone ones and unknown ones among them.
func (m *machine) id(t *rapid.T) string {
	return rapid.SampledFrom(append([]string{"nobody"}, m.known...)).Draw(t, "id")
}

// in draws a project: mostly that of the instance.
func (m *machine) in(t *rapid.T, id string) string {
	if home, ok := m.home[id]; ok && rapid.IntRange(0, 9).Draw(t, "stray") > 0 {
		return home
	}
	return rapid.SampledFrom(projects).Draw(t, "project")
}

// accepted notes what was made, and fails on an error that is no refusal.
func (m *machine) accepted(t *rapid.T, project string, i state.Instance, err error) {
	var refusal *state.Error
	switch {
	case err == nil:
		known := map[string]bool{}
		for _, id := range m.known {
			known[id] = true
		}
		for _, r := range m.History() { // replica_count makes more than one
			if !known[r.ID] {
				m.known, m.home[r.ID] = append(m.known, r.ID), project
			}
		}
		if m.home[i.ID] != project {
			t.Fatalf("instance %s of project %s is not in the history", i.ID, project)
		}
	case !errors.As(err, &refusal):
		t.Fatalf("error %v is no *state.Error", err)
	}
}

func (m *machine) create(t *rapid.T) {
	yes := rapid.Bool()
	optional := func(label string) *bool {
		if !yes.Draw(t, label+" given") {
			return nil
		}
		v := yes.Draw(t, label)
		return &v
	}
	project := rapid.SampledFrom(projects).Draw(t, "project")
	name := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "cluster")
	r := state.CreateRequest{Name: "any", FlavorID: "1", Volume: &state.Volume{Size: 1}, Datastore: &state.DatastoreRef{}}
	var top topology.Topology
	switch r.Datastore.Type = rapid.SampledFrom([]string{"mysql", "mongodb", "mongodb", "cassandra", "couchbase", "redis", "redis"}).Draw(t, "datastore"); r.Datastore.Type {
	case "mysql":
		if yes.Draw(t, "replica") {
			top.MySQL = &topology.MySQL{ReadOnly: optional("read_only")}
			for range rapid.IntRange(1, 2).Draw(t, "sources") {
				top.MySQL.SlaveOf = append(top.MySQL.SlaveOf, topology.Ref{ID: m.id(t)})
			}
		}
	case "mongodb":
		top.MongoDB = &topology.MongoDB{Type: "member", ReplSet: name, Join: optional("join")}
		if rapid.IntRange(0, 5).Draw(t, "arbiter") == 0 {
			top.MongoDB.Type = "arbiter"
		} else if yes.Draw(t, "mute") {
			zero, none := 0.0, int64(0)
			top.MongoDB.Priority, top.MongoDB.Votes = &zero, &none
		}
	case "cassandra":
		tokens, seed, snitch, bootstrap := int64(8), true, "SimpleSnitch", true
		top.Cassandra = &topology.Cassandra{ClusterName: name, NumTokens: &tokens, IsSeed: &seed, EndpointSnitch: &snitch, AutoBootstrap: &bootstrap, Join: optional("join")}
	case "couchbase":
		top.Couchbase = &topology.Couchbase{ClusterName: name, Join: optional("join")}
	case "redis":
		var source *string
		if yes.Draw(t, "replica") {
			id := m.id(t)
			source = &id
		}
		if yes.Draw(t, "clustered") {
			top.RedisCluster = &topology.RedisCluster{ClusterName: name, Join: optional("join"), SlaveOf: source}
		} else {
			top.Redis = &topology.Redis{SlaveOf: source}
		}
	}
	if top.Namespace() != "" {
		r.Topology = &top
	}
	i, err := m.Create(project, r)
	m.accepted(t, project, i, err)
}

func (m *machine) createReplica(t *rapid.T) {
	id := m.id(t)
	project := m.in(t, id)
	i, err := m.Create(project, state.CreateRequest{Name: "replica", ReplicaOf: id, ReplicaCount: rapid.IntRange(0, 3).Draw(t, "count")})
	m.accepted(t, project, i, err)
}

// change is any of the operations that take one instance.
func (m *machine) change(t *rapid.T) {
	id := m.id(t)
	project := m.in(t, id)
	operations := []func() error{
		func() error { return m.Delete(project, id, "somebody") },
		func() error { return m.Delete(project, id, "somebody") },
		func() error { return m.Restart(project, id) },
		func() error { return m.ResizeFlavor(project, id, "2") },
		func() error { return m.ResizeVolume(project, id, 2) },
		func() error { return m.PromoteToReplicaSource(project, id) },
		func() error { return m.EjectReplicaSource(project, id) },
		func() error { return m.SetHeartbeat(project, id, false) },
		func() error { return m.ResetStatus(project, id) },
		func() error { return m.Update(project, id, state.Update{Detach: true}) },
		func() error {
			return m.Update(project, id, state.Update{Version: rapid.SampledFrom([]string{"mysql-5.5", "tokumx-2.0.1", "redis-2.8.6"}).Draw(t, "version")})
		},
	}
	m.accepted(t, "", state.Instance{}, ignoreNil(operations[rapid.IntRange(0, len(operations)-1).Draw(t, "operation")]()))
}

// errDone stands for success where nothing was made.
var errDone = &state.Error{Message: "done"}

func ignoreNil(err error) error {
	if err == nil {
		return errDone
	}
	return err
}

func (m *machine) act(t *rapid.T) {
	via, id := m.id(t), m.id(t)
	if rapid.Bool().Draw(t, "a neighbour") {
		if view, err := m.View(m.home[via], via); err == nil {
			id = rapid.SampledFrom(view.Members).Draw(t, "member").ID
		}
	}
	one, half, none, vote := 1.0, 0.5, 0.0, int64(rapid.IntRange(0, 1).Draw(t, "votes"))
	actions := []topology.Action{
		topology.Promote{ID: id}, topology.RemoveMember{ID: id}, topology.DrainNode{ID: id}, topology.RemoveNode{ID: id},
		topology.Rebalance{ServerRemove: id}, topology.SlaveofNoOne{ID: id}, topology.Failover{ID: id}, topology.RemoveClusterNode{ID: id},
		topology.CreateBucket{Bucket: topology.Bucket{Name: "b", Type: "couchbase", RAMSize: 100}}, topology.DeleteBucket{Bucket: "b"},
		topology.UpdateMembers{Members: []topology.MemberUpdate{
			{ID: via, MemberSettings: topology.MemberSettings{Priority: rapid.SampledFrom([]*float64{&one, &half, &none}).Draw(t, "priority"), Votes: &vote}},
		}},
	}
	m.accepted(t, "", state.Instance{}, ignoreNil(m.Act(m.in(t, via), via, rapid.SampledFrom(actions).Draw(t, "action"))))
}

func (m *machine) pass(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.Int64Range(1, int64(buildTime)).Draw(t, "time")))
}

// check asserts what must hold at any time.
func (m *machine) check(t *rapid.T) {
	for _, project := range projects {
		live := map[string]state.Instance{}
		for marker := ""; ; {
			page, next := m.Instances(project, marker, 0)
			for _, i := range page {
				live[i.ID] = i
			}
			if marker = next; next == "" {
				break
			}
		}
		for id, i := range live {
			if i.Status != "BUILD" && i.Status != "ERROR" && i.Status != "SHUTDOWN" {
				m.ready[id] = true
			}
		}
		m.checkCounts(t, project, live)
		for id := range live {
			view, err := m.View(project, id)
			if err != nil {
				t.Fatalf("instance %s has no topology: %v", id, err)
			}
			m.checkView(t, live, id, view)
			m.checkServerIDs(t, project, view)
		}
		m.checkReplicaSets(t, project, live)
	}
}

func (m *machine) checkCounts(t *rapid.T, project string, live map[string]state.Instance) {
	counted, gb, alive := 0, int64(0), 0
	for _, i := range live {
		if i.ProjectID != project || m.home[i.ID] != project {
			t.Fatalf("instance %s of project %s is listed in %s", i.ID, i.ProjectID, project)
		}
		if i.Status != "SHUTDOWN" {
			counted, gb = counted+1, gb+i.VolumeSize
		}
	}
	if n, size := m.Usage(project); n != counted || size != gb {
		t.Fatalf("project %s is said to use %d instances and %d GB, and has %d and %d", project, n, size, counted, gb)
	}
	if counted > m.Quota(project).Instances {
		t.Fatalf("project %s has %d instances, beyond its quota", project, counted)
	}
	for _, r := range m.History() {
		if r.ProjectID != project {
			continue
		}
		if i, ok := live[r.ID]; ok {
			alive++
			if i.Status != r.Status || !r.Deleted.IsZero() {
				t.Fatalf("the record of %s is %+v, its status %s", r.ID, r, i.Status)
			}
		} else if r.Status != "DELETED" || r.Deleted.IsZero() || r.DeletedBy == "" {
			t.Fatalf("the record of %s, which is gone, is %+v", r.ID, r)
		}
	}
	if alive != len(live) {
		t.Fatalf("%d instances are alive, %d of them are in the history", len(live), alive)
	}
}

// sources are what a member replicates from.
func sources(t topology.Topology) []string {
	switch {
	case t.MySQL != nil:
		return t.MySQL.Sources()
	case t.Redis != nil && t.Redis.SlaveOf != nil:
		return []string{*t.Redis.SlaveOf}
	case t.RedisCluster != nil && t.RedisCluster.SlaveOf != nil:
		return []string{*t.RedisCluster.SlaveOf}
	}
	return nil
}

func (m *machine) checkView(t *rapid.T, live map[string]state.Instance, id string, view topology.View) {
	if _, ok := view.Find(id); !ok {
		t.Fatalf("%s is not in its own topology", id)
	}
	namespaces := map[topology.Namespace]bool{}
	for n, member := range view.Members {
		i, ok := live[member.ID]
		switch {
		case !ok:
			t.Fatalf("the topology of %s holds %s, which does not exist", id, member.ID)
		case slices.ContainsFunc(view.Members[:n], func(o topology.Member) bool { return o.ID == member.ID }):
			t.Fatalf("the topology of %s holds %s twice", id, member.ID)
		case i.Status == "SHUTDOWN" && member.ID != id:
			t.Fatalf("the topology of %s holds %s, which is going away", id, member.ID)
		case i.Status == "ERROR" && member.ID != id && !m.ready[member.ID]:
			t.Fatalf("the topology of %s holds %s, which failed to build", id, member.ID)
		}
		if ns := member.Namespace(); ns != "" {
			namespaces[ns] = true
		}
		for _, source := range sources(member.Topology) {
			if source == member.ID || live[source].ID == "" {
				t.Fatalf("%s replicates from %q, which does not exist or is itself", member.ID, source)
			}
		}
		// Loops cannot be.
		for at, hops := member, 0; len(sources(at.Topology)) > 0; hops++ {
			if hops > len(view.Members) {
				t.Fatalf("%s replicates in a circle", member.ID)
			}
			next, ok := view.Find(sources(at.Topology)[0])
			if !ok {
				break
			}
			at = next
		}
	}
	if len(namespaces) > 1 {
		t.Fatalf("the topology of %s mixes namespaces %v", id, namespaces)
	}
}

func (m *machine) checkServerIDs(t *rapid.T, project string, view topology.View) {
	taken := map[uint32]string{}
	for _, member := range view.Members {
		n := m.ServerID(project, member.ID)
		if n == 0 {
			continue // another datastore
		}
		if other, ok := taken[n]; ok {
			t.Fatalf("%s and %s share server_id %d", member.ID, other, n)
		}
		taken[n] = member.ID
	}
}

// checkReplicaSets holds the sets against the limits, and sets and clusters against each other: each has one topology.
func (m *machine) checkReplicaSets(t *rapid.T, project string, live map[string]state.Instance) {
	homes := map[string]string{} // the first member, by namespace and name
	for id := range live {
		view, err := m.View(project, id)
		if err != nil {
			t.Fatal(err)
		}
		if i := live[id]; i.Status == "SHUTDOWN" || i.Status == "ERROR" {
			continue // may stand alone
		}
		self, _ := view.Find(id)
		var key string
		switch {
		case self.MongoDB != nil:
			key = "mongodb/" + self.MongoDB.ReplSet
			var set []topology.MongoDB
			for _, member := range view.Members {
				set = append(set, *member.MongoDB)
			}
			voters := 0
			for _, s := range set {
				if *s.Votes > 0 {
					voters++
				}
			}
			if len(set) > topology.MaxReplicaSetMembers || voters > topology.MaxVotingMembers {
				t.Fatalf("replica set %s has %d members, %d of them voting", self.MongoDB.ReplSet, len(set), voters)
			}
			m.checkPrimary(t, project, self.MongoDB.ReplSet, view, live)
		case self.Cassandra != nil:
			key = "cassandra/" + self.Cassandra.ClusterName
		case self.Couchbase != nil:
			key = "couchbase/" + self.Couchbase.ClusterName
		case self.RedisCluster != nil:
			key = "redis_cluster/" + self.RedisCluster.ClusterName
		default:
			continue
		}
		if first, ok := homes[key]; ok && first != view.Members[0].ID {
			t.Fatalf("there are two of %s in project %s", key, project)
		}
		homes[key] = view.Members[0].ID
	}
}

func (m *machine) checkPrimary(t *rapid.T, project, name string, view topology.View, live map[string]state.Instance) {
	set, ok := m.ReplicaSet(project, name)
	if !ok {
		t.Fatalf("replica set %s has members and does not exist", name)
	}
	best := 0.0
	for _, member := range view.Members {
		if status := live[member.ID].Status; status != "BUILD" && status != "ERROR" && !member.MongoDB.IsArbiter() {
			best = max(best, *member.MongoDB.Priority)
		}
	}
	if set.Primary == "" {
		if best > 0 {
			t.Fatalf("replica set %s has no primary, and a member with priority %v", name, best)
		}
		return
	}
	primary, ok := view.Find(set.Primary)
	if !ok || *primary.MongoDB.Priority != best || best == 0 {
		t.Fatalf("replica set %s has primary %+v, the highest priority is %v", name, primary, best)
	}
}

func TestWhateverIsAskedTheInvariantsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		m.populate(t)
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create, "create again": m.create, "create replica": m.createReplica, "change": m.change,
			"act": m.act, "act again": m.act, "pass": m.pass, "": m.check,
		})
		m.checkRest(t)
	})
}

// checkRest lets all work end: nothing stays busy, and everything can be deleted.
func (m *machine) checkRest(t *rapid.T) {
	m.now = m.now.Add(time.Hour)
	m.check(t)
	if due, busy := m.NextDue(); busy {
		t.Fatalf("after an hour work is still due at %s", due)
	}
	m.quiet = true
	m.checkClustersAreFree(t)
	for range len(m.known) + 1 { // replicas go before their sources
		for _, id := range m.known {
			i, err := m.Instance(m.home[id], id)
			if err != nil {
				continue
			}
			if i.Status != "ACTIVE" && i.Status != "ERROR" {
				t.Fatalf("after an hour %s is still %s", id, i.Status)
			}
			if err := m.Delete(m.home[id], id, "the end"); err != nil {
				var refusal *state.Error
				if !errors.As(err, &refusal) || refusal.Code != 403 {
					t.Fatalf("delete %s: %v", id, err)
				}
			}
		}
		m.now = m.now.Add(actionTime)
	}
	for _, project := range projects {
		if left, _ := m.Instances(project, "", 0); len(left) > 0 {
			t.Fatalf("%d instances of %s cannot be deleted: %s", len(left), project, fmt.Sprint(left[0]))
		}
		for _, name := range []string{"x", "y"} {
			if _, ok := m.ReplicaSet(project, name); ok {
				t.Fatalf("replica set %s outlives its members", name)
			}
		}
	}
}

// checkClustersAreFree starts a change in every cluster that is at rest; none may still be in an old one.
func (m *machine) checkClustersAreFree(t *rapid.T) {
	for _, id := range m.known {
		i, err := m.Instance(m.home[id], id)
		if err != nil || i.Status != "ACTIVE" || i.Topology == nil {
			continue
		}
		name := "free.test"
		var action topology.Action
		switch {
		case i.Topology.MongoDB != nil:
			action = topology.UpdateMembers{Members: []topology.MemberUpdate{{ID: id, MemberSettings: topology.MemberSettings{Hostname: &name}}}}
		case i.Topology.Cassandra != nil:
			action = topology.DrainNode{ID: id}
		case i.Topology.Couchbase != nil:
			action = topology.CreateBucket{Bucket: topology.Bucket{Name: "b-" + id, Type: "couchbase", RAMSize: 100}}
		default:
			continue
		}
		var refusal *state.Error
		if err := m.Act(m.home[id], id, action); errors.As(err, &refusal) && refusal.Code == 422 {
			t.Fatalf("after an hour %s is refused: %v", topology.OperationName(action), err)
		}
		m.now = m.now.Add(actionTime)
	}
}
