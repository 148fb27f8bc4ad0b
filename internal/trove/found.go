package trove

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// founderGrace is how long a member that cannot found waits for another creation of this process to found its cluster.
// Terraform begins the creations of one apply close together.
const founderGrace = 20 * time.Second

// founders knows, for each cluster by name, whether it exists and whether it is being founded in this process.
type founders struct {
	mu       sync.Mutex
	clusters map[string]*founding
}

// founding is what is known of one cluster. changed is closed and made anew with every change.
type founding struct {
	exists   bool
	underWay bool
	changed  chan struct{}
}

// at returns what is known of a cluster. The lock must be held.
func (f *founders) at(cluster string) *founding {
	if f.clusters == nil {
		f.clusters = map[string]*founding{}
	}
	state, ok := f.clusters[cluster]
	if !ok {
		state = &founding{changed: make(chan struct{})}
		f.clusters[cluster] = state
	}
	return state
}

// look returns the present state, and marks the founding as under way where take is true and it is free.
func (f *founders) look(cluster string, take bool) (state founding, taken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.at(cluster)
	if take && !s.exists && !s.underWay {
		s.underWay, taken = true, true
	}
	return *s, taken
}

// settle notes how things stand and wakes those who wait.
func (f *founders) settle(cluster string, exists bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.at(cluster)
	s.exists, s.underWay = exists, false
	close(s.changed)
	s.changed = make(chan struct{})
}

// CreateMember creates a member of a named cluster, and finds out whether it is to found the cluster or to join it: of
// the creations of this process one founds, and the others wait until it is ready and then join. Where the cluster exists
// already, all join. founded must be called, with whether the instance became ready, when its build has ended; it is nil
// where the member joined.
//
// It returns what Create does, and ErrNotFound where there is nothing to join and nobody founds.
func (c *Client) CreateMember(ctx context.Context, r CreateRequest) (created *Instance, founded func(ready bool), err error) {
	cluster, canFound := r.Topology.Cluster(), r.Topology.CanFound()
	for start := c.clock.Now(); ; {
		state, mine := c.founders.look(cluster, canFound)
		switch {
		case mine:
			created, err := c.createAs(ctx, r, false)
			if err == nil {
				return created, func(ready bool) { c.founders.settle(cluster, ready) }, nil
			}
			taken := errors.Is(err, ErrConflict)
			c.founders.settle(cluster, taken)
			if !taken {
				return nil, nil, err
			}
		case state.underWay:
			if err := c.waitFor(ctx, state.changed, 0); err != nil {
				return nil, nil, fmt.Errorf("create instance %s: waiting for %s to be founded: %w", r.Name, cluster, err)
			}
		default:
			created, err := c.join(ctx, r)
			if !errors.Is(err, ErrNotFound) {
				if err == nil {
					c.founders.settle(cluster, true)
				}
				return created, nil, err
			}
			// There is no such cluster, or no longer. Somebody may be about to found it.
			if state.exists {
				c.founders.settle(cluster, false)
				continue
			}
			left := founderGrace - c.clock.Now().Sub(start)
			if left <= 0 {
				return nil, nil, err
			}
			if waitErr := c.waitFor(ctx, state.changed, left); waitErr != nil {
				return nil, nil, errors.Join(err, waitErr)
			}
		}
	}
}

// createAs creates with join set.
func (c *Client) createAs(ctx context.Context, r CreateRequest, join bool) (*Instance, error) {
	t := r.Topology.WithJoin(join)
	r.Topology = &t
	return c.Create(ctx, r)
}

// join creates a member that joins, as soon as the cluster can be joined: its founder may still be building in another
// process.
func (c *Client) join(ctx context.Context, r CreateRequest) (*Instance, error) {
	for start := c.clock.Now(); ; {
		created, err := c.createAs(ctx, r, true)
		if !errors.Is(err, ErrNotReady) {
			return created, err
		}
		waited := c.clock.Now().Sub(start)
		if waitErr := c.waitFor(ctx, nil, min(max(waited/10, minPoll), maxPoll)); waitErr != nil {
			return nil, errors.Join(err, waitErr)
		}
	}
}

// waitFor waits for a change, or for some time where that is above 0, or for the end of ctx, whose error it returns.
func (c *Client) waitFor(ctx context.Context, changed <-chan struct{}, atMost time.Duration) error {
	var over <-chan time.Time
	if atMost > 0 {
		over = c.clock.After(atMost)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-over:
	}
	return nil
}
