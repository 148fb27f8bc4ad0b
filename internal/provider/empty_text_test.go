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

// validation validates a configuration of one type.
type validation func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic

// The one rule for "": it is refused with the attribute's name, once, in every text of every resource, data source, list and action, but
// in region, where it means what null means.
func TestEmptyTextIsRefusedWithTheAttributesName(t *testing.T) {
	texts := 0
	everySchema(t, func(what string, schema *tfprotov6.Schema, validate validation) {
		object, ok := schema.ValueType().(tftypes.Object)
		if !ok {
			t.Fatalf("%s is no object", what)
		}
		for _, a := range schema.Block.Attributes {
			if a.Computed && !a.Optional {
				continue
			}
			emptyTexts(attributeType(a), a, func(at string, v tftypes.Value) {
				texts++
				values := map[string]tftypes.Value{}
				for name, typ := range object.AttributeTypes {
					values[name] = tftypes.NewValue(typ, nil)
				}
				values[a.Name] = v
				config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
				if err != nil {
					t.Fatal(err)
				}
				var about []string
				for _, d := range validate(&config) {
					if d.Severity == tfprotov6.DiagnosticSeverityError && d.Attribute != nil && strings.HasPrefix(d.Attribute.String(), `AttributeName("`+a.Name+`")`) &&
						!strings.HasPrefix(d.Summary, "Missing") && !strings.Contains(d.Detail, "at least 2 elements") && d.Summary != "Invalid Attribute Combination" {
						about = append(about, d.Summary+": "+d.Detail)
					}
				}
				name := at[strings.LastIndex(at, ".")+1:]
				switch {
				case at == "region" && len(about) > 0:
					t.Errorf("%s: an empty region is refused: %q", what, about)
				case at == "region":
				case len(about) != 1:
					t.Errorf("%s: %s = \"\" leads to %d errors: %q", what, at, len(about), about)
				case !strings.Contains(about[0], name):
					t.Errorf("%s: %s = \"\" is refused without the name of the attribute: %s", what, at, about[0])
				}
			})
		}
	})
	if texts < 150 {
		t.Errorf("only %d texts were found", texts)
	}
}

// everySchema visits the schema of every resource, data source, list and action.
func everySchema(t *testing.T, visit func(what string, schema *tfprotov6.Schema, validate validation)) {
	t.Helper()
	ctx := t.Context()
	server, err := acctest.Factories()["trove"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	must := func(diags []*tfprotov6.Diagnostic, err error) []*tfprotov6.Diagnostic {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return diags
	}
	for _, name := range slices.Sorted(maps.Keys(schemas.ResourceSchemas)) {
		visit("resource "+name, schemas.ResourceSchemas[name], func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
				TypeName: name, Config: config, ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
			})
			return must(resp.Diagnostics, err)
		})
	}
	for _, name := range slices.Sorted(maps.Keys(schemas.DataSourceSchemas)) {
		visit("data source "+name, schemas.DataSourceSchemas[name], func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
			return must(resp.Diagnostics, err)
		})
	}
	lists, ok := server.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the provider lists nothing")
	}
	for _, name := range slices.Sorted(maps.Keys(schemas.ListResourceSchemas)) {
		visit("list "+name, schemas.ListResourceSchemas[name], func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := lists.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{TypeName: name, Config: config})
			return must(resp.Diagnostics, err)
		})
	}
	actions, ok := server.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the provider has no actions")
	}
	for _, name := range slices.Sorted(maps.Keys(schemas.ActionSchemas)) {
		visit("action "+name, schemas.ActionSchemas[name].Schema, func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: config})
			return must(resp.Diagnostics, err)
		})
	}
}

// attributeType is the type of an attribute, that of a nested one included.
func attributeType(a *tfprotov6.SchemaAttribute) tftypes.Type {
	if a.NestedType != nil {
		return a.NestedType.ValueType()
	}
	return a.Type
}

// emptyTexts visits the values of a type in which one text that can be written is "", and all else is null. a is nil for what is not an
// attribute.
func emptyTexts(typ tftypes.Type, a *tfprotov6.SchemaAttribute, visit func(at string, v tftypes.Value)) {
	name := a.Name
	switch typ := typ.(type) {
	case tftypes.List:
		emptyElements(typ.ElementType, a, func(at string, v tftypes.Value) { visit(at, tftypes.NewValue(typ, []tftypes.Value{v})) })
	case tftypes.Set:
		emptyElements(typ.ElementType, a, func(at string, v tftypes.Value) { visit(at, tftypes.NewValue(typ, []tftypes.Value{v})) })
	case tftypes.Map:
		if typ.ElementType.Is(tftypes.String) {
			return // such as the values of parameters, for which "" is a value
		}
		emptyElements(typ.ElementType, a, func(at string, v tftypes.Value) {
			visit(at, tftypes.NewValue(typ, map[string]tftypes.Value{"key": v}))
		})
	case tftypes.Object:
		emptyElements(typ, a, visit)
	default:
		if typ.Is(tftypes.String) {
			visit(name, tftypes.NewValue(typ, ""))
		}
	}
}

// emptyElements is emptyTexts for what is in a collection, or in an object.
func emptyElements(typ tftypes.Type, a *tfprotov6.SchemaAttribute, visit func(at string, v tftypes.Value)) {
	object, ok := typ.(tftypes.Object)
	if !ok {
		if typ.Is(tftypes.String) {
			visit(a.Name, tftypes.NewValue(typ, ""))
		}
		return
	}
	for _, within := range a.NestedType.Attributes {
		if within.Computed && !within.Optional {
			continue
		}
		emptyTexts(attributeType(within), within, func(at string, v tftypes.Value) {
			values := map[string]tftypes.Value{}
			for name, typ := range object.AttributeTypes {
				values[name] = tftypes.NewValue(typ, nil)
			}
			values[within.Name] = v
			visit(a.Name+"."+at, tftypes.NewValue(object, values))
		})
	}
}
