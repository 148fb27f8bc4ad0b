package operation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// snapshotGrace is how long to wait for the server to delete the snapshot of a replica that is built; one that stays longer is a leftover
// that nobody will delete.
const snapshotGrace = time.Minute

// waitSnapshots waits until the existing replicas of a source are built, and the snapshots they were made from are gone.
//
// Released Trove bases a replica's snapshot on the previous one, and deletes that one with everything based on it once its replica is
// built. A replica begun before then loses its snapshot and stays in BUILD forever; it cannot even be deleted (seen on Trove 18). The
// source shows itself as ready long before.
func (c *Client) waitSnapshots(ctx context.Context, source *trove.Instance) error {
	for _, r := range source.Replicas {
		_, err := c.WaitUntil(ctx, r.ID, "built, as the source cannot have another replica before", func(i *trove.Instance, _ time.Duration) (bool, error) {
			return i.Status != trove.StatusBuild, nil
		})
		if err != nil && !errors.Is(err, openstack.ErrNotFound) {
			return err
		}
	}
	if len(source.Replicas) == 0 {
		return nil
	}
	_, err := watch.Until(ctx, c.clock, watch.Poll[bool]{
		ID: source.ID, For: "free of the snapshots of its replicas",
		Read:   func(ctx context.Context) (pending bool, err error) { return c.snapshotsPending(ctx, source) },
		Status: func(bool) string { return source.Condition() },
		Done:   func(pending bool, waited time.Duration) (bool, error) { return !pending || waited > snapshotGrace, nil },
	})
	return err
}

// snapshotsPending reports whether the source still has snapshots that Trove took for its replicas; their names contain the replica's id.
// If the server shows no backups, there are none.
func (c *Client) snapshotsPending(ctx context.Context, source *trove.Instance) (bool, error) {
	backups, err := c.BackupNames(ctx, source.ID)
	if errors.Is(err, openstack.ErrNotFound) || errors.Is(err, openstack.ErrForbidden) {
		return false, nil
	}
	return slices.ContainsFunc(backups, func(name string) bool {
		return slices.ContainsFunc(source.Replicas, func(r trove.Reference) bool { return strings.HasSuffix(name, r.ID) })
	}), err
}
