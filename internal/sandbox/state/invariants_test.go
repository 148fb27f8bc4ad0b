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
				if m.engine != nil && m.engine.Serves(i.Version.DatastoreName) && !m.engine.realized[id] {
					t.Fatalf("%s is %s, and its server was never ready", id, i.Status)
				}
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

// checkRest lets all work end: nothing stays busy, and everything can be deleted.
func (m *machine) checkRest(t *rapid.T) {
	m.restFor(time.Hour)
	m.check(t)
	if due, busy := m.NextDue(); busy {
		t.Fatalf("after an hour work is still due at %s", due)
	}
	m.quiet = true
	m.checkEngine(t)
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
		m.restFor(actionTime)
	}
	if m.engine != nil && len(m.engine.servers) > 0 {
		t.Fatalf("%d servers outlive their instances", len(m.engine.servers))
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
		m.restFor(actionTime)
	}
}
