package operation_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

func bare(o *sandbox.Options) { o.Bare = true }

// priorities are wanted settings: the first member's priority, the second's, and so on.
func priorities(ids []string, values ...float64) map[string]topology.MemberSettings {
	wanted := map[string]topology.MemberSettings{}
	for i, v := range values {
		wanted[ids[i]] = topology.MemberSettings{Priority: new(v)}
	}
	return wanted
}

func (c *cloud) expectPriorities(ids []string, want ...float64) {
	c.t.Helper()
	members, err := c.client().ReplicaSet(c.t.Context(), "products", ids)
	if err != nil {
		c.t.Fatal(err)
	}
	var got []float64
	for _, id := range ids {
		got = append(got, *members[id].Priority)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("priorities (-want +got):\n%s", diff)
	}
}

func TestNothingIsSentWhereNothingDiffers(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 3)
	for _, wanted := range []map[string]topology.MemberSettings{nil, {ids[0]: {}}, priorities(ids, 1, 1, 1)} {
		if sent, err := client.ReconfigureProducts(t.Context(), wanted); sent || err != nil {
			t.Errorf("sent %v, %v", sent, err)
		}
	}
	c.expectCount(updates, 0)
}

func TestOneRequestHoldsAllThatDiffers(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 4)
	if sent, err := client.ReconfigureProducts(t.Context(), priorities(ids, 1, 3, 4, 5)); !sent || err != nil {
		t.Fatalf("sent %v, %v", sent, err)
	}
	c.expectPriorities(ids, 1, 3, 4, 5)
	c.expectCount(updates, 1)
	var body struct {
		MongoDB struct {
			Update topology.UpdateMembers `json:"update_members"`
		} `json:"mongodb"`
	}
	if err := json.Unmarshal(c.requests(updates)[0].Body, &body); err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, m := range body.MongoDB.Update.Members {
		named = append(named, m.ID)
	}
	want := slices.Sorted(slices.Values(ids[1:])) // the first one's priority is 1 already
	if diff := cmp.Diff(want, named); diff != "" {
		t.Errorf("members of the request (-want +got):\n%s", diff)
	}
}

func TestLostReconfigurationIsSentAgainOnlyWhereItDidNotLand(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault faults.Rule
		want  int
	}{
		"it landed":                   {faults.Rule{Do: faults.LoseAnswer}, 1},
		"it landed, says a bad proxy": {faults.Rule{Do: faults.Status, Status: 502, AfterWork: true}, 1},
		"it did not":                  {faults.Rule{Do: faults.Drop}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			client := c.client()
			ids := c.replicaSet(client, 3)
			tt.fault.Kind = updates
			c.inject(tt.fault)
			if sent, err := client.ReconfigureProducts(t.Context(), priorities(ids, 2, 3, 4)); !sent || err != nil {
				t.Fatalf("sent %v, %v", sent, err)
			}
			c.expectCount(updates, tt.want)
			c.expectPriorities(ids, 2, 3, 4)
		})
	}
}

func TestReconfigurationThatIsLostTwiceReturnsTheLoss(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 2)
	c.inject(faults.Rule{Do: faults.Drop, Kind: updates, Times: faults.Always})
	_, err := client.ReconfigureProducts(t.Context(), priorities(ids, 2, 3))
	if !openstack.OutcomeUnknown(err) || strings.Contains(err.Error(), "accepted") {
		t.Errorf("%v, want the loss of the answer", err)
	}
	c.expectCount(updates, 2)
	c.expectPriorities(ids, 1, 1)
}

func TestLostReconfigurationOnAServerThatShowsNoSettingsIsNotRepeated(t *testing.T) {
	c := newCloud(t, bare)
	client := c.client()
	ids := c.replicaSet(client, 2)
	c.inject(faults.Rule{Do: faults.LoseAnswer, Kind: updates})
	sent, err := client.ReconfigureProducts(t.Context(), priorities(ids, 2, 3))
	if !sent || !openstack.OutcomeUnknown(err) || !strings.Contains(err.Error(), "not known whether they changed") {
		t.Errorf("sent %v, %v", sent, err)
	}
	c.expectCount(updates, 1)
}

func TestLostReconfigurationIsJudgedByTheSettingsThatAreShown(t *testing.T) {
	m := topology.MongoDB{Priority: new(1.0)} // what the proposal lets a server show
	for name, tt := range map[string]struct {
		wanted topology.MemberSettings
		want   bool
	}{
		"all are shown": {topology.MemberSettings{Priority: new(2.0)}, true},
		"one is not":    {topology.MemberSettings{Priority: new(2.0), Votes: new(int64(0))}, false},
		"none is given": {topology.MemberSettings{}, true},
	} {
		if got := m.Shows(tt.wanted); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLookAfterALostReconfigurationThatFailsProvesNothing(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 2)
	c.inject(faults.Rule{Do: faults.LoseAnswer, Kind: updates})
	c.inject(faults.Rule{Do: faults.Status, Status: 503, Kind: views, After: 2, Times: faults.Always})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := client.ReconfigureProducts(ctx, priorities(ids, 2, 3))
	if !errors.Is(err, openstack.ErrUnavailable) || strings.Contains(err.Error(), "does not show") {
		t.Errorf("%v, want that the topology could not be read", err)
	}
	c.expectCount(updates, 1)
}

func TestRefusedReconfigurationChangesNothing(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 2)
	if _, err := client.ReconfigureProducts(t.Context(), priorities(ids, 0, 0)); !errors.Is(err, openstack.ErrBadRequest) {
		t.Errorf("%v, want a refusal", err)
	}
	c.expectCount(updates, 1)
	c.expectPriorities(ids, 1, 1)
}

func TestReconfigurationThatFailsInTheBackgroundSaysSo(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 2)
	c.inject(faults.Rule{Do: faults.ActionError, Action: "mongodb.update_members", Message: "no majority"})
	sent, err := client.ReconfigureProducts(t.Context(), priorities(ids, 2, 3))
	if !sent || err == nil || !strings.Contains(err.Error(), "no majority") {
		t.Errorf("sent %v, %v", sent, err)
	}
	c.expectCount(updates, 1)
}

func TestCancelingDoesNotTearAReconfiguration(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 2)
	c.inject(faults.Rule{Do: faults.Delay, Kind: updates, Delay: faults.Duration(300 * time.Millisecond)})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for c.Ledger().Count(updates) == 0 {
			<-c.clock.After(time.Second)
		}
		cancel()
	}()
	if sent, err := client.ReconfigureProducts(ctx, priorities(ids, 2, 3)); !sent || !errors.Is(err, context.Canceled) {
		t.Errorf("sent %v, %v", sent, err)
	}
	if r := c.requests(updates)[0]; r.Lost || r.Status != 202 {
		t.Errorf("it was answered with %d, lost %v", r.Status, r.Lost)
	}
	if _, err := client.WaitReady(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	c.expectPriorities(ids, 2, 3)
}

func TestReconfigurationAndRemovalOfOneSetTakeTurns(t *testing.T) {
	c := newCloud(t, func(o *sandbox.Options) { o.ActionTime = 10 * time.Second }) // longer than a refusal is put up with
	client := c.client()
	ids := c.replicaSet(client, 4)
	errs := make([]error, 2)
	atOnce(2, func(i int) {
		if i == 0 {
			errs[i] = leaveAndDelete(t.Context(), client, ids[3])
			return
		}
		for c.Ledger().Count(removals) == 0 {
			<-c.clock.After(time.Second)
		}
		_, errs[i] = client.ReconfigureProducts(t.Context(), priorities(ids, 2, 3, 4))
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	c.expectNoneRefused(updates)
	c.expectNoneRefused(removals)
	c.expectPriorities(ids[:3], 2, 3, 4)
}

func TestReconfigurationWaitsForAnothersChangeOfTheSet(t *testing.T) {
	c := newCloud(t, func(o *sandbox.Options) { o.ActionTime = 10 * time.Second })
	ids := c.replicaSet(c.client(), 4)
	if err := c.client().Act(t.Context(), ids[0], topology.RemoveMember{ID: ids[3]}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.client().ReconfigureProducts(t.Context(), priorities(ids, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	c.expectPriorities(ids[:3], 2, 3, 4)
}

func TestReconfigurationThatIsUnderWayAlreadyIsNotRepeated(t *testing.T) {
	c := newCloud(t, func(o *sandbox.Options) { o.ActionTime = 10 * time.Second })
	ids := c.replicaSet(c.client(), 2)
	begun := topology.UpdateMembers{Members: []topology.MemberUpdate{{ID: ids[0], MemberSettings: topology.MemberSettings{Priority: new(2.0)}}}}
	if err := c.client().Act(t.Context(), ids[0], begun); err != nil {
		t.Fatal(err)
	}
	if sent, err := c.client().ReconfigureProducts(t.Context(), priorities(ids, 2, 1)); sent || err != nil {
		t.Errorf("sent %v, %v", sent, err)
	}
	c.expectCount(updates, 1)
	c.expectPriorities(ids, 2, 1)
}
