package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// emptied are states of which something took what they held. Each says whether the state still tells that a resource exists.
var emptied = map[string]struct {
	state settings
	tells bool
}{
	"all null": {settings{}, false},
	"id null": {settings{
		"name": "orders", "region": acctest.Region, "status": "ACTIVE", "created": "2026-11-29T02:00:00Z", "flavor_id": "1",
	}, true},
	"id empty": {settings{"id": "", "instance_id": "", "node_id": "", "name": "orders", "region": acctest.Region}, true},
}

// A state that has lost its id ends in a clear error, or says that the resource is gone where nothing at all is left of it: never
// in another one, and never in an error of Terraform about the provider. A destroy works.
func TestAStateWithoutAnIDIsAClearError(t *testing.T) {
	t.Parallel()
	for _, typeName := range acctest.NewCloud(t).NewProtocol(t).ResourceTypes() {
		for name, tt := range emptied {
			for how, upgraded := range map[string]bool{"as it is": false, "upgraded": true} {
				t.Run(typeName+", "+name+", "+how, func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					others := []acctest.Object{w.create("trove_instance", lone), w.create("trove_mongodb_member", mongoMember.with("name", "member"))}
					w.within(20 * time.Second)
					state := settings{}
					for attribute, value := range tt.state {
						if w.has(typeName, attribute) {
							state[attribute] = value
						}
					}
					if typeName == "trove_mongodb_replica_set" {
						delete(state, "name") // which is its id
					}
					stored := w.run.Stored(typeName, state.json())
					if upgraded {
						up := w.run.Upgraded(typeName, state.json())
						w.succeeds("upgrade", up)
						stored = up.Object
					}
					w.proxy.Forget()

					read := w.run.Refresh(stored)
					switch exists := w.run.Exists(read.Object); {
					case read.Failed():
						says := strings.Contains(read.Text(), " id") || strings.Contains(read.Text(), "_id") || strings.Contains(read.Text(), "name")
						if strings.Contains(read.Text(), "Missing Resource Identity") || strings.Contains(read.Text(), "issue in the Terraform Provider") || !says {
							t.Errorf("the error is not clear: %s", read.Text())
						}
					case exists:
						t.Errorf("it was read, as %v", w.run.Texts(read.Object))
					case tt.tells && state["name"] != nil:
						t.Errorf("it is said to be gone, so that the next apply makes a second one: %s", read.Text())
					}
					for _, h := range w.proxy.Requests() {
						if strings.HasSuffix(h.Path, "/") || strings.Contains(h.Path, "//") {
							t.Errorf("an empty id leads to %s %s", h.Method, h.Path)
						}
					}

					gone := w.run.Destroy(stored)
					w.succeeds("destroy", gone)
					if w.run.Exists(gone.Object) {
						t.Error("it is still in the state")
					}
					if n := w.proxy.Count("DELETE", "", "") + w.proxy.Count("POST", "/instances", ""); n > 0 {
						t.Errorf("%d instances were made or deleted:\n%s", n, w.proxy)
					}
					w.expectAlive(others...)
				})
			}
		}
	}
}

// has says whether a resource has an attribute.
func (w *world) has(typeName, attribute string) bool {
	w.t.Helper()
	_, ok := w.run.Attributes(typeName)[attribute]
	return ok
}
