package provider_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

// noted is a private state with one note.
func noted(t *testing.T, key string, note []byte) []byte {
	t.Helper()
	private, err := json.Marshal(map[string][]byte{key: note})
	if err != nil {
		t.Fatal(err)
	}
	return private
}

// damagedNotes are what may be read in the place of a note.
var damagedNotes = []string{`{}`, `null`, `[]`, `[1]`, `["x"]`, `1`, `""`, `{"ID": 1}`, `{`, "\xff", `{"id": null}`}

// A destruction that finds a plan's note damaged ends in an error and deletes nothing, or deletes what it was to delete.
func FuzzPrivateState(f *testing.F) {
	for note, replica := range map[string]bool{`{}`: false, `{"file": "../x"}`: false, `{"file": 1}`: false, `[1]`: true, `["x"]`: true} {
		f.Add([]byte(note), replica)
	}
	f.Fuzz(func(t *testing.T, note []byte, replica bool) {
		w := newWorld(t)
		member := w.create("trove_redis_cluster_node", redisMaster.with("name", "master"))
		if replica {
			source := w.create("trove_instance", lone)
			member = w.create("trove_mysql_replica", settings{"name": "replica", "replica_of": []string{w.run.ID(source)}})
		}
		change, said := w.run.PlanDestroy(member)
		if said.Failed() {
			t.Fatal(said.Text())
		}
		private, err := json.Marshal(map[string][]byte{"destroy_plan": note, "failover_candidates": note})
		if err != nil {
			t.Fatal(err)
		}
		result := w.run.Apply(change.WithPrivate(private))
		if _, alive := w.proxy.Alive()[w.run.ID(member)]; alive != result.Failed() || alive != w.run.Exists(result.Object) {
			t.Errorf("alive: %t, in the state: %t, and it says %s", alive, w.run.Exists(result.Object), result.Text())
		}
	})
}

// Whatever the note of its project is, what is there stays in the state, and what has gone leaves it unless the note names another project.
func FuzzProjectNote(f *testing.F) {
	for _, note := range append(slices.Clone(damagedNotes), `{"ID": "`+identity.DemoProjectID+`", "Name": "demo"}`, `{"ID": "`+identity.OtherProjectID+`"}`, `{"id": "\u001b[2J"}`, `{"ID": "x", "Name": "`+strings.Repeat("y", 5000)+`"}`) {
		f.Add([]byte(note), true)
		f.Add([]byte(note), false)
	}
	f.Fuzz(func(t *testing.T, note []byte, gone bool) {
		w := newWorld(t)
		made := w.create("trove_instance", lone)
		before := made
		made.Private = noted(t, "project", note)
		if gone {
			w.succeeds("destroy", w.run.Destroy(before))
		}
		read := w.run.Refresh(made)
		var project struct{ ID string }
		other := json.Unmarshal(note, &project) == nil && project.ID != "" && project.ID != identity.DemoProjectID
		switch stays := w.run.Exists(read.Object); {
		case !gone && !stays, gone && stays != read.Failed(), gone && other && !stays:
			t.Errorf("gone: %t, in the state: %t, and it says %s", gone, stays, read.Text())
		case gone && other && json.Valid(note) && !strings.Contains(read.Text(), "was last seen in project"):
			t.Errorf("the note %q is not told of: %s", note, read.Text())
		}
	})
}

// Whatever the note of a rename is, the state names a user that the server has, or none; and a destruction deletes no user but that of the
// state and the one in the note.
func FuzzRenameNote(f *testing.F) {
	for _, note := range append(slices.Clone(damagedNotes), `{"Name": "app", "Host": "%"}`, `{"Name": "other", "Host": "%"}`, `{"Name": "nobody", "Host": "%"}`, `{"Name": "other"}`, `{"name": "../other", "host": "%"}`, `{"Name": "other/", "Host": "%"}`) {
		for _, gone := range []bool{true, false} {
			f.Add([]byte(note), gone, true)
			f.Add([]byte(note), gone, false)
		}
	}
	f.Fuzz(func(t *testing.T, note []byte, gone, destroy bool) {
		w := newWorld(t)
		instance := w.run.ID(w.create("trove_instance", lone))
		user := settings{"instance_id": instance, "password_wo": "change-me-1", "password_wo_version": 1}
		made := w.create("trove_user", user.with("name", "app"))
		for _, name := range []string{"other", "third"} {
			w.create("trove_user", user.with("name", name))
		}
		if gone {
			w.succeeds("destroy", w.run.Destroy(made))
		}
		made.Private = noted(t, "renaming", note)
		var to struct{ Name, Host string }
		damaged := json.Unmarshal(note, &to) != nil
		if destroy {
			change, said := w.run.PlanDestroy(made)
			if said.Failed() {
				return
			}
			result := w.run.Apply(change.WithPrivate(made.Private))
			for _, name := range []string{"other", "third"} {
				if !w.hasUser(instance, name) && (damaged || to.Name != name) {
					t.Errorf("user %s was deleted for the note %q: %s", name, note, result.Text())
				}
			}
			if !gone && !result.Failed() && w.hasUser(instance, "app") {
				t.Errorf("the user is still there, and it says %q", result.Text())
			}
			return
		}
		read := w.run.Refresh(made)
		if read.Failed() {
			if !w.run.Exists(read.Object) {
				t.Errorf("it has left the state, and it says %s", read.Text())
			}
			return
		}
		if name := w.run.Texts(read.Object)["name"]; w.run.Exists(read.Object) && !w.hasUser(instance, name) {
			t.Errorf("the state has user %q, which is not there", name)
		}
		if !gone && w.run.Texts(read.Object)["name"] != "app" {
			t.Errorf("the state has %q in the place of app", w.run.Texts(read.Object)["name"])
		}
	})
}

// hasUser reports whether an instance has a user of this name.
func (w *world) hasUser(instance, name string) bool {
	w.t.Helper()
	all, _, err := w.proxy.State().Users(identity.DemoProjectID, instance, "", 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, one := range all {
		if one.Name == name {
			return true
		}
	}
	return false
}
