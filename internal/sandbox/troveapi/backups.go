package troveapi

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func (a *API) backupRoutes() {
	a.on("GET /backups", func(r *http.Request) (int, any, error) {
		return a.listBackups(r, r.URL.Query().Get("instance_id"))
	})
	a.on("POST /backups", a.createBackup)
	a.on("GET /backups/{id}", func(r *http.Request) (int, any, error) {
		b, err := a.state.Backup(project(r), id(r))
		return http.StatusOK, map[string]any{"backup": shownBackup(b)}, err
	})
	a.on("DELETE /backups/{id}", func(r *http.Request) (int, any, error) {
		return done(a.state.DeleteBackup(project(r), id(r)))
	})
	a.on("GET /instances/{id}/backups", func(r *http.Request) (int, any, error) {
		if _, err := a.state.Instance(project(r), id(r)); err != nil {
			return 0, nil, err
		}
		return a.listBackups(r, id(r))
	})
	a.on("GET /backup_strategies", a.listStrategies)
	a.on("POST /backup_strategies", a.setStrategy)
	a.on("DELETE /backup_strategies", func(r *http.Request) (int, any, error) {
		a.state.DeleteBackupStrategy(project(r), r.URL.Query().Get("instance_id"))
		return done(nil)
	})
}

type strategyBody struct {
	ProjectID      string `json:"project_id"`
	InstanceID     string `json:"instance_id"`
	Backend        string `json:"backend"`
	SwiftContainer string `json:"swift_container"`
}

func shownStrategy(r *http.Request, b state.BackupStrategy) strategyBody {
	return strategyBody{project(r), b.InstanceID, "swift", b.Container}
}

func (a *API) listStrategies(r *http.Request) (int, any, error) {
	bodies := []strategyBody{}
	for _, b := range a.state.BackupStrategies(project(r), r.URL.Query().Get("instance_id")) {
		bodies = append(bodies, shownStrategy(r, b))
	}
	return http.StatusOK, map[string]any{"backup_strategies": bodies}, nil
}

func (a *API) setStrategy(r *http.Request) (int, any, error) {
	f, err := fields(r, "backup_strategy", true)
	if err != nil {
		return 0, nil, err
	}
	if err := f.only("backup_strategy", false, "instance_id", "swift_container"); err != nil {
		return 0, nil, err
	}
	var b struct {
		InstanceID *string `json:"instance_id"`
		Container  *string `json:"swift_container"`
	}
	if err := f.decode("backup_strategy", &b); err != nil {
		return 0, nil, err
	}
	if b.Container == nil {
		return 0, nil, invalid("Validation error: backup_strategy 'swift_container' is a required property")
	}
	if err := checkText("backup_strategy['swift_container']", b.Container); err != nil {
		return 0, nil, err
	}
	if err := checkUUID("backup_strategy['instance_id']", b.InstanceID); err != nil {
		return 0, nil, err
	}
	set := state.BackupStrategy{Container: *b.Container}
	if b.InstanceID != nil {
		set.InstanceID = *b.InstanceID
	}
	a.state.SetBackupStrategy(project(r), set)
	return http.StatusAccepted, map[string]any{"backup_strategy": shownStrategy(r, set)}, nil
}

type backupBody struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Description *string        `json:"description"`
	LocationRef *string        `json:"locationRef"`
	InstanceID  string         `json:"instance_id"`
	Created     string         `json:"created"`
	Updated     string         `json:"updated"`
	Size        *float64       `json:"size"`
	Status      string         `json:"status"`
	ParentID    *string        `json:"parent_id"`
	ProjectID   string         `json:"project_id"`
	Datastore   backupOriginal `json:"datastore"`
}

// backupOriginal is the datastore that was backed up.
type backupOriginal struct {
	Type      string `json:"type"`
	Version   string `json:"version"`
	VersionID string `json:"version_id"`
}

func shownBackup(b state.Backup) backupBody {
	orNull := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	shown := backupBody{
		ID: b.ID, Name: b.Name, Description: orNull(b.Description), LocationRef: orNull(b.Location), InstanceID: b.InstanceID,
		Created: timestamp(b.Created), Updated: timestamp(b.Updated), Status: b.Status, ParentID: orNull(b.ParentID), ProjectID: b.ProjectID,
		Datastore: backupOriginal{b.Version.DatastoreName, b.Version.Name, b.Version.ID},
	}
	if b.Size > 0 {
		shown.Size = &b.Size
	}
	return shown
}

// listBackups pages by the number of previous entries, unlike all other lists.
func (a *API) listBackups(r *http.Request, instance string) (int, any, error) {
	marker, limit, err := page(r)
	if err != nil {
		return 0, nil, err
	}
	skip := 0
	if marker != "" {
		if skip, err = strconv.Atoi(marker); err != nil || skip < 0 {
			return 0, nil, &state.Error{Code: http.StatusInternalServerError, Fault: "instanceFault", Message: "Internal Server Error. The marker is no natural number."}
		}
	}
	backups, more := a.state.Backups(project(r), instance, r.URL.Query().Get("datastore"), skip, limit)
	bodies := make([]backupBody, len(backups))
	for n, b := range backups {
		bodies[n] = shownBackup(b)
	}
	to := ""
	if more > 0 {
		to = strconv.Itoa(more)
	}
	return http.StatusOK, next(r, map[string]any{"backups": bodies}, to), nil
}

func (a *API) createBackup(r *http.Request) (int, any, error) {
	f, err := fields(r, "backup", false)
	if err != nil {
		return 0, nil, err
	}
	var b struct {
		Name           *string `json:"name"`
		Description    *string `json:"description"`
		Instance       *string `json:"instance"`
		ParentID       *string `json:"parent_id"`
		Incremental    *int    `json:"incremental"`
		SwiftContainer *string `json:"swift_container"`
		StorageDriver  *string `json:"storage_driver"`
	}
	if err := f.decode("backup", &b); err != nil {
		return 0, nil, err
	}
	if b.Name == nil {
		return 0, nil, invalid("Validation error: backup 'name' is a required property")
	}
	for _, text := range []struct {
		name  string
		value *string
	}{{"name", b.Name}, {"description", b.Description}, {"swift_container", b.SwiftContainer}} {
		if err := checkText("backup['"+text.name+"']", text.value); err != nil {
			return 0, nil, err
		}
	}
	for _, ref := range []struct {
		name  string
		value *string
	}{{"instance", b.Instance}, {"parent_id", b.ParentID}} {
		if err := checkUUID("backup['"+ref.name+"']", ref.value); err != nil {
			return 0, nil, err
		}
	}
	switch {
	case b.Incremental != nil && *b.Incremental > 1:
		return 0, nil, invalid("Validation error: backup['incremental'] %d is greater than the maximum of 1", *b.Incremental)
	case b.Incremental != nil && *b.Incremental < 0:
		return 0, nil, invalid("Validation error: backup['incremental'] %d is less than the minimum of 0", *b.Incremental)
	case b.Instance == nil:
		return 0, nil, invalid("instance is missing.")
	}
	request := state.BackupRequest{Name: *b.Name, InstanceID: *b.Instance, Incremental: b.Incremental != nil && *b.Incremental == 1}
	if b.Description != nil {
		request.Description = *b.Description
	}
	if b.ParentID != nil {
		request.ParentID = *b.ParentID
	}
	if b.StorageDriver != nil {
		request.StorageDriver = *b.StorageDriver
	}
	if b.SwiftContainer != nil {
		request.Container = *b.SwiftContainer
	}
	made, err := a.state.CreateBackup(project(r), request)
	return http.StatusAccepted, map[string]any{"backup": shownBackup(made)}, err
}

// checkText checks a text as Trove's schema does for most texts; nil means that it was omitted.
func checkText(of string, value *string) error {
	const pattern = "^.*[0-9a-zA-Z]+.*$"
	switch {
	case value == nil:
		return nil
	case *value == "":
		return invalid("Validation error: %s '' is too short; %s '' does not match '%s'", of, of, pattern)
	case utf8.RuneCountInString(*value) > 255:
		return invalid("Validation error: %s '%s' is too long", of, *value)
	case !namePattern.MatchString(*value):
		return invalid("Validation error: %s '%s' does not match '%s'", of, *value, pattern)
	}
	return nil
}

func checkUUID(of string, value *string) error {
	switch {
	case value == nil || uuidPattern.MatchString(*value):
		return nil
	case *value == "":
		return invalid("Validation error: %s '' is too short; %s '' does not match '%s'", of, of, uuidPattern)
	}
	return invalid("Validation error: %s '%s' does not match '%s'", of, *value, uuidPattern)
}
