package state_test

import (
	"errors"
	"fmt"
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

	engine *slowEngine // nil where none runs
}

var projects = []string{"demo", "other"}

func newMachine(t *rapid.T, change ...func(*machine, *state.Options)) *machine {
	m := &machine{now: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), home: map[string]string{}, ready: map[string]bool{}, quiet: true}
	fate := rapid.IntRange(0, 9)
	options := state.Options{
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
		ActionFate: func(string, string, string, string) error {
			if !m.quiet && fate.Draw(t, "action fate") == 0 {
				return errors.New("it was not to be")
			}
			return nil
		},
	}
	for _, c := range change {
		c(m, &options)
	}
	m.State = state.New(options)
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
		m.restFor(buildTime)
		return i.ID
	}
	source := build("mysql", "")
	build("mysql", slaveOf(source))
	build("mysql", slaveOf(source))
	for range 2 {
		i, err := m.Create("demo", state.CreateRequest{Name: "any", ReplicaOf: source})
		m.accepted(t, "demo", i, err)
		m.restFor(buildTime)
	}
	for n, block := range []string{
		`{"mongodb": {"type": "member", "replSet": "x"%s}}`,
		`{"cassandra": {"cluster_name": "x", "num_tokens": 8, "is_seed": true, "endpoint_snitch": "SimpleSnitch", "auto_bootstrap": true%s}}`,
		`{"couchbase": {"cluster_name": "x"%s}}`,
		`{"redis_cluster": {"cluster_name": "x"%s}}`,
	} {
		datastore := []string{"mongodb", "cassandra", "couchbase", "redis"}[n]
		first := build(datastore, fmt.Sprintf(block, ""))
		build(datastore, fmt.Sprintf(block, `, "join": true`))
		if datastore == "redis" {
			build(datastore, fmt.Sprintf(block, fmt.Sprintf(`, "slave_of": %q`, first)))
			build(datastore, fmt.Sprintf(block, fmt.Sprintf(`, "slave_of": %q`, first)))
		}
	}
	master := build("redis", `{"redis": {}}`)
	replica := build("redis", fmt.Sprintf(`{"redis": {"slave_of": %q}}`, master))
	build("redis", fmt.Sprintf(`{"redis": {"slave_of": %q}}`, replica))
	m.quiet = false
}

// restFor lets work end that takes so long, and what the engine then does.
func (m *machine) restFor(d time.Duration) {
	m.now = m.now.Add(d)
	if m.engine != nil {
		m.Now() // it is asked for the server now
		m.now = m.now.Add(slowest)
	}
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
