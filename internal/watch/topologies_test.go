package watch

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// sets is a TopologyReader over replica sets of so many members each, whose ids begin with the set's number.
type sets struct {
	members int
	fails   error

	mu    sync.Mutex
	reads int
	ended int // reads whose context ended
}

func (s *sets) Topology(ctx context.Context, id string) (topology.View, error) {
	s.mu.Lock()
	s.reads++
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended++
		return topology.View{}, ctx.Err()
	case <-time.After(100 * time.Millisecond):
	}
	if s.fails != nil {
		return topology.View{}, s.fails
	}
	var set, n int
	if _, err := fmt.Sscanf(id, "%d-%d", &set, &n); err != nil {
		return topology.View{}, &openstack.Error{Code: 404, Fault: "itemNotFound"}
	}
	var view topology.View
	for m := range s.members {
		view.Members = append(view.Members, topology.Member{ID: fmt.Sprintf("%d-%d", set, m), Topology: topology.Topology{
			MongoDB: &topology.MongoDB{ReplSet: fmt.Sprint(set)},
		}})
	}
	return view, nil
}

// askAll asks for all members of so many sets at once.
func askAll(t *testing.T, topologies *Topologies, asked, members int, since time.Time, named bool) {
	t.Helper()
	var all sync.WaitGroup
	for set := range asked {
		for n := range members {
			all.Go(func() {
				id, cluster := fmt.Sprintf("%d-%d", set, n), ""
				if named {
					cluster = fmt.Sprintf("mongodb/%d", set)
				}
				view, err := topologies.Of(t.Context(), cluster, id, since)
				if _, listed := view.Find(id); err != nil || !listed {
					t.Errorf("%s: %+v, %v", id, view, err)
				}
			})
		}
	}
	all.Wait()
}

func TestTopologyIsReadOnceForAllMembers(t *testing.T) {
	for _, named := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			server := &sets{members: 7}
			topologies := NewTopologies(server, clock.System{})
			askAll(t, topologies, 5, 7, time.Now(), named)
			if server.reads != 5 {
				t.Errorf("5 sets were read %d times, with their names known: %t", server.reads, named)
			}
			time.Sleep(time.Second)
			askAll(t, topologies, 5, 7, time.Now(), named)
			if server.reads != 10 {
				t.Errorf("asked for what is so now, they were read %d times", server.reads-5)
			}
		})
	}
}

func TestTopologyOfAClusterIsKnownByItsMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topologies := NewTopologies(&sets{members: 3}, clock.System{})
		since := time.Now()
		askAll(t, topologies, 1, 3, since, true)
		view, known := topologies.Cluster("mongodb/0", since)
		if !known || len(view.Members) != 3 {
			t.Errorf("%+v, %t", view, known)
		}
		view.Members = slices.Delete(view.Members, 0, 1) // it is the caller's own
		if again, _ := topologies.Cluster("mongodb/0", since); len(again.Members) != 3 || again.Members[0].ID != "0-0" {
			t.Errorf("changed by a caller: %+v", again)
		}
		if _, known := topologies.Cluster("mongodb/1", since); known {
			t.Error("a cluster is known that nobody asked for")
		}
		if _, known := topologies.Cluster("mongodb/0", time.Now()); known {
			t.Error("what was read before counts as read since")
		}
	})
}

func TestFailedTopologyIsToldToWhoAskedAndAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &sets{members: 3, fails: &openstack.Error{Code: 500}}
		topologies := NewTopologies(server, clock.System{})
		var all sync.WaitGroup
		for n := range 3 {
			all.Go(func() {
				if _, err := topologies.Of(t.Context(), "mongodb/0", fmt.Sprintf("0-%d", n), time.Now()); err == nil {
					t.Error("a failure was not told")
				}
			})
		}
		all.Wait()
		server.fails = nil
		askAll(t, topologies, 1, 3, time.Now(), true)
		if server.reads != 4 {
			t.Errorf("%d reads, want one for each that was told, and one when it works", server.reads)
		}
	})
}

func TestTopologyThatNobodyWaitsForIsNotReadOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &sets{members: 3}
		topologies := NewTopologies(server, clock.System{})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		since := time.Now()
		if _, err := topologies.Of(ctx, "mongodb/0", "0-0", since); err == nil {
			t.Error("it was canceled, and has an answer")
		}
		askAll(t, topologies, 1, 3, since, true)
		if server.ended != 1 || server.reads != 2 {
			t.Errorf("%d of %d reads ended early, want 1 of 2", server.ended, server.reads)
		}
	})
}
