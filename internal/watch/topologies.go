package watch

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// TopologyReader is what Topologies needs of a client.
type TopologyReader interface {
	Topology(ctx context.Context, id string) (topology.View, error)
}

// Topologies holds topologies that were read recently: a topology that one member shows is valid for all members it lists. It is safe for
// concurrent use.
type Topologies struct {
	client TopologyReader
	clock  clock.Clock

	mu      sync.Mutex
	read    []readTopology
	flights map[string]*flight[topology.View] // by cluster
}

// readTopology is a topology, and the time when reading it began.
type readTopology struct {
	began time.Time
	view  topology.View
}

// NewTopologies returns a new Topologies.
func NewTopologies(client TopologyReader, c clock.Clock) *Topologies {
	return &Topologies{client: client, clock: c, flights: map[string]*flight[topology.View]{}}
}

// Of returns the topology of an instance, read after since. cluster is the one it is known to be in, as topology.Topology.Cluster names
// it: members that ask at the same time share one request. Instances whose cluster is unknown, "", are read one after another, since one
// topology may list the next instance. An error is not kept.
func (t *Topologies) Of(ctx context.Context, cluster, id string, since time.Time) (topology.View, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		if view, ok := t.find(since, func(m topology.Member) bool { return m.ID == id }); ok {
			return view, nil
		}
		f := t.flights[cluster]
		own := f == nil || f.abandoned() || f.began.Before(since)
		if own {
			f = t.begin(ctx, cluster, id)
		}
		view, err := f.wait(ctx, &t.mu)
		if own || ctx.Err() != nil {
			return cloned(view), err
		}
	}
}

// Cluster returns the topology of a cluster if one of its members has shown it after since.
func (t *Topologies) Cluster(cluster string, since time.Time) (topology.View, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.find(since, func(m topology.Member) bool { return m.Cluster() == cluster })
}

// find returns a topology that is known. The lock must be held.
func (t *Topologies) find(since time.Time, of func(topology.Member) bool) (topology.View, bool) {
	for _, r := range slices.Backward(t.read) {
		if !r.began.Before(since) && slices.ContainsFunc(r.view.Members, of) {
			return cloned(r.view), true
		}
	}
	return topology.View{}, false
}

// begin reads the topology of an instance. The lock must be held.
func (t *Topologies) begin(ctx context.Context, cluster, id string) *flight[topology.View] {
	began := t.clock.Now()
	t.read = slices.DeleteFunc(t.read, func(r readTopology) bool { return began.Sub(r.began) > refreshAge })
	f := fly(ctx, &t.mu, began, func(ctx context.Context) (topology.View, error) { return t.client.Topology(ctx, id) },
		func(f *flight[topology.View]) {
			if t.flights[cluster] == f {
				delete(t.flights, cluster)
			}
			if f.err == nil {
				t.read = append(t.read, readTopology{began: began, view: f.value})
			}
		})
	t.flights[cluster] = f
	return f
}

// cloned returns a view with a copy of the members.
func cloned(view topology.View) topology.View {
	view.Members = slices.Clone(view.Members)
	return view
}
