package trove

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// ErrTopologyStays says that a member was to leave its topology, and that the server still lists it.
var ErrTopologyStays = errors.New("the topology still lists the member")

// StrandedError says that a member cannot leave its cluster since all members that would stay have failed.
type StrandedError struct {
	ID, Cluster string
	Failed      []Reference
}

func (e *StrandedError) Error() string {
	return fmt.Sprintf("instance %s cannot leave %s, because the members that would stay have all failed: %s", e.ID, e.Cluster, names(e.Failed))
}

// statusShutdown is what Trove shows of an instance that is being deleted.
const statusShutdown = "SHUTDOWN"

// UnofferedError says that a server refused the action by which a member leaves, as one that is unknown or invalid, and still
// lists the member. It unwraps to the refusal.
type UnofferedError struct {
	ID, Action string
	Refusal    error
}

func (e *UnofferedError) Error() string {
	return fmt.Sprintf("%v: the member is still listed, so the server seems not to offer %s", e.Refusal, e.Action)
}

func (e *UnofferedError) Unwrap() error { return e.Refusal }

// Departure is a member that is to leave its cluster before it is deleted.
type Departure struct {
	ID string
	// With are members that are known to be deleted as well, soon: the plan said so. The member itself may be among them.
	With []string
	// Window is how long to wait for other members to come to be deleted, after each deletion that begins or ends.
	Window time.Duration
	// Steps are the actions by which the member leaves. After the last one the topology lists it no more; those before it can be
	// repeated without harm.
	Steps []topology.Action
	// Heir is the member that takes its role over first where it has become this one's replica by a failover; "" for none. A
	// master that has replicas can neither leave nor be deleted.
	Heir string
}

// Leaving is what has become of a Departure.
type Leaving struct {
	// Cluster is what it was to leave, "" where it was in none.
	Cluster string
	// Broken says why the member could not leave: the server takes out only members that are well.
	Broken *FailedError

	done func()
}

// Done is to be called when the deletion has ended.
func (l Leaving) Done() {
	if l.done != nil {
		l.done()
	}
}

// Leave takes a member out of its replica set or cluster before it is deleted: through a member that stays, one at a time for
// a cluster, and proven by the topology no longer listing it. Nothing is done where the member has left already, where it is
// the last one, where all members are about to be deleted, and where the member has failed.
func (c *Client) Leave(ctx context.Context, d Departure) (Leaving, error) {
	view, err := c.Topology(ctx, d.ID)
	if errors.Is(err, ErrNotFound) {
		return Leaving{}, nil
	}
	if err != nil {
		return Leaving{}, err
	}
	m, ok := view.Find(d.ID)
	if !ok || m.Cluster() == "" {
		return Leaving{}, nil // it has left before
	}
	l := Leaving{Cluster: m.Cluster()}
	c.leaving.add(l.Cluster, append([]string{d.ID}, d.With...), c.clock.Now())
	c.leaving.begin(d.ID, c.clock.Now())
	l.done = func() {
		c.leaving.remove(l.Cluster, d.ID, c.clock.Now())
		c.leaving.end(d.ID, c.clock.Now())
	}
	if err := c.gather(ctx, view, l.Cluster, d.Window); err != nil {
		return l, err
	}
	unlock, err := c.turnOf(ctx, m, d.Heir, l.Cluster)
	if err != nil {
		return l, err
	}
	defer unlock()
	if d.Heir != "" {
		if err := c.handBack(ctx, d.ID, d.Heir); err != nil {
			return l, err
		}
	}
	l.Broken, err = c.leave(ctx, d, l.Cluster)
	if l.Broken != nil {
		c.leaving.skip(d.ID)
	}
	return l, err
}

// gather waits until all members have come to be deleted, or until no deletion has begun or ended for the length of window.
func (c *Client) gather(ctx context.Context, view topology.View, cluster string, window time.Duration) error {
	for {
		going, last := c.leaving.now(cluster)
		stays := slices.ContainsFunc(view.Members, func(m topology.Member) bool { return !slices.Contains(going, m.ID) })
		left := window - c.clock.Now().Sub(last)
		if !stays || left <= 0 {
			return nil
		}
		if err := c.waitFor(ctx, nil, min(left, maxPoll)); err != nil {
			return err
		}
	}
}

// leave is Leave when it is this member's turn.
func (c *Client) leave(ctx context.Context, d Departure, cluster string) (broken *FailedError, err error) {
	var unsure error // of the last action, whose answer did not tell whether it was done
	for next, sent, refused := 0, 0, 0; ; {
		via, listed, err := c.survivor(ctx, d.ID, cluster)
		if err != nil || !listed || via == "" {
			return nil, err
		}
		i, err := c.Instance(ctx, d.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil, nil
		case err != nil:
			return nil, err
		case i.Failed():
			return &FailedError{ID: i.ID, Name: i.Name, Status: i.Status, Fault: i.FaultText()}, nil // deleting it is all that is left
		case i.Status == statusShutdown:
			return nil, nil
		case !i.settled():
			// It is busy, maybe with the leaving that an interrupted run began.
			if err := c.waitIdle(ctx, d.ID); err != nil {
				return nil, err
			}
			continue
		case sent == 2 && unsure != nil:
			return nil, fmt.Errorf("instance %s: %w, after: %w", d.ID, ErrTopologyStays, unsure)
		case sent == 2:
			return nil, fmt.Errorf("instance %s: %w", d.ID, ErrTopologyStays)
		}
		if _, err := c.WaitReady(ctx, via); err != nil {
			return nil, err
		}
		err = c.Act(ctx, via, d.Steps[next])
		lost := OutcomeUnknown(err)
		if unsure = nil; lost {
			unsure = err
		}
		switch {
		case errors.Is(err, ErrNotReady) && refused < refusedWhileReady:
			refused++
			if waitErr := c.waitChanges(ctx, via); waitErr != nil {
				return nil, errors.Join(err, waitErr)
			}
			continue
		case err != nil && !lost:
			return nil, c.unleft(ctx, d.ID, via, topology.OperationName(d.Steps[next]), err)
		}
		if next < len(d.Steps)-1 {
			if _, err := c.WaitReady(ctx, d.ID); err != nil {
				return nil, err
			}
			if next++; lost {
				next-- // once more, to be sure
				sent++
			}
			continue
		}
		sent++
		if err := c.waitLeft(ctx, d.ID, via, lost); err != nil {
			return nil, err
		}
	}
}

// unleft tells why a member could not leave, as far as more can be seen than the server's refusal of the action.
func (c *Client) unleft(ctx context.Context, id, via, action string, refusal error) error {
	view, err := c.Topology(ctx, via)
	if err != nil {
		return refusal
	}
	_, listed := view.Find(id)
	switch {
	case listed && (errors.Is(refusal, ErrBadRequest) || errors.Is(refusal, ErrNotFound)):
		return &UnofferedError{ID: id, Action: action, Refusal: refusal}
	case errors.Is(refusal, ErrNotReady):
		if replicas := replicasIn(view, id); len(replicas) > 0 {
			m, _ := view.Find(id)
			return &ReplicasLeftError{ID: id, Cluster: m.Cluster(), Replicas: replicas, Refusal: refusal}
		}
	}
	return refusal
}

// turnOf waits for the member's turn to leave. Its replicas that are about to be deleted too go first, as the server takes
// out no master that has replicas; meanwhile it does not keep others from their turns.
func (c *Client) turnOf(ctx context.Context, m topology.Member, heir, cluster string) (done func(), err error) {
	for start := c.clock.Now(); ; {
		unlock, err := c.turn(ctx, cluster)
		if err != nil {
			return nil, err
		}
		first := false
		if m.RedisCluster != nil { // the only clusters with replicas of members
			first, err = c.replicasFirst(ctx, m.ID, heir, cluster)
		}
		if err == nil && !first {
			return unlock, nil
		}
		unlock()
		if err == nil {
			waited := c.clock.Now().Sub(start)
			err = c.waitFor(ctx, nil, min(max(waited/10, minPoll), maxPoll))
		}
		if err != nil {
			return nil, fmt.Errorf("waiting for the replicas of instance %s to leave before it: %w", m.ID, err)
		}
	}
}

// replicasFirst says whether replicas of a member that stands in a cluster of which some stay are about to leave it. One whose
// deletion was only planned is not waited for when nothing happens any more, nor is the heir, which may well wait for this one.
func (c *Client) replicasFirst(ctx context.Context, id, heir, cluster string) (bool, error) {
	view, err := c.Topology(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	going, stirred := c.leaving.now(cluster)
	if !slices.ContainsFunc(view.Members, func(m topology.Member) bool { return !slices.Contains(going, m.ID) }) {
		return false, nil // all go, and none leaves
	}
	// What could not leave is listed no more as soon as its deletion is accepted, but counts as a replica until it is gone.
	if c.leaving.any(func(other string, d deletion) bool { return d.unleft && other != id && slices.Contains(going, other) }) {
		return true, nil
	}
	return slices.ContainsFunc(replicasIn(view, id), func(r Reference) bool {
		return slices.Contains(going, r.ID) && (c.leaving.begun(r.ID) || r.ID != heir && c.clock.Now().Sub(stirred) < replicasGrace)
	}), nil
}

// handBack lets the heir take over from a member where it is its replica. Where the heir's own deletion is under way as well, it
// goes first as the replica that it is.
func (c *Client) handBack(ctx context.Context, id, heir string) error {
	for sent, refused := 0, 0; ; {
		view, err := c.Topology(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		isHeir := func(r Reference) bool { return r.ID == heir }
		if !slices.ContainsFunc(replicasIn(view, id), isHeir) || c.leaving.begun(heir) {
			return nil
		}
		for _, member := range []string{id, heir} {
			if _, err := c.WaitReady(ctx, member); err != nil {
				return &ReplicasLeftError{ID: id, Cluster: view.Members[0].Cluster(), Replicas: replicasIn(view, id), Refusal: err}
			}
		}
		if sent == 2 {
			return fmt.Errorf("instance %s was to take over from its master %s, and still replicates from it", heir, id)
		}
		err = c.Act(ctx, heir, topology.Failover{ID: heir})
		switch {
		case errors.Is(err, ErrNotReady) && refused < refusedWhileReady:
			refused++
			if waitErr := c.waitChanges(ctx, heir); waitErr != nil {
				return errors.Join(err, waitErr)
			}
			continue
		case err != nil && !OutcomeUnknown(err):
			return c.unleft(ctx, id, heir, topology.OperationName(topology.Failover{}), err)
		}
		sent++
		if _, err := c.WaitReady(ctx, heir); err != nil {
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

// survivor finds a member that stays and is ready, or will be, to be addressed; via is "" where nobody stays: then there is no
// point in leaving. listed says whether the member is still in its topology. Where those that stay have all failed it returns a
// *StrandedError: nobody could take over what the member holds.
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
	var failed []Reference
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
		case i.Failed():
			failed = append(failed, Reference{ID: i.ID, Name: i.Name})
		case i.Status != statusShutdown:
			unready = m.ID // it will be waited for
		}
	}
	if unready == "" && len(failed) > 0 {
		return "", true, &StrandedError{ID: id, Cluster: cluster, Failed: failed}
	}
	return unready, true, nil
}

// waitLeft waits until the topology, as a survivor sees it, no longer lists the member.
func (c *Client) waitLeft(ctx context.Context, id, via string, lost bool) error {
	return c.waitView(ctx, via, id, "out of its topology", lost, func(view topology.View) bool {
		_, listed := view.Find(id)
		return !listed
	})
}

// waitView waits until the topology, as via sees it, has come to something. Only an answer proves that: one that failed proves
// nothing. It returns without an error as well where the work on the instance id has ended and the topology is not so: after a
// lost request as soon as the instance is ready, since nothing may have begun.
func (c *Client) waitView(ctx context.Context, via, id, what string, lost bool, come func(topology.View) bool) error {
	last := ""
	for start, failures := c.clock.Now(), 0; ; {
		view, err := c.Topology(ctx, via)
		waited := c.clock.Now().Sub(start)
		if err == nil {
			failures = 0
			if come(view) {
				return nil
			}
			i, err := c.Instance(ctx, id)
			if err == nil {
				last = i.state()
			}
			switch {
			case err == nil && i.Failed():
				return &FailedError{ID: i.ID, Name: i.Name, Status: i.Status, Fault: i.FaultText()}
			case err == nil && i.Ready() && (lost || waited > maxPoll):
				return nil // the work has ended, and the caller looks whether it did anything
			}
		} else if failures++; ctx.Err() == nil && (!passing(err) || failures > toleratedFailures) {
			return err
		}
		if err := c.waitFor(ctx, nil, min(max(waited/10, minPoll), maxPoll)); err != nil {
			return &WaitError{ID: id, For: what, Last: last, Waited: waited, Cause: err}
		}
	}
}
