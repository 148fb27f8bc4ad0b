package state_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// slaveOf is the topology of a replica of these sources.
func slaveOf(ids ...string) string {
	refs := ""
	for n, id := range ids {
		if n > 0 {
			refs += ", "
		}
		refs += fmt.Sprintf(`{"id": %q}`, id)
	}
	return `{"mysql": {"slave_of": [` + refs + `]}}`
}

func promote(id string) string { return fmt.Sprintf(`{"mysql": {"promote": {"id": %q}}}`, id) }

func TestMySQLTopologyFromAnyMember(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-5.7", "")
	w.wantMembers([]string{"source: bare"}, source)
	a := w.built("a", "mysql-5.7", slaveOf(source))
	b := w.built("b", "mysql-8.0", fmt.Sprintf(`{"mysql": {"slave_of": [{"id": %q}], "read_only": false}}`, source))
	w.built("lone", "mysql-5.7", "")
	w.wantMembers([]string{"source: bare", "a: of source, read-only true", "b: of source, read-only false"}, source, a, b)
	if i := w.get(a); i.Topology == nil || i.Topology.MySQL.Sources()[0] != source || i.ReplicaOf != "" {
		t.Errorf("the replica is shown as %+v", i)
	}
	if i := w.get(source); i.Topology != nil || i.Replicas != nil {
		t.Errorf("the source is shown as %+v", i)
	}
}

func TestMySQLServerIDsDifferAlsoWhereTopologiesMeet(t *testing.T) {
	w := newWorld(t)
	x, y := w.built("x", "mysql-8.0", ""), w.built("y", "mysql-8.0", "")
	a, b := w.built("a", "mysql-8.0", slaveOf(x)), w.built("b", "mysql-8.0", slaveOf(y))
	both := w.built("both", "mysql-8.0", slaveOf(x, y))
	w.wantMembers([]string{"x: bare", "y: bare", "a: of x, read-only true", "b: of y, read-only true", "both: of x+y, read-only true"}, x, y, a, b, both)
	seen := map[uint32]string{}
	for _, id := range []string{x, y, a, b, both} {
		n := w.ServerID(demo, id)
		if other, taken := seen[n]; taken || n == 0 {
			t.Errorf("%s has server_id %d, as has %q", w.get(id).Name, n, other)
		}
		seen[n] = w.get(id).Name
	}
}

func TestMySQLSourcesThatCannotBe(t *testing.T) {
	w := newWorld(t)
	source, maria, five := w.built("source", "mysql-8.0", ""), w.built("maria", "mariadb-10.11", ""), w.built("five", "mysql-5.5", "")
	building := w.create("building", "mysql-8.0", "")
	w.refused("r", "mysql-8.0", slaveOf("99999999-9999-4999-8999-999999999999"), 404, "Resource 99999999-9999-4999-8999-999999999999 cannot be found.")
	w.refused("r", "mysql-8.0", slaveOf(maria), 400, "runs mariadb")
	w.refused("r", "mariadb-10.11", slaveOf(source), 400, "runs mysql")
	w.refused("r", "mysql-5.5", slaveOf(five, source), 400, "replicates from one only")
	w.refused("r", "mysql-8.0", slaveOf(building), 422, "is not ready")
	w.refused("r", "mysql-8.0", slaveOf(source, building), 422, "is not ready")
	w.wantStatus(source, "ACTIVE") // a refused creation starts no backup
	w.refused("r", "redis-7.2", slaveOf(source), 400, "goes with datastore type mysql or mariadb")
	if err := w.Delete(demo, five, "x"); err != nil {
		t.Fatal(err)
	}
	w.refused("r", "mysql-5.5", slaveOf(five), 422, "instance status was SHUTDOWN")
}

func TestMySQLPromote(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	a, b := w.built("a", "mysql-8.0", slaveOf(source)), w.built("b", "mysql-8.0", slaveOf(source))
	lone := w.built("lone", "mysql-8.0", "")
	redis := w.built("redis", "redis-7.2", `{"redis": {}}`)
	wantError(t, w.act(source, promote(source)), 400, "is not a replica")
	wantError(t, w.act(lone, promote(a)), 400, "is not a member of the topology")
	wantError(t, w.act(redis, promote(a)), 400, "is in no mysql topology")
	wantError(t, w.act(source, promote("nobody")), 404, "Resource nobody cannot be found.")
	wantError(t, w.act("nobody", promote(a)), 404, "Resource nobody cannot be found.")
	if err := w.act(b, promote(a)); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(a, "DETACH")
	w.wantMembers([]string{"source: bare", "a: of source, read-only true", "b: of source, read-only true"}, a)
	wantError(t, w.act(a, promote(a)), 422, "(task status was DETACHING)")
	w.pass(actionTime)
	w.wantStatus(a, "ACTIVE")
	w.wantMembers([]string{"a: bare"}, a)
	w.wantMembers([]string{"source: bare", "b: of source, read-only true"}, source, b)
	if w.get(a).Topology != nil {
		t.Error("the promoted replica still shows a topology")
	}
	wantError(t, w.Delete(demo, source, "x"), 403, "Detach replicas")
	w.deleted(b)
	w.deleted(source)
}

func TestMySQLPromoteThatFailsEndsInError(t *testing.T) {
	w := newWorld(t)
	w.actionFates["mysql.promote"] = errors.New("too far behind")
	source := w.built("source", "mysql-8.0", "")
	a := w.built("a", "mysql-8.0", slaveOf(source))
	w.acted(a, promote(a))
	if i := w.get(a); i.Status != "ERROR" || i.Fault.Message != "too far behind" {
		t.Errorf("the replica is %+v", i)
	}
	w.wantMembers([]string{"source: bare", "a: of source, read-only true"}, source)
	w.refused("r", "mysql-8.0", slaveOf(a), 422, "instance status was ERROR")
}

func TestReleasedVerbsWorkOnTopologyReplicasAndTheOtherWayRound(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	a, b := w.built("a", "mysql-8.0", slaveOf(source)), w.replicated("b", source)
	w.wantMembers([]string{"source: bare", "a: of source, read-only true", "b: of source, read-only true"}, source, a, b)
	if err := w.PromoteToReplicaSource(demo, a); err != nil {
		t.Fatal(err)
	}
	w.pass(actionTime)
	w.wantMembers([]string{"source: of a, read-only true", "a: bare", "b: of a, read-only true"}, source, a, b)
	if w.get(source).Topology == nil || w.get(b).ReplicaOf != a {
		t.Errorf("the old source shows %+v, the other replica %+v", w.get(source), w.get(b))
	}
	if err := w.Update(demo, source, state.Update{Detach: true}); err != nil {
		t.Fatal(err)
	}
	w.acted(b, promote(b))
	w.wantMembers([]string{"source: bare"}, source)
	w.wantMembers([]string{"b: bare"}, b)
}

func TestMySQLReplicaThatFailsToBuildIsInNobodysTopology(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	w.fates["bad"] = state.Fate{Fault: "no"}
	bad := w.create("bad", "mysql-8.0", slaveOf(source))
	w.wantMembers([]string{"source: bare", "bad: of source, read-only true"}, source)
	w.pass(buildTime)
	w.wantMembers([]string{"source: bare"}, source)
	w.deleted(bad)
	w.deleted(source)
}

func TestMultiSourceReplicasKeepTheirVersion(t *testing.T) {
	w := newWorld(t)
	x, y := w.built("x", "mysql-8.0", ""), w.built("y", "mysql-8.0", "")
	both := w.built("both", "mysql-8.0", slaveOf(x, y))
	wantError(t, w.Update(demo, both, state.Update{Version: "mysql-5.5"}), 400, "replicates from one only")
	wantError(t, w.PromoteToReplicaSource(demo, both), 400, "has more than one source")
	if err := w.Update(demo, both, state.Update{Version: "mysql-5.7"}); err != nil {
		t.Error(err)
	}
}
