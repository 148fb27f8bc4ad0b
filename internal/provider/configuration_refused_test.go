package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

// blamesGroup checks that there is one error, that it is about configuration_id, and that it says all of this.
func (w *world) blamesGroup(diagnostics acctest.Diagnostics, says ...string) {
	w.t.Helper()
	var errors []*tfprotov6.Diagnostic
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			errors = append(errors, d)
		}
	}
	if len(errors) != 1 || !errors[0].Attribute.Equal(tftypes.NewAttributePath().WithAttributeName("configuration_id")) {
		w.t.Fatalf("it is no error about configuration_id: %s", diagnostics.Text())
	}
	for _, want := range append(says, "configuration_id must be the id of a group for the datastore version of the instance") {
		if !strings.Contains(diagnostics.Text(), want) {
			w.t.Errorf("the error lacks %q: %s", want, diagnostics.Text())
		}
	}
}

func TestAGroupThatIsGoneWhenAnInstanceIsCreatedIsNamed(t *testing.T) {
	t.Parallel()
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options)
			group := w.run.ID(w.create("trove_configuration", mysqlGroup))
			change, diagnostics := w.run.Plan(acctest.Object{Type: "trove_instance"}, lone.with("configuration_id", group).json())
			w.run.NoErrors(diagnostics)
			w.proxy.DeleteGroupBehindOurBack(t, "settings")
			r := w.run.Apply(change)
			w.blamesGroup(r.Diagnostics, "Unable to create database instance orders", "There is no configuration group "+group, "404", "Nothing was created.")
			if w.run.Exists(r.Object) || w.proxy.Count("POST", "/instances", "") != 1 {
				t.Errorf("%d creations were sent", w.proxy.Count("POST", "/instances", ""))
			}
		})
	}
}

// A 404 for the group is none for the cluster: it is neither blamed on join nor asked again whether there is a cluster.
func TestAGroupThatIsGoneWhenAMemberJoinsIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.build(clusterKinds["mongodb"], "products", 2)
	group := w.run.ID(w.create("trove_configuration", settings{
		"name": "settings", "datastore": settings{"type": "mongodb", "version": "mongodb-7.0"}, "values": settings{"net.maxIncomingConnections": "200"},
	}))
	sent := w.proxy.Count("POST", "/instances", "")
	change, diagnostics := w.run.Plan(acctest.Object{Type: "trove_mongodb_member"}, mongoMember.with("name", "products-2", "configuration_id", group).json())
	w.run.NoErrors(diagnostics)
	w.proxy.DeleteGroupBehindOurBack(t, "settings")
	w.blamesGroup(w.run.Apply(change).Diagnostics, "There is no configuration group "+group, "404", "Nothing was created.")
	if sent = w.proxy.Count("POST", "/instances", "") - sent; sent != 1 {
		t.Errorf("%d creations were sent, want the one that was refused", sent)
	}
}

func TestAGroupOfAnotherVersionThatTheServerRefusesAtCreationIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	group := w.run.ID(w.create("trove_configuration", mysqlGroup))
	w.proxy.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Kind: "POST /instances", Message: "No such group here."})
	r := w.run.Create("trove_instance", dbServer("mysql", "mysql-8.0", "configuration_id", group).json())
	w.blamesGroup(r.Diagnostics, "Configuration group settings ("+group+") is for mysql mysql-5.7, and the instance has mysql mysql-8.0", "No such group here.")
	// What is refused for another reason is not blamed on a group that fits.
	w.proxy.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Kind: "POST /instances", Message: "No such zone."})
	r = w.run.Create("trove_instance", lone.with("configuration_id", group).json())
	if text := r.Text(); !r.Failed() || !strings.Contains(text, "No such zone.") || strings.Contains(text, group) {
		t.Errorf("the error is %q", text)
	}
}

func TestAGroupThatIsGoneWhenAnInstanceIsChangedIsNamed(t *testing.T) {
	t.Parallel()
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options)
			first := w.run.ID(w.create("trove_configuration", mysqlGroup.with("name", "first")))
			second := w.run.ID(w.create("trove_configuration", mysqlGroup))
			alone := w.create("trove_instance", lone)
			grouped := w.create("trove_instance", lone.with("name", "grouped", "configuration_id", first))
			plan := func(object acctest.Object, name string) acctest.Change {
				change, diagnostics := w.run.Plan(object, lone.with("name", name, "configuration_id", second).json())
				w.run.NoErrors(diagnostics)
				return change
			}
			attach, exchange := plan(alone, "orders"), plan(grouped, "grouped")
			w.proxy.DeleteGroupBehindOurBack(t, "settings")
			w.blamesGroup(w.run.Apply(attach).Diagnostics, "Unable to change the configuration of database instance orders", "There is no configuration group "+second, "404")
			r := w.run.Apply(exchange)
			w.blamesGroup(r.Diagnostics, "There is no configuration group "+second)
			if err := w.proxy.ExpectConfiguration(w.run.ID(grouped), first); err != nil {
				t.Errorf("the former group was not kept: %v", err)
			}
			if got := w.run.Texts(r.Object)["configuration_id"]; got != first {
				t.Errorf("the state has configuration_id %s, want the former %s", got, first)
			}
		})
	}
}

func TestAGroupThatDoesNotFitWhenAnInstanceIsChangedIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	group := w.run.ID(w.create("trove_configuration", mysqlGroup))
	change, diagnostics := w.run.Plan(w.create("trove_instance", lone), lone.with("configuration_id", group).json())
	w.run.NoErrors(diagnostics)
	w.proxy.UpgradeBehindOurBack(t, "orders", "mysql-8.0")
	w.blamesGroup(w.run.Apply(change).Diagnostics, "Configuration group settings ("+group+") is for mysql mysql-5.7, and the instance has mysql mysql-8.0", "400")
}
