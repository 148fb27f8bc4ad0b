package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// instanceWith answers a creation with the instance changed.
func instanceWith(name string, value any) acctest.Effect {
	return acctest.Instances(func(i map[string]any) { i[name] = value })
}

// unreadable are answers to a creation that was carried out, and of which a client may be unable to make anything.
var unreadable = map[string]acctest.Effect{
	"time in UTC":           instanceWith("created", "2026-11-29T02:00:00Z"),
	"time with an offset":   instanceWith("created", "2026-11-29T02:00:00+00:00"),
	"no time at all":        instanceWith("created", "yesterday"),
	"number for a time":     instanceWith("updated", 1796000000),
	"number for a name":     instanceWith("name", 7),
	"object for a status":   instanceWith("status", map[string]any{"now": "BUILD"}),
	"list for an instance":  acctest.Body(`{"instance": []}`),
	"text for an instance":  acctest.Body(`{"instance": "made"}`),
	"no instance":           acctest.Body(`{}`),
	"null":                  acctest.Body(`null`),
	"empty instance":        acctest.Body(`{"instance": {}}`),
	"number for an id":      instanceWith("id", 12),
	"text for a volume":     instanceWith("volume", "2 GB"),
	"size as a fraction":    instanceWith("volume", map[string]any{"size": 2.0}),
	"text for a flavor":     instanceWith("flavor", "1"),
	"text for a datastore":  instanceWith("datastore", "mysql"),
	"list of numbers":       instanceWith("addresses", []int{1, 2}),
	"empty body":            acctest.Body(``),
	"page":                  acctest.Body(`<html><body>It works!</body></html>`),
	"cut":                   acctest.CutJSON,
	"reset in body":         acctest.ResetInBody,
	"lost":                  acctest.LoseAfter,
	"500 after the work":    acctest.StatusAfter(http.StatusInternalServerError, "instanceFault", "The server has encountered an error."),
	"502 after the work":    acctest.StatusAfter(http.StatusBadGateway, "badGateway", "The gateway is confused."),
	"504 after the work":    acctest.StatusAfter(http.StatusGatewayTimeout, "gatewayTimeout", "It takes long."),
	"nothing wrong (sane)":  acctest.Rewrite(func(*acctest.Answer) {}),
	"more than asked":       instanceWith("greeting", map[string]any{"hello": []string{"world"}}),
	"text for warnings":     instanceWith("warnings", "be careful"),
	"text for the topology": instanceWith("topology", "none"),
}

// Whatever answers a creation that was carried out: what was made is found, is in the state, and is asked for once.
func TestACreationWhoseAnswerCannotBeReadIsFound(t *testing.T) {
	t.Parallel()
	for name, effect := range unreadable {
		for _, of := range []string{"instance", "member"} {
			t.Run(name+" for a "+of, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				typeName, config := "trove_instance", lone
				var others []acctest.Object
				if of == "member" {
					others = w.build(clusterKinds["mongodb"], "products", 1)
					typeName, config = "trove_mongodb_member", mongoMember.with("name", "late")
				}
				w.proxy.Forget()
				w.within(20 * time.Second)
				w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/instances", Do: effect})
				made := w.run.Create(typeName, config.json())
				w.succeeds("create", made)
				if n := w.proxy.Count("POST", "/instances", ""); n != 1 {
					t.Errorf("it was asked for %d times", n)
				}
				if strings.Contains(made.Text(), "Nothing was created") && len(w.proxy.Alive()) > len(others) {
					t.Errorf("an instance was created, and the error says: %s", made.Text())
				}
				w.expectAlive(append(others, made.Object)...)
			})
		}
	}
}

// The same holds of what is no instance.
func TestAGroupOrABackupWhoseAnswerCannotBeReadIsFound(t *testing.T) {
	t.Parallel()
	in := func(what, name string, value any) acctest.Effect {
		return acctest.RewriteJSON(func(body map[string]any) {
			if one, ok := body[what].(map[string]any); ok {
				one[name] = value
			}
		})
	}
	for what, path := range map[string]string{"configuration": "/configurations", "backup": "/backups"} {
		for name, effect := range map[string]acctest.Effect{
			"time in UTC": in(what, "created", "2026-11-29T02:00:00Z"), "time with an offset": in(what, "updated", "2026-11-29T02:00:00+00:00"),
			"no time at all": in(what, "created", "yesterday"), "number for a name": in(what, "name", 7), "no id": in(what, "id", nil),
			"empty object": acctest.Body(`{}`), "page": acctest.Body(`<html></html>`), "cut": acctest.CutJSON, "lost": acctest.LoseAfter,
			"500 after the work": unreadable["500 after the work"],
		} {
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				typeName, config := "trove_configuration", mysqlGroup
				if what == "backup" {
					typeName, config = "trove_backup", settings{"name": "full", "instance_id": w.run.ID(w.create("trove_instance", lone))}
				}
				w.within(20 * time.Second)
				w.proxy.Spoil(acctest.Fault{Method: "POST", Path: path, Do: effect})
				made := w.run.Create(typeName, config.json())
				w.succeeds("create", made)
				if n := w.proxy.Count("POST", path, ""); n != 1 {
					t.Errorf("it was asked for %d times", n)
				}
				if a := w.proxy.TryAsk(t, "GET", path+"/"+w.run.ID(made.Object), ""); a.Status != http.StatusOK {
					t.Errorf("the state has %q, which the server does not know: %d; %s", w.run.ID(made.Object), a.Status, made.Text())
				}
			})
		}
	}
}

// undone are answers to a request after which the work may be done or not; the request may be sent again.
var undone = map[string]acctest.Effect{
	"500 after the work":  acctest.StatusAfter(http.StatusInternalServerError, "instanceFault", "The server has encountered an error."),
	"500 before the work": passing["internal error"],
	"502 after the work":  acctest.StatusAfter(http.StatusBadGateway, "badGateway", "The gateway is confused."),
	"503 before the work": passing["unavailable"],
	"lost after the work": acctest.LoseAfter,
	"lost before it":      acctest.LoseBefore,
}

// A deletion whose outcome is unknown is looked into: what is gone is gone, and what is not is deleted.
func TestADeletionWhoseOutcomeIsUnknownIsLookedInto(t *testing.T) {
	t.Parallel()
	for name, effect := range undone {
		for _, of := range []string{"trove_instance", "trove_configuration", "trove_backup", "trove_database", "trove_user", "trove_redis_node"} {
			t.Run(name+" of "+of, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				on := func() string { return w.run.ID(w.create("trove_instance", lone)) }
				var mine acctest.Object
				switch of {
				case "trove_instance":
					mine = w.create(of, lone)
				case "trove_configuration":
					mine = w.create(of, mysqlGroup)
				case "trove_backup":
					mine = w.create(of, settings{"name": "full", "instance_id": on()})
				case "trove_database":
					mine = w.create(of, settings{"name": "shop", "instance_id": on()})
				case "trove_user":
					mine = w.create(of, settings{"name": "app", "instance_id": on(), "password_wo": "change-me-1"})
				case "trove_redis_node":
					mine = w.create(of, redisServer)
				}
				w.within(20 * time.Second)
				fault := w.proxy.Spoil(acctest.Fault{Method: "DELETE", Do: effect})
				w.succeeds("destroy", w.run.Destroy(mine))
				if w.proxy.Fired(fault) != 1 {
					t.Error("nothing was deleted")
				}
				w.proxy.Mend()
				if read := w.run.Refresh(mine); w.run.Exists(read.Object) {
					t.Errorf("it is still there: %s", read.Text())
				}
			})
		}
	}
}

// A set that is destroyed as a whole goes as a whole, also where one deletion's outcome is unknown.
func TestASetIsDestroyedThroughAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind clusterKind) {
		for name, effect := range undone {
			for _, nth := range []int{0, 1, 2} {
				t.Run(fmt.Sprintf("%s, %d", name, nth), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					members := w.build(kind, "products", 3)
					changes := w.run.PlanDestroyAll(members...)
					w.restart()
					w.proxy.Forget()
					w.within(20 * time.Second)
					w.proxy.Spoil(acctest.Fault{Method: "DELETE", After: nth, Do: effect})
					for _, r := range w.run.ApplyAll(10, changes...) {
						w.succeeds("destroy", r)
					}
					w.expectActions("", 0)
					w.expectAlive()
				})
			}
		}
	})
}

// A change whose outcome is unknown is looked into as well. Of a resize, which is a POST, that is asked where it was done.
func TestAChangeWhoseOutcomeIsUnknownIsLookedInto(t *testing.T) {
	t.Parallel()
	for name, effect := range undone {
		for what, change := range map[string][]any{
			"name": {"name", "renamed"}, "flavor": {"flavor_id", "2"}, "volume": {"volume", settings{"size": 4}}, "version": {"datastore", settings{"type": "mysql", "version": "mysql-8.0"}},
		} {
			if strings.Contains(name, "before") && (what == "flavor" || what == "volume") {
				continue
			}
			t.Run(name+" of the "+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				mine := w.create("trove_instance", lone)
				w.within(20 * time.Second)
				for _, method := range []string{"PUT", "PATCH", "POST"} {
					w.proxy.Spoil(acctest.Fault{Method: method, Path: "/instances/*", Do: effect})
					w.proxy.Spoil(acctest.Fault{Method: method, Path: "/instances/*/action", Do: effect})
				}
				config := lone.with(change...).json()
				changed := w.run.Update(mine, config)
				w.succeeds("update", changed)
				w.proxy.Mend()
				next, diagnostics := w.run.Plan(w.run.Refresh(changed.Object).Object, config)
				w.run.NoErrors(diagnostics)
				if !w.run.NoOp(next) {
					t.Error("the next plan is not empty")
				}
			})
		}
	}
}
