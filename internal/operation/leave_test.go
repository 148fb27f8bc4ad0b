package operation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

func removal(id string) operation.RemoveMemberRequest {
	return operation.RemoveMemberRequest{ID: id}
}

// planned is what the plan of a destruction of these members knew.
func planned(ids ...string) cluster.Plan {
	return cluster.Plan{Some: map[string][]string{"mongodb/products": ids}}
}

// leaveAndDelete is how resources delete a member: not where it could not leave.
func leaveAndDelete(ctx context.Context, client *operation.Client, id string) error {
	leaving, err := client.RemoveMember(ctx, removal(id))
	if err == nil {
		err = client.Delete(ctx, id)
	}
	leaving.Done(err == nil)
	return err
}

// leaveAtOnce deletes members at the same time.
func leaveAtOnce(ctx context.Context, client *operation.Client, ids ...string) error {
	errs := make([]error, len(ids))
	atOnce(len(ids), func(i int) { errs[i] = leaveAndDelete(ctx, client, ids[i]) })
	return errors.Join(errs...)
}

// expectOneAtATime checks that no removal was refused, as one that came while another was under way would be.
func (c *cloud) expectOneAtATime(count int) {
	c.t.Helper()
	c.expectCount(removals, count)
	c.expectNoneRefused(removals)
}

func TestMemberLeavesThroughASurvivorBeforeItIsDeleted(t *testing.T) {
	t.Parallel()
	for name, leaver := range map[string]int{"the primary": 0, "a secondary": 2} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			client := c.client()
			ids := c.replicaSet(client, 3)
			gone := ids[leaver]
			rest := append(append([]string{}, ids[:leaver]...), ids[leaver+1:]...)
			if err := leaveAndDelete(t.Context(), client, gone); err != nil {
				t.Fatal(err)
			}
			c.expectOneAtATime(1)
			c.expectCount(deletions, 1)
			asked, deleted := c.requests(removals)[0], c.requests(deletions)[0]
			if strings.Contains(asked.Path, gone) || !strings.Contains(string(asked.Body), gone) {
				t.Errorf("%s %s is not about %s through another", asked.Path, asked.Body, gone)
			}
			if !asked.Received.Before(deleted.Received) {
				t.Error("it was deleted before it left")
			}
			c.expectMembers(rest[0], rest...)
		})
	}
}

func TestLastMemberIsDeletedWithoutLeaving(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	if err := leaveAndDelete(t.Context(), client, c.replicaSet(client, 1)[0]); err != nil {
		t.Fatal(err)
	}
	c.expectCount(removals, 0)
}

func TestTwoOfFourLeaveOneAfterTheOther(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 4)
	if err := leaveAtOnce(t.Context(), client, ids[0], ids[3]); err != nil {
		t.Fatal(err)
	}
	c.expectOneAtATime(2)
	c.expectMembers(ids[1], ids[1:3]...)
}

func TestWholeSetIsDeletedWithoutLeaving(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 5)
	before := len(c.requests(views))
	if err := leaveAtOnce(t.Context(), client, ids...); err != nil {
		t.Fatal(err)
	}
	c.expectCount(removals, 0)
	c.expectCount(deletions, 5)
	if n := len(c.requests(views)) - before; n != 1 {
		t.Errorf("the topology was read %d times, want once for all", n)
	}
}

func TestMemberThatHasJoinedSinceTheTopologyWasReadIsLeftWell(t *testing.T) {
	c := newCloud(t, func(o *sandbox.Options) { o.BuildTime = 10 * time.Millisecond })
	client := c.client()
	ids := c.replicaSet(client, 2)
	if _, err := client.ListedBlock(t.Context(), &trove.Instance{ID: ids[0]}); err != nil {
		t.Fatal(err)
	}
	stays, err := build(t.Context(), client, member("late"))
	if err != nil {
		t.Fatal(err)
	}
	if err := leaveAtOnce(t.Context(), client, ids...); err != nil {
		t.Fatal(err)
	}
	c.expectOneAtATime(2)
	c.expectMembers(stays, stays)
}

func TestMemberInErrorIsDeletedWithoutLeaving(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 2)
	c.inject(faults.Rule{Do: faults.InstanceError})
	broken, err := build(t.Context(), client, member("broken"))
	var failed *watch.FailedError
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if err := leaveAndDelete(t.Context(), client, broken); err != nil {
		t.Fatal(err)
	}
	c.expectCount(removals, 0)
	c.expectMembers(ids[0], ids...)
}

func TestMemberThatHasGoneNeedNotLeave(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 2)
	if err := c.client().Delete(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	if err := leaveAndDelete(t.Context(), client, ids[1]); err != nil {
		t.Fatal(err)
	}
	c.expectCount(removals, 0)
}

func TestMemberThatHasLeftIsOnlyDeleted(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 3)
	leaving, err := client.RemoveMember(t.Context(), removal(ids[2])) // and then the apply is interrupted
	leaving.Done(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := leaveAndDelete(t.Context(), c.client(), ids[2]); err != nil {
		t.Fatal(err)
	}
	c.expectOneAtATime(1)
	c.expectCount(deletions, 1)
}

func TestCanceledRemovalIsTakenUpAgain(t *testing.T) {
	c := newCloud(t, func(o *sandbox.Options) { o.ActionTime = 10 * time.Second })
	client := c.client()
	ids := c.replicaSet(client, 3)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for c.Ledger().Count(removals) == 0 {
			<-c.clock.After(time.Second)
		}
		<-c.clock.After(2 * time.Second)
		cancel()
	}()
	if err := leaveAndDelete(ctx, client, ids[2]); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	c.expectCount(deletions, 0)
	if err := leaveAndDelete(t.Context(), c.client(), ids[2]); err != nil {
		t.Fatal(err)
	}
	c.expectOneAtATime(1)
	c.expectMembers(ids[0], ids[:2]...)
}

func TestRemovalThatFailsInTheBackgroundDeletesNothing(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 3)
	c.inject(faults.Rule{Do: faults.ActionError, Action: "mongodb.remove_member", Message: "no majority"})
	if err := leaveAndDelete(t.Context(), client, ids[2]); err == nil || !strings.Contains(err.Error(), "no majority") {
		t.Errorf("%v, want the server's reason", err)
	}
	c.expectCount(removals, 1)
	c.expectCount(deletions, 0)
	c.expectMembers(ids[0], ids...)
}

func TestRemovalWhoseAnswerIsLostIsSettledByLooking(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do   faults.Effect
		want int
	}{"it landed": {faults.LoseAnswer, 1}, "it did not": {faults.Drop, 2}} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			client := c.client()
			ids := c.replicaSet(client, 3)
			c.inject(faults.Rule{Do: tt.do, Kind: removals})
			if err := leaveAndDelete(t.Context(), client, ids[2]); err != nil {
				t.Fatal(err)
			}
			c.expectOneAtATime(tt.want)
			c.expectMembers(ids[0], ids[:2]...)
		})
	}
}

func TestAnswerThatFailedProvesNoRemoval(t *testing.T) {
	t.Parallel()
	t.Run("for a while", func(t *testing.T) {
		c := newCloud(t, func(o *sandbox.Options) { o.ActionTime = 10 * time.Second })
		client := c.client()
		ids := c.replicaSet(client, 3)
		c.inject(faults.Rule{Do: faults.Status, Status: 503, Kind: views, After: 2, Times: 4})
		if err := leaveAndDelete(t.Context(), client, ids[2]); err != nil {
			t.Fatal(err)
		}
		c.expectOneAtATime(1)
		deleted := c.requests(deletions)[0]
		if since := deleted.Received.Sub(c.requests(removals)[0].Received); since < 10*time.Second {
			t.Errorf("it was deleted %s after the request to remove it, and that takes 10s", since)
		}
	})
	t.Run("for good", func(t *testing.T) {
		c := newCloud(t)
		client := c.client()
		ids := c.replicaSet(client, 3)
		c.inject(faults.Rule{Do: faults.Status, Status: 503, Kind: views, After: 2, Times: faults.Always})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := leaveAndDelete(ctx, client, ids[2]); !errors.Is(err, openstack.ErrUnavailable) {
			t.Errorf("%v, want that the topology could not be read", err)
		}
		c.expectCount(deletions, 0)
	})
}

func TestMemberThatIsBusyIsWaitedForBeforeItLeaves(t *testing.T) {
	c := newCloud(t, func(o *sandbox.Options) { o.ActionTime = 10 * time.Second })
	client := c.client()
	ids := c.replicaSet(client, 3)
	errs := make([]error, 2)
	atOnce(2, func(i int) {
		if i == 0 {
			_, errs[i] = client.ResizeFlavor(t.Context(), ids[2], "2")
			return
		}
		<-c.clock.After(2 * time.Second)
		errs[i] = leaveAndDelete(t.Context(), c.client(), ids[2])
	})
	if errs[1] != nil {
		t.Fatal(errs[1])
	}
	c.expectOneAtATime(1)
	c.expectMembers(ids[0], ids[:2]...)
}

func TestRemovalWaitsForAnothersChangeOfTheSet(t *testing.T) {
	c := newCloud(t, func(o *sandbox.Options) { o.ActionTime = 10 * time.Second })
	ids := c.replicaSet(c.client(), 4)
	if err := c.client().Act(t.Context(), ids[0], topology.RemoveMember{ID: ids[3]}); err != nil {
		t.Fatal(err)
	}
	if err := leaveAndDelete(t.Context(), c.client(), ids[2]); err != nil {
		t.Fatal(err)
	}
	c.expectMembers(ids[0], ids[:2]...)
}

func TestWhatThePlanSaysSparesTheLeaving(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 4)
	// One after the other: each comes when the one before it is gone.
	for _, id := range ids {
		d := removal(id)
		d.Planned = planned(ids...)
		before := c.clock.Now()
		leaving, err := client.RemoveMember(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if waited := c.clock.Now().Sub(before); waited >= leaveWindow {
			t.Errorf("it waited %s for others, though it knew of all", waited)
		}
		if err := client.Delete(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		leaving.Done(true)
	}
	c.expectCount(removals, 0)
	c.expectCount(deletions, 4)
}

func TestMemberGoesByThoseThatStayAlthoughOthersArePlannedToGo(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 4)
	d := removal(ids[0])
	d.Planned = planned(ids[:3]...)
	leaving, err := client.RemoveMember(t.Context(), d)
	leaving.Done(false)
	if err != nil {
		t.Fatal(err)
	}
	c.expectOneAtATime(1)
	if via := c.requests(removals)[0].Path; !strings.Contains(via, ids[3]) {
		t.Errorf("it left through %s, want the one that stays, %s", via, ids[3])
	}
}

// failToLeave brings a member into status ERROR, where its set still lists it.
func (c *cloud) failToLeave(id string) {
	c.t.Helper()
	c.inject(faults.Rule{Do: faults.ActionError, Action: "mongodb.remove_member", Message: "no majority"})
	leaving, err := c.client().RemoveMember(c.t.Context(), removal(id))
	leaving.Done(false)
	if err == nil {
		c.t.Fatal("the member was to fail")
	}
}

func TestNoMemberLeavesToFailedOnes(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 2)
	c.failToLeave(ids[1])
	var stranded *operation.NoHealthyMemberError
	if err := leaveAndDelete(t.Context(), client, ids[0]); !errors.As(err, &stranded) || len(stranded.Failed) != 1 || stranded.Failed[0].ID != ids[1] {
		t.Errorf("%v, want that the other has failed", err)
	}
	c.expectCount(deletions, 0)
}

func TestFailedMemberSaysWhyItDidNotLeave(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 3)
	c.failToLeave(ids[2])
	leaving, err := client.RemoveMember(t.Context(), removal(ids[2]))
	leaving.Done(false)
	if err != nil || leaving.Broken == nil || leaving.Broken.Fault != "no majority" {
		t.Errorf("%+v, %v", leaving, err)
	}
	c.expectCount(removals, 1)
}
