package trove

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Handover is the source of a replication set that is about to be deleted. The server refuses that while it has replicas.
type Handover struct {
	ID string
	// To are the ids of the members that may become the source, the preferred ones first.
	To []string
	// Window is how long to wait for other members to come to be deleted, after each deletion that begins or ends: where all
	// replicas go, nobody has to become the source.
	Window time.Duration
}

// HandOver makes another member the source, where the instance is a source whose replicas stay, so that it can be deleted. It
// waits until replicas that are being deleted are gone. It does nothing where none of those that may become the source stays:
// the deletion then tells who replicates from it.
func (c *Client) HandOver(ctx context.Context, h Handover) (err error) {
	c.leaving.begin(h.ID, c.clock.Now())
	defer func() {
		if err != nil { // else the deletion follows at once, and ends it
			c.leaving.end(h.ID, c.clock.Now())
		}
	}()
	for start := c.clock.Now(); ; {
		heir, busy, err := c.heir(ctx, h)
		if err != nil || heir == "" && !busy {
			return err
		}
		if left := h.Window - c.clock.Now().Sub(c.leaving.last()); busy || left > 0 {
			waited := c.clock.Now().Sub(start)
			if err := c.waitFor(ctx, nil, min(max(waited/10, left, minPoll), maxPoll)); err != nil {
				return &WaitError{ID: h.ID, For: "without replicas that are being deleted", Waited: waited, Cause: err}
			}
			continue
		}
		return c.Switchover(ctx, heir)
	}
}

// heir is the member that is to become the source, "" where none has to or may. busy says that something still happens to the
// replicas, after which there may be none.
func (c *Client) heir(ctx context.Context, h Handover) (heir string, busy bool, err error) {
	i, err := c.Instance(ctx, h.ID)
	if err != nil {
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return "", false, err
	}
	sources, replicas, err := c.Replication(ctx, i)
	if err != nil || len(sources) > 0 || len(replicas) == 0 {
		return "", false, err
	}
	rank := len(h.To)
	for _, id := range replicas {
		if c.leaving.begun(id) {
			busy = true
			continue
		}
		r, err := c.Instance(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound):
			busy = true // it is no replica any more at the next look
		case err != nil:
			return "", false, err
		case !r.settled() && !r.Silent():
			busy = true
		default:
			if n := slices.Index(h.To, id); n >= 0 && n < rank {
				rank = n
			}
		}
	}
	if rank < len(h.To) {
		heir = h.To[rank]
	}
	return heir, busy, nil
}
