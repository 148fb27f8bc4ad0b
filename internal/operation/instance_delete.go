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

// replicasGrace is how long the deletion of a source waits for the deletions of its replicas to begin, counted from the last deletion that
// began or ended, since in one run Terraform may reach the source first. It is also how long it waits for replicas that no longer show to
// be gone.
const replicasGrace = 10 * time.Second

// ReplicasLeftError says that a source cannot be deleted, or a master cannot leave its cluster, because instances replicate from it. It
// unwraps to the server's refusal.
type ReplicasLeftError struct {
	ID       string
	Cluster  string // the cluster it was to leave; "" if none
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

// Delete deletes the instance and waits until it is gone; one that is gone already is no error. It waits for an instance that is still
// being built, because Trove refuses to delete it, and for a source's replicas that are being deleted or promoted. It returns a
// *ReplicasLeftError if replicas stay, and the server's refusal if no reason for it can be seen.
func (c *Client) Delete(ctx context.Context, id string) (err error) {
	ended := c.Registry().BeginDeletion(cluster.Key{}, id)
	defer func() { ended(err == nil) }()
	var alone time.Time // since when it has been refused although no replicas show
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

// waitReplicasGone waits until no replicas of a source whose deletion was refused show any more, and reports whether any did. It returns a
// *ReplicasLeftError if replicas stay.
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

// replicasLeft are the replicas a source still has.
type replicasLeft struct {
	staying []trove.Reference // including those being built, which will replicate
	ours    int               // being deleted by this process
	busy    int               // being deleted by others, or busy, for instance with a promotion, after which they may no longer replicate
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

// isGone turns the error of a read into whether the object no longer exists.
func isGone(err error) (bool, error) {
	if errors.Is(err, openstack.ErrNotFound) {
		return true, nil
	}
	return false, err
}
