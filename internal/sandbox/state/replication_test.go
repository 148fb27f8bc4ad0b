package state_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// replica asks for a replica as released Trove has it.
func (w *world) replica(name, source string, change ...func(*state.CreateRequest)) (state.Instance, error) {
	r := state.CreateRequest{Name: name, ReplicaOf: source, Networks: []state.Network{{ID: "net"}}}
	for _, c := range change {
		c(&r)
	}
	return w.Create(demo, r)
}

// replicated is replica, which is accepted, and the time that it takes.
func (w *world) replicated(name, source string) string {
	w.t.Helper()
	i, err := w.replica(name, source)
	if err != nil {
		w.t.Fatal(err)
	}
	w.pass(buildTime)
	w.wantStatus(i.ID, "ACTIVE")
	return i.ID
}

// wantRoles checks ReplicaOf and the number of replicas of instances.
func (w *world) wantRoles(want string, ids ...string) {
	w.t.Helper()
	names := map[string]string{"": "-"}
	for _, id := range ids {
		names[id] = w.get(id).Name
	}
	got := ""
	for _, id := range ids {
		i := w.get(id)
		got += fmt.Sprintf("%s %s of %s with %d; ", i.Name, i.Status, names[i.ReplicaOf], len(i.Replicas))
	}
	if got != want {
		w.t.Fatalf("roles are\n%s, want\n%s", got, want)
	}
}

func TestReplicaTakesAfterItsSource(t *testing.T) {
	for name, options := range map[string]func(*state.Options){"topology": func(*state.Options) {}, "upstream": upstream} {
		t.Run(name, func(t *testing.T) {
			for _, version := range []string{"mysql-8.0", "mariadb-10.11", "postgresql-16"} {
				w := newWorld(t, options)
				source := w.built("source", version, "")
				id := w.replicated("replica", source)
				i := w.get(id)
				if i.FlavorID != "2" || i.VolumeSize != 5 || i.Version.Name != version || i.Topology != nil {
					t.Errorf("%s: the replica is %+v", version, i)
				}
				w.wantRoles("source ACTIVE of - with 1; replica ACTIVE of source with 0; ", source, id)
			}
		})
	}
}

func TestWhatCannotBeGivenWithReplicaOf(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	for message, change := range map[string]func(*state.CreateRequest){
		"Cannot specify flavor when creating replicas.":             func(r *state.CreateRequest) { r.FlavorID = "2" },
		"Cannot specify datastore when creating replicas.":          func(r *state.CreateRequest) { r.Datastore = &state.DatastoreRef{} },
		"Cannot specify volume when creating replicas.":             func(r *state.CreateRequest) { r.Volume = &state.Volume{Size: 5} },
		"Cannot specify locality when creating replicas.":           func(r *state.CreateRequest) { r.Locality = "affinity" },
		"Cannot create a replica with users or databases.":          func(r *state.CreateRequest) { r.Databases = []state.Database{{Name: "dd"}} },
		"Cannot specify IP address when creating replicas.":         func(r *state.CreateRequest) { r.Networks[0].IPAddress = "10.1.0.99" },
		"Cannot specify topology when creating replicas with repli": func(r *state.CreateRequest) { r.Topology = request(t, "", "mysql-8.0", `{"redis": {}}`).Topology },
	} {
		_, err := w.replica("replica", source, change)
		wantError(t, err, 400, message)
	}
	_, err := w.replica("replica", "99999999-9999-4999-8999-999999999999")
	wantError(t, err, 404, "Resource 99999999-9999-4999-8999-999999999999 cannot be found.")
	couch := w.built("couch", "couchbase-7.2", "")
	_, err = w.replica("replica", couch)
	wantError(t, err, 400, "Replication is not supported for the 'couchbase' datastore.")
	chain := w.replicated("replica", source)
	_, err = w.replica("deeper", chain)
	wantError(t, err, 401, "Cannot create a replica of a replica "+chain)
}

func TestASourceIsBackedUpForEachReplica(t *testing.T) {
	ask := map[string]func(w *world, name, source string) error{
		"replica_of": func(w *world, name, source string) error { _, err := w.replica(name, source); return err },
		"topology": func(w *world, name, source string) error {
			_, err := w.Create(demo, request(w.t, name, "mysql-8.0", fmt.Sprintf(`{"mysql": {"slave_of": [{"id": %q}]}}`, source)))
			return err
		},
	}
	for first := range ask {
		for second := range ask {
			t.Run(first+" then "+second, func(t *testing.T) {
				w := newWorld(t)
				source := w.create("source", "mysql-8.0", "")
				wantError(t, ask[first](w, "early", source), 422, "is not ready.")
				w.pass(buildTime)
				if err := ask[first](w, "first", source); err != nil {
					t.Fatal(err)
				}
				if i := w.get(source); i.Status != "BACKUP" || i.OperatingStatus != "HEALTHY" {
					t.Errorf("meanwhile the source is %s/%s, want BACKUP/HEALTHY", i.Status, i.OperatingStatus)
				}
				wantError(t, ask[second](w, "second", source), 422, "(instance status was BACKUP)")
				w.pass(backupTime)
				w.wantStatus(source, "ACTIVE")
				if err := ask[second](w, "second", source); err != nil {
					t.Errorf("after the backup: %v", err)
				}
			})
		}
	}
}

func TestReplicaCount(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	last, err := w.replica("pair", source, func(r *state.CreateRequest) { r.ReplicaCount = 2 })
	if err != nil || last.Name != "pair-2" {
		t.Fatalf("the answer is %+v, %v; want the last of the pair", last, err)
	}
	if n := len(w.get(source).Replicas); n != 2 {
		t.Errorf("the source has %d replicas, want 2", n)
	}
	w.SetQuota(demo, state.Quota{Instances: 4})
	w.pass(buildTime)
	_, err = w.replica("more", source, func(r *state.CreateRequest) { r.ReplicaCount = 2 })
	wantError(t, err, 413, "['instances']")
}

func TestDetach(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	id := w.replicated("replica", source)
	detach := func() error { return w.Update(demo, id, state.Update{Detach: true}) }
	wantError(t, w.Delete(demo, source, "x"), 403, "Detach replicas before deleting replica source.")
	if err := detach(); err != nil {
		t.Fatal(err)
	}
	w.wantRoles("source ACTIVE of - with 1; replica DETACH of source with 0; ", source, id)
	wantError(t, detach(), 422, "(task status was DETACHING)")
	w.pass(actionTime)
	w.wantRoles("source ACTIVE of - with 0; replica ACTIVE of - with 0; ", source, id)
	wantError(t, detach(), 400, "Instance "+id+" is not a replica.")
	w.deleted(source)
}

func TestASourceIsHeldByReplicasThatAreGoingOrFailed(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	w.fates["bad"] = state.Fate{Fault: "no snapshot"}
	bad, err := w.replica("bad", source)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, w.Delete(demo, source, "x"), 403, "Detach replicas")
	w.pass(buildTime)
	w.wantRoles("source ACTIVE of - with 1; bad ERROR of source with 0; ", source, bad.ID)
	wantError(t, w.Delete(demo, source, "x"), 403, "Detach replicas")
	if err := w.Delete(demo, bad.ID, "x"); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.Delete(demo, source, "x"), 403, "Detach replicas")
	w.pass(actionTime)
	w.deleted(source)
}

func TestPromoteToReplicaSource(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	a, b := w.replicated("a", source), w.replicated("b", source)
	wantError(t, w.PromoteToReplicaSource(demo, source), 400, "Instance "+source+" is not a replica.")
	if err := w.PromoteToReplicaSource(demo, a); err != nil {
		t.Fatal(err)
	}
	w.wantRoles("source PROMOTE of - with 2; a PROMOTE of source with 0; b PROMOTE of source with 0; ", source, a, b)
	wantError(t, w.PromoteToReplicaSource(demo, a), 422, "(task status was PROMOTING)")
	w.pass(actionTime / 2)
	w.wantRoles("source PROMOTE of - with 1; a PROMOTE of - with 0; b PROMOTE of source with 0; ", source, a, b)
	w.pass(actionTime / 2)
	w.wantRoles("source ACTIVE of a with 0; a ACTIVE of - with 2; b ACTIVE of a with 0; ", source, a, b)
}

func TestAPromotionThatFailsLeavesAllInError(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	a, b := w.replicated("a", source), w.replicated("b", source)
	w.actionFates["promote_to_replica_source"] = errors.New("the guest said no")
	if err := w.PromoteToReplicaSource(demo, a); err != nil {
		t.Fatal(err)
	}
	w.pass(actionTime)
	w.wantRoles("source ERROR of - with 1; a ERROR of - with 0; b ERROR of source with 0; ", source, a, b)
	for _, id := range []string{source, a, b} {
		if err := w.ResetStatus(demo, id); err != nil {
			t.Fatal(err)
		}
		w.wantStatus(id, "ACTIVE")
	}
}

func TestADeletedCandidateIsNotPromoted(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	a, b := w.replicated("a", source), w.replicated("b", source)
	if err := w.PromoteToReplicaSource(demo, a); err != nil {
		t.Fatal(err)
	}
	w.deleted(a)
	w.wantRoles("source ACTIVE of - with 1; b ACTIVE of source with 0; ", source, b)
}

func TestEjectReplicaSource(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	wantError(t, w.EjectReplicaSource(demo, source), 400, "Instance "+source+" is not a replica source.")
	a, b := w.replicated("a", source), w.replicated("b", source)
	wantError(t, w.EjectReplicaSource(demo, source), 400, "cannot be ejected as it has a current heartbeat")
	if err := w.SetHeartbeat(demo, source, false); err != nil {
		t.Fatal(err)
	}
	if i := w.get(source); i.Status != "ACTIVE" || i.OperatingStatus != "ERROR" {
		t.Errorf("without a heartbeat the source is %s/%s, want ACTIVE/ERROR", i.Status, i.OperatingStatus)
	}
	if err := w.EjectReplicaSource(demo, source); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(source, "EJECT")
	w.pass(actionTime)
	w.wantRoles("source ACTIVE of - with 0; a ACTIVE of - with 1; b ACTIVE of a with 0; ", source, a, b)
}

func TestTheSourcesVolumeTakesReplicasAlong(t *testing.T) {
	w := newWorld(t)
	source := w.built("source", "mysql-8.0", "")
	upstreamReplica := w.replicated("replica", source)
	topologyReplica := w.built("other", "mysql-8.0", fmt.Sprintf(`{"mysql": {"slave_of": [{"id": %q}]}}`, source))
	if err := w.ResizeVolume(demo, source, 8); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(upstreamReplica, "RESIZE")
	w.pass(actionTime)
	for id, want := range map[string]int64{source: 8, upstreamReplica: 8, topologyReplica: 5} {
		if got := w.get(id); got.VolumeSize != want {
			t.Errorf("%s has %d GB, want %d", got.Name, got.VolumeSize, want)
		}
	}
}

func TestTheEndOfABackupEndsNothingElse(t *testing.T) {
	w := newWorld(t, func(o *state.Options) { o.ActionTime = buildTime })
	source := w.built("source", "mysql-8.0", "")
	if _, err := w.replica("replica", source); err != nil {
		t.Fatal(err)
	}
	if err := w.ResetStatus(demo, source); err != nil {
		t.Fatal(err)
	}
	if err := w.ResizeFlavor(demo, source, "3"); err != nil {
		t.Fatal(err)
	}
	w.pass(backupTime)
	w.wantStatus(source, "RESIZE")
	w.pass(buildTime)
	if i := w.get(source); i.FlavorID != "3" {
		t.Errorf("the flavor is %s, want 3", i.FlavorID)
	}
}
