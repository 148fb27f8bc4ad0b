package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const products = "mongodb/products"

var productsKey = KeyOf("s", products)

// atMost runs f for each of these, in their order, so many at a time: as Terraform walks.
func atMost[T any](parallelism int, all []T, f func(n int, one T)) {
	slots := make(chan struct{}, parallelism)
	var wg sync.WaitGroup
	for n, one := range all {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(n, one)
		})
	}
	wg.Wait()
}

// planAll plans the destruction of members of one cluster as Terraform would, so many at a time, and returns what each came to know.
func planAll(ctx context.Context, r *Registry, parallelism int, members []string, planned ...string) (known [][]string) {
	known = make([][]string, len(planned))
	atMost(parallelism, planned, func(n int, id string) {
		p := r.PlanDestruction(ctx, productsKey, id, time.Second, func() []string { return members })
		known[n] = p.Some[products]
	})
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
		known := planAll(t.Context(), &Registry{}, 10, ids(7), ids(7)...)
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
		known := planAll(t.Context(), &Registry{}, 10, ids(18), ids(18)...)
		// Those that waited and the last one: with ten deleted at a time, one that knows is among the first.
		if n := knowAll(known, 18); n < mostBlockedPlans+1 {
			t.Errorf("%d know of all, want %d", n, mostBlockedPlans+1)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the plan waited %s", waited)
		}
	})
}

func TestMembersThatGoAloneWaitTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		known := planAll(t.Context(), &Registry{}, 10, ids(5), "member-1", "member-3")
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
		r := &Registry{}
		planAll(t.Context(), r, 10, ids(12), ids(6)...) // replicas, and then the masters that they refer to
		if known := planAll(t.Context(), r, 10, ids(12), ids(12)[6:]...); knowAll(known, 12) != 6 {
			t.Errorf("known to go: %v", known)
		}
	})
}

func TestOneAtATimeWaitsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		known := planAll(t.Context(), &Registry{}, 1, ids(12), ids(12)...)
		if knowAll(known, 12) == 0 {
			t.Error("not even the last one knows of all")
		}
		if waited := time.Since(start); waited != mostIdleWaits*time.Second {
			t.Errorf("the plan waited %s", waited)
		}
	})
}

func TestPlanThatIsCanceledWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		planAll(ctx, &Registry{}, 10, ids(3), "member-0")
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the plan waited %s", waited)
		}
	})
}

func TestUnknownClusterIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		known := planAll(t.Context(), &Registry{}, 10, nil, "member-0")
		if !slices.Equal(known[0], []string{"member-0"}) || time.Since(start) != 0 {
			t.Errorf("%v after %s", known, time.Since(start))
		}
	})
}

func TestWhoGoesIsSettledWhereSomebodyHasWaited(t *testing.T) {
	for name, tc := range map[string]struct {
		planned []string
		settled bool
	}{
		"some": {[]string{"member-1", "member-3"}, true}, "all": {ids(5), false}, "none": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &Registry{}
				planAll(t.Context(), r, 10, ids(5), tc.planned...)
				going, settled := r.PlannedDestructions(productsKey)
				if slices.Sort(going); !slices.Equal(going, tc.planned) || settled != tc.settled {
					t.Errorf("%v are known to go, settled %t; want %v, %t", going, settled, tc.planned, tc.settled)
				}
			})
		})
	}
}

// Twenty sets of ten are planned to go and go, in any order, in processes of their own. Where the apply hears what the plan knew at its end,
// no member takes another of its set for one that stays; where it only hears what stands in each planned deletion, hardly any does.
func TestWholeClustersAreKnownToGoAtAnyParallelism(t *testing.T) {
	const clusters, size = 20, 10
	members := map[Key][]string{}
	var all []string
	keys := map[string]Key{}
	for c := range clusters {
		key := KeyOf("s", fmt.Sprintf("mongodb/set-%d", c))
		for m := range size {
			id := fmt.Sprintf("%d-%d", c, m)
			members[key], keys[id] = append(members[key], id), key
			all = append(all, id)
		}
	}
	for _, parallelism := range []int{10, 30, 50} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			failing := map[bool]int{}
			for run := range uint64(100) {
				seed, heard := run/2, run%2 == 0
				synctest.Test(t, func(t *testing.T) {
					random := rand.New(rand.NewPCG(seed, seed))
					shuffled := func() []string {
						order := slices.Clone(all)
						random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
						return order
					}
					notes := map[string]Plan{}
					var mu sync.Mutex
					planning := &Registry{}
					atMost(parallelism, shuffled(), func(_ int, id string) {
						p := planning.PlanDestruction(t.Context(), keys[id], id, time.Second, func() []string { return members[keys[id]] })
						mu.Lock()
						defer mu.Unlock()
						notes[id] = p
					})
					applying := &Registry{}
					if heard {
						applying.Planned("s", planning.PlannedSoFar("s"))
					}
					left := 0
					atMost(parallelism, shuffled(), func(_ int, id string) {
						key := keys[id]
						applying.Planned("s", notes[id])
						ended := applying.BeginDeletion(key, id)
						if err := applying.WaitDeletions(t.Context(), key, members[key], time.Second); err != nil {
							t.Error(err)
						}
						for _, other := range members[key] {
							if !applying.Going(key, other) {
								mu.Lock()
								left++
								mu.Unlock()
								break
							}
						}
						time.Sleep(2 * time.Second) // the server's work
						ended(true)
					})
					if left > 0 {
						failing[heard] += left
					}
				})
			}
			// Of 10,000 each. How many only hear of some depends on what runs first: 50 to 110 at a parallelism of 10, hardly any at more.
			if failing[true] > 0 || failing[false] > 200 {
				t.Errorf("%d members took others for such as stay, and %d where they only heard of those planned before", failing[true], failing[false])
			}
		})
	}
}

func TestAMemberThatComesLateUnsettlesWhatWasTakenForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{}
		planAll(t.Context(), r, 10, ids(3), "member-0") // waits, and nobody comes
		if _, settled := r.PlannedDestructions(productsKey); !settled {
			t.Fatal("nobody has come, and it is not settled")
		}
		go planAll(t.Context(), r, 10, ids(3), "member-1")
		synctest.Wait()
		if going, settled := r.PlannedDestructions(productsKey); settled || len(going) != 2 {
			t.Errorf("%v go, settled: %t", going, settled)
		}
	})
}

// A member that has failed sees itself alone, in a set of the same name that others have founded anew. Its destruction is not that of the whole:
// the others are to leave before they are deleted.
func TestAMemberThatSeesItselfAloneIsNotTheWhole(t *testing.T) {
	for name, order := range map[string][]string{"last": {"b", "alone"}, "first": {"alone", "b"}, "by itself": {"alone"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &Registry{}
				for _, id := range order {
					r.PlanDestruction(t.Context(), productsKey, id, time.Second, func() []string {
						if id == "alone" {
							return []string{"alone"}
						}
						return []string{"a", "b", "c"}
					})
				}
				known := r.PlannedSoFar("s")
				applied := &Registry{}
				applied.Planned("s", known)
				for _, id := range []string{"a", "b", "c", "alone"} {
					if goes := applied.Going(productsKey, id); goes != slices.Contains(order, id) {
						t.Errorf("the plan knows %+v, by which %s goes: %t", known, id, goes)
					}
				}
			})
		})
	}
}
