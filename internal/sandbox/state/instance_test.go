package state_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func TestAnInstanceBuildsForItsTime(t *testing.T) {
	w := newWorld(t)
	id := w.create("one", "mysql-8.0", "")
	w.pass(buildTime - 1)
	if i := w.get(id); i.Status != "BUILD" || i.OperatingStatus != "" || i.Addresses != nil || i.VolumeShown {
		t.Errorf("while it builds it is %+v", i)
	}
	w.pass(1)
	i := w.get(id)
	if i.Status != "ACTIVE" || i.OperatingStatus != "HEALTHY" || len(i.Addresses) != 1 || !i.VolumeShown || !i.Updated.Equal(w.now) {
		t.Errorf("when it is built it is %+v", i)
	}
}

func TestFates(t *testing.T) {
	w := newWorld(t, func(o *state.Options) { o.UsageTimeout = time.Hour })
	w.fates["bad"] = state.Fate{Fault: "No valid host was found."}
	w.fates["stuck"] = state.Fate{Hang: true}
	bad, stuck := w.create("bad", "mysql-8.0", ""), w.create("stuck", "mysql-8.0", "")
	w.pass(buildTime)
	if i := w.get(bad); i.Status != "ERROR" || i.OperatingStatus != "" || i.Fault.Message != "No valid host was found." {
		t.Errorf("the failed instance is %+v", i)
	}
	w.wantStatus(stuck, "BUILD")
	wantError(t, w.Delete(demo, stuck, "x"), 422, "is not ready. (Status is BUILD).")
	wantError(t, w.Restart(demo, bad), 422, "instance status was ERROR")
	w.pass(time.Hour - buildTime)
	if i := w.get(stuck); i.Status != "ERROR" || i.Fault.Message != "Polling request timed out." {
		t.Errorf("the hanging instance is %+v", i)
	}
	wantError(t, w.ResetStatus(demo, bad), 422, "instance status was ERROR")
	w.deleted(bad, stuck)
	if names := w.names(); names != nil {
		t.Errorf("%v are left", names)
	}
}

func TestTasksThatFail(t *testing.T) {
	for kind, c := range map[string]struct {
		start  func(w *world, id string) error
		status string
	}{
		"resize":        {func(w *world, id string) error { return w.ResizeFlavor(demo, id, "3") }, "ACTIVE"},
		"resize_volume": {func(w *world, id string) error { return w.ResizeVolume(demo, id, 9) }, "ACTIVE"},
		"restart":       {func(w *world, id string) error { return w.Restart(demo, id) }, "ERROR"},
		"upgrade":       {func(w *world, id string) error { return w.Update(demo, id, state.Update{Version: "mysql-5.7"}) }, "ERROR"},
		"access":        {func(w *world, id string) error { return w.Update(demo, id, state.Update{Access: &state.Access{}}) }, "ERROR"},
	} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			w.actionFates[kind] = errors.New("it was not to be")
			id := w.built("one", "mysql-8.0", "")
			if err := c.start(w, id); err != nil {
				t.Fatal(err)
			}
			before := w.get(id)
			w.pass(actionTime)
			after := w.get(id)
			if after.Status != c.status || after.Fault == nil || after.Fault.Message != "it was not to be" {
				t.Errorf("afterwards it is %+v", after)
			}
			if after.FlavorID != before.FlavorID || after.VolumeSize != before.VolumeSize || after.Version != before.Version {
				t.Errorf("the failed task changed %+v to %+v", before, after)
			}
			if c.status == "ERROR" {
				if err := w.ResetStatus(demo, id); err != nil {
					t.Fatal(err)
				}
				w.wantStatus(id, "ACTIVE")
			}
		})
	}
}

func TestABusyInstanceRefusesAllButDeletion(t *testing.T) {
	w := newWorld(t)
	id := w.built("one", "mysql-8.0", "")
	if err := w.ResizeFlavor(demo, id, "3"); err != nil {
		t.Fatal(err)
	}
	name := "renamed"
	for what, err := range map[string]error{
		"restart": w.Restart(demo, id), "resize": w.ResizeFlavor(demo, id, "4"), "resize_volume": w.ResizeVolume(demo, id, 9),
		"upgrade": w.Update(demo, id, state.Update{Version: "mysql-5.7"}), "access": w.Update(demo, id, state.Update{Access: &state.Access{}}),
	} {
		t.Run(what, func(t *testing.T) { wantError(t, err, 422, "(task status was RESIZING)") })
	}
	if err := w.Update(demo, id, state.Update{Name: &name}); err != nil {
		t.Errorf("rename: %v", err)
	}
	if fault := w.get(id).Fault; fault == nil {
		t.Error("Trove notes a refused request as a fault, this did not")
	}
	w.deleted(id)
	w.pass(actionTime)
	if names := w.names(); names != nil {
		t.Errorf("the resize brought %v back", names)
	}
}

func TestPublicAccessGivesAPublicAddress(t *testing.T) {
	w := newWorld(t)
	id := w.built("one", "mysql-8.0", "")
	set := func(public bool) []state.Address {
		if err := w.Update(demo, id, state.Update{Access: &state.Access{IsPublic: &public}}); err != nil {
			t.Fatal(err)
		}
		w.pass(actionTime)
		return w.get(id).Addresses
	}
	if got := set(true); len(got) != 2 || got[1].Type != "public" {
		t.Errorf("public: addresses are %v", got)
	}
	if got := set(false); len(got) != 1 {
		t.Errorf("private: addresses are %v", got)
	}
}

func TestProjectsDoNotSeeEachOther(t *testing.T) {
	w := newWorld(t)
	id := w.built("one", "mongodb-7.0", `{"mongodb": {"type": "member", "replSet": "products"}}`)
	name := "x"
	_, showErr := w.Instance("other", id)
	_, viewErr := w.View("other", id)
	replica := request(t, "r", "mysql-8.0", "")
	replica.FlavorID, replica.Volume, replica.Datastore, replica.ReplicaOf = "", nil, nil, id
	_, replicaErr := w.Create("other", replica)
	_, joinErr := w.Create("other", request(t, "r", "mongodb-7.0", `{"mongodb": {"type": "member", "replSet": "products", "join": true}}`))
	for what, err := range map[string]error{
		"show": showErr, "topology": viewErr, "replica": replicaErr, "join": joinErr, "delete": w.Delete("other", id, "x"), "restart": w.Restart("other", id),
		"update": w.Update("other", id, state.Update{Name: &name}),
	} {
		t.Run(what, func(t *testing.T) { wantError(t, err, 404, "cannot be found") })
	}
	if _, err := w.Create("other", request(t, "r", "mongodb-7.0", `{"mongodb": {"type": "member", "replSet": "products"}}`)); err != nil {
		t.Errorf("the name of a replica set is taken in another project: %v", err)
	}
}

func TestQuotas(t *testing.T) {
	w := newWorld(t, func(o *state.Options) { o.Quota = state.Quota{Instances: 3, VolumeGB: 12, MaxVolumeGB: 8} })
	big := request(t, "big", "mysql-8.0", "")
	big.Volume.Size = 9
	_, err := w.Create(demo, big)
	wantError(t, err, 413, "Volume 'size' cannot exceed maximum of 8 GB, 9 cannot be accepted.")
	one := w.built("one", "mysql-8.0", "")
	w.built("two", "mysql-8.0", "")
	w.refused("three", "mysql-8.0", "", 413, "Quota exceeded for resources: ['volumes'].")
	wantError(t, w.ResizeVolume(demo, one, 8), 413, "Quota exceeded for resources: ['volumes'].")
	w.SetQuota(demo, state.Quota{Instances: 2})
	w.refused("three", "mysql-8.0", "", 413, "Quota exceeded for resources: ['instances'].")
	if err := w.Delete(demo, one, "x"); err != nil {
		t.Fatal(err)
	}
	w.create("three", "mysql-8.0", "")
	if instances, gb := w.Usage(demo); instances != 2 || gb != 10 {
		t.Errorf("%d instances with %d GB are counted, want 2 with 10", instances, gb)
	}
}

func TestHistoryKeepsWhatIsGone(t *testing.T) {
	w := newWorld(t)
	made := w.now
	one := w.built("one", "mysql-8.0", "")
	two := w.create("two", "mysql-8.0", "")
	name := "renamed"
	if err := w.Update(demo, one, state.Update{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(demo, one, "outsider"); err != nil {
		t.Fatal(err)
	}
	if h := w.History()[0]; h.Status != "SHUTDOWN" || h.DeletedBy != "outsider" || !h.Deleted.IsZero() {
		t.Errorf("while it is deleted its record is %+v", h)
	}
	w.pass(actionTime)
	want := []state.Record{
		{ID: one, Name: "renamed", ProjectID: demo, Status: "DELETED", Created: made, Deleted: w.now, DeletedBy: "outsider"},
		{ID: two, Name: "two", ProjectID: demo, Status: "BUILD", Created: made.Add(buildTime)},
	}
	if diff := cmp.Diff(want, w.History()); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

func TestWorkIsDoneInTheOrderOfItsTimes(t *testing.T) {
	w := newWorld(t)
	one := w.create("one", "mysql-8.0", "")
	start := w.now
	w.pass(time.Hour)
	if got := w.get(one).Updated; !got.Equal(start.Add(buildTime)) {
		t.Errorf("looked at an hour later, it was ready at %s, want %s", got, start.Add(buildTime))
	}
	if due, busy := w.NextDue(); busy {
		t.Errorf("work is due at %s, and all is done", due)
	}
}

func TestAZeroWorldIsDoneWhenSomebodyLooks(t *testing.T) {
	s := state.New(state.Options{})
	i, err := s.Create(demo, request(t, "one", "mysql-8.0", ""))
	if err != nil || i.Status != "BUILD" {
		t.Fatalf("created as %+v, %v", i, err)
	}
	if i, err = s.Instance(demo, i.ID); err != nil || i.Status != "ACTIVE" {
		t.Errorf("shown as %+v, %v", i, err)
	}
}

func TestManyMayUseTheWorldAtOnce(t *testing.T) {
	s := state.New(state.Options{})
	found := request(t, "m", "mongodb-7.0", mongo(creates))
	var everybody sync.WaitGroup
	var counted sync.Mutex
	bootstraps := 0
	for range 8 {
		everybody.Go(func() {
			for range 10 {
				if _, err := s.Create(demo, request(t, "one", "mysql-8.0", "")); err != nil {
					t.Error(err)
				}
				if _, err := s.Create(demo, found); err == nil {
					counted.Lock()
					bootstraps++
					counted.Unlock()
				}
				s.Instances(demo, "", 0)
				s.History()
			}
		})
	}
	everybody.Wait()
	ids := map[uint32]bool{}
	for _, r := range s.History() {
		if r.Name == "one" {
			ids[s.ServerID(demo, r.ID)] = true
		}
	}
	if len(ids) != 80 || ids[0] || bootstraps != 1 {
		t.Errorf("%d server ids for 80 servers, %d bootstraps of one replica set", len(ids), bootstraps)
	}
}
