package trove

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// Statuses of a backup that the client acts upon. NEW, BUILDING and SAVING mean that it is being made.
const (
	BackupCompleted    = "COMPLETED"
	BackupRestored     = "RESTORED" // taken over from another region; as good as completed
	BackupFailed       = "FAILED"
	BackupDeleteFailed = "DELETE_FAILED"
)

// childrenGrace is how long a backup's deletion waits for somebody to delete those that stand on it, as in one run
// Terraform may well reach the first of a chain first.
const childrenGrace = 10 * time.Second

// Backup is a backup as the API shows it.
type Backup struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Location    string    `json:"locationRef"` // "" until it is done
	InstanceID  string    `json:"instance_id"` // which may be gone
	ParentID    string    `json:"parent_id"`   // what it stands on; "" where it is a full one
	Created     Time      `json:"created"`
	Size        *float64  `json:"size"` // GB; nil until it is done
	Status      string    `json:"status"`
	Datastore   Datastore `json:"datastore"`
}

// Done says that the backup can be restored from.
func (b *Backup) Done() bool { return b.Status == BackupCompleted || b.Status == BackupRestored }

// Snapshot says that the backup is one that released Trove takes for a replica, and deletes when that is built.
func (b *Backup) Snapshot() bool { return strings.HasPrefix(b.Name, "Replication snapshot for ") }

// settled says that nothing more happens to the backup by itself.
func (b *Backup) settled() bool {
	return b.Done() || b.Status == BackupFailed || b.Status == BackupDeleteFailed
}

// BackupFailedError says that a backup came to a bad end. The API does not tell why: that is in the logs of the guest.
type BackupFailedError struct{ ID, Name, Status string }

func (e *BackupFailedError) Error() string {
	return fmt.Sprintf("backup %s (%s) is in status %s: the server gives no reason, it is in the log of the instance's guest agent", e.Name, e.ID, e.Status)
}

// ChildrenLeftError says that a backup is not deleted because others stand on it, which would be deleted with it.
type ChildrenLeftError struct {
	ID       string
	Children []Backup
}

func (e *ChildrenLeftError) Error() string {
	names := make([]string, len(e.Children))
	for i, b := range e.Children {
		names[i] = fmt.Sprintf("%s (%s)", b.Name, b.ID)
	}
	return fmt.Sprintf("these backups stand on backup %s, and the server would delete them with it: %s", e.ID, strings.Join(names, ", "))
}

// BackupRequest is the body of POST /backups.
type BackupRequest struct {
	Name        string `json:"name"`
	InstanceID  string `json:"instance"`
	Description string `json:"description,omitempty"`
	ParentID    string `json:"parent_id,omitempty"`
	// Incremental is 1 for a backup on top of the last one that completed; where there is none, it is a full one.
	Incremental int `json:"incremental,omitempty"`
}

// Backup shows one backup. It returns ErrNotFound where there is none.
func (c *Client) Backup(ctx context.Context, id string) (*Backup, error) {
	var body struct {
		Backup *Backup `json:"backup"`
	}
	op := "read backup " + id
	if err := c.get(ctx, op, &body, "backups", id); err != nil {
		return nil, err
	}
	if body.Backup == nil {
		return nil, fmt.Errorf("%s: the answer holds no backup", op)
	}
	return body.Backup, nil
}

// Backups lists the project's backups; those of one instance alone where that is not "".
func (c *Client) Backups(ctx context.Context, instance string) ([]Backup, error) {
	all, _, err := c.backups(ctx, instance)
	return all, err
}

// backups lists the project's backups over as many pages as it takes, with the server's time of day, zero where it does
// not tell. Those of one instance alone where that is not "".
func (c *Client) backups(ctx context.Context, instance string) (all []Backup, serverTime time.Time, err error) {
	for marker := ""; ; {
		query := url.Values{}
		if instance != "" {
			query.Set("instance_id", instance)
		}
		if marker != "" {
			query.Set("marker", marker)
		}
		var page struct {
			Backups []Backup           `json:"backups"`
			Links   []gophercloud.Link `json:"links"`
		}
		resp, err := c.db.Get(ctx, c.db.ServiceURL("backups")+"?"+query.Encode(), &page, nil)
		_, header, err := gophercloud.ParseResponse(resp, err)
		if err != nil {
			return nil, time.Time{}, fault("list backups", err)
		}
		if date, err := http.ParseTime(header.Get("Date")); err == nil {
			serverTime = date
		}
		all = append(all, page.Backups...)
		next := nextMarker(page.Links)
		if next == "" || next == marker || len(page.Backups) == 0 {
			return all, serverTime, nil
		}
		marker = next
	}
}

// CreateBackup sends a backup's creation exactly once as far as the world can tell, and returns the backup as soon as the
// server has accepted it; it is not done then. The instance is waited for, since it takes one backup at a time and none
// while it is busy: backups of one instance and replicas of it take turns. A lost answer is settled by looking.
func (c *Client) CreateBackup(ctx context.Context, r BackupRequest) (created *Backup, err error) {
	unlock, err := c.locks.lock(ctx, "backup/"+r.Name, "source/"+r.InstanceID)
	if err != nil {
		return nil, fmt.Errorf("create backup %s: waiting for its turn: %w", r.Name, err)
	}
	defer unlock()
	idle := func() error {
		i, err := c.WaitSettled(ctx, r.InstanceID)
		if err == nil && r.Incremental > 0 {
			// The last backup may be a replica's snapshot, which Trove deletes with all that stands on it.
			err = c.waitSiblings(ctx, i)
		}
		return err
	}
	err = c.whenIdle(ctx, idle, func() error {
		created, err = once(ctx, c, creation[Backup]{
			what: "backup", name: r.Name,
			id:   func(b *Backup) string { return b.ID },
			post: func(ctx context.Context) (*Backup, error) { return c.postBackup(ctx, r) },
			made: func(ctx context.Context, asked time.Time) ([]Backup, error) { return c.backupsMade(ctx, r, asked) },
		})
		return err
	})
	return created, err
}

func (c *Client) postBackup(ctx context.Context, r BackupRequest) (*Backup, error) {
	var body struct {
		Backup Backup `json:"backup"`
	}
	resp, err := c.db.Post(ctx, c.db.ServiceURL("backups"), map[string]any{"backup": r}, &body, accepted())
	_, _, err = gophercloud.ParseResponse(resp, err)
	return &body.Backup, fault("create backup "+r.Name, err)
}

// backupsMade are the unclaimed backups made since then that fit the request.
func (c *Client) backupsMade(ctx context.Context, r BackupRequest, asked time.Time) ([]Backup, error) {
	all, serverTime, err := c.backups(ctx, r.InstanceID)
	since := c.onServer(asked, serverTime)
	return slices.DeleteFunc(all, func(b Backup) bool {
		return b.Name != r.Name || b.Description != r.Description || r.ParentID != "" && b.ParentID != r.ParentID ||
			!createdSince(b.Created, since) || c.claimed(b.ID)
	}), err
}

// WaitBackup polls until the backup can be restored from. It returns a *BackupFailedError as soon as it has failed,
// ErrNotFound when it vanishes and a *WaitError when ctx ends.
func (c *Client) WaitBackup(ctx context.Context, id string) (*Backup, error) {
	b, err := c.pollBackup(ctx, id, "completed", (*Backup).settled)
	if err == nil && !b.Done() {
		return b, &BackupFailedError{ID: b.ID, Name: b.Name, Status: b.Status}
	}
	return b, err
}

// pollBackup reads the backup again and again until done is content.
func (c *Client) pollBackup(ctx context.Context, id, what string, done func(*Backup) bool) (*Backup, error) {
	start, last, failures := c.clock.Now(), "", 0
	for {
		b, err := c.Backup(ctx, id)
		waited := c.clock.Now().Sub(start)
		switch {
		case err == nil:
			failures, last = 0, b.Status
			if done(b) {
				return b, nil
			}
		case ctx.Err() == nil && !passing(err):
			return nil, err
		default:
			failures++
		}
		cause := ctx.Err()
		if failures > toleratedFailures {
			cause = err
		}
		if cause == nil {
			select {
			case <-ctx.Done():
				cause = ctx.Err()
			case <-c.clock.After(min(max(waited/10, minPoll), maxPoll)):
			}
		}
		if cause != nil {
			return b, &WaitError{ID: id, Thing: "backup " + id, For: what, Last: last, Waited: c.clock.Now().Sub(start), Cause: cause}
		}
	}
}

// DeleteBackup deletes a backup and waits until it is gone; one that is gone already is no error, and one that is being
// made is waited for. The server deletes with it what stands on it: so it returns a *ChildrenLeftError where there is
// something that nobody else deletes meanwhile.
func (c *Client) DeleteBackup(ctx context.Context, id string) error {
	if err := c.childless(ctx, id); err != nil {
		return err
	}
	for refused, lost := 0, 0; ; {
		resp, err := c.db.Delete(ctx, c.db.ServiceURL("backups", id), nil)
		_, _, err = gophercloud.ParseResponse(resp, err)
		err = fault("delete backup "+id, err)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil
		case errors.Is(err, ErrNotReady):
			if _, waitErr := c.pollBackup(ctx, id, "done, as the server deletes it only then", (*Backup).settled); waitErr != nil && !errors.Is(waitErr, ErrNotFound) {
				return errors.Join(waitErr, err)
			}
			if refused++; refused > refusedWhileReady {
				return err
			}
		case err == nil:
			return c.waitBackupGone(ctx, id)
		case OutcomeUnknown(err):
			looking, cancel := context.WithTimeout(ctx, c.requestTimeout())
			waitErr := c.waitBackupGone(looking, id)
			cancel()
			switch lost++; {
			case waitErr == nil:
				return nil
			case lost > 1:
				return errors.Join(err, waitErr)
			}
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-c.clock.After(minPoll):
		}
	}
}

// waitBackupGone polls until there is no such backup any more.
func (c *Client) waitBackupGone(ctx context.Context, id string) error {
	b, err := c.pollBackup(ctx, id, "deleted", func(b *Backup) bool { return b.Status == BackupDeleteFailed })
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return &BackupFailedError{ID: b.ID, Name: b.Name, Status: b.Status}
}

// childless waits until nothing stands on a backup any more, for as long as that becomes less.
func (c *Client) childless(ctx context.Context, id string) error {
	since, fewest := c.clock.Now(), -1
	for {
		all, _, err := c.backups(ctx, "")
		if err != nil {
			return err
		}
		children := descendants(all, id)
		if len(children) == 0 {
			return nil
		}
		if fewest < 0 || len(children) < fewest {
			since, fewest = c.clock.Now(), len(children)
		}
		if c.clock.Now().Sub(since) >= childrenGrace {
			return &ChildrenLeftError{ID: id, Children: children}
		}
		select {
		case <-ctx.Done():
			return errors.Join(&ChildrenLeftError{ID: id, Children: children}, ctx.Err())
		case <-c.clock.After(time.Second):
		}
	}
}

// descendants are the backups that stand on one, directly or not.
func descendants(all []Backup, id string) []Backup {
	var found []Backup
	for _, b := range all {
		if b.ParentID == id {
			found = append(append(found, b), descendants(all, b.ID)...)
		}
	}
	return found
}
