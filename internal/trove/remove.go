package trove

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// replicasGrace is how long a source's deletion waits for somebody to begin to delete its replicas, after each deletion that
// begins or ends, as in one run Terraform may well reach the source first, and for those to be gone that are not seen any more.
const replicasGrace = 10 * time.Second

// ReplicasLeftError says that a source cannot be deleted, or a master not leave its cluster, because instances replicate from
// it. It unwraps to the server's refusal.
type ReplicasLeftError struct {
	ID       string
	Cluster  string // that it was to leave; "" where it is in none
	Replicas []Reference
	Refusal  error
}

func (e *ReplicasLeftError) Error() string {
	return fmt.Sprintf("%v: these instances replicate from it: %s", e.Refusal, names(e.Replicas))
}

// names lists instances for a message.
func names(of []Reference) string {
	all := make([]string, len(of))
	for i, r := range of {
		all[i] = fmt.Sprintf("%s (%s)", r.Name, r.ID)
	}
	return strings.Join(all, ", ")
}

func (e *ReplicasLeftError) Unwrap() error { return e.Refusal }

// Remove deletes the instance and waits until it is gone; one that is gone already is no error. An instance that is
// still being built is waited for, because Trove refuses to delete it, and so are a source's replicas that are being
// deleted or promoted. It returns a *ReplicasLeftError where replicas stay, and the server's refusal where there is no
// reason for it to be seen.
func (c *Client) Remove(ctx context.Context, id string) error {
	c.leaving.begin(id, c.clock.Now())
	defer func() { c.leaving.end(id, c.clock.Now()) }()
	start, refusedWhileSettled := c.clock.Now(), 0
	var alone time.Time // since when it is refused although nothing is seen to replicate from it
	for {
		err := c.Delete(ctx, id)
		waited := c.clock.Now().Sub(start)
		switch {
		case err == nil:
			c.leaving.accept(id)
			return WaitGone(ctx, c.clock, c, id)
		case errors.Is(err, ErrNotFound):
			return nil
		case errors.Is(err, ErrNotReady):
			if waitErr := c.waitIdle(ctx, id); waitErr != nil {
				return errors.Join(waitErr, err)
			}
			if refusedWhileSettled++; refusedWhileSettled > refusedWhileReady {
				return err
			}
		case errors.Is(err, ErrForbidden):
			waitedFor, waitErr := c.waitReplicas(ctx, id, err)
			switch {
			case waitErr != nil:
				return waitErr
			case waitedFor:
				alone = time.Time{}
				continue
			case alone.IsZero(), c.leaving.any(func(_ string, d deletion) bool { return d.accepted }):
				alone = c.clock.Now() // a replica leaves the topology before it is gone
			case c.clock.Now().Sub(alone) >= replicasGrace:
				return err // it is forbidden for another reason
			}
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-c.clock.After(min(max(waited/10, minPoll), maxPoll)):
		}
	}
}

// waitReplicas waits until nothing is seen to replicate any more from a source whose deletion was refused, and says whether
// something was. It returns a *ReplicasLeftError where replicas stay.
func (c *Client) waitReplicas(ctx context.Context, id string, refusal error) (waited bool, err error) {
	for start := c.clock.Now(); ; waited = true {
		left, err := c.replicasLeft(ctx, id)
		quiet := c.clock.Now().Sub(c.leaving.last())
		switch {
		case err != nil:
			return waited, errors.Join(refusal, err)
		case len(left.staying)+left.ours+left.busy == 0:
			return waited, nil
		case len(left.staying) > 0 && left.ours == 0 && quiet >= replicasGrace:
			return waited, &ReplicasLeftError{ID: id, Replicas: left.staying, Refusal: refusal}
		}
		if err := c.waitFor(ctx, nil, min(max(c.clock.Now().Sub(start)/10, minPoll), maxPoll)); err != nil {
			return waited, errors.Join(refusal, err)
		}
	}
}

// replicasLeft are the replicas that a source has.
type replicasLeft struct {
	staying []Reference // one that is being built will replicate
	ours    int         // that this process is deleting
	busy    int         // being deleted by others, or at some work, such as a promotion, after which they may replicate no more
}

func (c *Client) replicasLeft(ctx context.Context, id string) (left replicasLeft, err error) {
	replicas, err := c.Replicas(ctx, id)
	if err != nil {
		return left, fmt.Errorf("its replicas could not be listed: %w", err)
	}
	for _, r := range replicas {
		if c.leaving.begun(r.ID) {
			left.ours++
			continue
		}
		i, err := c.Instance(ctx, r.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			left.busy++
		case err != nil:
			return left, err
		case i.settled(), i.Status == StatusBuild:
			left.staying = append(left.staying, Reference{ID: i.ID, Name: i.Name})
		default:
			left.busy++
		}
	}
	return left, nil
}
