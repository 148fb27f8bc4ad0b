package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// replicasGrace is how long a source's deletion waits for somebody to begin to delete its replicas, after each deletion that
// begins or ends, as in one run Terraform may well reach the source first, and for those to be gone that are not seen any more.
const replicasGrace = 10 * time.Second

// ReplicasLeftError says that a source cannot be deleted, or a master not leave its cluster, because instances replicate from
// it. It unwraps to the server's refusal.
type ReplicasLeftError struct {
	ID       string
	Cluster  string // that it was to leave; "" if it is in none
	Replicas []trove.Reference
	Refusal  error
}

func (e *ReplicasLeftError) Error() string {
	return fmt.Sprintf("%v: these instances replicate from it: %s", e.Refusal, names(e.Replicas))
}

func (e *ReplicasLeftError) Unwrap() error { return e.Refusal }

// names lists instances for a message.
func names(of []trove.Reference) string {
	all := make([]string, len(of))
	for i, r := range of {
		all[i] = fmt.Sprintf("%s (%s)", r.Name, r.ID)
	}
	return strings.Join(all, ", ")
}

// Delete deletes the instance and waits until it is gone; one that is gone already is no error. An instance that is
// still being built is waited for, because Trove refuses to delete it, and so are a source's replicas that are being
// deleted or promoted. It returns a *ReplicasLeftError if replicas stay, and the server's refusal if there is no
// reason for it to be seen.
func (c *Client) Delete(ctx context.Context, id string) (err error) {
	ended := c.Registry().BeginDeletion(cluster.Key{}, id)
	defer func() { ended(err == nil) }()
	var alone time.Time // since when it is refused although nothing is seen to replicate from it
	return c.deleteAndWait(ctx, deletion{
		send: func(ctx context.Context) error { return c.DeleteInstance(ctx, id) },
		gone: func(ctx context.Context) (bool, error) {
			i, err := c.Instance(ctx, id)
			if err == nil && i.Status == trove.StatusShutdown {
				return true, c.WaitGone(ctx, id) // the lost request has begun it
			}
			return isGone(err)
		},
		wait: func(ctx context.Context, lost error) error {
			if lost == nil {
				c.Registry().DeletionAccepted(id)
			}
			return c.WaitGone(ctx, id)
		},
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			switch {
			case errors.Is(refusal, openstack.ErrNotReady):
				if err := c.WaitIdle(ctx, id); err != nil {
					return usual, errors.Join(err, refusal)
				}
				return usual, nil
			case !errors.Is(refusal, openstack.ErrForbidden):
				return usual, nil
			}
			waited, err := c.waitReplicasGone(ctx, id, refusal)
			switch {
			case err != nil:
				return usual, err
			case waited:
				alone = time.Time{}
				return repeat, nil
			case alone.IsZero(), c.Registry().AnyDeletionAccepted():
				alone = c.clock.Now() // a replica leaves the topology before it is gone
			case c.clock.Now().Sub(alone) >= replicasGrace:
				return usual, nil // it is forbidden for another reason
			}
			if err := c.pause(ctx, watch.Interval(c.clock.Now().Sub(alone))); err != nil {
				return usual, errors.Join(refusal, err)
			}
			return repeat, nil
		},
	})
}

// waitReplicasGone waits until nothing is seen to replicate any more from a source whose deletion was refused, and says whether
// something was. It returns a *ReplicasLeftError if replicas stay.
func (c *Client) waitReplicasGone(ctx context.Context, id string, refusal error) (waited bool, err error) {
	looks := 0
	_, err = watch.Until(ctx, c.clock, watch.Poll[replicasLeft]{
		ID: id, For: "without replicas",
		Read: func(ctx context.Context) (replicasLeft, error) {
			looks++
			return c.replicasLeft(ctx, id)
		},
		Done: func(left replicasLeft, _ time.Duration) (bool, error) {
			switch {
			case len(left.staying)+left.ours+left.busy == 0:
				return true, nil
			case len(left.staying) > 0 && left.ours == 0 && c.Registry().SinceDeletion() >= replicasGrace:
				return false, &ReplicasLeftError{ID: id, Replicas: left.staying, Refusal: refusal}
			}
			return false, nil
		},
	})
	var stay *ReplicasLeftError
	if err != nil && !errors.As(err, &stay) {
		err = errors.Join(refusal, err)
	}
	return looks > 1, err
}

// replicasLeft are the replicas that a source has.
type replicasLeft struct {
	staying []trove.Reference // one that is being built will replicate
	ours    int               // that this process is deleting
	busy    int               // being deleted by others, or at some work, such as a promotion, after which they may replicate no more
}

func (c *Client) replicasLeft(ctx context.Context, id string) (left replicasLeft, err error) {
	replicas, err := c.Replicas(ctx, id)
	if err != nil {
		return left, fmt.Errorf("its replicas could not be listed: %w", err)
	}
	for _, r := range replicas {
		if c.Registry().Deleting(r.ID) {
			left.ours++
			continue
		}
		i, err := c.Instance(ctx, r.ID)
		switch {
		case errors.Is(err, openstack.ErrNotFound):
			left.busy++
		case err != nil:
			return left, err
		case i.Settled(), i.Status == trove.StatusBuild:
			left.staying = append(left.staying, trove.Reference{ID: i.ID, Name: i.Name})
		default:
			left.busy++
		}
	}
	return left, nil
}

// isGone turns the error of a look into whether there is nothing any more.
func isGone(err error) (bool, error) {
	if errors.Is(err, openstack.ErrNotFound) {
		return true, nil
	}
	return false, err
}
