package provider_test

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// Our creation is lost, and somebody else makes an instance of the same name meanwhile: what is not what was asked for is not ours.
// To take it would end in an inconsistent result, and the next apply would destroy it.
func TestAnothersInstanceOfOurNameIsNotAdopted(t *testing.T) {
	t.Parallel()
	theirs := map[string]map[string]any{
		"larger volume":  {"volume": map[string]any{"size": 5}},
		"smaller volume": {"volume": map[string]any{"size": 1}},
		"other flavor":   {"flavorRef": "2"},
		"other version":  {"datastore": map[string]any{"type": "mysql", "version": "mysql-8.0"}},
		"other type":     {"datastore": map[string]any{"type": "mariadb"}},
		"public":         {"access": map[string]any{"is_public": true}},
		"other networks": {"access": map[string]any{"is_public": true, "allowed_cidrs": []string{"203.0.113.0/24"}}},
	}
	for name, differs := range theirs {
		for how, effect := range map[string]acctest.Effect{"lost": acctest.LoseBefore, "502": passing["bad gateway"], "500": passing["internal error"], "page": acctest.HTML} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.notAdopted(lone, differs, effect)
			})
		}
	}
}

// Nor is one whose configuration group is another, or whose group ours has not.
func TestAnothersInstanceWithAnotherGroupIsNotAdopted(t *testing.T) {
	t.Parallel()
	for name, ours := range map[string]bool{"with ours, without theirs": true, "without ours, with theirs": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			group := w.run.ID(w.create("trove_configuration", mysqlGroup))
			config, differs := lone, map[string]any{"configuration": group}
			if ours {
				config, differs = lone.with("configuration_id", group), map[string]any{}
			}
			w.notAdopted(config, differs, acctest.LoseBefore)
		})
	}
}

// notAdopted creates what the configuration says, while somebody else creates one of the same name that differs.
func (w *world) notAdopted(config settings, differs map[string]any, effect acctest.Effect) {
	w.t.Helper()
	instance := map[string]any{
		"name": "orders", "flavorRef": "1", "volume": map[string]any{"size": 2}, "datastore": map[string]any{"type": "mysql", "version": "mysql-5.7"},
	}
	for name, value := range differs {
		instance[name] = value
	}
	body, err := json.Marshal(map[string]any{"instance": instance})
	if err != nil {
		w.t.Fatal(err)
	}
	w.within(20 * time.Second)
	var their atomic.Value
	w.proxy.Spoil(acctest.Fault{Method: "POST", Path: "/instances", Do: func(rw http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
		a := w.proxy.TryAsk(w.t, "POST", "/instances", string(body))
		made, _ := a.JSON()["instance"].(map[string]any)
		id, _ := made["id"].(string)
		if their.Store(id); id == "" {
			w.t.Errorf("somebody else could not create: %d %s", a.Status, a.Body)
		}
		effect(rw, r, work)
	}})
	made := w.run.Create("trove_instance", config.json())
	w.proxy.Mend()
	theirs, _ := their.Load().(string)
	switch id := w.run.ID(made.Object); {
	case theirs == "":
		w.t.Fatalf("nobody else has created anything: %s", made.Text())
	case id == theirs:
		w.t.Errorf("somebody else's instance is in the state: %s", made.Text())
	case !made.Failed() && id == "":
		w.t.Error("no error, and no id")
	}
	if w.run.Exists(made.Object) {
		w.succeeds("destroy", w.run.Destroy(made.Object))
	}
	if _, ok := w.proxy.Alive()[theirs]; !ok {
		w.t.Error("somebody else's instance was destroyed")
	}
	if n := len(w.proxy.Alive()); n != 1 {
		w.t.Errorf("%d instances are left, want somebody else's alone: %v", n, w.proxy.Alive())
	}
}
