package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// server is a Lister over instances that are built, and go, in their time.
type server struct {
	pageSize  int
	forbidden bool          // to list
	garbled   bool          // lists are no JSON
	latency   time.Duration // of a page of a list
	lagging   time.Duration // how old lists are

	mu        sync.Mutex
	instances []*built // in the order of lists
	gets      int
	lists     int // pages
	ended     int // lists whose context ended
}

type built struct {
	id     string
	ready  time.Time // BUILD before
	gone   time.Time // 404 from then on; zero is never
	hidden bool      // from lists
	fails  bool      // ERROR when it would be ready
}

func (s *server) add(i *built) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instances = append(s.instances, i)
}

func (i *built) shown(at time.Time) trove.Instance {
	operating, status := "", trove.StatusBuild
	switch {
	case !i.gone.IsZero():
		status = trove.StatusShutdown
	case at.Before(i.ready):
	case i.fails:
		status = trove.StatusError
	default:
		operating, status = trove.StatusHealthy, trove.StatusActive
	}
	return trove.Instance{ID: i.id, Name: i.id, Status: status, OperatingStatus: &operating}
}

func (i *built) exists(at time.Time) bool { return i.gone.IsZero() || at.Before(i.gone) }

func (s *server) Instance(ctx context.Context, id string) (*trove.Instance, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	for _, i := range s.instances {
		if i.id == id && i.exists(time.Now()) {
			shown := i.shown(time.Now())
			if i.fails {
				shown.Fault = &trove.Fault{Message: "no valid host was found"}
			}
			return &shown, nil
		}
	}
	return nil, &openstack.Error{Code: 404, Fault: "itemNotFound"}
}

func (s *server) EachInstance(ctx context.Context, _ bool, each func(page []trove.Instance, more bool) bool) error {
	for from := 0; ; from += s.pageSize {
		select {
		case <-ctx.Done():
			s.mu.Lock()
			s.ended++
			s.mu.Unlock()
			return ctx.Err()
		case <-time.After(s.latency):
		}
		s.mu.Lock()
		s.lists++
		var all []trove.Instance
		at := time.Now().Add(-s.lagging)
		for _, i := range s.instances {
			if !i.hidden && i.exists(at) {
				all = append(all, i.shown(at))
			}
		}
		s.mu.Unlock()
		if s.forbidden {
			return &openstack.Error{Code: 403}
		}
		if s.garbled {
			return errors.New("the answer is no JSON")
		}
		page := all[min(from, len(all)):min(from+s.pageSize, len(all))]
		more := from+s.pageSize < len(all)
		if !each(page, more) || !more {
			return nil
		}
	}
}

func (s *server) InstancesAt(ctx context.Context) (all []trove.Instance, serverTime time.Time, err error) {
	err = s.EachInstance(ctx, true, func(page []trove.Instance, _ bool) bool {
		all = append(all, page...)
		return true
	})
	return all, time.Now(), err
}

// build waits for so many instances of a build time at once, and returns how long the longest wait took.
func build(t *testing.T, s *server, w *Watcher, cohort string, n int, takes time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	var all sync.WaitGroup
	for n := range n {
		id := fmt.Sprintf("%s-%d", cohort, n)
		s.add(&built{id: id, ready: began.Add(takes)})
		all.Go(func() {
			i, err := w.WaitBuilt(t.Context(), &trove.Instance{ID: id, Flavor: trove.Reference{ID: "1"}, Datastore: trove.Datastore{Type: "mysql"}})
			if err != nil || i.ID != id || !i.Ready() {
				t.Errorf("%s: %+v, %v", id, i, err)
			}
			if time.Since(began) < takes {
				t.Errorf("%s ended after %v, before it was built", id, time.Since(began))
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

func TestManyThatWaitAreLookedAtByOneList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20}
		w := New(s, clock.System{})
		took := build(t, s, w, "first", 50, 20*time.Second)
		if s.gets != 50 || s.lists > 3*24 || took > 22*time.Second {
			t.Errorf("50 took %d GETs, %d pages and %v; want 50, 72 at most, and 22s", s.gets, s.lists, took)
		}
		s.gets, s.lists = 0, 0
		took = build(t, s, w, "second", 50, 20*time.Second)
		if s.gets != 50 || s.lists > 5*4 || took > 21*time.Second {
			t.Errorf("50 more took %d GETs, %d pages and %v; want 50, 20 at most, and 21s", s.gets, s.lists, took)
		}
	})
}

func TestASingleWaitIsNotLookedAtByLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20}
		build(t, s, New(s, clock.System{}), "only", 1, 20*time.Second)
		if s.lists != 0 || s.gets > 25 {
			t.Errorf("%d pages and %d GETs, want none and 25 at most", s.lists, s.gets)
		}
	})
}

func TestShortBuildsEndPromptly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20}
		if took := build(t, s, New(s, clock.System{}), "short", 3, 30*time.Millisecond); took > 60*time.Millisecond {
			t.Errorf("builds of 30ms took %v", took)
		}
	})
}

func TestAListIsNoProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20, lagging: 3 * time.Second}
		w := New(s, clock.System{})
		for n := range 10 {
			s.add(&built{id: fmt.Sprintf("going-%d", n), ready: time.Now(), gone: time.Now().Add(time.Minute), hidden: n%2 == 0})
			s.add(&built{id: fmt.Sprintf("coming-%d", n), ready: time.Now().Add(time.Minute), hidden: n%2 == 0})
		}
		began := time.Now()
		var all sync.WaitGroup
		for n := range 10 {
			all.Go(func() {
				if err := w.WaitGone(t.Context(), fmt.Sprintf("going-%d", n)); err != nil || time.Since(began) < time.Minute {
					t.Errorf("going-%d: %v after %v, want gone after a minute", n, err, time.Since(began))
				}
			})
			all.Go(func() {
				i, err := w.WaitReady(t.Context(), fmt.Sprintf("coming-%d", n))
				if err != nil || !i.Ready() || time.Since(began) < time.Minute {
					t.Errorf("coming-%d: %+v, %v after %v, want ready after a minute", n, i, err, time.Since(began))
				}
			})
		}
		all.Wait()
		if s.lists == 0 {
			t.Error("no list was read")
		}
	})
}

func TestAFailureIsConfirmedAndExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20}
		w := New(s, clock.System{})
		s.add(&built{id: "bad", ready: time.Now().Add(5 * time.Second), fails: true})
		var all sync.WaitGroup
		all.Go(func() { build(t, s, w, "good", 10, 20*time.Second) })
		all.Go(func() {
			_, err := w.WaitBuilt(t.Context(), &trove.Instance{ID: "bad"})
			var failed *FailedError
			if !errors.As(err, &failed) || failed.Fault != "no valid host was found" {
				t.Errorf("error is %v, want one with the fault, which lists do not show", err)
			}
		})
		all.Wait()
	})
}

func TestWhereListsAreForbiddenInstancesAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20, forbidden: true}
		build(t, s, New(s, clock.System{}), "x", 10, 20*time.Second)
		if s.lists != 1 || s.gets > 250 {
			t.Errorf("%d lists and %d GETs, want one list, and 25 GETs of each", s.lists, s.gets)
		}
	})
}

func TestWhereListsFailInstancesAreReadAsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20, garbled: true}
		if took := build(t, s, New(s, clock.System{}), "x", 10, 20*time.Second); took > 30*time.Second {
			t.Errorf("ended after %v", took)
		}
		if s.lists == 0 || s.gets > 250 {
			t.Errorf("%d lists and %d GETs", s.lists, s.gets)
		}
	})
}

func TestAListThatIsLongerThanTheReadsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20}
		for n := range 2000 {
			s.add(&built{id: fmt.Sprintf("foreign-%d", n)})
		}
		build(t, s, New(s, clock.System{}), "x", 10, 20*time.Second)
		if s.lists > 20 || s.gets > 250 {
			t.Errorf("%d pages and %d GETs, want 20 pages at most, and 25 GETs of each", s.lists, s.gets)
		}
	})
}

func TestAListEndsAsSoonAsAllHaveBeenSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 5}
		w := New(s, clock.System{})
		var all sync.WaitGroup
		all.Go(func() { build(t, s, w, "x", 10, 20*time.Second) })
		synctest.Wait()
		for n := range 100 {
			s.add(&built{id: fmt.Sprintf("behind-%d", n)})
		}
		all.Wait()
		if s.lists > 2*25 || s.lists == 0 {
			t.Errorf("%d pages, want two for each look", s.lists)
		}
	})
}

func TestAWaitThatIsCanceledDisturbsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20, latency: 500 * time.Millisecond}
		w := New(s, clock.System{})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for n := range 5 {
			id := fmt.Sprintf("canceled-%d", n)
			s.add(&built{id: id, ready: time.Now().Add(time.Hour)})
			all.Go(func() {
				began := time.Now()
				_, err := w.WaitBuilt(ctx, &trove.Instance{ID: id})
				if !errors.Is(err, context.Canceled) || time.Since(began) != 10*time.Second {
					t.Errorf("%s ended with %v after %v, want canceled after 10s", id, err, time.Since(began))
				}
			})
		}
		all.Go(func() { build(t, s, w, "x", 5, 20*time.Second) })
		time.Sleep(10 * time.Second)
		cancel()
		all.Wait()
		if s.ended != 0 {
			t.Errorf("%d lists ended with the context of one that waited", s.ended)
		}
	})
}

func TestTheListEndsWithTheLastOfThoseThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20, latency: time.Hour}
		w := New(s, clock.System{})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for n := range 5 {
			all.Go(func() {
				if _, err := w.WaitBuilt(ctx, &trove.Instance{ID: fmt.Sprint(n)}); !errors.Is(err, context.Canceled) {
					t.Errorf("ended with %v", err)
				}
			})
		}
		began := time.Now()
		time.Sleep(time.Minute)
		cancel()
		all.Wait()
		synctest.Wait()
		if s.ended != 1 || time.Since(began) != time.Minute {
			t.Errorf("%d lists were ended, after %v; want one, at once", s.ended, time.Since(began))
		}
	})
}

func TestThoseThatSearchShareAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20, latency: 100 * time.Millisecond}
		for n := range 60 {
			s.add(&built{id: fmt.Sprint(n)})
		}
		w := New(s, clock.System{})
		gone, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for n := range 49 {
			all.Go(func() {
				for range 10 {
					asked := time.Now()
					ctx := t.Context()
					if n == 0 {
						ctx = gone
					}
					found, at, err := w.Listing(ctx)
					if n == 0 && errors.Is(err, context.Canceled) {
						return
					}
					if err != nil || len(found) != 60 {
						t.Errorf("%d are listed, %v", len(found), err)
					}
					if at.Sub(asked) < 300*time.Millisecond {
						t.Errorf("the list began before it was asked for: it is of %v after", at.Sub(asked))
					}
				}
			})
		}
		time.Sleep(time.Second)
		cancel()
		all.Wait()
		if s.lists > 2*11*3 {
			t.Errorf("%d pages for 49 searches of ten looks each, want the 66 of 22 lists at most: those that came since one began share the next", s.lists)
		}
	})
}

func TestASearchThatAllHaveLeftDoesNotFailWhoComesThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{pageSize: 20, latency: time.Second}
		w := New(s, clock.System{})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, _, err := w.Listing(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		if _, _, err := w.Listing(t.Context()); err != nil {
			t.Errorf("got %v, want a list of its own", err)
		}
		all.Wait()
	})
}

func TestWhatTakesTurnsIsLearned(t *testing.T) {
	s := &schedule{}
	for range 8 { // looks until it is done, as a wait does
		seen := span{}
		for at := s.next("x", 0); ; at = s.next("x", seen.low) {
			if at <= seen.low {
				t.Fatalf("it is to be looked at again %v after the beginning, and was at %v", at, seen.low)
			}
			if at >= 20*time.Second {
				seen.high = at
				break
			}
			seen.low = at
		}
		s.learn("x", seen)
	}
	if got := s.spans["x"]; got.low < 18*time.Second || got.low >= 20*time.Second || got.high < 20*time.Second || got.high > 21*time.Second {
		t.Errorf("it is known to take %v to %v, want around 20s", got.low, got.high)
	}
	s.learn("x", span{29 * time.Second, 30 * time.Second})
	if got := s.spans["x"]; got.high != 30*time.Second || got.low >= 20*time.Second {
		t.Errorf("where it varies it is known to take %v to %v, want both", got.low, got.high)
	}
	if s.next("y", 0) != time.Second {
		t.Errorf("on a slow server the first look is after %v, want a second", s.next("y", 0))
	}
}
