package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// A state that was damaged identifies nothing: a read says so, a plan is refused, and a deletion only takes it out of the state. Nothing
// is asked of the server for any of them.
func TestStateThatIdentifiesNothing(t *testing.T) {
	t.Parallel()
	// What Terraform alone knows of is not deleted either.
	stateOnly := []string{"trove_mongodb_replica_set", "trove_replication_source"}
	for _, th := range samples {
		for how, damaged := range map[string]any{"null": nil, "empty": ""} {
			t.Run(th.typeName+"/"+how, func(t *testing.T) {
				t.Parallel()
				cloud := th.cloud(t)
				p := cloud.NewProtocol(t)
				made, fill := th.make(p, map[string]string{})
				state := made
				state.Identity = nil
				state.State = damage(t, p, th.typeName, made, damaged)
				ever, alive := cloud.Made()
				before := len(cloud.Ledger().Requests())

				read, err := p.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: th.typeName, CurrentState: state.State, Private: made.Private})
				if err != nil {
					t.Fatal(err)
				}
				expectUnidentified(t, read.Diagnostics, tfprotov6.DiagnosticSeverityError, "Unable to read ")

				planned, err := p.PlanResourceChange(t.Context(), p.PlanRequest(th.typeName, state, fill(th.then)))
				if err != nil {
					t.Fatal(err)
				}
				expectUnidentified(t, planned.Diagnostics, tfprotov6.DiagnosticSeverityError, "Unable to plan ")

				deleted := p.Destroy(th.typeName, state)
				if slices.Contains(stateOnly, th.typeName) {
					p.NoErrors(deleted)
				} else {
					expectUnidentified(t, deleted, tfprotov6.DiagnosticSeverityWarning, "Unable to delete ")
				}
				if n := len(cloud.Ledger().Requests()); n != before {
					t.Errorf("%d requests were sent", n-before)
				}
				if e, a := cloud.Made(); e != ever || a != alive {
					t.Errorf("%d instances were made and %d are left; before it was %d and %d", e, a, ever, alive)
				}
			})
		}
	}
}

// damage puts a value in the place of all strings at the top of a state, an id among them; of what has no id of its own, in the place of
// all of it.
func damage(t *testing.T, p *acctest.Protocol, typeName string, made acctest.Managed, value any) *tfprotov6.DynamicValue {
	t.Helper()
	whole := p.Values(typeName, made)
	var attributes map[string]tftypes.Value
	if err := whole.As(&attributes); err != nil {
		t.Fatal(err)
	}
	attributes = maps.Clone(attributes)
	for name, v := range attributes {
		switch {
		case name == "region":
		case v.Type().Is(tftypes.String):
			attributes[name] = tftypes.NewValue(tftypes.String, value)
		case value == nil:
			attributes[name] = tftypes.NewValue(v.Type(), nil)
		}
	}
	damaged, err := tfprotov6.NewDynamicValue(whole.Type(), tftypes.NewValue(whole.Type(), attributes))
	if err != nil {
		t.Fatal(err)
	}
	return &damaged
}

func expectUnidentified(t *testing.T, diagnostics []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, summary string) {
	t.Helper()
	if len(diagnostics) != 1 || diagnostics[0].Severity != severity || !strings.HasPrefix(diagnostics[0].Summary, summary) ||
		!strings.HasPrefix(diagnostics[0].Detail, "The state has no ") {
		t.Errorf("want one diagnostic %q that the state identifies nothing, got:", summary)
		for _, d := range diagnostics {
			t.Errorf("%s: %s: %s", d.Severity, d.Summary, d.Detail)
		}
	}
}

// What only the provider knows of changes nothing else, whatever the kind.
func TestChangeOfTheProvidersOwnSettingsShowsNothingElse(t *testing.T) {
	t.Parallel()
	settings := map[string]string{
		"timeouts": `{"delete": "3h"}`, "deletion_protection": `true`, "restart_policy": `"if_needed"`, "force_destroy": `true`,
	}
	none := []string{"trove_couchbase_bucket", "trove_mongodb_replica_set", "trove_replication_source", "trove_backup_strategy", "trove_quota", "trove_datastore_version"} // have no such settings
	for _, th := range samples {
		if slices.Contains(none, th.typeName) {
			continue
		}
		t.Run(th.typeName, func(t *testing.T) {
			t.Parallel()
			cloud := th.cloud(t)
			p := cloud.NewProtocol(t)
			made, fill := th.make(p, map[string]string{})
			made = p.Read(th.typeName, made)
			var attributes map[string]tftypes.Value
			if err := p.Values(th.typeName, made).As(&attributes); err != nil {
				t.Fatal(err)
			}
			if _, protects := attributes["deletion_protection"]; !protects {
				t.Fatal("it has no deletion_protection")
			}
			for name, value := range settings {
				if _, has := attributes[name]; !has {
					continue
				}
				config := strings.TrimSuffix(fill(th.first), "}") + `, "` + name + `": ` + value + "}"
				planned, err := p.PlanResourceChange(t.Context(), p.PlanRequest(th.typeName, made, config))
				if err != nil {
					t.Fatal(err)
				}
				p.NoErrors(planned.Diagnostics)
				var after map[string]tftypes.Value
				if err := p.Values(th.typeName, acctest.Managed{State: planned.PlannedState}).As(&after); err != nil {
					t.Fatal(err)
				}
				for attribute, v := range after {
					if changed := !v.Equal(attributes[attribute]); changed != (attribute == name) {
						t.Errorf("a change of %s shows %s: %s -> %s", name, attribute, attributes[attribute], v)
					}
				}
			}
		})
	}
}

// What others change between a plan and its apply is drift, which the next refresh takes over: the apply keeps to the plan.
func TestApplyKeepsToItsPlanWhateverOthersChange(t *testing.T) {
	t.Parallel()
	// These have no timeouts, and so nothing that can be planned without a word to the server.
	told := map[string]bool{"trove_quota": true, "trove_datastore_version": true, "trove_backup_strategy": true}
	for _, th := range samples {
		if told[th.typeName] {
			continue
		}
		t.Run(th.typeName, func(t *testing.T) {
			t.Parallel()
			cloud := th.cloud(t)
			p := cloud.NewProtocol(t)
			made, fill := th.make(p, map[string]string{})
			made = p.Read(th.typeName, made)
			request := p.PlanRequest(th.typeName, made, strings.TrimSuffix(fill(th.first), "}")+`, "timeouts": {"create": "3h"}}`)
			planned, err := p.PlanResourceChange(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			p.NoErrors(planned.Diagnostics)

			cloud.NewProtocol(t).Apply(th.typeName, made, fill(th.then))

			applied, err := p.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: th.typeName, Config: request.Config, PlannedState: planned.PlannedState, PriorState: request.PriorState,
				PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
			})
			if err != nil {
				t.Fatal(err)
			}
			p.NoErrors(applied.Diagnostics)
			var want, got map[string]tftypes.Value
			if err := p.Values(th.typeName, acctest.Managed{State: planned.PlannedState}).As(&want); err != nil {
				t.Fatal(err)
			}
			if err := p.Values(th.typeName, acctest.Managed{State: applied.NewState}).As(&got); err != nil {
				t.Fatal(err)
			}
			for attribute, v := range want {
				if v.IsFullyKnown() && !got[attribute].Equal(v) || !got[attribute].IsFullyKnown() {
					t.Errorf("%s was planned as %s and is %s", attribute, v, got[attribute])
				}
			}
		})
	}
}
