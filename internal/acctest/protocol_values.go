package acctest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// proposedObject is a configuration with what the state has of computed attributes that it leaves out, as Terraform proposes
// it: those of single nested objects too.
func proposedObject(t *testing.T, attributes []*tfprotov6.SchemaAttribute, prior, configured tftypes.Value) tftypes.Value {
	t.Helper()
	var written, have map[string]tftypes.Value
	if err := configured.As(&written); err != nil {
		t.Fatal(err)
	}
	if !prior.IsNull() {
		if err := prior.As(&have); err != nil {
			t.Fatal(err)
		}
	}
	values := map[string]tftypes.Value{}
	for _, a := range attributes {
		now := written[a.Name]
		before, had := have[a.Name]
		switch {
		case a.WriteOnly:
			now = tftypes.NewValue(now.Type(), nil)
		case !had:
		case now.IsNull() && a.Computed:
			now = before
		case a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle && now.IsKnown() && !now.IsNull() && before.IsKnown():
			now = proposedObject(t, a.NestedType.Attributes, before, now)
		}
		values[a.Name] = now
	}
	return tftypes.NewValue(configured.Type(), values)
}

// Unknown stands in a configuration for a text, or for an attribute as a whole, that is known only after apply.
const Unknown = "(known after apply)"

// configured is the configuration of a resource that stands in JSON.
func (d *Driver) configured(typeName, config string) tftypes.Value {
	d.t.Helper()
	var written map[string]json.RawMessage
	if err := json.Unmarshal([]byte(config), &written); err != nil {
		d.t.Fatalf("%s: %v", config, err)
	}
	whole := map[string]bool{} // the attributes that are unknown, of which others than texts cannot be read
	for name, text := range written {
		if string(text) == strconv.Quote(Unknown) {
			whole[name] = true
			written[name] = json.RawMessage("null")
		}
	}
	text, err := json.Marshal(written)
	if err != nil {
		d.t.Fatal(err)
	}
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	v, err := tftypes.Transform(d.fromJSON(string(text), d.resourceSchema(typeName).ValueType()), func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.Equal(tftypes.NewValue(tftypes.String, Unknown)) {
			return unknown, nil
		}
		if steps := at.Steps(); len(steps) == 1 {
			if name, ok := steps[0].(tftypes.AttributeName); ok && whole[string(name)] {
				return tftypes.NewValue(v.Type(), tftypes.UnknownValue), nil
			}
		}
		return v, nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// differing are those of the paths at which two values differ. For the others Terraform replaces nothing.
func differing(paths []*tftypes.AttributePath, before, after tftypes.Value) []*tftypes.AttributePath {
	return slices.DeleteFunc(slices.Clone(paths), func(path *tftypes.AttributePath) bool {
		was, _, errWas := tftypes.WalkAttributePath(before, path)
		is, _, errIs := tftypes.WalkAttributePath(after, path)
		value, ok := was.(tftypes.Value)
		return errWas == nil && errIs == nil && ok && cmp.Equal(value, is)
	})
}

// unknownIn lists the paths of unknown values.
func unknownIn(v tftypes.Value) (paths []string) {
	err := tftypes.Walk(v, func(path *tftypes.AttributePath, at tftypes.Value) (bool, error) {
		if !at.IsKnown() {
			paths = append(paths, path.String())
		}
		return true, nil
	})
	if err != nil {
		panic(err) // the function returns none
	}
	return paths
}

// inconsistencies tells where a state is not what was planned. Of what the plan did not know, anything will do.
func inconsistencies(at *tftypes.AttributePath, planned, got tftypes.Value) []string {
	switch {
	case !planned.IsKnown():
		return nil
	case planned.IsNull() || got.IsNull() || !got.IsKnown() || planned.Type().Is(tftypes.Set{}) && planned.IsFullyKnown() || isPrimitive(planned.Type()):
		if !planned.Equal(got) {
			return []string{fmt.Sprintf("%s was planned to be %s and is %s", at, planned, got)}
		}
		return nil
	}
	var plannedBy, gotBy map[string]tftypes.Value
	if planned.As(&plannedBy) == nil && got.As(&gotBy) == nil {
		var found []string
		for name := range plannedBy {
			v, ok := gotBy[name]
			if !ok {
				found = append(found, fmt.Sprintf("%s has lost %s", at, name))
				continue
			}
			found = append(found, inconsistencies(at.WithAttributeName(name), plannedBy[name], v)...)
		}
		if len(gotBy) > len(plannedBy) {
			found = append(found, fmt.Sprintf("%s has more than was planned", at))
		}
		return found
	}
	var plannedIn, gotIn []tftypes.Value
	if planned.As(&plannedIn) != nil || got.As(&gotIn) != nil || len(plannedIn) != len(gotIn) {
		return []string{fmt.Sprintf("%s was planned to be %s and is %s", at, planned, got)}
	}
	if planned.Type().Is(tftypes.Set{}) {
		return nil // its elements cannot be told apart while some are unknown
	}
	var found []string
	for n := range plannedIn {
		found = append(found, inconsistencies(at.WithElementKeyInt(n), plannedIn[n], gotIn[n])...)
	}
	return found
}

func isPrimitive(typ tftypes.Type) bool {
	return typ.Is(tftypes.String) || typ.Is(tftypes.Bool) || typ.Is(tftypes.Number)
}

// Data reads a data source whose configuration is this JSON, which may fail.
func (d *Driver) Data(typeName, config string) Diagnostics {
	d.t.Helper()
	_, diagnostics := d.ReadData(typeName, config)
	return diagnostics
}

// ReadData is Data with what the state holds, in plain Go values; nil where it fails.
func (d *Driver) ReadData(typeName, config string) (map[string]any, Diagnostics) {
	d.t.Helper()
	schema, ok := d.schemas.DataSourceSchemas[typeName]
	if !ok {
		d.t.Fatalf("the provider has no data source %s", typeName)
	}
	resp, err := d.ReadDataSource(d.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: d.dynamic(d.fromJSON(config, schema.ValueType()))})
	if err != nil {
		d.t.Errorf("%s: reading: %v", typeName, err)
		return nil, nil
	}
	if resp.State == nil || Diagnostics(resp.Diagnostics).Failed() {
		return nil, resp.Diagnostics
	}
	state, err := resp.State.Unmarshal(schema.ValueType())
	if err != nil {
		d.t.Fatal(err)
	}
	out, _ := plain(d.t, state).(map[string]any)
	return out, resp.Diagnostics
}

// Upgraded is a resource whose state is this JSON, as it comes from a state file through the provider's upgrade of states, which
// may fail.
func (d *Driver) Upgraded(typeName, state string) Result {
	d.t.Helper()
	resp, err := d.UpgradeResourceState(d.ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: typeName, Version: d.resourceSchema(typeName).Version, RawState: &tfprotov6.RawState{JSON: []byte(state)},
	})
	if err != nil {
		d.t.Errorf("%s: upgrading: %v", typeName, err)
		return Result{Object: Object{Type: typeName}}
	}
	return Result{Object: Object{Type: typeName, Managed: Managed{State: resp.UpgradedState}}, Diagnostics: resp.Diagnostics}
}

// Attributes are the types of the attributes of a resource, by name.
func (d *Driver) Attributes(typeName string) map[string]tftypes.Type {
	d.t.Helper()
	object, ok := d.resourceSchema(typeName).ValueType().(tftypes.Object)
	if !ok {
		d.t.Fatalf("the schema of %s is no object", typeName)
	}
	return object.AttributeTypes
}
