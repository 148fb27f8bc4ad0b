package trove

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Statuses of a backup that the client handles. NEW, BUILDING and SAVING mean that it is being made.
const (
	BackupCompleted    = "COMPLETED"
	BackupRestored     = "RESTORED" // copied from another region; equivalent to completed
	BackupFailed       = "FAILED"
	BackupDeleteFailed = "DELETE_FAILED"
)

// Backup is a backup as the API shows it.
type Backup struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Location    string    `json:"locationRef"` // "" until it is done
	InstanceID  string    `json:"instance_id"` // may be gone
	ParentID    string    `json:"parent_id"`   // the backup it is based on; "" for a full backup
	Created     Time      `json:"created"`
	Size        *float64  `json:"size"` // GB; nil until it is done
	Status      string    `json:"status"`
	Datastore   Datastore `json:"datastore"`
}

// Identified reports whether the server has named it.
func (b *Backup) Identified() bool { return b.ID != "" }

// Done reports whether the backup can be restored from.
func (b *Backup) Done() bool { return b.Status == BackupCompleted || b.Status == BackupRestored }

// Snapshot reports whether released Trove made the backup for a replica, and will delete it when that is built.
func (b *Backup) Snapshot() bool { return strings.HasPrefix(b.Name, "Replication snapshot for ") }

// Settled reports whether nothing more happens to the backup by itself.
func (b *Backup) Settled() bool {
	return b.Done() || b.Status == BackupFailed || b.Status == BackupDeleteFailed
}

// BackupRequest is the body of POST /backups.
type BackupRequest struct {
	Name        string `json:"name"`
	InstanceID  string `json:"instance"`
	Description string `json:"description,omitempty"`
	ParentID    string `json:"parent_id,omitempty"`
	// Incremental is 1 for a backup based on the last completed one; if there is none, it is a full one.
	Incremental int `json:"incremental,omitempty"`
	// Container is the Swift container to store the backup in; "" is that of the strategy, or else the server's default.
	Container string `json:"swift_container,omitempty"`
	// StorageDriver is StorageSwift or StorageCinder; "" is the server's default. Released Trove up to 22 ignores it.
	StorageDriver string `json:"storage_driver,omitempty"`
}

// Storage drivers of backups.
const (
	StorageSwift  = "swift"
	StorageCinder = "cinder" // snapshots of the volume
)

// StoredBy returns the storage driver of a backup, derived from its location; "" if that is not known yet.
func (b *Backup) StoredBy() string {
	switch {
	case b.Location == "":
		return ""
	case strings.HasPrefix(b.Location, "cinder://"):
		return StorageCinder
	}
	return StorageSwift
}

type backupEnvelope struct {
	Backup *Backup `json:"backup"`
}

// Backup returns one backup. It returns ErrNotFound if there is none.
func (c *Client) Backup(ctx context.Context, id string) (*Backup, error) {
	body, err := get(ctx, c, "read backup "+id, func(e backupEnvelope) error {
		if e.Backup == nil {
			return errors.New("it holds no backup")
		}
		return isOf("backup", e.Backup.ID, id)
	}, "backups", id)
	if err != nil {
		return nil, err
	}
	return body.Backup, nil
}

// Backups lists the project's backups, or those of one instance unless that is "".
func (c *Client) Backups(ctx context.Context, instance string) ([]Backup, error) {
	all, _, err := c.BackupsAt(ctx, instance)
	return all, err
}

// BackupsAt is Backups with the server's time of day, zero if unknown.
func (c *Client) BackupsAt(ctx context.Context, instance string) (all []Backup, serverTime time.Time, err error) {
	query := url.Values{}
	if instance != "" {
		query.Set("instance_id", instance)
	}
	return list[Backup](ctx, c, "list backups", "backups", query, "backups")
}

// BackupNames lists the names of the backups of an instance, including snapshots that released Trove makes for replicas.
func (c *Client) BackupNames(ctx context.Context, instance string) ([]string, error) {
	all, _, err := list[Reference](ctx, c, "list the backups of instance "+instance, "backups", nil, "instances", instance, "backups")
	names := make([]string, len(all))
	for i, b := range all {
		names[i] = b.Name
	}
	return names, err
}

// PostBackup requests a backup. It is sent once.
func (c *Client) PostBackup(ctx context.Context, r BackupRequest) (*Backup, error) {
	body, err := post(ctx, c, "create backup "+r.Name, map[string]any{"backup": r}, func(e backupEnvelope) error {
		if e.Backup == nil || e.Backup.ID == "" {
			return errors.New("it holds no id")
		}
		return nil
	}, "backups")
	if err != nil {
		return nil, err
	}
	return body.Backup, nil
}

// DeleteBackup requests the deletion of a backup and all backups based on it. It returns ErrNotFound if it is gone already and ErrNotReady
// while it is being made.
func (c *Client) DeleteBackup(ctx context.Context, id string) error {
	return c.send(ctx, "delete backup "+id, http.MethodDelete, nil, "backups", id)
}
