package trove

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// snapshotGrace is how long to wait for the server to delete the snapshot of a replica that is built; one that stays
// for longer is a leftover that nobody will delete.
const snapshotGrace = time.Minute

// waitSiblings waits until the replicas that a source has already are built, and the snapshots that they were made from
// are gone.
//
// Released Trove takes a replica's snapshot on top of the last one, and deletes that one with all that stands on it as soon
// as its replica is built. A replica that was begun before then loses its snapshot and stays in BUILD for ever, where it
// cannot even be deleted (seen on Trove 18). The source shows itself as ready long before.
func (c *Client) waitSiblings(ctx context.Context, source *Instance) error {
	for _, r := range source.Replicas {
		_, err := poll(ctx, c.clock, c, r.ID, "built, as the source cannot have another replica before", func(i *Instance, _ time.Duration) (bool, error) {
			return i.Status != StatusBuild, nil
		})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	for start := c.clock.Now(); len(source.Replicas) > 0; {
		pending, err := c.snapshotsPending(ctx, source)
		waited := c.clock.Now().Sub(start)
		if err != nil || !pending || waited > snapshotGrace {
			return err
		}
		select {
		case <-ctx.Done():
			return &WaitError{ID: source.ID, For: "free of the snapshots of its replicas", Last: source.state(), Waited: waited, Cause: ctx.Err()}
		case <-c.clock.After(min(max(waited/10, minPoll), maxPoll)):
		}
	}
	return nil
}

// snapshotsPending says whether there are still snapshots of the source that Trove took for its replicas: it calls them by
// the replica's id. A server that does not show backups is taken to have none.
func (c *Client) snapshotsPending(ctx context.Context, source *Instance) (bool, error) {
	var body struct {
		Backups []struct {
			Name string `json:"name"`
		} `json:"backups"`
	}
	err := c.get(ctx, "list the backups of instance "+source.ID, &body, "instances", source.ID, "backups")
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrForbidden) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, b := range body.Backups {
		if slices.ContainsFunc(source.Replicas, func(r Reference) bool { return strings.HasSuffix(b.Name, r.ID) }) {
			return true, nil
		}
	}
	return false, nil
}
