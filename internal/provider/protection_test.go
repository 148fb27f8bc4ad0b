package provider_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	trove "github.com/opentrove/terraform-provider-trove/internal/provider"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

// guarded are resources that can be protected, and a change of each that replaces it.
func (w *world) guarded() map[string]func() (object acctest.Object, config settings, replaced string, change []any) {
	type result = func() (acctest.Object, settings, string, []any)
	all := map[string]result{}
	of := func(typeName string, config settings, replaced string, change ...any) result {
		return func() (acctest.Object, settings, string, []any) {
			config := config.with("deletion_protection", true)
			return w.create(typeName, config), config, replaced, change
		}
	}
	within := func(typeName string, config settings, replaced string, change ...any) result {
		return func() (acctest.Object, settings, string, []any) {
			return of(typeName, config.with("instance_id", w.run.ID(w.create("trove_instance", lone))), replaced, change...)()
		}
	}
	all["instance"] = of("trove_instance", lone, "datastore.type", "datastore", settings{"type": "mariadb"})
	all["instance of a zone"] = of("trove_instance", lone.with("availability_zone", "a"), "availability_zone", "availability_zone", "b")
	all["instance of a network"] = of("trove_instance", lone.with("networks", []settings{{"id": "a"}}), "networks", "networks", []settings{{"id": "b"}})
	for name, kind := range clusterKinds {
		all[name] = of(kind.typeName, kind.config, kind.cluster, kind.cluster, "other")
	}
	for name, kind := range replicaKinds {
		all["replica of "+name] = func() (acctest.Object, settings, string, []any) {
			other := w.run.ID(w.create(kind.source, kind.of.with("name", "other")))
			change := kind.replica(other)["replica_of"]
			return of(kind.typeName, kind.replica(w.run.ID(w.create(kind.source, kind.of))), "replica_of", "replica_of", change)()
		}
	}
	all["database"] = within("trove_database", settings{"name": "shop"}, "name", "name", "other")
	all["user"] = func() (acctest.Object, settings, string, []any) {
		other := w.run.ID(w.create("trove_instance", lone.with("name", "other")))
		return within("trove_user", settings{"name": "reader", "password_wo": "secret1", "password_wo_version": 1}, "instance_id", "instance_id", other)()
	}
	all["backup"] = within("trove_backup", settings{"name": "nightly"}, "name", "name", "other")
	all["configuration group"] = of("trove_configuration", mysqlGroup, "datastore.type", "datastore", settings{"type": "mariadb"})
	return all
}

// What is protected is destroyed and replaced by no plan, so that nothing of such a plan is applied; the advice of the message works.
func TestProtectionIsJudgedByThePlan(t *testing.T) {
	t.Parallel()
	for name := range (&world{}).guarded() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			object, config, replaced, change := w.guarded()[name]()
			alive := len(w.proxy.Alive())
			if _, diagnostics := w.run.PlanDestroy(object); !strings.Contains(diagnostics.Text(), "protected by deletion_protection") {
				t.Errorf("the plan of the destruction says %q", diagnostics.Text())
			}
			_, diagnostics := w.run.Plan(object, config.with(change...).json())
			for _, want := range []string{"Unable to replace", "It is protected by deletion_protection, and this change would replace it: " + replaced, "apply deletion_protection = false with no other change"} {
				if !diagnostics.Failed() || !strings.Contains(diagnostics.Text(), want) {
					t.Errorf("the plan of the replacement does not say %q: %s", want, diagnostics.Text())
				}
			}
			// Consent in the same plan comes too late: the deletion goes by the state.
			if _, diagnostics := w.run.Plan(object, config.with(change...).with("deletion_protection", false).json()); !diagnostics.Failed() {
				t.Error("a replacement passes that takes the protection away in the same plan")
			}
			if other, diagnostics := w.run.Plan(object, config.with("timeouts", settings{"delete": "5m"}).json()); diagnostics.Failed() || len(other.Replace) > 0 {
				t.Errorf("another change is refused: %s", diagnostics.Text())
			}
			if now := len(w.proxy.Alive()); now != alive {
				t.Errorf("%d instances are there, and were %d", now, alive)
			}
			object = w.run.Must(w.run.Update(object, config.with("deletion_protection", false).json()))
			if planned, diagnostics := w.run.Plan(object, config.with(change...).with("deletion_protection", false).json()); diagnostics.Failed() || len(planned.Replace) == 0 {
				t.Errorf("the advice was followed, and the plan replaces for %v: %s", planned.Replace, diagnostics.Text())
			}
			w.succeeds("destroy without protection", w.run.Destroy(object))
		})
	}
}

// The plan asks the plan modifiers of the types of attributes that it knows.
func TestWhatReplacesIsOfATypeThatProtectionAsks(t *testing.T) {
	ctx := t.Context()
	for _, make := range trove.New("test", "")().Resources(ctx) {
		var named resource.MetadataResponse
		make().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "trove"}, &named)
		var resp resource.SchemaResponse
		make().Schema(ctx, resource.SchemaRequest{}, &resp)
		walk(named.TypeName, "", resp.Schema.Attributes, func(at, _ string, a schema.Attribute) {
			modifiers := reflect.ValueOf(a).FieldByName("PlanModifiers")
			for n := 0; modifiers.IsValid() && n < modifiers.Len(); n++ {
				d, ok := modifiers.Index(n).Interface().(interface{ Description(context.Context) string })
				if !ok || !replacing.MatchString(d.Description(ctx)) {
					continue
				}
				switch a.(type) {
				case schema.StringAttribute, schema.BoolAttribute, schema.Int64Attribute, schema.ListNestedAttribute:
				default:
					t.Errorf("%s replaces, and is a %T: protection does not see it", at, a)
				}
			}
		})
	}
}

// What of a creation has failed is no longer protected: the next apply has to replace it.
func TestAFailedCreationIsNotProtected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.proxy.Inject(t, faults.Rule{Do: faults.ActionError, Action: "backup"})
	id := w.run.ID(w.create("trove_instance", lone))
	result := w.run.Create("trove_backup", settings{"name": "nightly", "instance_id": id, "deletion_protection": true}.json())
	w.fails("a backup that fails", result)
	w.succeeds("destroy what has failed", w.run.Destroy(result.Object))
}
