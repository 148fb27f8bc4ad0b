package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// A change of the priorities of a whole set takes effect in one reconfiguration, or not at all, also where one request for the
// topology fails for good: four of five new priorities can elect the wrong primary.
func TestAReconfigurationIsAllOrNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		effect acctest.Effect
		times  int
		whole  bool // it goes out in one piece and succeeds
	}{
		"500 for good":          {passing["internal error"], 12, false},
		"500 always":            {passing["internal error"], acctest.Always, false},
		"502 for good":          {passing["bad gateway"], 12, false},
		"HTML once":             {passing["HTML"], 1, true},
		"HTML always":           {passing["HTML"], acctest.Always, false},
		"cut JSON once":         {passing["cut JSON"], 1, true},
		"cut JSON always":       {passing["cut JSON"], acctest.Always, false},
		"empty once":            {acctest.Body(`{}`), 1, true},
		"403 always":            {acctest.Status(http.StatusForbidden, "forbidden", "Not you.", ""), acctest.Always, false},
		"slow":                  {acctest.Delay(2500 * time.Millisecond), 1, true},
		"429 with Retry-After":  {acctest.Status(http.StatusTooManyRequests, "overLimit", "Slow down.", "1"), 1, true},
		"413 with Retry-After":  {acctest.Status(http.StatusRequestEntityTooLarge, "overLimit", "Slow down.", "1"), 1, true},
		"lost once":             {passing["lost before"], 1, true},
		"503 with Retry-After":  {acctest.Status(http.StatusServiceUnavailable, "serviceUnavailable", "Soon.", "2"), 1, true},
		"nothing at all (sane)": {nil, 1, true},
	}
	for name, tt := range tests {
		for whose, n := range map[string]int{"first's": 0, "third's": 2, "anybody's": -1} {
			t.Run(name+" "+whose, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.configure(map[string]string{"request_timeout": "10s"})
				members := w.build(clusterKinds["mongodb"], "products", 5)
				var changes []acctest.Change
				for i, m := range members {
					change, diagnostics := w.run.Plan(m, mongoMember.with("name", w.run.Texts(m)["name"], "priority", 6-i).json())
					w.run.NoErrors(diagnostics)
					changes = append(changes, change)
				}
				w.restart()
				w.proxy.Forget()
				path := "/instances/*/topology"
				if n >= 0 {
					path = "/instances/" + w.run.ID(members[n]) + "/topology"
				}
				if tt.effect != nil {
					w.proxy.Spoil(acctest.Fault{Method: "GET", Path: path, Times: tt.times, Do: tt.effect})
				}
				results := w.run.ApplyAll(10, changes...)
				w.oneReconfiguration(tt.whole, results)
			})
		}
	}
}

// oneReconfiguration checks that all results are of one reconfiguration, or that there was none and all have failed.
func (w *world) oneReconfiguration(whole bool, results []acctest.Result) {
	w.t.Helper()
	failed := 0
	for _, r := range results {
		if r.Failed() {
			failed++
		}
		if whole {
			w.succeeds("reconfiguration", r)
		}
	}
	calls := w.proxy.Count("POST", "/instances/*/topology/action", "update_members")
	switch {
	case calls == 0 && failed == len(results) && !whole:
	case calls == 1:
		for _, r := range results {
			if !strings.Contains(w.actions(), w.run.ID(r.Object)) {
				w.t.Errorf("the one reconfiguration leaves %s out: %s", w.run.Texts(r.Object)["name"], w.actions())
			}
		}
	default:
		w.t.Errorf("%d reconfigurations were sent, and %d of %d members failed:\n%s", calls, failed, len(results), w.actions())
	}
}

// Members and their replica set change in one reconfiguration also where no region is configured anywhere: a resource that is
// new has none then, and one that was read has the server's.
func TestOneReconfigurationWithoutARegion(t *testing.T) {
	t.Setenv("OS_REGION_NAME", "")
	for name, region := range map[string]string{"with a region": acctest.Region, "without one": ""} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.configure(map[string]string{"region": region})
			members := w.build(clusterKinds["mongodb"], "products", 5)
			var changes []acctest.Change
			for i, m := range members[:3] {
				change, diagnostics := w.run.Plan(m, mongoMember.with("name", w.run.Texts(m)["name"], "priority", 6-i).json())
				w.run.NoErrors(diagnostics)
				changes = append(changes, change)
			}
			set, diagnostics := w.run.Plan(acctest.Object{Type: "trove_mongodb_replica_set"}, fmt.Sprintf(
				`{"name": "products", "members": {%q: {"priority": 2}, %q: {"priority": 0.5}}}`, w.run.ID(members[3]), w.run.ID(members[4])))
			w.run.NoErrors(diagnostics)
			w.restart()
			w.proxy.Forget()
			for _, r := range w.run.ApplyAll(10, append(changes, set)...) {
				w.succeeds("apply", r)
			}
			w.expectActions("update_members", 1)
		})
	}
}

// A member that does not need the reconfiguration is not waited for, and one whose turn comes late is part of it all the same.
func TestALateMemberIsPartOfTheReconfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure(map[string]string{"request_timeout": "10s", "reconfig_window": "2s"})
	members := w.build(clusterKinds["mongodb"], "products", 3)
	var changes []acctest.Change
	for i, m := range members {
		change, diagnostics := w.run.Plan(m, mongoMember.with("name", w.run.Texts(m)["name"]+"-renamed", "priority", 4-i).json())
		w.run.NoErrors(diagnostics)
		changes = append(changes, change)
	}
	w.restart()
	w.proxy.Forget()
	// The first is renamed before it is reconfigured, and that takes longer than the others' changes.
	w.proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances/" + w.run.ID(members[0]), Times: 2, Do: acctest.Delay(700 * time.Millisecond)})
	w.oneReconfiguration(true, w.run.ApplyAll(10, changes...))
}
