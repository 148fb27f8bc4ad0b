package operation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

func TestOneOfTenConcurrentCreationsFounds(t *testing.T) {
	c := newCloud(t)
	requests := []trove.CreateRequest{member("arbiter", arbiter), member("hidden", unelectable), member("delayed", unelectable), member("spare", unelectable)}
	for i := range 6 {
		requests = append(requests, member(fmt.Sprintf("data-%d", i)))
	}
	ids, errs := buildAll(t.Context(), c.client(), requests...)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	c.expectSubmitted(200, 1, 9)
	c.expectMembers(ids[0], ids...)
}

func TestFounderWhoseBuildFailsIsFollowedByTheNext(t *testing.T) {
	c := newCloud(t)
	c.inject(faults.Rule{Do: faults.InstanceError})
	_, errs := buildAll(t.Context(), c.client(), member("a"), member("b"), member("c"))
	ready, failures := 0, 0
	for _, err := range errs {
		var failed *watch.FailedError
		switch {
		case err == nil:
			ready++
		case errors.As(err, &failed):
			failures++
		}
	}
	if ready != 2 || failures != 1 {
		t.Errorf("%d are ready and %d failed, want 2 and 1: %v", ready, failures, errs)
	}
	c.expectSubmitted(200, 2, 1)
}

func TestNobodyFoundsASetThatExists(t *testing.T) {
	c := newCloud(t)
	first := c.replicaSet(c.client(), 1)
	ids, errs := buildAll(t.Context(), c.client(), member("b"), member("c"), member("d"))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	c.expectSubmitted(200, 1, 3)
	c.expectMembers(ids[0], append(first, ids...)...)
}

func TestTwoProcessesRaceAndTheLoserJoins(t *testing.T) {
	c := newCloud(t)
	c.inject(faults.Rule{Do: faults.Delay, Kind: creations, Times: 2, Delay: faults.Duration(50 * time.Millisecond)}) // both are under way
	clients := []*operation.Client{c.client(), c.client()}
	ids, errs := make([]string, 2), make([]error, 2)
	atOnce(2, func(i int) { ids[i], errs[i] = build(t.Context(), clients[i], member(fmt.Sprintf("products-%d", i))) })
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	c.expectSubmitted(200, 1, 1)
	c.expectSubmitted(409, 1, 0)
	c.expectMembers(ids[0], ids...)
}

func TestMembersThatCannotFoundWaitForAFounder(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids, errs := make([]string, 3), make([]error, 3)
	atOnce(3, func(i int) {
		switch i {
		case 0:
			ids[i], errs[i] = build(t.Context(), client, member("arbiter", arbiter))
		case 1:
			ids[i], errs[i] = build(t.Context(), client, member("hidden", unelectable))
		default:
			<-c.clock.After(5 * time.Second)
			ids[i], errs[i] = build(t.Context(), client, member("data"))
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	c.expectSubmitted(200, 1, 2)
	c.expectMembers(ids[2], ids...)
}

// Terraform has ten changes under way at most: the member that can create the set may have to wait for one of them to end.
func TestMembersWaitForTheFirstOneAsLongAsOtherChangesAreUnderWay(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids, errs := make([]string, 2), make([]error, 2)
	ended := client.Registry().BeginChange() // of something else, which takes its time
	atOnce(2, func(i int) {
		if i == 0 {
			defer client.Registry().BeginChange()()
			ids[i], errs[i] = build(t.Context(), client, member("arbiter", arbiter))
			return
		}
		<-c.clock.After(3 * time.Minute)
		ended()
		defer client.Registry().BeginChange()()
		ids[i], errs[i] = build(t.Context(), client, member("data"))
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	c.expectMembers(ids[1], ids...)
}

func TestSeedsFoundBeforeNodesThatAreNone(t *testing.T) {
	c := newCloud(t)
	ids, errs := buildAll(t.Context(), c.client(), cassandraNode("a", false), cassandraNode("b", false), cassandraNode("c", true), cassandraNode("d", false))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if first := c.State().History()[0]; first.ID != ids[2] {
		t.Errorf("%s was made first, want the seed", first.Name)
	}
	c.expectSubmitted(200, 1, 3)
}

func TestOneNodeFoundsWhereNobodyIsASeed(t *testing.T) {
	c := newCloud(t)
	start := c.clock.Now()
	_, errs := buildAll(t.Context(), c.client(), cassandraNode("a", false), cassandraNode("b", false), cassandraNode("c", false))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if waited := c.clock.Now().Sub(start); waited < 20*time.Second {
		t.Errorf("a seed was waited for for %s only", waited)
	}
	c.expectSubmitted(200, 1, 2)
}

func TestNothingIsCreatedWhereNobodyFounds(t *testing.T) {
	c := newCloud(t)
	_, errs := buildAll(t.Context(), c.client(), member("arbiter", arbiter), member("hidden", unelectable))
	for i, err := range errs {
		if !errors.Is(err, openstack.ErrNotFound) {
			t.Errorf("creation %d: %v, want not found", i, err)
		}
	}
	if made := c.State().History(); len(made) > 0 {
		t.Errorf("%d instances were made", len(made))
	}
}

func TestWaitForTheFounderEndsWithItsContext(t *testing.T) {
	c := newCloud(t)
	c.inject(faults.Rule{Do: faults.InstanceHang})
	client := c.client()
	_, ended, err := client.CreateOrJoin(t.Context(), member("a"))
	if err != nil || ended == nil {
		t.Fatal(err)
	}
	for name, request := range map[string]trove.CreateRequest{"member": member("b"), "arbiter": member("c", arbiter)} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if _, err := build(ctx, client, request); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want the context's error", name, err)
		}
		cancel()
	}
	c.expectCount(creations, 1)
}

func TestCanceledFounderLetsTheNextFound(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := build(ctx, client, member("a")); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := build(t.Context(), client, member("b")); err != nil {
		t.Fatal(err)
	}
	c.expectSubmitted(200, 1, 0)
}

func TestJoinThatIsGivenIsSentAsWritten(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	with := func(name string, join bool) trove.CreateRequest {
		return member(name, func(m *topology.MongoDB) { m.Join = &join })
	}
	if _, err := client.Create(t.Context(), with("a", true)); !errors.Is(err, openstack.ErrNotFound) {
		t.Errorf("joining a set that is missing: %v", err)
	}
	c.replicaSet(client, 1)
	if _, err := client.Create(t.Context(), with("b", false)); !errors.Is(err, openstack.ErrConflict) {
		t.Errorf("bootstrapping a set that exists: %v", err)
	}
	c.expectSubmitted(200, 1, 0)
}

func TestSetThatHasGoneIsFoundedAnewByOne(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	for range 5 {
		for _, id := range c.replicaSet(client, 1) {
			if err := c.client().Delete(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		c.Ledger().Reset()
		ids, errs := buildAll(t.Context(), client, member("a"), member("b"), member("c"), member("d"), member("e"))
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		c.expectSubmitted(200, 1, 4)
		c.expectSubmitted(409, 0, 0)
		for _, id := range ids {
			if err := client.Delete(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestBootstrappingWhoseAnswerIsLostIsAdopted(t *testing.T) {
	c := newCloud(t)
	c.inject(faults.Rule{Do: faults.LoseAnswer, Kind: creations})
	_, errs := buildAll(t.Context(), c.client(), member("a"), member("b"))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	c.expectSubmitted(200, 1, 1)
	if made := len(c.State().History()); made != 2 {
		t.Errorf("%d instances were made, want 2", made)
	}
}

func TestClusterWhoseMembersHaveAllFailedIsNotWaitedFor(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, 1)
	c.inject(faults.Rule{Do: faults.ActionError, Action: "restart", Message: "the disk is gone"})
	if _, err := client.Restart(t.Context(), ids[0]); err == nil {
		t.Fatal("the restart was to fail")
	}
	before := c.clock.Now()
	_, err := build(t.Context(), c.client(), member("late"))
	if !errors.Is(err, openstack.ErrNotReady) || !strings.Contains(err.Error(), "all members of mongodb/products have failed: products-0 ("+ids[0]+")") {
		t.Errorf("%v, want that all members have failed", err)
	}
	if waited := c.clock.Now().Sub(before); waited > time.Minute {
		t.Errorf("it was waited for %s", waited)
	}
}
