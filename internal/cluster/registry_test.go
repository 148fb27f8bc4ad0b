package cluster

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestKeysTellEndpointsNamespacesAndNamesApart(t *testing.T) {
	a := KeyOf("s", "mongodb/products")
	for _, other := range []Key{KeyOf("t", "mongodb/products"), KeyOf("s", "cassandra/products"), KeyOf("s", "mongodb/orders")} {
		if other == a {
			t.Errorf("%+v is %+v", other, a)
		}
	}
	if a != KeyOf("s", a.String()) || !a.Named() || (Key{}).Named() {
		t.Errorf("%+v is not what its name says", a)
	}
}

func TestOneOfManyFoundsAndTheOthersAreWokenWhenItHasEnded(t *testing.T) {
	for _, exists := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			r := &Registry{}
			_, mine := r.Bootstrap(productsKey, true)
			seen, second := r.Bootstrap(productsKey, true)
			if !mine || second || !seen.Bootstrapping {
				t.Fatalf("the first bootstraps: %t, the second: %t, %+v", mine, second, seen)
			}
			woken := make(chan error, 1)
			go func() { woken <- r.WaitBootstrap(t.Context(), productsKey, seen, 0) }()
			time.Sleep(time.Hour)
			select {
			case err := <-woken:
				t.Fatalf("it waited no longer: %v", err)
			default:
			}
			r.Bootstrapped(productsKey, exists)
			if err := <-woken; err != nil {
				t.Fatal(err)
			}
			state, mine := r.Bootstrap(productsKey, true)
			if state.Exists != exists || mine == exists {
				t.Errorf("where the first member has ended with %t: %+v, the next bootstraps: %t", exists, state, mine)
			}
		})
	}
}

func TestWhatVanishedIsForgottenUnlessMoreIsKnownSince(t *testing.T) {
	r := &Registry{}
	r.Bootstrapped(productsKey, true)
	old, _ := r.Bootstrap(productsKey, false)
	r.Bootstrapped(productsKey, true) // somebody has joined since
	r.Vanished(productsKey, old)
	if state, _ := r.Bootstrap(productsKey, false); !state.Exists {
		t.Error("what was learnt since is forgotten")
	}
	now, _ := r.Bootstrap(productsKey, false)
	r.Vanished(productsKey, now)
	if state, _ := r.Bootstrap(productsKey, false); state.Exists {
		t.Error("it still exists")
	}
}

func TestWaitingForAFounderEndsWithItsTimeOrItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{}
		seen, _ := r.Bootstrap(productsKey, false)
		start := time.Now()
		if err := r.WaitBootstrap(t.Context(), productsKey, seen, time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.WaitBootstrap(ctx, productsKey, seen, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNobodyJoinsWhileAMemberIsBeingDeletedAndNoneIsDeletedWhileOneJoins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{}
		joined, err := r.Join(t.Context(), productsKey)
		if err != nil {
			t.Fatal(err)
		}
		ended := r.BeginDeletion(productsKey, "a")
		var order []string
		deleted := make(chan struct{})
		go func() {
			defer close(deleted)
			if err := r.WaitJoins(t.Context(), productsKey); err != nil {
				t.Error(err)
			}
			order = append(order, "deletes")
			time.Sleep(time.Minute)
			order = append(order, "deleted")
			ended(true)
		}()
		second := make(chan struct{})
		go func() {
			defer close(second)
			ended, err := r.Join(t.Context(), productsKey)
			if err != nil {
				t.Error(err)
				return
			}
			order = append(order, "joins")
			ended()
		}()
		other, err := r.Join(t.Context(), KeyOf("s", "mongodb/orders")) // another set is nobody's concern
		if err != nil {
			t.Fatal(err)
		}
		other()
		time.Sleep(time.Hour)
		if len(order) != 0 {
			t.Errorf("%v while a member joins", order)
		}
		order = append(order, "joined")
		joined()
		joined() // once is enough
		<-deleted
		<-second
		if want := []string{"joined", "deletes", "deleted", "joins"}; !slices.Equal(order, want) {
			t.Errorf("the order was %v, want %v", order, want)
		}
	})
}

func TestAMemberWhoseDeletionFailedStays(t *testing.T) {
	r := &Registry{}
	r.Planned("s", Plan{Some: map[string][]string{products: {"a", "b"}}})
	if !r.Going(productsKey, "a") || !r.Going(productsKey, "b") {
		t.Error("the plan destroys all, and some stay")
	}
	r.BeginDeletion(productsKey, "a")(false)
	r.BeginDeletion(productsKey, "b")(true)
	if r.Going(productsKey, "a") || !r.Going(productsKey, "b") {
		t.Errorf("the one that could not be deleted goes: %t, the one that is gone: %t", r.Going(productsKey, "a"), r.Going(productsKey, "b"))
	}
	if r.BeginDeletion(productsKey, "a"); !r.Going(productsKey, "a") { // the next destroy tries again
		t.Error("it does not go, though its deletion is under way")
	}
}

func TestADeletionWithinADeletionIsOne(t *testing.T) {
	r := &Registry{}
	outer := r.BeginDeletion(productsKey, "a")
	r.BeginDeletion(Key{}, "a")(true)
	if !r.Deleting("a") {
		t.Error("the inner one has ended it")
	}
	r.DeletionAccepted("a")
	r.Unremoved("a")
	if !r.AnyDeletionAccepted() || !r.OtherUnremoved(productsKey, "b") || r.OtherUnremoved(productsKey, "a") || r.OtherUnremoved(KeyOf("s", "mongodb/orders"), "b") {
		t.Error("it is not known how far it is")
	}
	outer(true)
	if r.Deleting("a") || r.AnyDeletionAccepted() || r.OtherUnremoved(productsKey, "b") {
		t.Error("it has not ended")
	}
}

func TestADeletionWaitsForOthersOnlyWhileSomeAreAtWork(t *testing.T) {
	members := []string{"a", "b", "c"}
	tests := map[string]struct {
		plan   Plan
		others func(*Registry) // what happens beside it
		want   time.Duration   // it waits
	}{
		"nothing else happens":          {want: 10 * time.Second},
		"the plan destroys no others":   {plan: Plan{Some: map[string][]string{products: {"a"}}, Settled: []string{products}}},
		"several plans know of all":     {plan: Plan{Some: map[string][]string{products: {"a", "b", "c"}}}},
		"another cluster is at work":    {others: func(r *Registry) { r.BeginDeletion(KeyOf("s", "redis/x"), "z")(true) }, want: 10 * time.Second},
		"others come and all are going": {others: func(r *Registry) { r.BeginDeletion(productsKey, "b"); r.BeginDeletion(productsKey, "c") }},
		"one is at work for a minute": {others: func(r *Registry) {
			ended := r.BeginDeletion(Key{}, "z")
			go func() {
				time.Sleep(time.Minute)
				ended(true)
			}()
		}, want: 70 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &Registry{}
				r.Planned("s", tt.plan)
				ended := r.BeginDeletion(productsKey, "a")
				if tt.others != nil {
					tt.others(r)
				}
				start := time.Now()
				if err := r.WaitDeletions(t.Context(), productsKey, members, 10*time.Second); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(start); waited != tt.want {
					t.Errorf("it waited %s, want %s", waited, tt.want)
				}
				ended(true)
			})
		})
	}
}

func TestPlansThatKnowOfMoreUnsettleWhatOthersTookForAll(t *testing.T) {
	r := &Registry{}
	r.Planned("s", Plan{Some: map[string][]string{products: {"a"}}, Settled: []string{products}})
	r.Planned("s", Plan{Some: map[string][]string{products: {"b"}}})
	if going, settled := r.PlannedDestructions(productsKey); settled || len(going) != 2 {
		t.Errorf("%v go, settled: %t", going, settled)
	}
}

func TestAnIDIsClaimedOnce(t *testing.T) {
	r := &Registry{}
	if !r.Claim("a") || r.Claim("a") || !r.Claimed("a") || r.Claimed("b") {
		t.Error("a claim is lost, or made twice")
	}
}

func TestManagedInstancesAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{}
		r.SetManaged("a")
		go func() {
			time.Sleep(time.Second)
			r.SetManaged("b")
		}()
		start := time.Now()
		if ours := r.WaitManaged(t.Context(), []string{"a", "b"}, time.Minute); len(ours) != 2 || time.Since(start) != time.Second {
			t.Errorf("%v after %s", ours, time.Since(start))
		}
		if ours := r.WaitManaged(t.Context(), []string{"b", "c"}, time.Minute); !slices.Equal(ours, []string{"b"}) || time.Since(start) != time.Second+time.Minute {
			t.Errorf("%v after %s", ours, time.Since(start))
		}
	})
}

func TestMembersAndReconfigurationsAreCountedForEachCluster(t *testing.T) {
	r := &Registry{}
	submitted := func(id string) bool { return id == "a" || id == "b" }
	if r.AllAmong(productsKey, submitted) {
		t.Error("all of a set that nothing is known of")
	}
	r.SetMembers(productsKey, []string{"a", "b"})
	if !r.AllAmong(productsKey, submitted) {
		t.Error("not all")
	}
	r.SetMembers(productsKey, []string{"a", "b", "c"})
	if r.AllAmong(productsKey, submitted) {
		t.Error("all, without c")
	}
	if r.Reconfigured(productsKey) != 1 || r.Reconfigured(productsKey) != 2 || r.Reconfigured(KeyOf("s", "mongodb/orders")) != 1 {
		t.Error("the reconfigurations are not counted")
	}
}
