package acctest

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Managed is what Terraform keeps of one resource.
type Managed struct {
	State    *tfprotov6.DynamicValue
	Identity *tfprotov6.ResourceIdentityData
	Private  []byte
}

// Apply plans and applies a resource whose configuration is this JSON; before is the zero value for one that is to be created.
// A replacement fails the test.
func (p *Protocol) Apply(typeName string, before Managed, config string) Managed {
	p.t.Helper()
	applied, diagnostics := p.TryApply(typeName, before, config)
	p.NoErrors(diagnostics)
	return applied
}

// TryApply is Apply where the apply may fail.
func (p *Protocol) TryApply(typeName string, before Managed, config string) (Managed, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	request := p.PlanRequest(typeName, before, config)
	planned, err := p.PlanResourceChange(p.t.Context(), request)
	if err != nil {
		p.t.Fatal(err)
	}
	p.NoErrors(planned.Diagnostics)
	if len(planned.RequiresReplace) > 0 {
		p.t.Fatalf("%s is to be replaced for %v", typeName, planned.RequiresReplace)
	}
	applied, err := p.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, Config: request.Config, PlannedState: planned.PlannedState, PriorState: request.PriorState,
		PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return Managed{State: applied.NewState, Identity: applied.NewIdentity, Private: applied.Private}, applied.Diagnostics
}

// PlanRequest asks for the plan of a resource whose configuration is this JSON.
func (p *Protocol) PlanRequest(typeName string, before Managed, config string) *tfprotov6.PlanResourceChangeRequest {
	p.t.Helper()
	schema := p.resourceSchema(typeName)
	configured := p.fromJSON(config, schema.ValueType())
	if before.State == nil {
		before.State = p.dynamic(tftypes.NewValue(schema.ValueType(), nil))
	}
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, Config: p.dynamic(configured), ProposedNewState: p.dynamic(p.proposed(schema, before.State, configured)),
		PriorState: before.State, PriorPrivate: before.Private, PriorIdentity: before.Identity,
	}
}

// Destroy plans and applies the destruction of a resource, and returns what was said of the apply.
func (p *Protocol) Destroy(typeName string, m Managed) []*tfprotov6.Diagnostic {
	p.t.Helper()
	none := p.dynamic(tftypes.NewValue(p.resourceSchema(typeName).ValueType(), nil))
	planned, err := p.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, Config: none, ProposedNewState: none, PriorState: m.State, PriorPrivate: m.Private, PriorIdentity: m.Identity,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.NoErrors(planned.Diagnostics)
	applied, err := p.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, Config: none, PlannedState: planned.PlannedState, PriorState: m.State, PlannedPrivate: planned.PlannedPrivate,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return applied.Diagnostics
}

// Read refreshes a resource.
func (p *Protocol) Read(typeName string, m Managed) Managed {
	p.t.Helper()
	resp, err := p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: m.State, CurrentIdentity: m.Identity, Private: m.Private,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.NoErrors(resp.Diagnostics)
	return Managed{State: resp.NewState, Identity: resp.NewIdentity, Private: resp.Private}
}

// Import imports a resource, and reads it as Terraform does then: by id, or by identity where id is "".
func (p *Protocol) Import(typeName, id string, identity map[string]string) Managed {
	p.t.Helper()
	imported, diagnostics := p.TryImport(typeName, id, identity)
	p.NoErrors(diagnostics)
	return p.Read(typeName, imported)
}

// TryImport is Import before the read, which may fail.
func (p *Protocol) TryImport(typeName, id string, identity map[string]string) (Managed, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id}
	if id == "" {
		text, err := json.Marshal(identity)
		if err != nil {
			p.t.Fatal(err)
		}
		req.Identity = &tfprotov6.ResourceIdentityData{IdentityData: p.dynamic(p.fromJSON(string(text), p.identityType(typeName)))}
	}
	resp, err := p.ImportResourceState(p.t.Context(), req)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(resp.ImportedResources) != 1 {
		return Managed{}, resp.Diagnostics
	}
	one := resp.ImportedResources[0]
	if id == "" && (one.Identity == nil || len(p.IdentityOf(typeName, Managed{Identity: one.Identity})) == 0) {
		p.t.Errorf("%s: the answer to an import by identity holds none, which Terraform refuses", typeName)
	}
	return Managed{State: one.State, Identity: one.Identity, Private: one.Private}, resp.Diagnostics
}

// IdentityOf is the identity of a resource; what is null is not in it.
func (p *Protocol) IdentityOf(typeName string, m Managed) map[string]string {
	p.t.Helper()
	if m.Identity == nil || m.Identity.IdentityData == nil {
		return nil
	}
	return p.texts(m.Identity.IdentityData, p.identityType(typeName))
}

// IdentityAttributes are the attributes of the identity of a resource.
func (p *Protocol) IdentityAttributes(typeName string) []*tfprotov6.ResourceIdentitySchemaAttribute {
	p.t.Helper()
	resp, err := p.GetResourceIdentitySchemas(p.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	schema, ok := resp.IdentitySchemas[typeName]
	if !ok {
		return nil
	}
	return schema.IdentityAttributes
}

// ResourceTypes are the resources that the provider has.
func (p *Protocol) ResourceTypes() (all []string) {
	for typeName := range p.schemas.ResourceSchemas {
		all = append(all, typeName)
	}
	return all
}

// Values is a state as values, for comparisons.
func (p *Protocol) Values(typeName string, m Managed) tftypes.Value {
	p.t.Helper()
	v, err := m.State.Unmarshal(p.resourceSchema(typeName).ValueType())
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

func (p *Protocol) identityType(typeName string) tftypes.Type {
	p.t.Helper()
	return (&tfprotov6.ResourceIdentitySchema{IdentityAttributes: p.IdentityAttributes(typeName)}).ValueType()
}

func (p *Protocol) resourceSchema(typeName string) *tfprotov6.Schema {
	p.t.Helper()
	schema, ok := p.schemas.ResourceSchemas[typeName]
	if !ok {
		p.t.Fatalf("the provider has no %s", typeName)
	}
	return schema
}

// proposed is the configuration with what the state has of computed attributes that it leaves out, as Terraform proposes it; of
// nested ones it knows nothing.
func (p *Protocol) proposed(schema *tfprotov6.Schema, state *tfprotov6.DynamicValue, configured tftypes.Value) tftypes.Value {
	p.t.Helper()
	have := attributesOf(p.t, state, schema.ValueType())
	var written map[string]tftypes.Value
	if err := configured.As(&written); err != nil {
		p.t.Fatal(err)
	}
	values := maps.Clone(written) // which are the configuration's own
	for _, a := range schema.Block.Attributes {
		switch prior, ok := have[a.Name]; {
		case a.WriteOnly:
			values[a.Name] = tftypes.NewValue(values[a.Name].Type(), nil)
		case ok && a.Computed && values[a.Name].IsNull():
			values[a.Name] = prior
		}
	}
	return tftypes.NewValue(schema.ValueType(), values)
}

func attributesOf(t *testing.T, dynamic *tfprotov6.DynamicValue, typ tftypes.Type) map[string]tftypes.Value {
	t.Helper()
	value, err := dynamic.Unmarshal(typ)
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]tftypes.Value{}
	if !value.IsNull() {
		if err := value.As(&attributes); err != nil {
			t.Fatal(err)
		}
	}
	return attributes
}

func (p *Protocol) fromJSON(text string, typ tftypes.Type) tftypes.Value {
	p.t.Helper()
	v, err := (&tfprotov6.RawState{JSON: bytes.TrimSpace([]byte(text))}).Unmarshal(typ)
	if err != nil {
		p.t.Fatalf("%s: %v", text, err)
	}
	return v
}

func (p *Protocol) dynamic(v tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		p.t.Fatal(err)
	}
	return &d
}
