package trove

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// replicasGrace is how long a source's deletion waits for somebody to begin to delete its replicas, as in one run Terraform
// may well reach the source first, and for those to be gone that are not seen any more.
const replicasGrace = 10 * time.Second

// ReplicasLeftError says that a source cannot be deleted because instances replicate from it. It unwraps to the
// server's refusal.
type ReplicasLeftError struct {
	ID       string
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
	c.leaving.stir(c.clock.Now())
	defer func() { c.leaving.stir(c.clock.Now()) }()
	start, refusedWhileSettled := c.clock.Now(), 0
	var alone time.Time // since when it is refused although nothing is seen to replicate from it
	for {
		err := c.Delete(ctx, id)
		waited := c.clock.Now().Sub(start)
		switch {
		case err == nil:
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
			staying, going, listErr := c.replicasLeft(ctx, id)
			switch {
			case listErr != nil:
				return errors.Join(err, listErr)
			case len(staying) > 0 && waited >= replicasGrace:
				return &ReplicasLeftError{ID: id, Replicas: staying, Refusal: err}
			case len(staying)+going > 0:
				alone = time.Time{}
			case alone.IsZero():
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

// replicasLeft lists the replicas that a source has to stay, and counts those that are being deleted or are at some work,
// such as a promotion, after which they may replicate no more. One that is being built will replicate.
func (c *Client) replicasLeft(ctx context.Context, id string) (staying []Reference, going int, err error) {
	replicas, err := c.Replicas(ctx, id)
	if err != nil {
		return nil, 0, fmt.Errorf("its replicas could not be listed: %w", err)
	}
	for _, r := range replicas {
		i, err := c.Instance(ctx, r.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			going++
		case err != nil:
			return nil, 0, err
		case i.settled(), i.Status == StatusBuild:
			staying = append(staying, Reference{ID: i.ID, Name: i.Name})
		default:
			going++
		}
	}
	return staying, going, nil
}
