package trove

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// founderHead is the start that a member that cannot found gives to those that can, before it asks the server.
const founderHead = time.Second

// founderGrace is how long a member that cannot found, or had better not, waits for another creation of this process to found
// its cluster. Terraform begins the creations of one apply close together.
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
		s.signal()
	}
	return *s, taken
}

// settle notes how things stand and wakes those who wait.
func (f *founders) settle(cluster string, exists bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.at(cluster)
	s.exists, s.underWay = exists, false
	s.signal()
}

// gone notes that a cluster that was there is so no more, unless somebody has learnt or begun something since seen.
func (f *founders) gone(cluster string, seen founding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.at(cluster); s.changed == seen.changed {
		s.exists = false
		s.signal()
	}
}

// signal wakes those who wait for a change.
func (s *founding) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// CreateMember creates a member of a named cluster, and finds out whether it is to found the cluster or to join it: of
// the creations of this process one founds, and the others wait until it is ready and then join. Where the cluster exists
// already, all join. One that had better not found does so where no other has begun to for a while. founded must be called, with whether the instance became ready, when its build has ended; it is nil
// where the member joined.
//
// It returns what Create does, and ErrNotFound where there is nothing to join and nobody founds.
func (c *Client) CreateMember(ctx context.Context, r CreateRequest) (created *Instance, founded func(ready bool), err error) {
	cluster, able := r.Topology.Cluster(), r.Topology.CanFound()
	canFound := able && !r.Topology.PrefersToJoin()
	hopeless := founderGrace // after so long it is looked whether there is hope
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
		case !canFound && !state.exists && c.clock.Now().Sub(start) < founderHead:
			if err := c.waitFor(ctx, state.changed, founderHead); err != nil {
				return nil, nil, fmt.Errorf("create instance %s: waiting for %s to be founded: %w", r.Name, cluster, err)
			}
		default:
			created, err := c.createAs(ctx, r, true)
			wait := founderGrace - c.clock.Now().Sub(start)
			switch {
			case err == nil:
				c.founders.settle(cluster, true)
				return created, nil, nil
			case errors.Is(err, ErrNotReady):
				// Its founder is still building, here or in another process; or none of its members is well any more.
				waited := c.clock.Now().Sub(start)
				if waited >= hopeless {
					failed, all, listErr := c.failedMembers(ctx, cluster, r.Datastore)
					if listErr == nil && all && len(failed) > 0 {
						return nil, nil, fmt.Errorf("%w: all members of %s have failed: %s", err, cluster, names(failed))
					}
					hopeless = 2 * waited
				}
				wait = min(max(waited/10, minPoll), maxPoll)
			case !errors.Is(err, ErrNotFound):
				return nil, nil, err
			case state.exists:
				c.founders.gone(cluster, state) // somebody has to found it anew, and only one
				continue
			case wait <= 0 && able && !canFound:
				canFound = true // nobody else does
				continue
			case wait <= 0:
				return nil, nil, err // nobody founds it
			}
			if waitErr := c.waitFor(ctx, state.changed, wait); waitErr != nil {
				why := "it was cancelled"
				if errors.Is(waitErr, context.DeadlineExceeded) {
					why = "the time-out was reached"
				}
				return nil, nil, &givenUpError{cluster: cluster, why: why, last: err, cause: waitErr}
			}
		}
	}
}

// failedMembers lists the members of a cluster that have failed, and says whether that is all of them. It asks for every instance of
// the same datastore.
func (c *Client) failedMembers(ctx context.Context, cluster string, like *Datastore) (failed []Reference, all bool, err error) {
	instances, err := c.Instances(ctx)
	if err != nil {
		return nil, false, err
	}
	all = true
	for n := range instances {
		i := &instances[n]
		if like != nil && like.Type != "" && i.Datastore.Type != like.Type {
			continue
		}
		block, err := c.Block(ctx, i)
		switch {
		case err != nil:
			return nil, false, err
		case block.Cluster() != cluster:
		case i.Failed():
			failed = append(failed, Reference{ID: i.ID, Name: i.Name})
		default:
			all = false
		}
	}
	return failed, all, nil
}

// givenUpError says that the wait for a cluster that could be joined ended, and what the server said last.
type givenUpError struct {
	cluster, why string
	last, cause  error
}

func (e *givenUpError) Error() string {
	return fmt.Sprintf("%v; a member of %s that is ready was waited for until %s", e.last, e.cluster, e.why)
}

func (e *givenUpError) Unwrap() []error { return []error{e.last, e.cause} }

// createAs creates with join set.
func (c *Client) createAs(ctx context.Context, r CreateRequest, join bool) (*Instance, error) {
	t := r.Topology.WithJoin(join)
	r.Topology = &t
	return c.Create(ctx, r)
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
