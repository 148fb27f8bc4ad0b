package instancebase

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// planAll notes the destruction of members as Terraform would, so many at a time, and returns what each came to know.
func planAll(ctx context.Context, d *departures, parallelism int, members []string, planned ...string) (known [][]string) {
	known = make([][]string, len(planned))
	slots := make(chan struct{}, parallelism)
	var wg sync.WaitGroup
	for n, id := range planned {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			known[n] = d.note(ctx, "region/mongodb/products", id, time.Second, func() []string { return members })
		})
	}
	wg.Wait()
	return known
}

func ids(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("member-%d", i)
	}
	return all
}

func knowAll(known [][]string, n int) (count int) {
	for _, k := range known {
		if len(k) == n {
			count++
		}
	}
	return count
}

func TestEveryMemberKnowsThatTheWholeClusterGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		known := planAll(t.Context(), &departures{}, 10, ids(7), ids(7)...)
		if n := knowAll(known, 7); n != 7 {
			t.Errorf("%d of 7 know of all", n)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the plan waited %s", waited)
		}
	})
}

func TestEnoughMembersKnowThatAClusterLargerThanTheParallelismGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		known := planAll(t.Context(), &departures{}, 10, ids(18), ids(18)...)
		// Those held and the last one: with ten deleted at a time, one that knows is among the first.
		if n := knowAll(known, 18); n < mostHeld+1 {
			t.Errorf("%d know of all, want %d", n, mostHeld+1)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the plan waited %s", waited)
		}
	})
}

func TestMembersThatGoAloneWaitTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &departures{}
		start := time.Now()
		known := planAll(t.Context(), d, 10, ids(5), "member-1", "member-3")
		for _, k := range known {
			if slices.Sort(k); !slices.Equal(k, []string{"member-1", "member-3"}) {
				t.Errorf("known to go: %v", k)
			}
		}
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("the plan waited %s", waited)
		}
	})
}

func TestMembersThatOthersReferToKnowOfThoseToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &departures{}
		planAll(t.Context(), d, 10, ids(12), ids(6)...) // replicas, and then the masters that they refer to
		if known := planAll(t.Context(), d, 10, ids(12), ids(12)[6:]...); knowAll(known, 12) != 6 {
			t.Errorf("known to go: %v", known)
		}
	})
}

func TestOneAtATimeWaitsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		known := planAll(t.Context(), &departures{}, 1, ids(12), ids(12)...)
		if knowAll(known, 12) == 0 {
			t.Error("not even the last one knows of all")
		}
		if waited := time.Since(start); waited != mostVain*time.Second {
			t.Errorf("the plan waited %s", waited)
		}
	})
}

func TestPlanThatIsCancelledWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		planAll(ctx, &departures{}, 10, ids(3), "member-0")
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the plan waited %s", waited)
		}
	})
}

func TestUnknownClusterIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		known := planAll(t.Context(), &departures{}, 10, nil, "member-0")
		if !slices.Equal(known[0], []string{"member-0"}) || time.Since(start) != 0 {
			t.Errorf("%v after %s", known, time.Since(start))
		}
	})
}

// clustered is a member of the cluster that planAll plans for.
type clustered struct{ Model }

func (*clustered) Cluster() string { return "mongodb/products" }

func TestWhoGoesIsSettledWhereSomebodyHasWaited(t *testing.T) {
	for name, tc := range map[string]struct {
		planned []string
		settled bool
	}{
		"some": {[]string{"member-1", "member-3"}, true}, "all": {ids(5), false}, "none": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &Resource{connection: &Connection{}}
				planAll(t.Context(), &r.connection.departures, 10, ids(5), tc.planned...)
				going, settled := r.Departing("region", &clustered{})
				if slices.Sort(going); !slices.Equal(going, tc.planned) || settled != tc.settled {
					t.Errorf("%v are known to go, settled %t; want %v, %t", going, settled, tc.planned, tc.settled)
				}
			})
		})
	}
}
