package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// ErrStillListed says that the server still lists a member that was to leave its cluster.
var ErrStillListed = errors.New("the topology still lists the member")

// departureAge is how old a topology may be when several leaving members find out together whether any member stays. A member reads it
// again when it is its turn to leave.
const departureAge = 10 * time.Second

// NoHealthyMemberError says that a member cannot leave its cluster because all remaining members have failed.
type NoHealthyMemberError struct {
	ID, Cluster string
	Failed      []trove.Reference
}

func (e *NoHealthyMemberError) Error() string {
	return fmt.Sprintf("instance %s cannot leave %s, because the members that would stay have all failed: %s", e.ID, e.Cluster, names(e.Failed))
}

// UnsupportedActionError says that a server does not offer the action by which a member leaves: it refuses a nonexistent action in the
// same way. It unwraps to the refusal.
type UnsupportedActionError struct {
	ID, Action string
	Refusal    error
}

func (e *UnsupportedActionError) Error() string {
	return fmt.Sprintf("%v: the server does not offer %s", e.Refusal, e.Action)
}

func (e *UnsupportedActionError) Unwrap() error { return e.Refusal }

// RemoveMemberRequest describes a member that is to leave its cluster, to be deleted afterwards or kept.
type RemoveMemberRequest struct {
	ID string
	// Cluster is the cluster it is known to be in, as topology.Topology.Cluster names it; "" if unknown.
	Cluster string
	// Planned is what the plan of this deletion knew of other deletions.
	Planned cluster.Plan
	// Keep says that the instance is kept after it has left the cluster.
	Keep bool
	// FailbackTo is the member that takes over first if a failover has made it a replica of this one; "" for none. A master that has
	// replicas can neither leave nor be deleted.
	FailbackTo string
}

// RemoveMemberResult is the result of a RemoveMemberRequest.
type RemoveMemberResult struct {
	// Cluster is the cluster it was to leave, "" if it was in none.
	Cluster string
	// Broken says why the member could not leave: the server removes only healthy members.
	Broken *watch.FailedError
	// Last says that the instance was to be kept and is still in its cluster, since no other member stays to take over.
	Last bool

	ended func(gone bool)
}

// Done must be called when the deletion has ended, with whether the instance is gone.
func (l RemoveMemberResult) Done(gone bool) {
	if l.ended != nil {
		l.ended(gone)
	}
}

// removal is the removal of one member from its cluster.
type removal struct {
	*Client
	RemoveMemberRequest
	key   cluster.Key
	steps []topology.Action
	// shard says that it is in a Redis Cluster, the only kind whose members have replicas.
	shard  bool
	unlock func() // ends its turn, while it has it
}

// RemoveMember removes a member from its replica set or cluster before it is deleted: through a remaining member, one at a time for a
// cluster, until the topology no longer lists it. Nothing is done if the member has left already, if it is the last one, if all members
// are about to be deleted, or if the member has failed. It waits for members that are joining.
func (c *Client) RemoveMember(ctx context.Context, r RemoveMemberRequest) (RemoveMemberResult, error) {
	view, err := c.topologies.Of(ctx, r.Cluster, r.ID, c.clock.Now().Add(-departureAge))
	if errors.Is(err, openstack.ErrNotFound) {
		view, err = c.member(ctx, r.ID)
	}
	if err != nil {
		return RemoveMemberResult{}, err
	}
	m, _ := view.Find(r.ID)
	if m.Cluster() == "" {
		return RemoveMemberResult{}, nil // it is gone, or has left already
	}
	x := &removal{
		Client: c, RemoveMemberRequest: r, key: c.Key(m.Cluster()), steps: m.RemovalSteps(r.ID),
		shard: m.RedisCluster != nil, unlock: func() {},
	}
	c.Registry().Planned(c.Session(), r.Planned)
	goes := x.key
	if r.Keep {
		goes = cluster.Key{} // it stays a member until it has left, and others may leave through it
	}
	result := RemoveMemberResult{Cluster: m.Cluster(), ended: c.Registry().BeginDeletion(goes, r.ID)}
	if err := c.Registry().WaitJoins(ctx, x.key); err != nil {
		return result, fmt.Errorf("waiting for members that join %s: %w", m.Cluster(), err)
	}
	if !r.Keep {
		if err := c.Registry().WaitDeletions(ctx, x.key, view.IDs(), c.Window()); err != nil {
			return result, err
		}
		if r.FailbackTo == "" && !x.someStay(view) && x.allGo(ctx) {
			return result, nil
		}
	}
	defer func() { x.unlock() }()
	if err := x.lock(ctx); err != nil {
		return result, err
	}
	if r.FailbackTo != "" {
		if err := x.failBack(ctx); err != nil {
			return result, err
		}
	}
	if result.Broken, err = x.leave(ctx); result.Broken != nil {
		c.Registry().Unremoved(r.ID)
	}
	if err == nil && r.Keep && result.Broken == nil {
		view, readErr := c.member(ctx, r.ID)
		m, _ := view.Find(r.ID)
		result.Last, err = m.Cluster() != "", readErr
	}
	return result, err
}

// member returns the topology of an instance, empty only if the instance surely is gone or is in no topology.
func (c *Client) member(ctx context.Context, id string) (topology.View, error) {
	view, err := c.Topology(ctx, id)
	if !errors.Is(err, openstack.ErrNotFound) {
		return view, err
	}
	// A server without the topology calls answers so for every instance.
	if serves, err := c.ServesTopology(ctx); err != nil || !serves {
		return topology.View{}, err
	}
	if gone, err := isGone(second(c.Instance(ctx, id))); gone || err != nil {
		return topology.View{}, err
	}
	return topology.View{}, fmt.Errorf("instance %s exists, but the server shows no topology of it: %w", id, err)
}

// second returns the second result, the error.
func second[T any](_ T, err error) error { return err }

// lock waits for the member's turn to leave. Its replicas that are about to be deleted too go first, since the server removes no master
// that has replicas; meanwhile others may take their turns.
func (x *removal) lock(ctx context.Context) error {
	_, err := watch.Until(ctx, x.clock, watch.Poll[bool]{
		ID: x.ID, For: "without replicas that leave before it",
		Read: func(ctx context.Context) (first bool, err error) {
			release, err := x.Registry().LockCluster(ctx, x.key)
			if err != nil {
				return false, err
			}
			if first, err = x.replicasFirst(ctx); first || err != nil {
				release()
			} else {
				x.unlock = release
			}
			return first, err
		},
		Done: func(first bool, _ time.Duration) (bool, error) { return !first, nil },
	})
	if err != nil {
		return fmt.Errorf("waiting for the replicas of instance %s to leave before it: %w", x.ID, err)
	}
	return nil
}

// giveWay lets replicas of the member go first if they have begun to leave since it got its turn, and then takes its turn again. It
// reports whether there were any.
func (x *removal) giveWay(ctx context.Context) (gave bool, err error) {
	if first, err := x.replicasFirst(ctx); !first || err != nil {
		return false, err
	}
	x.unlock()
	x.unlock = func() {}
	return true, x.lock(ctx)
}

// replicasFirst reports whether replicas of a member are about to leave its cluster, of which some members stay. A replica whose deletion
// was only planned is not waited for once nothing is happening, nor is the one to fail back to, which may itself wait for this member.
func (x *removal) replicasFirst(ctx context.Context) (bool, error) {
	if !x.shard {
		return false, nil
	}
	view, err := x.member(ctx, x.ID)
	if err != nil {
		return false, err
	}
	if !x.someStay(view) {
		return false, nil // all are deleted, and none leaves
	}
	// A member that could not leave is no longer listed once its deletion is accepted, but counts as a replica until it is gone.
	if x.Registry().OtherUnremoved(x.key, x.ID) {
		return true, nil
	}
	return slices.ContainsFunc(replicasIn(view, x.ID), func(r trove.Reference) bool {
		return x.Registry().Deleting(r.ID) ||
			x.Registry().Going(x.key, r.ID) && r.ID != x.FailbackTo && x.Registry().SinceDeletion() < replicasGrace
	}), nil
}

// someStay reports whether any member stays.
func (x *removal) someStay(view topology.View) bool {
	return slices.ContainsFunc(view.Members, func(m topology.Member) bool { return !x.goes(m.ID) })
}

// allGo reports whether all members of the cluster are deleted, so that none leaves. It is false if that cannot be told.
func (x *removal) allGo(ctx context.Context) bool {
	since := x.clock.Now().Add(-departureAge)
	if joined := x.Registry().LastJoin(x.key); joined.After(since) {
		since = joined
	}
	view, err := x.topologies.Of(ctx, x.key.String(), x.ID, since)
	return err == nil && !x.someStay(view)
}

// goes reports whether a member, this one or another, is being removed, so that nothing can be sent through it.
func (x *removal) goes(id string) bool { return id == x.ID || x.Registry().Going(x.key, id) }

// failBack makes the FailbackTo member take over if it is this one's replica. If it is being deleted as well, it leaves first, like any
// replica.
func (x *removal) failBack(ctx context.Context) error {
	var view topology.View
	action := topology.Failover{ID: x.FailbackTo}
	_, err := x.run(ctx, attempt{
		ready: func(ctx context.Context) (err error) {
			if view, err = x.member(ctx, x.ID); err != nil || x.noFailback(view) {
				return err
			}
			for _, id := range []string{x.ID, x.FailbackTo} {
				if _, err := x.WaitReady(ctx, id); err != nil {
					return &ReplicasLeftError{ID: x.ID, Cluster: x.key.String(), Replicas: replicasIn(view, x.ID), Refusal: err}
				}
			}
			return nil
		},
		done: func(context.Context, bool) (bool, error) { return x.noFailback(view), nil },
		send: func(ctx context.Context) error { return x.Act(ctx, x.FailbackTo, action) },
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			if errors.Is(refusal, openstack.ErrNotReady) {
				return usual, joined(refusal, x.waitChanges(ctx, x.FailbackTo))
			}
			return usual, x.removeError(ctx, x.FailbackTo, action, refusal)
		},
		settle: func(ctx context.Context, _ error) error {
			_, err := x.WaitReady(ctx, x.FailbackTo)
			return err
		},
		ignored: func() error {
			return fmt.Errorf("instance %s was to take over from its master %s, and still replicates from it", x.FailbackTo, x.ID)
		},
	})
	return err
}

// noFailback reports whether there is nothing to fail back.
func (x *removal) noFailback(view topology.View) bool {
	replicates := slices.ContainsFunc(replicasIn(view, x.ID), func(r trove.Reference) bool { return r.ID == x.FailbackTo })
	return !replicates || x.Registry().Deleting(x.FailbackTo)
}

// joined returns an error with both a refusal and a later failure; nil if there is no failure.
func joined(refusal, err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(refusal, err)
}

// leave takes the step or steps by which the member leaves.
func (x *removal) leave(ctx context.Context) (broken *watch.FailedError, err error) {
	over := false // it has left, or need not leave
	for n, step := range x.steps {
		last := n == len(x.steps)-1
		via := ""
		a := attempt{
			ready: func(ctx context.Context) (err error) {
				via, broken, err = x.coordinator(ctx)
				over = via == ""
				if err == nil && !over {
					_, err = x.WaitReady(ctx, via)
				}
				return err
			},
			done: func(context.Context, bool) (bool, error) { return over, nil },
			send: func(ctx context.Context) error { return x.Act(ctx, via, step) },
			refused: func(ctx context.Context, refusal error) (verdict, error) {
				if errors.Is(refusal, openstack.ErrNotReady) {
					gave, err := x.giveWay(ctx)
					if gave || err != nil {
						return repeat, joined(refusal, err)
					}
					return usual, joined(refusal, x.waitChanges(ctx, via))
				}
				err := x.removeError(ctx, via, step, refusal)
				over = err == nil
				return usual, err
			},
			settle: func(ctx context.Context, lost error) error {
				if last {
					return x.waitLeft(ctx, via, lost != nil)
				}
				_, err := x.WaitReady(ctx, x.ID)
				return err
			},
		}
		if last {
			a.ignored = func() error { return fmt.Errorf("instance %s: %w", x.ID, ErrStillListed) }
			a.unknown = func(lost error) error { return fmt.Errorf("instance %s: %w, after: %w", x.ID, ErrStillListed, lost) }
		}
		if _, err := x.run(ctx, a); err != nil {
			if errors.Is(err, openstack.ErrNotReady) {
				err = x.removeError(ctx, via, step, err)
			}
			return broken, err
		}
		if over {
			return broken, nil
		}
	}
	return broken, nil
}

// coordinator returns a remaining member to send the removal through, once nothing happens to the leaving member. via is "" if nothing is
// to be sent: the member has left or is gone, no member stays, or the member has failed, which broken reports.
func (x *removal) coordinator(ctx context.Context) (via string, broken *watch.FailedError, err error) {
	for {
		via, err = x.pickCoordinator(ctx)
		if err != nil || via == "" {
			return "", nil, err
		}
		i, err := x.Instance(ctx, x.ID)
		switch {
		case errors.Is(err, openstack.ErrNotFound):
			return "", nil, nil
		case err != nil:
			return "", nil, err
		case i.Failed():
			return "", watch.Failed(i), nil // it can only be deleted
		case i.Status == trove.StatusShutdown:
			return "", nil, nil
		case i.Settled():
			return via, nil, nil
		}
		// It is busy, maybe leaving because of an interrupted run.
		if err := x.WaitIdle(ctx, x.ID); err != nil {
			return "", nil, err
		}
	}
}

// pickCoordinator returns a remaining member that is ready, or will be; "" if the member is no longer in the cluster, or if no member
// stays: then it need not leave. If all remaining members have failed, it returns a *NoHealthyMemberError: none could take over the
// member's data.
func (x *removal) pickCoordinator(ctx context.Context) (string, error) {
	view, err := x.member(ctx, x.ID)
	if err != nil {
		return "", err
	}
	if m, _ := view.Find(x.ID); m.Cluster() != x.key.String() {
		return "", nil
	}
	var unready string
	var failed []trove.Reference
	for _, m := range view.Members {
		if x.goes(m.ID) {
			continue
		}
		i, err := x.Instance(ctx, m.ID)
		switch {
		case errors.Is(err, openstack.ErrNotFound):
		case err != nil:
			return "", err
		case i.Ready():
			return m.ID, nil
		case i.Failed():
			failed = append(failed, trove.Reference{ID: i.ID, Name: i.Name})
		case i.Status != trove.StatusShutdown:
			unready = m.ID // the caller waits for it
		}
	}
	if unready == "" && len(failed) > 0 {
		return "", &NoHealthyMemberError{ID: x.ID, Cluster: x.key.String(), Failed: failed}
	}
	return unready, nil
}

// removeError explains why a member could not leave, if more can be seen than the server's refusal of the action.
func (x *removal) removeError(ctx context.Context, via string, action topology.Action, refusal error) error {
	view, err := x.Topology(ctx, via)
	if err != nil {
		return refusal
	}
	if m, _ := view.Find(x.ID); m.Cluster() != x.key.String() {
		return nil // it has left anyway
	}
	if errors.Is(refusal, openstack.ErrNotReady) {
		if replicas := replicasIn(view, x.ID); len(replicas) > 0 {
			return &ReplicasLeftError{ID: x.ID, Cluster: x.key.String(), Replicas: replicas, Refusal: refusal}
		}
		return refusal
	}
	if x.Unsupported(ctx, via, action, refusal) {
		return &UnsupportedActionError{ID: x.ID, Action: topology.OperationName(action), Refusal: refusal}
	}
	return refusal
}

// waitLeft waits until the topology, read through a remaining member, no longer lists the member.
func (x *removal) waitLeft(ctx context.Context, via string, lost bool) error {
	return x.waitTopology(ctx, via, x.ID, "out of its topology", lost, func(view topology.View) bool {
		_, listed := view.Find(x.ID)
		return !listed
	})
}

// waitChanges waits, after a refusal, until no member of via's cluster is changing: others may change the cluster as well. It does not
// wait for new members, which change nothing until they are built.
func (c *Client) waitChanges(ctx context.Context, via string) error {
	view, err := c.Topology(ctx, via)
	if err != nil {
		return err
	}
	for _, m := range view.Members {
		i, err := c.Instance(ctx, m.ID)
		if err == nil && i.Status != trove.StatusBuild {
			err = c.WaitIdle(ctx, m.ID)
		}
		if err != nil && !errors.Is(err, openstack.ErrNotFound) {
			return err
		}
	}
	return nil
}

// waitTopology waits until the topology, read through via, meets a condition. Only a successful read proves that. It also returns without
// an error if the work on the instance id has ended without meeting the condition: after a lost request as soon as the instance is ready,
// since nothing may have begun.
func (c *Client) waitTopology(ctx context.Context, via, id, what string, lost bool, come func(topology.View) bool) error {
	last := ""
	_, err := watch.Until(ctx, c.clock, watch.Poll[topology.View]{
		ID: id, For: what,
		Read:   func(ctx context.Context) (topology.View, error) { return c.Topology(ctx, via) },
		Status: func(topology.View) string { return last },
		Done: func(view topology.View, waited time.Duration) (bool, error) {
			if come(view) {
				return true, nil
			}
			i, err := c.Instance(ctx, id)
			if err != nil {
				return false, nil //nolint:nilerr // the next read of the topology tells
			}
			last = i.Condition()
			if i.Failed() {
				return false, watch.Failed(i)
			}
			return i.Ready() && (lost || waited > watch.MaxInterval), nil // the caller checks whether it had an effect
		},
	})
	return err
}
