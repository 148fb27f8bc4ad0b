package operation

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// FailoverRequest describes the source of a replication set that is about to be deleted. The server refuses that while it has replicas.
type FailoverRequest struct {
	ID string
	// Candidates are the ids of the members that may become the source, the preferred ones first.
	Candidates []string
}

// FailOver makes another member the source if the instance is a source with replicas that stay, so that it can be deleted. It first waits
// until replicas that are being deleted are gone, and until no deletion is at work: if all replicas go, no new source is needed. It does
// nothing if none of the candidates stays: the deletion then reports the replicas. ended must be called when the deletion has ended; it is
// never nil.
func (c *Client) FailOver(ctx context.Context, r FailoverRequest) (ended func(gone bool), err error) {
	ended = c.Registry().BeginDeletion(cluster.Key{}, r.ID)
	var next failoverTarget
	look := func(ctx context.Context) (err error) {
		next, err = c.failoverTarget(ctx, r)
		return err
	}
	if err := look(ctx); err != nil || next.nobody() {
		return ended, err
	}
	if err := c.Registry().WaitQuiet(ctx, c.Window(), func() bool { return false }); err != nil {
		return ended, &watch.TimeoutError{ID: r.ID, For: "without replicas that are being deleted", Cause: err}
	}
	_, err = watch.Until(ctx, c.clock, watch.Poll[failoverTarget]{
		ID: r.ID, For: "without replicas that are being deleted",
		Read: func(ctx context.Context) (failoverTarget, error) { return next, look(ctx) },
		Done: func(failoverTarget, time.Duration) (bool, error) { return !next.busy, nil },
	})
	if err != nil || next.nobody() {
		return ended, err
	}
	return ended, c.Switchover(ctx, next.id)
}

// failoverTarget is the member that is to become the source.
type failoverTarget struct {
	id   string // "" if none has to or none may
	busy bool   // the replicas are still changing, after which there may be none
}

func (t failoverTarget) nobody() bool { return t.id == "" && !t.busy }

func (c *Client) failoverTarget(ctx context.Context, r FailoverRequest) (t failoverTarget, err error) {
	i, err := c.Instance(ctx, r.ID)
	if err != nil {
		return t, ignoreGone(err)
	}
	sources, replicas, err := c.Replication(ctx, i)
	if err != nil || len(sources) > 0 || len(replicas) == 0 {
		return t, err
	}
	rank := len(r.Candidates)
	for _, id := range replicas {
		if c.Registry().Deleting(id) {
			t.busy = true
			continue
		}
		replica, err := c.Instance(ctx, id)
		switch {
		case errors.Is(err, openstack.ErrNotFound):
			t.busy = true // at the next look it is no longer a replica
		case err != nil:
			return t, err
		case !replica.Settled() && !replica.HeartbeatLost():
			t.busy = true
		default:
			if n := slices.Index(r.Candidates, id); n >= 0 && n < rank {
				rank = n
			}
		}
	}
	if rank < len(r.Candidates) {
		t.id = r.Candidates[rank]
	}
	return t, nil
}
