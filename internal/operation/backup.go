package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// childrenGrace is how long the deletion of a backup waits for its child backups to be deleted: in one run Terraform may reach the parent
// first.
const childrenGrace = 10 * time.Second

// BackupFailedError says that a backup has failed. The API does not say why: that is in the logs of the guest.
type BackupFailedError struct{ ID, Name, Status string }

func (e *BackupFailedError) Error() string {
	return fmt.Sprintf("backup %s (%s) is in status %s: the server gives no reason; see the log of the instance's guest agent", e.Name, e.ID, e.Status)
}

// ChildrenLeftError says that a backup is not deleted because others are based on it and would be deleted with it.
type ChildrenLeftError struct {
	ID       string
	Children []trove.Backup
}

func (e *ChildrenLeftError) Error() string {
	children := make([]trove.Reference, len(e.Children))
	for i, b := range e.Children {
		children[i] = trove.Reference{ID: b.ID, Name: b.Name}
	}
	return fmt.Sprintf("these backups are based on backup %s, and the server would delete them with it: %s", e.ID, names(children))
}

// CreateBackup sends the creation of a backup exactly once as far as can be told, and returns the backup as soon as the server has
// accepted it; it is not complete then. It waits for the instance, which takes no backup while it is busy: backups and replicas of one
// instance take turns. If the answer is lost, it looks for the backup.
func (c *Client) CreateBackup(ctx context.Context, r trove.BackupRequest) (created *trove.Backup, err error) {
	unlock, err := c.Registry().Lock(ctx, "backup/"+r.Name, "source/"+r.InstanceID)
	if err != nil {
		return nil, fmt.Errorf("create backup %s: waiting for its turn: %w", r.Name, err)
	}
	defer unlock()
	spec := createSpec[trove.Backup]{
		kind: "backup", name: r.Name,
		id:   func(b *trove.Backup) string { return b.ID },
		post: func(ctx context.Context) (*trove.Backup, error) { return c.PostBackup(ctx, r) },
		find: func(ctx context.Context, asked time.Time) ([]trove.Backup, error) {
			return c.findBackups(ctx, r, asked)
		},
	}
	if _, err := checkLost(ctx, c, spec, func(b *trove.Backup) bool { return b.Status == trove.BackupFailed }); err != nil {
		return nil, err
	}
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) error {
			i, err := c.WaitSettled(ctx, r.InstanceID)
			if err == nil && r.Incremental > 0 {
				// The last backup may be a replica's snapshot, which Trove deletes with everything based on it.
				err = c.waitSnapshots(ctx, i)
			}
			return err
		},
		send: func(ctx context.Context) error {
			created, err = createOnce(ctx, c, spec)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return created, nil
}

// findBackups lists the unclaimed backups created since then that match the request.
func (c *Client) findBackups(ctx context.Context, r trove.BackupRequest, asked time.Time) ([]trove.Backup, error) {
	all, serverTime, err := c.BackupsAt(ctx, r.InstanceID)
	since := c.onServer(asked, serverTime)
	return slices.DeleteFunc(all, func(b trove.Backup) bool {
		return b.Name != r.Name || b.Description != r.Description || r.ParentID != "" && b.ParentID != r.ParentID ||
			b.InstanceID != "" && b.InstanceID != r.InstanceID || !createdSince(b.Created, since) || c.Registry().Claimed(b.ID)
	}), err
}

// WaitBackup polls until the backup can be restored from. It returns a *BackupFailedError as soon as it has failed,
// ErrNotFound when it vanishes and a *watch.TimeoutError when ctx ends.
func (c *Client) WaitBackup(ctx context.Context, id string) (*trove.Backup, error) {
	b, err := c.waitBackup(ctx, id, "completed", (*trove.Backup).Settled)
	if err == nil && !b.Done() {
		return b, &BackupFailedError{ID: b.ID, Name: b.Name, Status: b.Status}
	}
	return b, err
}

// waitBackup polls the backup until done reports true.
func (c *Client) waitBackup(ctx context.Context, id, what string, done func(*trove.Backup) bool) (*trove.Backup, error) {
	return watch.Until(ctx, c.clock, watch.Poll[*trove.Backup]{
		ID: id, Object: "backup " + id, For: what,
		Read:   func(ctx context.Context) (*trove.Backup, error) { return c.Backup(ctx, id) },
		Status: func(b *trove.Backup) string { return b.Status },
		Done:   func(b *trove.Backup, _ time.Duration) (bool, error) { return done(b), nil },
	})
}

// RemoveBackup deletes a backup and waits until it is gone. A backup that is gone already is no error; one that is being made is waited
// for. The server also deletes the backups based on it, so RemoveBackup returns a *ChildrenLeftError if there are any that nobody else
// deletes in the meantime.
func (c *Client) RemoveBackup(ctx context.Context, id string) error {
	running, err := c.waitChildrenGone(ctx, id)
	if err == nil && running { // Trove up to 24 refuses to delete it then, and later releases answer with 500
		_, err = c.waitBackup(ctx, id, "done, as the server deletes it only then", (*trove.Backup).Settled)
	}
	if err != nil {
		return ignoreGone(err)
	}
	return c.deleteAndWait(ctx, deletion{
		send: func(ctx context.Context) error { return c.DeleteBackup(ctx, id) },
		gone: func(ctx context.Context) (bool, error) { return isGone(second(c.Backup(ctx, id))) },
		wait: func(ctx context.Context, _ error) error {
			b, err := c.waitBackup(ctx, id, "deleted", func(b *trove.Backup) bool { return b.Status == trove.BackupDeleteFailed })
			if gone, err := isGone(err); gone || err != nil {
				return err
			}
			return &BackupFailedError{ID: b.ID, Name: b.Name, Status: b.Status}
		},
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			if !errors.Is(refusal, openstack.ErrNotReady) {
				return usual, nil
			}
			_, err := c.waitBackup(ctx, id, "done, as the server deletes it only then", (*trove.Backup).Settled)
			return usual, joined(refusal, ignoreGone(err))
		},
	})
}

// waitChildrenGone waits until no backup is based on this one, as long as their number keeps falling. running says whether the backup
// itself is being made.
func (c *Client) waitChildrenGone(ctx context.Context, id string) (running bool, err error) {
	since, fewest := c.clock.Now(), -1
	left := func(children []trove.Backup) error { return &ChildrenLeftError{ID: id, Children: children} }
	children, err := watch.Until(ctx, c.clock, watch.Poll[[]trove.Backup]{
		ID: id, Object: "backup " + id, For: "without backups that stand on it",
		Read: func(ctx context.Context) ([]trove.Backup, error) {
			all, err := c.Backups(ctx, "")
			running = slices.ContainsFunc(all, func(b trove.Backup) bool { return b.ID == id && !b.Settled() })
			return descendants(all, id), err
		},
		Done: func(children []trove.Backup, _ time.Duration) (bool, error) {
			if len(children) == 0 {
				return true, nil
			}
			if fewest < 0 || len(children) < fewest {
				since, fewest = c.clock.Now(), len(children)
			}
			if c.clock.Now().Sub(since) >= childrenGrace {
				return false, left(children)
			}
			return false, nil
		},
	})
	var timeout *watch.TimeoutError
	if errors.As(err, &timeout) && len(children) > 0 {
		return running, errors.Join(left(children), timeout.Cause)
	}
	return running, err
}

// descendants returns the backups that are directly or indirectly based on one. If the server shows a cycle, each is returned once.
func descendants(all []trove.Backup, id string) []trove.Backup {
	var found []trove.Backup
	seen := map[string]bool{id: true}
	for parents := []string{id}; len(parents) > 0; parents = parents[1:] {
		for _, b := range all {
			if b.ParentID == parents[0] && !seen[b.ID] {
				seen[b.ID] = true
				found, parents = append(found, b), append(parents, b.ID)
			}
		}
	}
	return found
}
