package state_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// mongo is the topology of a member; more are further fields.
func mongo(more string) string {
	return `{"mongodb": {"type": "member", "replSet": "products"` + more + `}}`
}

const (
	creates = ``
	joins   = `, "join": true`
	mute    = `, "join": true, "votes": 0, "priority": 0`
)

const arbiter = `{"mongodb": {"type": "arbiter", "replSet": "products", "join": true}}`

func removeMember(id string) string {
	return fmt.Sprintf(`{"mongodb": {"remove_member": {"id": %q}}}`, id)
}

func updateMembers(entries ...string) string {
	list := ""
	for n, e := range entries {
		if n > 0 {
			list += ", "
		}
		list += "{" + e + "}"
	}
	return `{"mongodb": {"update_members": {"members": [` + list + `]}}}`
}

// update is an entry of updateMembers.
func update(id, settings string) string { return fmt.Sprintf(`"id": %q, %s`, id, settings) }

// replicaSet builds a set of so many members and returns their ids.
func (w *world) replicaSet(members int) []string {
	w.t.Helper()
	ids := []string{w.built("m1", "mongodb-7.0", mongo(creates))}
	for n := 2; n <= members; n++ {
		ids = append(ids, w.create(fmt.Sprintf("m%d", n), "mongodb-7.0", mongo(joins)))
	}
	w.pass(buildTime)
	return ids
}

func (w *world) primary() string {
	w.t.Helper()
	set, ok := w.ReplicaSet(demo, "products")
	if !ok {
		w.t.Fatal("there is no replica set")
	}
	if set.Primary == "" {
		return ""
	}
	return w.get(set.Primary).Name
}

func TestBootstrappingAndJoining(t *testing.T) {
	for namespace, c := range map[string]struct{ version, found, join string }{
		"mongodb":       {"mongodb-7.0", mongo(creates), mongo(joins)},
		"cassandra":     {"cassandra-4.1", cassandra(`, "endpoint_snitch": "GossipingPropertyFileSnitch"`), cassandra(`, "join": true, "auto_bootstrap": true`)},
		"couchbase":     {"couchbase-7.2", couchbase(``), couchbase(`, "join": true`)},
		"redis_cluster": {"redis-7.2", redisCluster(``), redisCluster(`, "join": true`)},
	} {
		t.Run(namespace, func(t *testing.T) {
			w := newWorld(t)
			w.refused("early", c.version, c.join, 404, "cannot be found")
			first := w.create("first", c.version, c.found)
			w.refused("rival", c.version, c.found, 409, "exists already")
			w.refused("joiner", c.version, c.join, 422, "is not ready")
			w.pass(buildTime)
			w.refused("rival", c.version, c.found, 409, "exists already")
			a, b := w.create("a", c.version, c.join), w.create("b", c.version, c.join)
			if got := w.members(first); len(got) != 3 {
				t.Errorf("while two join the members are %v", got)
			}
			w.pass(buildTime)
			for _, id := range []string{first, a, b} {
				if got := w.members(id); len(got) != 3 {
					t.Errorf("asked of %s, the members are %v", w.get(id).Name, got)
				}
			}
			w.deleted(first, a)
			if got := w.members(b); len(got) != 1 {
				t.Errorf("after two were deleted the members are %v", got)
			}
			w.refused("rival", c.version, c.found, 409, "exists already")
			w.deleted(b)
			w.refused("late", c.version, c.join, 404, "cannot be found")
			w.built("again", c.version, c.found)
		})
		t.Run(namespace+" created in vain", func(t *testing.T) {
			w := newWorld(t)
			w.fates["first"] = state.Fate{Fault: "no"}
			failed := w.create("first", c.version, c.found)
			w.pass(buildTime)
			w.refused("joiner", c.version, c.join, 404, "cannot be found")
			again := w.built("again", c.version, c.found)
			if got := w.members(again); len(got) != 1 {
				t.Errorf("the members are %v", got)
			}
			wantError(t, w.act(failed, `{"mysql": {"promote": {"id": "x"}}}`), 400, "is in no mysql topology")
			w.deleted(failed)
			w.deleted(again)
		})
		t.Run(namespace+" left by all while one joins", func(t *testing.T) {
			w := newWorld(t)
			first := w.built("first", c.version, c.found)
			joiner := w.create("joiner", c.version, c.join)
			w.deleted(first)
			w.refused("rival", c.version, c.found, 409, "exists already")
			w.pass(buildTime)
			if i := w.get(joiner); i.Status != "ERROR" || i.Fault == nil {
				t.Errorf("the joiner is %+v", i)
			}
			w.built("again", c.version, c.found)
		})
	}
}

func TestMongoDBShowsItsSettingsInForce(t *testing.T) {
	w := newWorld(t)
	w.replicaSet(1)
	id := w.built("late", "mongodb-7.0", mongo(joins+`, "priority": 0, "hidden": true, "slaveDelay": 3600, "hostname": "late.test"`))
	m := w.get(id).Topology.MongoDB
	if m.Join != nil || *m.Priority != 0 || !*m.Hidden || *m.SlaveDelay != 3600 || *m.Votes != 1 || *m.Hostname != "late.test" {
		t.Errorf("the member is shown as %+v", m)
	}
	id = w.built("arbiter", "mongodb-7.0", arbiter)
	if m := w.get(id).Topology.MongoDB; !m.IsArbiter() || m.Priority != nil || m.Hidden != nil || m.SlaveDelay != nil {
		t.Errorf("the arbiter is shown as %+v", m)
	}
}

func TestMongoDBLimits(t *testing.T) {
	w := newWorld(t)
	w.replicaSet(7)
	w.refused("m8", "mongodb-7.0", mongo(joins), 400, "8 voting members")
	w.refused("m8", "mongodb-7.0", arbiter, 400, "8 voting members")
	var mutes []string
	for n := 8; n <= 12; n++ {
		mutes = append(mutes, w.create(fmt.Sprintf("m%d", n), "mongodb-7.0", mongo(mute)))
	}
	w.refused("m13", "mongodb-7.0", mongo(mute), 400, "13 members")
	w.pass(buildTime)
	wantError(t, w.act(mutes[0], updateMembers(update(mutes[0], `"votes": 1`))), 400, "8 voting members")
	w.acted(mutes[0], removeMember(mutes[1]))
	w.built("m13", "mongodb-7.0", mongo(mute))
}

func TestMongoDBLimitsHoldWhateverBecomesOfAChange(t *testing.T) {
	// Six vote and one is to: a seventh voter may not slip in while the change is under way, nor after it failed.
	for name, fate := range map[string]error{"succeeds": nil, "fails": errors.New("no")} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ids := w.replicaSet(6)
			quiet := w.built("quiet", "mongodb-7.0", mongo(mute))
			w.actionFates["mongodb.update_members"] = fate
			if err := w.act(ids[0], updateMembers(update(quiet, `"votes": 1`))); err != nil {
				t.Fatal(err)
			}
			w.refused("seventh", "mongodb-7.0", mongo(joins), 400, "8 voting members")
			w.pass(actionTime)
			if fate == nil {
				w.refused("seventh", "mongodb-7.0", mongo(joins), 400, "8 voting members")
			} else {
				w.built("seventh", "mongodb-7.0", mongo(joins))
			}
		})
	}
	w := newWorld(t)
	ids := w.replicaSet(7)
	if err := w.act(ids[0], updateMembers(update(ids[6], `"votes": 0, "priority": 0`))); err != nil {
		t.Fatal(err)
	}
	w.refused("early", "mongodb-7.0", mongo(joins), 400, "8 voting members")
	w.pass(actionTime)
	w.built("m8", "mongodb-7.0", mongo(joins))
}

func TestUpdateMembersIsOneReconfig(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(3)
	before, _ := w.ReplicaSet(demo, "products")
	if err := w.act(ids[2], updateMembers(update(ids[0], `"priority": 0.5`), update(ids[1], `"priority": 2`), update(ids[2], `"priority": 0, "hidden": true, "slaveDelay": 60`))); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if i := w.get(id); i.Status == "ACTIVE" {
			t.Errorf("%s is ACTIVE during the change", i.Name)
		}
	}
	w.wantMembers([]string{"m1: products, priority 1", "m2: products, priority 1", "m3: products, priority 1"}, ids...)
	w.pass(actionTime)
	w.wantMembers([]string{"m1: products, priority 0.5", "m2: products, priority 2", "m3: products, priority 0"}, ids...)
	m := w.get(ids[2]).Topology.MongoDB
	if !*m.Hidden || *m.SlaveDelay != 60 || *m.Votes != 1 {
		t.Errorf("the third member is %+v", m)
	}
	after, _ := w.ReplicaSet(demo, "products")
	if after.Reconfigs != before.Reconfigs+1 || after.Elections != before.Elections+1 || w.primary() != "m2" {
		t.Errorf("from %+v to %+v with %s as primary, want one reconfig and one election of m2", before, after, w.primary())
	}
}

func TestUpdateMembersThatIsRefusedOrFailsChangesNothing(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(3)
	witness := w.built("witness", "mongodb-7.0", arbiter)
	other := w.built("other", "mongodb-7.0", `{"mongodb": {"type": "member", "replSet": "others"}}`)
	building := w.create("building", "mongodb-7.0", mongo(joins))
	want := w.members(ids[0])
	for name, c := range map[string]struct {
		action  string
		code    int
		message string
	}{
		"hidden but electable":   {updateMembers(update(ids[0], `"priority": 2`), update(ids[1], `"hidden": true`)), 400, "hidden needs priority 0"},
		"priority of an arbiter": {updateMembers(update(witness, `"priority": 1`)), 400, "an arbiter has no priority"},
		"a stranger":             {updateMembers(update(ids[0], `"priority": 2`), update(other, `"priority": 2`)), 400, "is not a member"},
		"nobody":                 {updateMembers(update("nobody", `"priority": 2`)), 404, "Resource nobody cannot be found."},
		"one that builds":        {updateMembers(update(ids[0], `"priority": 2`), update(building, `"priority": 2`)), 422, "is not ready"},
		"a priority too high":    {updateMembers(update(ids[0], `"priority": 0`), update(ids[1], `"priority": 0`), update(ids[2], `"priority": 1001`)), 400, "between 0 and 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			wantError(t, w.act(ids[0], c.action), c.code, c.message)
			w.wantMembers(want, ids[0])
			w.wantStatus(ids[0], "ACTIVE")
		})
	}
	w.t = t
	w.pass(buildTime)
	want = w.members(ids[0])
	w.actionFates["mongodb.update_members"] = errors.New("no majority")
	w.acted(ids[1], updateMembers(update(ids[0], `"priority": 0.5`), update(ids[1], `"priority": 2`)))
	w.wantStatus(ids[0], "ERROR")
	w.wantStatus(ids[1], "ERROR")
	w.wantMembers(want, ids[2])
	if w.primary() != "m3" {
		t.Errorf("the primary is %s, want m3: the members in ERROR cannot be", w.primary())
	}
}

func TestUpdateMembersKeepsSomebodyElectable(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(2)
	w.built("witness", "mongodb-7.0", arbiter)
	wantError(t, w.act(ids[0], updateMembers(update(ids[0], `"priority": 0`), update(ids[1], `"priority": 0`))), 400, "no member of the replica set could become primary")
}

func TestASetTakesOneChangeAtATime(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(4)
	if err := w.act(ids[0], updateMembers(update(ids[1], `"priority": 2`))); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.act(ids[2], removeMember(ids[3])), 422, "being changed (mongodb.update_members)")
	wantError(t, w.act(ids[1], removeMember(ids[3])), 422, "(task status was UPDATING)")
	if err := w.ResizeFlavor(demo, ids[2], "3"); err != nil {
		t.Errorf("a member that is not in change can be resized: %v", err)
	}
	// The member in change goes away: the set is free again all the same.
	if err := w.Delete(demo, ids[1], "x"); err != nil {
		t.Fatal(err)
	}
	w.pass(actionTime)
	w.acted(ids[2], removeMember(ids[3]))
}

func TestRemoveMember(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(3)
	if err := w.act(ids[1], removeMember(ids[0])); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(ids[0], "UPDATING")
	w.pass(actionTime)
	w.wantMembers([]string{"m1: bare"}, ids[0])
	w.wantMembers([]string{"m2: products, priority 1", "m3: products, priority 1"}, ids[1], ids[2])
	if w.get(ids[0]).Topology != nil || w.primary() != "m2" {
		t.Errorf("the removed one shows %v, the primary is %s", w.get(ids[0]).Topology, w.primary())
	}
	wantError(t, w.act(ids[0], removeMember(ids[1])), 400, "is in no mongodb topology")
	wantError(t, w.act(ids[1], removeMember(ids[0])), 400, "is not a member")
	w.acted(ids[2], removeMember(ids[1]))
	wantError(t, w.act(ids[2], removeMember(ids[2])), 422, "is the last member")
	w.deleted(ids...)
}

func TestRemoveMemberOfTheLastOneThatCanBePrimary(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(1)
	w.built("hidden", "mongodb-7.0", mongo(mute))
	wantError(t, w.act(ids[0], removeMember(ids[0])), 400, "no member of the replica set could become primary")
}

func TestRemoveMemberOfTheOnlyOneThatIsBuilt(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(1)
	w.create("late", "mongodb-7.0", mongo(joins))
	wantError(t, w.act(ids[0], removeMember(ids[0])), 422, "is the last member")
}

func TestRemovalLosesToDeletionOfTheRest(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(2)
	if err := w.act(ids[0], removeMember(ids[0])); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(demo, ids[1], "x"); err != nil {
		t.Fatal(err)
	}
	w.pass(actionTime)
	if i := w.get(ids[0]); i.Status != "ERROR" || i.Topology == nil {
		t.Errorf("the last member is %+v: it cannot have been removed", i)
	}
}

func TestElections(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(3)
	if w.primary() != "m1" {
		t.Errorf("the first member is not the primary but %s", w.primary())
	}
	strong := w.built("strong", "mongodb-7.0", mongo(joins+`, "priority": 5`))
	if w.primary() != "strong" {
		t.Errorf("the primary is %s, want the member with the highest priority", w.primary())
	}
	before, _ := w.ReplicaSet(demo, "products")
	w.deleted(ids[2])
	if after, _ := w.ReplicaSet(demo, "products"); after.Elections != before.Elections {
		t.Error("a secondary's end caused an election")
	}
	w.deleted(strong)
	if w.primary() != "m1" {
		t.Errorf("the primary is %s, want the oldest of equals", w.primary())
	}
	w.deleted(ids[0])
	if w.primary() != "m2" {
		t.Errorf("the primary is %s, want the only one left", w.primary())
	}
}

func TestAPrimaryStaysAmongEquals(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(2)
	w.acted(ids[0], updateMembers(update(ids[1], `"priority": 2`)))
	before, _ := w.ReplicaSet(demo, "products")
	w.acted(ids[0], updateMembers(update(ids[0], `"priority": 2`)))
	after, _ := w.ReplicaSet(demo, "products")
	if w.primary() != "m2" || after.Elections != before.Elections {
		t.Errorf("the primary is %s after %d further elections, want m2 to stay", w.primary(), after.Elections-before.Elections)
	}
}

func TestTokuMXDoesNotMixWithMongoDB(t *testing.T) {
	w := newWorld(t)
	ids := w.replicaSet(2)
	w.refused("toku", "tokumx-2.0.1", mongo(joins), 400, "does not replicate")
	wantError(t, w.Update(demo, ids[0], state.Update{Version: "tokumx-2.0.1"}), 400, "does not replicate")
	if err := w.Update(demo, ids[0], state.Update{Version: "mongodb-2.0.4"}); err != nil {
		t.Error(err)
	}
}

func TestWarningsOfACreation(t *testing.T) {
	w := newWorld(t)
	w.replicaSet(1)
	i, err := w.Create(demo, request(t, "m2", "mongodb-7.0", mongo(joins)))
	if err != nil || !slices.ContainsFunc(i.Warnings, func(s string) bool { return s != "" }) || len(i.Warnings) != 1 {
		t.Errorf("the second voter is made with warnings %q, %v; want one about an even number", i.Warnings, err)
	}
	if i := w.get(i.ID); i.Warnings != nil {
		t.Errorf("the warnings %q outlive the creation", i.Warnings)
	}
}
