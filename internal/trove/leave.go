package trove

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// ErrTopologyStays says that a member was to leave its topology, and that the server still lists it.
var ErrTopologyStays = errors.New("the topology still lists the member")

// statusShutdown is what Trove shows of an instance that is being deleted.
const statusShutdown = "SHUTDOWN"

// leavers knows, by cluster, which members this process is about to delete, and when the last of them came.
type leavers struct {
	mu       sync.Mutex
	clusters map[string]*departure
}

type departure struct {
	ids  []string
	last time.Time
}

// add notes a member that is about to be deleted.
func (l *leavers) add(cluster, id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clusters == nil {
		l.clusters = map[string]*departure{}
	}
	d := l.clusters[cluster]
	if d == nil {
		d = &departure{}
		l.clusters[cluster] = d
	}
	if !slices.Contains(d.ids, id) {
		d.ids = append(d.ids, id)
	}
	d.last = now
}

// remove forgets a member whose deletion has ended, well or not.
func (l *leavers) remove(cluster, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := l.clusters[cluster]; d != nil {
		d.ids = slices.DeleteFunc(d.ids, func(other string) bool { return other == id })
	}
}

// now returns who is about to be deleted, and when the last of them came.
func (l *leavers) now(cluster string) ([]string, time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := l.clusters[cluster]; d != nil {
		return slices.Clone(d.ids), d.last
	}
	return nil, time.Time{}
}

// Leave takes a member out of its replica set or cluster before it is deleted: by way, addressed through a member that
// stays, one at a time for a cluster, and proven by the topology no longer listing it. Nothing is done where the member has
// left already, where it is the last one, and where all members are about to be deleted: window is how long to wait for
// others of this process to say so after each that came. done must be called when the deletion has ended.
func (c *Client) Leave(ctx context.Context, id string, window time.Duration, way func(id string) topology.Action) (done func(), err error) {
	view, err := c.Topology(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return func() {}, nil
	}
	if err != nil {
		return func() {}, err
	}
	m, ok := view.Find(id)
	if !ok || m.Cluster() == "" {
		return func() {}, nil // it has left before
	}
	cluster := m.Cluster()
	c.leaving.add(cluster, id, c.clock.Now())
	done = func() { c.leaving.remove(cluster, id) }
	if err := c.gather(ctx, cluster, window); err != nil {
		return done, err
	}
	unlock, err := c.turn(ctx, cluster)
	if err != nil {
		return done, err
	}
	defer unlock()
	return done, c.leave(ctx, id, cluster, way)
}

// gather waits until no other member has come to be deleted for the length of window.
func (c *Client) gather(ctx context.Context, cluster string, window time.Duration) error {
	for {
		_, last := c.leaving.now(cluster)
		left := window - c.clock.Now().Sub(last)
		if left <= 0 {
			return nil
		}
		if err := c.waitFor(ctx, nil, left); err != nil {
			return err
		}
	}
}

// leave is Leave when it is this member's turn.
func (c *Client) leave(ctx context.Context, id, cluster string, way func(id string) topology.Action) error {
	for sent, refused := 0, 0; ; {
		via, listed, err := c.survivor(ctx, id, cluster)
		if err != nil || !listed || via == "" {
			return err
		}
		i, err := c.Instance(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil
		case err != nil:
			return err
		case i.Failed() || i.Status == statusShutdown:
			return nil // the server refuses to take out what is not ACTIVE: deleting it is all that is left
		case !i.settled():
			// It is busy, maybe with the leaving that an interrupted run began.
			if err := c.waitIdle(ctx, id); err != nil {
				return err
			}
			continue
		case sent == 2:
			return fmt.Errorf("instance %s: %w", id, ErrTopologyStays)
		}
		if _, err := c.WaitReady(ctx, via); err != nil {
			return err
		}
		err = c.Act(ctx, via, way(id))
		lost := OutcomeUnknown(err)
		switch {
		case errors.Is(err, ErrNotReady) && refused < refusedWhileReady:
			refused++
			if waitErr := c.waitChanges(ctx, via); waitErr != nil {
				return errors.Join(err, waitErr)
			}
			continue
		case err != nil && !lost:
			return err
		}
		sent++
		if err := c.waitLeft(ctx, id, via, lost); err != nil {
			return err
		}
	}
}

// turn waits until no other change of the cluster goes on in this process: it takes one at a time.
func (c *Client) turn(ctx context.Context, cluster string) (done func(), err error) {
	return c.locks.lock(ctx, "cluster/"+cluster)
}

// waitChanges waits, after a refusal, until no member of via's cluster is changing: somebody else may change the cluster
// as well. It does not wait for new members, which are no change until they are built.
func (c *Client) waitChanges(ctx context.Context, via string) error {
	view, err := c.Topology(ctx, via)
	if err != nil {
		return err
	}
	for _, m := range view.Members {
		i, err := c.Instance(ctx, m.ID)
		if err == nil && i.Status != StatusBuild {
			err = c.waitIdle(ctx, m.ID)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return c.waitFor(ctx, nil, minPoll)
}

// waitIdle waits until nothing happens to a member any more, whether it is well or has failed or has gone.
func (c *Client) waitIdle(ctx context.Context, id string) error {
	_, err := poll(ctx, c.clock, c, id, "done with what it is at, as its cluster takes one change at a time",
		func(i *Instance, _ time.Duration) (bool, error) { return i.settled(), nil })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// survivor finds a member that stays and is ready, to be addressed; via is "" where nobody stays: then there is no point in
// leaving. listed says whether the member is still in its topology.
func (c *Client) survivor(ctx context.Context, id, cluster string) (via string, listed bool, err error) {
	view, err := c.Topology(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if m, ok := view.Find(id); !ok || m.Cluster() != cluster {
		return "", false, nil
	}
	going, _ := c.leaving.now(cluster)
	var unready string
	for _, m := range view.Members {
		if m.ID == id || slices.Contains(going, m.ID) {
			continue
		}
		i, err := c.Instance(ctx, m.ID)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return "", true, err
		case i.Ready():
			return m.ID, true, nil
		case !i.Failed() && i.Status != statusShutdown:
			unready = m.ID // it will be waited for
		}
	}
	return unready, true, nil
}

// waitLeft waits until the topology, as a survivor sees it, no longer lists the member. Only an answer proves that: one that
// failed proves nothing. After a lost request it gives up when the survivor is ready and the member still listed.
func (c *Client) waitLeft(ctx context.Context, id, via string, lost bool) error {
	for start, failures := c.clock.Now(), 0; ; {
		view, err := c.Topology(ctx, via)
		waited := c.clock.Now().Sub(start)
		if err == nil {
			failures = 0
			if _, listed := view.Find(id); !listed {
				return nil
			}
			i, err := c.Instance(ctx, id)
			switch {
			case err == nil && i.Failed():
				return &FailedError{ID: i.ID, Name: i.Name, Status: i.Status, Fault: i.FaultText()}
			case err == nil && i.Ready() && (lost || waited > maxPoll):
				return nil // the work has ended, and leave looks whether it did anything
			}
		} else if failures++; ctx.Err() == nil && (!passing(err) || failures > toleratedFailures) {
			return err
		}
		if err := c.waitFor(ctx, nil, min(max(waited/10, minPoll), maxPoll)); err != nil {
			return &WaitError{ID: id, For: "out of its topology", Last: "listed", Waited: waited, Cause: err}
		}
	}
}
