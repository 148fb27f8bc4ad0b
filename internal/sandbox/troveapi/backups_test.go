package troveapi_test

import (
	"fmt"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// backup begins a backup and returns its id.
func (s *server) backup(body string) string {
	s.t.Helper()
	code, answer := s.do("POST", "/backups", `{"backup": `+body+`}`)
	id, _ := at(answer, "backup", "id").(string)
	if code != 202 || id == "" {
		s.t.Fatalf("status %d, body %v", code, answer)
	}
	return id
}

func TestBackupsAndWhatStandsOnThem(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	full := s.backup(`{"name": "full", "instance": "` + id + `", "description": "text"}`)
	for _, field := range []string{"locationRef", "size", "parent_id"} {
		if _, answer := s.do("GET", "/backups/"+full, ""); at(answer, "backup", field) != nil || at(answer, "backup", "status") != "BUILDING" {
			t.Errorf("a backup that is being made: %v", answer)
		}
	}
	if _, answer := s.do("GET", "/instances/"+id, ""); at(answer, "instance", "status") != "BACKUP" || at(answer, "instance", "operating_status") != "HEALTHY" {
		t.Errorf("an instance that is backed up: %v", answer)
	}
	s.wantFault("POST", "/backups", `{"backup": {"name": "b2", "instance": "`+id+`"}}`, 422, "unprocessableEntity",
		"Instance "+id+" is not currently available for an action to be performed (instance status was BACKUP).")
	s.wantFault("DELETE", "/backups/"+full, "", 422, "unprocessableEntity", "Backup "+full+" cannot be deleted because it is running.")
	restore := func(of, more string) string {
		return `{"instance": {"name": "r", "flavorRef": "2", "volume": {"size": 1}, "restorePoint": {"backupRef": "` + of + `"}` + more + `}}`
	}
	s.wantFault("POST", "/instances", restore(full, ""), 409, "conflict", "Unable to create instance because backup "+full+" is not completed. Actual state: BUILDING.")
	s.pass(actionTime)
	if _, answer := s.do("GET", "/backups/"+full, ""); at(answer, "backup", "status") != "COMPLETED" || at(answer, "backup", "size") != 0.14 ||
		at(answer, "backup", "description") != "text" || at(answer, "backup", "datastore", "type") != "mysql" {
		t.Errorf("a completed backup: %v", answer)
	}
	child := s.backup(`{"name": "child", "instance": "` + id + `", "incremental": 1}`)
	if _, answer := s.do("GET", "/backups/"+child, ""); at(answer, "backup", "parent_id") != full {
		t.Errorf("an incremental backup: %v", answer)
	}
	s.wantFault("DELETE", "/backups/"+full, "", 422, "unprocessableEntity", "Backup "+child+" cannot be deleted because it is running.")
	s.pass(actionTime)
	grandchild := s.backup(`{"name": "grandchild", "instance": "` + id + `", "parent_id": "` + child + `"}`)
	s.pass(actionTime)

	code, answer := s.do("GET", "/backups?limit=2", "")
	if list, _ := at(answer, "backups").([]any); code != 200 || len(list) != 2 || at(list[0], "id") != grandchild || at(list[1], "id") != child {
		t.Errorf("the first page: %v", answer)
	}
	code, answer = s.do("GET", "/instances/"+id+"/backups?limit=2&marker=2", "")
	if list, _ := at(answer, "backups").([]any); code != 200 || len(list) != 1 || at(list[0], "id") != full {
		t.Errorf("the second page: %v", answer)
	}
	// They outlive their instance, and are restored from.
	s.want("DELETE", "/instances/"+id, "", 202, "")
	s.pass(actionTime)
	s.wantFault("POST", "/instances", restore(full, `, "datastore": {"type": "redis"}`), 400, "badRequest", "The datastore from which the backup was taken, mysql, does not match the destination datastore of redis.")
	s.create(restore(grandchild, ""))
	// Children go with the parent.
	s.want("DELETE", "/backups/"+child, "", 202, "")
	s.pass(actionTime)
	s.wantFault("GET", "/backups/"+grandchild, "", 404, "itemNotFound", "Resource "+grandchild+" cannot be found.")
	s.want("DELETE", "/backups/"+full, "", 202, "")
	s.pass(actionTime)
	s.want("GET", "/backups", "", 200, `{"backups": []}`)
}

func TestRestoredInstanceHasWhatWasBackedUp(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	s.want("POST", "/instances/"+id+"/databases", `{"databases": [{"name": "before"}]}`, 202, "")
	b := s.backup(`{"name": "b", "instance": "` + id + `"}`)
	s.want("POST", "/instances/"+id+"/databases", `{"databases": [{"name": "later"}]}`, 202, "") // a backup is no hindrance
	s.pass(actionTime)
	restored := s.built(`{"instance": {"name": "r", "flavorRef": "2", "volume": {"size": 1}, "databases": [{"name": "own"}], "restorePoint": {"backupRef": "` + b + `"}}}`)
	s.want("GET", "/instances/"+restored+"/databases", "", 200, `{"databases": [{"name": "before"}, {"name": "own"}]}`)
}

func TestFailedBackupLeavesAHealthyInstance(t *testing.T) {
	s := newServer(t, func(o *state.Options) {
		o.ActionFate = func(kind, _, _, _ string) error {
			if kind == "backup" {
				return fmt.Errorf("no")
			}
			return nil
		}
	})
	id := s.built(mysql)
	b := s.backup(`{"name": "b", "instance": "` + id + `"}`)
	s.pass(actionTime)
	if _, answer := s.do("GET", "/backups/"+b, ""); at(answer, "backup", "status") != "FAILED" {
		t.Errorf("a failed backup: %v", answer)
	}
	if _, answer := s.do("GET", "/instances/"+id, ""); at(answer, "instance", "status") != "ACTIVE" {
		t.Errorf("its instance: %v", answer)
	}
}

func TestRefusalsOfBackups(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	const nobody = "99999999-9999-4999-8999-999999999999"
	for body, message := range map[string]string{
		`{"instance": "` + id + `"}`:                                 "Validation error: backup 'name' is a required property",
		`{"name": "", "instance": "` + id + `"}`:                     "Validation error: backup['name'] '' is too short; backup['name'] '' does not match '^.*[0-9a-zA-Z]+.*$'",
		`{"name": "--", "instance": "` + id + `"}`:                   "Validation error: backup['name'] '--' does not match '^.*[0-9a-zA-Z]+.*$'",
		`{"name": "x", "instance": "` + id + `", "description": ""}`: "Validation error: backup['description'] '' is too short; backup['description'] '' does not match '^.*[0-9a-zA-Z]+.*$'",
		`{"name": "x", "instance": "` + id + `", "incremental": 2}`:  "Validation error: backup['incremental'] 2 is greater than the maximum of 1",
		`{"name": "x"}`: "instance is missing.",
	} {
		s.wantFault("POST", "/backups", `{"backup": `+body+`}`, 400, "badRequest", message)
	}
	s.wantFault("POST", "/backups", `{"backup": {"name": "x", "instance": "`+nobody+`"}}`, 404, "itemNotFound", "Resource "+nobody+" cannot be found.")
	s.wantFault("POST", "/backups", `{"backup": {"name": "x", "instance": "`+id+`", "parent_id": "`+nobody+`"}}`, 404, "itemNotFound", "Resource "+nobody+" cannot be found.")
	s.wantFault("POST", "/instances", `{"instance": {"name": "r", "flavorRef": "2", "volume": {"size": 1}, "restorePoint": {}}}`, 400, "badRequest", "Validation error: instance['restorePoint'] 'backupRef' is a required property")
	s.wantFault("POST", "/instances", `{"instance": {"name": "r", "flavorRef": "2", "volume": {"size": 1}, "restorePoint": {"backupRef": "`+nobody+`"}}}`, 404, "itemNotFound", "Resource "+nobody+" cannot be found.")
	s.state.SetQuota("demo", state.Quota{Backups: 1})
	s.backup(`{"name": "x", "instance": "` + id + `"}`)
	s.pass(actionTime)
	s.wantFault("POST", "/backups", `{"backup": {"name": "y", "instance": "`+id+`"}}`, 413, "overLimit", "Quota exceeded for resources: ['backups'].")
}
