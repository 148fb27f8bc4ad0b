package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// unknownAction refuses every topology action but these, as one that does not exist; message gets its name. A client that sends
// one that surely does not exist is answered alike.
func unknownAction(status int, fault, message string, but ...string) acctest.Effect {
	return func(w http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
		a := work // not done before it is known to be offered
		var body map[string]map[string]json.RawMessage
		if err := json.Unmarshal(bodyOf(r), &body); err != nil {
			panic(err)
		}
		for _, actions := range body {
			for name := range actions {
				for _, offered := range but {
					if name == offered {
						acctest.Rewrite(func(*acctest.Answer) {})(w, r, a)
						return
					}
				}
				if strings.Contains(message, "%s") {
					acctest.Status(status, fault, fmt.Sprintf(message, name), "")(w, r, a)
					return
				}
			}
		}
		acctest.Status(status, fault, message, "")(w, r, a)
	}
}

// removal destroys the last of three members and tells what came of it.
func (w *world) removal(kind clusterKind, force bool, refuse acctest.Effect, body string) (acctest.Result, []acctest.Object) {
	w.t.Helper()
	if force {
		kind.config = kind.config.with("force_destroy", true)
	}
	members := w.build(kind, "products", 3)
	w.within(20 * time.Second)
	change, diagnostics := w.run.PlanDestroy(members[2])
	w.run.NoErrors(diagnostics)
	w.proxy.Forget()
	w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/instances/*/topology/action", Body: body, Times: acctest.Always, Do: refuse})
	return w.run.Apply(change), members
}

// A refusal with a reason is told with its reason: it does not mean that the server lacks the action, and nothing is deleted for
// it, by force neither.
func TestAReasonedRefusalIsNoLackOfTheAction(t *testing.T) {
	t.Parallel()
	refusals := map[string]acctest.Effect{
		"400": acctest.Status(http.StatusBadRequest, "badRequest", "The shard holds keys that nobody else could take.", ""),
		"404": acctest.Status(http.StatusNotFound, "itemNotFound", "The shard holds keys that nobody else could take.", ""),
		"409": acctest.Status(http.StatusConflict, "conflict", "The shard holds keys that nobody else could take.", ""),
		"403": acctest.Status(http.StatusForbidden, "forbidden", "The shard holds keys that nobody else could take.", ""),
	}
	test := func(t *testing.T, kind clusterKind, force bool, refuse acctest.Effect) {
		t.Helper()
		w := newWorld(t)
		gone, members := w.removal(kind, force, refuse, kind.leaveOp)
		w.fails("destroy", gone, "nobody else could take")
		if strings.Contains(gone.Text(), "offer") {
			t.Errorf("the error takes a refusal for a lack: %s", gone.Text())
		}
		if n := w.proxy.Count("DELETE", "", ""); n != 0 {
			t.Errorf("%d deletions were asked for", n)
		}
		w.expectAlive(members...)
	}
	for how, refuse := range refusals {
		for name, kind := range clusterKinds {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				test(t, kind, false, refuse)
			})
		}
		t.Run("by force "+how, func(t *testing.T) {
			t.Parallel()
			test(t, clusterKinds["redis_cluster"], true, refuse)
		})
	}
}

// The only member that can be primary cannot leave those that cannot: the contract's own refusal.
func TestTheOnlyElectableMemberIsToldWhyItCannotLeave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.create("trove_mongodb_member", mongoMember.with("name", "first"))
	second := w.create("trove_mongodb_member", mongoMember.with("name", "second", "priority", 0))
	third := w.create("trove_mongodb_member", mongoMember.with("name", "third", "priority", 0))
	for _, o := range []acctest.Object{first, second, third} {
		w.proxy.Settle(t, w.run.ID(o))
	}
	w.within(20 * time.Second)
	gone := w.run.Destroy(first)
	w.fails("destroy", gone, "could become primary")
	if strings.Contains(gone.Text(), "offer") {
		t.Errorf("the error takes a refusal for a lack: %s", gone.Text())
	}
	w.expectAlive(first, second, third)
}

// A server that answers the action by which a member leaves just as it answers one that surely does not exist does not offer it:
// that is told, and where force_destroy says so the member is deleted without leaving.
func TestAnActionThatIsAnsweredLikeNonsenseIsNotOffered(t *testing.T) {
	t.Parallel()
	answers := map[string]acctest.Effect{
		"400":               unknownAction(http.StatusBadRequest, "badRequest", "The request body is not valid.", "failover"),
		"400 with the name": unknownAction(http.StatusBadRequest, "badRequest", "There is no action %s.", "failover"),
		"404":               unknownAction(http.StatusNotFound, "itemNotFound", "The resource could not be found.", "failover"),
		"501":               unknownAction(http.StatusNotImplemented, "notImplemented", "There is no action %s.", "failover"),
	}
	for how, refuse := range answers {
		for name, kind := range clusterKinds {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				gone, members := w.removal(kind, false, refuse, "")
				w.fails("destroy", gone, "offer")
				w.expectAlive(members...)
			})
		}
		t.Run("by force "+how, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			gone, members := w.removal(clusterKinds["redis_cluster"], true, refuse, "")
			w.succeeds("destroy", gone)
			w.expectAlive(members[:2]...)
		})
	}
}
