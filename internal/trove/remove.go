package trove

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// statusShutdown is what Trove shows of an instance that is being deleted.
const statusShutdown = "SHUTDOWN"

// replicasGrace is how long a source's deletion waits for somebody to begin to delete its replicas: in one run Terraform
// may well reach the source first.
const replicasGrace = 10 * time.Second

// ReplicasLeftError says that a source cannot be deleted because instances replicate from it. It unwraps to the
// server's refusal.
type ReplicasLeftError struct {
	ID       string
	Replicas []Reference
	Refusal  error
}

func (e *ReplicasLeftError) Error() string {
	names := make([]string, len(e.Replicas))
	for i, r := range e.Replicas {
		names[i] = fmt.Sprintf("%s (%s)", r.Name, r.ID)
	}
	return fmt.Sprintf("%v: these instances replicate from it: %s", e.Refusal, strings.Join(names, ", "))
}

func (e *ReplicasLeftError) Unwrap() error { return e.Refusal }

// Remove deletes the instance and waits until it is gone; one that is gone already is no error. An instance that is
// still being built is waited for, because Trove refuses to delete it, and so are a source's replicas that are being
// deleted. It returns a *ReplicasLeftError where replicas stay.
func (c *Client) Remove(ctx context.Context, id string) error {
	for start, refusals := c.clock.Now(), 0; ; refusals++ {
		err := c.Delete(ctx, id)
		switch {
		case err == nil:
			return WaitGone(ctx, c.clock, c, id)
		case errors.Is(err, ErrNotFound):
			return nil
		case errors.Is(err, ErrNotReady):
			if waitErr := c.waitBuilt(ctx, id); waitErr != nil {
				return errors.Join(waitErr, err)
			}
		case errors.Is(err, ErrForbidden):
			if err := c.waitReplicas(ctx, id, err, refusals == 0, c.clock.Now().Sub(start) < replicasGrace); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// waitBuilt waits until a building instance is ready or has failed: it may be deleted only then.
func (c *Client) waitBuilt(ctx context.Context, id string) error {
	_, err := poll(ctx, c.clock, c, id, "done with what it is at, as the server deletes it only then", func(i *Instance, _ time.Duration) (bool, error) {
		return i.Ready() || i.Failed(), nil
	})
	if errors.Is(err, ErrNotFound) {
		return nil // the next deletion finds that out
	}
	return err
}

// waitReplicas waits a moment where the deletion of a source was refused for replicas that are going or may be about to
// go. It returns the error that ends the attempt, nil to try again.
func (c *Client) waitReplicas(ctx context.Context, id string, refusal error, first, early bool) error {
	replicas, err := c.Replicas(ctx, id)
	if err != nil {
		return errors.Join(refusal, fmt.Errorf("its replicas could not be listed: %w", err))
	}
	if len(replicas) == 0 && !first {
		return refusal // it is forbidden for another reason
	}
	var staying []Reference
	for _, r := range replicas {
		i, err := c.Instance(ctx, r.ID)
		switch {
		case errors.Is(err, ErrNotFound) || err == nil && i.Status == statusShutdown:
		case err != nil:
			return errors.Join(refusal, err)
		default:
			staying = append(staying, Reference{ID: i.ID, Name: i.Name})
		}
	}
	if len(staying) > 0 && !early {
		return &ReplicasLeftError{ID: id, Replicas: staying, Refusal: refusal}
	}
	select {
	case <-ctx.Done():
		return errors.Join(refusal, ctx.Err())
	case <-c.clock.After(minPoll):
		return nil
	}
}
