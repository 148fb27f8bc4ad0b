package state

import (
	"cmp"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// The statuses of a backup.
const (
	BackupNew       = "NEW"
	BackupBuilding  = "BUILDING"
	BackupCompleted = "COMPLETED"
	BackupFailed    = "FAILED"
)

// backupSize is the size of every backup, in GB.
const backupSize = 0.14

// Backup is a backup as the API shows it. Location and Size are zero until they are known.
type Backup struct {
	ID, ProjectID, Name, Description string
	InstanceID, ParentID             string
	Status, Location                 string
	Size                             float64 // GB
	Version                          Version // of the instance's datastore
	Created, Updated                 time.Time
}

// running reports whether the backup is being made.
func (b *Backup) running() bool { return b.Status == BackupNew || b.Status == BackupBuilding }

// backup is one backup. It outlives its instance, and holds the contents of the instance.
type backup struct {
	Backup
	order    int
	deleting bool
	schemas  []Database
	users    []User
}

// BackupRequest is what POST /backups asks for.
type BackupRequest struct {
	Name, Description, InstanceID string
	ParentID                      string // "" if none was named
	Incremental                   bool   // based on the last one that completed, if there is one
	Container                     string // "" means that of the strategy, or else the server's
	StorageDriver                 string // swift, cinder or ""; Trove up to 22 ignores it
}

// BackupStrategy is the container for backups that name none: those of an instance or, if InstanceID is "", of the project.
type BackupStrategy struct{ InstanceID, Container string }

// defaultContainer is the container of backups for which none is set anywhere.
const defaultContainer = "database_backups"

// BackupStrategies lists the strategies of the project, or of one instance if that is not "", by the ids of their instances.
func (s *State) BackupStrategies(project, instance string) []BackupStrategy {
	defer s.enter()()
	all := slices.DeleteFunc(slices.Clone(s.project(project).strategies), func(b BackupStrategy) bool { return instance != "" && b.InstanceID != instance })
	slices.SortFunc(all, func(a, b BackupStrategy) int { return cmp.Compare(a.InstanceID, b.InstanceID) })
	return all
}

// SetBackupStrategy makes or changes a strategy. As in Trove, the instance need not exist.
func (s *State) SetBackupStrategy(project string, b BackupStrategy) {
	defer s.enter()()
	p := s.project(project)
	if n := slices.IndexFunc(p.strategies, func(o BackupStrategy) bool { return o.InstanceID == b.InstanceID }); n >= 0 {
		p.strategies[n] = b
		return
	}
	p.strategies = append(p.strategies, b)
}

// DeleteBackupStrategy deletes the strategy of an instance, or of the project if that is ""; it need not exist.
func (s *State) DeleteBackupStrategy(project, instance string) {
	defer s.enter()()
	p := s.project(project)
	p.strategies = slices.DeleteFunc(p.strategies, func(b BackupStrategy) bool { return b.InstanceID == instance })
}

// containerFor returns the container for a backup.
func (p *project) containerFor(r BackupRequest) string {
	container := defaultContainer
	for _, b := range p.strategies {
		if b.InstanceID == r.InstanceID {
			return cmp.Or(r.Container, b.Container)
		}
		if b.InstanceID == "" {
			container = b.Container
		}
	}
	return cmp.Or(r.Container, container)
}

// findBackup returns a backup of the project.
func (p *project) findBackup(id string) (*backup, error) {
	if b := p.backups[id]; b != nil {
		return b, nil
	}
	return nil, noResource(id)
}

// CreateBackup starts a backup of an instance, which is in status BACKUP until it is done. As in Trove, the parent may be any backup of the
// project, whatever its status.
func (s *State) CreateBackup(project string, r BackupRequest) (Backup, error) {
	var shown Backup
	err := s.on(project, r.InstanceID, func(i *instance) error {
		p := i.project
		if err := i.idle(); err != nil {
			i.setFault(err.Error(), s.clock) // even while it builds
			return err
		}
		b := &backup{order: s.order(), schemas: i.schemas, users: i.users, Backup: Backup{
			ID: newID(), ProjectID: p.id, Name: r.Name, Description: r.Description, InstanceID: i.id, ParentID: r.ParentID,
			Status: BackupNew, Version: i.version, Created: s.clock, Updated: s.clock,
		}}
		switch {
		case r.ParentID != "":
			if _, err := p.findBackup(r.ParentID); err != nil {
				return err
			}
		case r.Incremental:
			b.ParentID = p.lastBackup(i.id)
		}
		if p.quota.Backups >= 0 && len(p.backups) >= p.quota.Backups {
			return overLimit("Quota exceeded for resources: ['backups'].")
		}
		p.backups[b.ID] = b
		shown = b.Backup
		b.Status = BackupBuilding // this is what the next request shows
		location := "http://127.0.0.1:8080/v1/AUTH_sandbox/" + p.containerFor(r) + "/" + b.ID + ".xbstream.gz"
		if r.StorageDriver == "cinder" && (!s.opts.Upstream || s.Since(23)) {
			location = "cinder://" + newID()
		}
		s.makeBackup(i, b, location)
		return nil
	})
	return shown, err
}

// makeBackup ends a backup after a while, according to the fate of its instance's action "backup". A failure leaves the instance healthy.
func (s *State) makeBackup(i *instance, b *backup, location string) {
	fate := s.opts.ActionFate("backup", i.project.id, i.id, i.name)
	t := backingUp()
	i.task, i.updated = t, s.clock
	s.after(s.opts.ActionTime, func() {
		var copied engine.Ticket
		if fate == nil && i.task == t && s.runs(i) {
			copied = s.opts.Engine.Backup(i.id, b.ID)
		}
		s.await(copied, func(err error) {
			b.Status, b.Updated = BackupCompleted, s.clock
			if fate != nil || err != nil || i.task != t {
				b.Status = BackupFailed
			} else {
				b.Size, b.Location = backupSize, location
			}
			if i.task == t {
				i.task, i.updated = nil, s.clock
			}
		})
	})
}

// lastBackup returns the id of the newest completed backup of an instance, "" if it has none.
func (p *project) lastBackup(instance string) string {
	var last *backup
	for _, b := range p.backups {
		if b.InstanceID == instance && b.Status == BackupCompleted && !b.deleting && (last == nil || b.order > last.order) {
			last = b
		}
	}
	if last == nil {
		return ""
	}
	return last.ID
}

// Backup returns one backup.
func (s *State) Backup(project, id string) (Backup, error) {
	defer s.enter()()
	b, err := s.project(project).findBackup(id)
	if err != nil {
		return Backup{}, err
	}
	return b.Backup, nil
}

// Backups returns a page of the project's backups, the last changed first, and how many come before the next page; 0 if there is none.
// instance and datastore filter, if they are not "".
func (s *State) Backups(project, instance, datastore string, skip, limit int) (page []Backup, next int) {
	defer s.enter()()
	var all []*backup
	for _, b := range s.project(project).backups {
		if (instance == "" || b.InstanceID == instance) && (datastore == "" || datastore == b.Version.DatastoreName || datastore == b.Version.DatastoreID) {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b *backup) int {
		if c := b.Updated.Compare(a.Updated); c != 0 {
			return c
		}
		return b.order - a.order
	})
	if limit <= 0 || limit > MaxPage {
		limit = MaxPage
	}
	all = all[min(skip, len(all)):]
	if len(all) >= limit { // as in Trove, a page that is exactly full has a next one
		all, next = all[:limit], skip+limit
	}
	for _, b := range all {
		page = append(page, b.Backup)
	}
	return page, next
}

// DeleteBackup deletes a backup with all that are based on it. As in Trove, a running one among these is 422, and those deleted before it
// stay deleted.
func (s *State) DeleteBackup(project, id string) error {
	defer s.enter()()
	p := s.project(project)
	if _, err := p.findBackup(id); err != nil {
		return err
	}
	return s.deleteBackup(p, id)
}

func (s *State) deleteBackup(p *project, id string) error {
	for _, child := range p.backups {
		if child.ParentID == id && !child.deleting {
			if err := s.deleteBackup(p, child.ID); err != nil {
				return err
			}
		}
	}
	b := p.backups[id]
	if b.running() && s.Since(25) {
		return internal()
	}
	if b.running() {
		return unprocessable("Backup %s cannot be deleted because it is running.", id)
	}
	b.deleting = true
	s.after(s.opts.ActionTime, func() {
		delete(p.backups, id)
		if s.opts.Engine != nil && s.opts.Engine.Serves(b.Version.DatastoreName) {
			s.opts.Engine.RemoveBackup(id)
		}
	})
	return nil
}

// restorable returns the backup to restore an instance from, nil if there is none.
func (p *project) restorable(id string, v Version, volumeGB int64) (*backup, error) {
	if id == "" {
		return nil, nil
	}
	b, err := p.findBackup(id)
	switch {
	case err != nil:
		return nil, err
	case b.Status != BackupCompleted:
		return nil, conflict("Unable to create instance because backup %s is not completed. Actual state: %s.", id, b.Status)
	case b.Size > float64(volumeGB):
		return nil, forbidden("Backup is too large for given flavor or volume. Backup size: %g GBs. Available size: %d GBs.", b.Size, volumeGB)
	case b.Version.DatastoreName != v.DatastoreName:
		return nil, badRequest("The datastore from which the backup was taken, %s, does not match the destination datastore of %s.", b.Version.DatastoreName, v.DatastoreName)
	}
	return b, nil
}
