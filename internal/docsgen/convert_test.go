package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Every kind of schema reaches the JSON that tfplugindocs parses, with the types as the command line writes them.
func TestConvertKeepsEveryKindOfSchema(t *testing.T) {
	leaf := &tfprotov6.Schema{Version: 2, Block: &tfprotov6.SchemaBlock{
		Description:     "A *thing*.",
		DescriptionKind: tfprotov6.StringKindMarkdown,
		Attributes: []*tfprotov6.SchemaAttribute{
			{Name: "ids", Type: tftypes.Set{ElementType: tftypes.String}, Required: true, Description: "ids"},
			{Name: "secret", Type: tftypes.String, Optional: true, Sensitive: true, WriteOnly: true, Deprecated: true},
			{Name: "volume", Computed: true, NestedType: &tfprotov6.SchemaObject{
				Nesting:    tfprotov6.SchemaObjectNestingModeSingle,
				Attributes: []*tfprotov6.SchemaAttribute{{Name: "size", Type: tftypes.Number, Required: true}},
			}},
		},
		BlockTypes: []*tfprotov6.SchemaNestedBlock{{
			TypeName: "rule", Nesting: tfprotov6.SchemaNestedBlockNestingModeList, MinItems: 1, MaxItems: 3, Block: &tfprotov6.SchemaBlock{},
		}},
	}}
	got, err := convert(&tfprotov6.GetProviderSchemaResponse{
		Provider:                 &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}},
		ResourceSchemas:          map[string]*tfprotov6.Schema{"trove_thing": leaf},
		DataSourceSchemas:        map[string]*tfprotov6.Schema{"trove_thing": leaf},
		EphemeralResourceSchemas: map[string]*tfprotov6.Schema{"trove_thing": leaf},
		ListResourceSchemas:      map[string]*tfprotov6.Schema{"trove_thing": leaf},
		ActionSchemas:            map[string]*tfprotov6.ActionSchema{"trove_thing": {Schema: leaf}},
	}, &tfprotov6.GetResourceIdentitySchemasResponse{IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{
		"trove_thing": {Version: 1, IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
			{Name: "id", Type: tftypes.String, RequiredForImport: true, Description: "the id"},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}

	const block = `{
		"attributes": {
			"ids": {"type": ["set", "string"], "required": true, "description": "ids", "description_kind": "plain"},
			"secret": {"type": "string", "optional": true, "sensitive": true, "write_only": true, "deprecated": true, "description_kind": "plain"},
			"volume": {"computed": true, "description_kind": "plain", "nested_type": {"nesting_mode": "single", "attributes": {
				"size": {"type": "number", "required": true, "description_kind": "plain"}}}}},
		"block_types": {"rule": {"nesting_mode": "list", "min_items": 1, "max_items": 3, "block": {"description_kind": "plain"}}},
		"description": "A *thing*.", "description_kind": "markdown"}`
	const thing = `{"trove_thing": {"version": 2, "block": ` + block + `}}`
	want := `{
		"provider": {"version": 0, "block": {"description_kind": "plain"}},
		"resource_schemas": ` + thing + `,
		"data_source_schemas": ` + thing + `,
		"ephemeral_resource_schemas": ` + thing + `,
		"list_resource_schemas": ` + thing + `,
		"action_schemas": {"trove_thing": {"block": ` + block + `}},
		"resource_identity_schemas": {"trove_thing": {"version": 1, "attributes": {
			"id": {"type": "string", "required_for_import": true, "description": "the id"}}}}}`
	gotJSON, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, want), decode(t, string(gotJSON))); diff != "" {
		t.Errorf("converted schema (-want +got):\n%s", diff)
	}
}

func TestConvertRefusesWhatItWouldLeaveOut(t *testing.T) {
	_, err := convert(&tfprotov6.GetProviderSchemaResponse{
		Functions: map[string]*tfprotov6.Function{"parse": {}},
	}, &tfprotov6.GetResourceIdentitySchemasResponse{})
	if err == nil || !strings.Contains(err.Error(), "functions") {
		t.Errorf("error = %v, want one about functions", err)
	}
}

// The provider's own schema goes through, and tfplugindocs' parser accepts the outcome.
func TestRunWritesTheProvidersSchema(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var schemas tfjson.ProviderSchemas
	if err := json.Unmarshal([]byte(out.String()), &schemas); err != nil {
		t.Fatal(err)
	}
	got := schemas.Schemas[shortName]
	if got == nil {
		t.Fatalf("no schema under %q", shortName)
	}
	if got.ResourceSchemas["trove_instance"] == nil || got.DataSourceSchemas["trove_topology"] == nil {
		t.Errorf("resources or data sources are missing: %d and %d found", len(got.ResourceSchemas), len(got.DataSourceSchemas))
	}
}

func TestFailureReportsErrorsAndNotWarnings(t *testing.T) {
	warning := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "odd"}
	if err := failure([]*tfprotov6.Diagnostic{warning}); err != nil {
		t.Errorf("a warning failed: %v", err)
	}
	broken := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: "broken", Detail: "in two"}
	if err := failure([]*tfprotov6.Diagnostic{warning, broken}); err == nil || err.Error() != "broken: in two" {
		t.Errorf("error = %v, want broken: in two", err)
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
