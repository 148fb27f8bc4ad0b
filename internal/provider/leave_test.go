package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// leaves sets deletion_policy of members of a cluster to "leave", which sends nothing, and returns them.
func (w *world) leaves(kind clusterKind, name string, members []acctest.Object) (leaving []acctest.Object) {
	w.t.Helper()
	for n, m := range members {
		config := kind.config.with("name", fmt.Sprintf("%s-%d", name, n), kind.cluster, name, "deletion_policy", "leave")
		before := len(w.proxy.Requests())
		leaving = append(leaving, w.run.Must(w.run.Update(m, config.json())))
		for _, h := range w.proxy.Requests()[before:] {
			if h.Method != "GET" {
				w.t.Errorf("a change of deletion_policy sends %s %s", h.Method, h.Path)
			}
		}
	}
	return leaving
}

func TestAMemberLeavesAndLivesOn(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind clusterKind) {
		w := newWorld(t)
		members := w.build(kind, "products", 3)
		left := w.leaves(kind, "products", members)[2]
		id := w.run.ID(left)
		w.proxy.Forget()
		w.succeeds("destroy", w.run.Destroy(left))
		w.expectAlive(members...)
		w.expectActions(kind.leaveOp, 1)
		if n := w.proxy.Count("DELETE", "", ""); n != 0 {
			t.Errorf("%d deletions, want none", n)
		}
		if w.lists(w.run.ID(members[0]), id) {
			t.Error("the topology still lists it")
		}
		alone := w.run.Must(w.run.ImportByID("trove_instance", id))
		w.succeeds("refresh", w.run.Refresh(alone))
		w.succeeds("destroy as an instance", w.run.Destroy(alone))
		w.expectAlive(members[:2]...)
	})
}

// Where all leave at once, one after the other does, and the last one is still in its cluster.
func TestAllMembersLeaveAndTheLastOneStays(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind clusterKind) {
		w := newWorld(t)
		members := w.leaves(kind, "products", w.build(kind, "products", 3))
		w.proxy.Forget()
		last := 0
		for _, r := range w.run.ApplyAll(10, w.run.PlanDestroyAll(members...)...) {
			w.succeeds("destroy", r)
			if strings.Contains(r.Text(), "The last member cannot leave") {
				last++
			}
		}
		if last != 1 {
			t.Errorf("%d are told to be the last, want one", last)
		}
		w.expectActions(kind.leaveOp, 2)
		w.expectAlive(members...)
	})
}

// A member that is to live on leaves also where all others are deleted, or is the last one; they leave through it, or need not.
func TestOneLeavesWhileTheOthersAreDeleted(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind clusterKind) {
		w := newWorld(t)
		members := w.build(kind, "products", 3)
		kept := w.leaves(kind, "products", members)[0]
		for _, r := range w.run.ApplyAll(10, w.run.PlanDestroyAll(kept, members[1], members[2])...) {
			w.succeeds("destroy", r)
		}
		w.expectAlive(kept)
	})
}

// What cannot leave is neither deleted nor forgotten.
func TestAMemberThatCannotLeaveStaysInTheState(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind clusterKind) {
		w := newWorld(t)
		members := w.build(kind, "products", 2)
		left := w.leaves(kind, "products", members)[1]
		w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/instances/*/topology/action", Times: acctest.Always, Do: acctest.Status(400, "badRequest", "Not now.", "")})
		r := w.run.Destroy(left)
		w.fails("destroy", r, "Not now.", "stays in the state and in its cluster", `deletion_policy = "delete"`)
		if !w.run.Exists(r.Object) {
			t.Error("it is lost from the state")
		}
		w.expectAlive(members...)
	})
}
