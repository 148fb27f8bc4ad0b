package acctest

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Protocol is the provider spoken to as Terraform does, for what the installed Terraform is too old for.
type Protocol struct {
	tfprotov6.ProviderServer
	t       *testing.T
	schemas *tfprotov6.GetProviderSchemaResponse
}

// NewProtocol serves the provider, configured for this cloud and its region.
func (c *Cloud) NewProtocol(t *testing.T) *Protocol {
	t.Helper()
	return c.NewProtocolIn(t, Region)
}

// NewProtocolIn is NewProtocol with another region, "" for none.
func (c *Cloud) NewProtocolIn(t *testing.T, region string) *Protocol {
	t.Helper()
	server, err := Factories()["trove"]()
	if err != nil {
		t.Fatal(err)
	}
	p := &Protocol{ProviderServer: server, t: t}
	if p.schemas, err = server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	config := map[string]string{
		"auth_url": c.IdentityURL, "username": c.Username, "password": c.Password, "project_name": c.Project,
		"user_domain_name": "Default", "project_domain_name": "Default",
	}
	if region != "" {
		config["region"] = region
	}
	resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.15.0",
		Config:           p.texted(p.schemas.Provider, config),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.NoErrors(resp.Diagnostics)
	return p
}

// Block is a configuration in which only these attributes are set.
func (p *Protocol) Block(schema *tfprotov6.Schema, values map[string]tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	object, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		p.t.Fatal("the schema is no object")
	}
	all := map[string]tftypes.Value{}
	for name, typ := range object.AttributeTypes {
		all[name] = tftypes.NewValue(typ, nil)
	}
	maps.Copy(all, values)
	dynamic, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, all))
	if err != nil {
		p.t.Fatal(err)
	}
	return &dynamic
}

// texted is Block of attributes that are strings.
func (p *Protocol) texted(schema *tfprotov6.Schema, config map[string]string) *tfprotov6.DynamicValue {
	p.t.Helper()
	values := map[string]tftypes.Value{}
	for name, v := range config {
		values[name] = tftypes.NewValue(tftypes.String, v)
	}
	return p.Block(schema, values)
}

// NoErrors fails the test where there is one.
func (p *Protocol) NoErrors(diagnostics []*tfprotov6.Diagnostic) {
	p.t.Helper()
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			p.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// Listed is one result of a list resource.
type Listed struct {
	Name string
	// Identity and Resource are the attributes that are strings; Resource is empty where it was not asked for.
	Identity, Resource map[string]string
	Diagnostics        []*tfprotov6.Diagnostic
}

// List runs a list block, as `terraform query` does. limit 0 is none.
func (p *Protocol) List(typeName string, config map[string]string, include bool, limit int64) []Listed {
	p.t.Helper()
	schema, ok := p.schemas.ListResourceSchemas[typeName]
	if !ok {
		p.t.Fatalf("the provider lists no %s", typeName)
	}
	lister, ok := p.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		p.t.Fatal("the provider lists nothing")
	}
	block := p.texted(schema, config)
	valid, err := lister.ValidateListResourceConfig(p.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: typeName, Config: block})
	if err != nil {
		p.t.Fatal(err)
	}
	p.NoErrors(valid.Diagnostics)
	stream, err := lister.ListResource(p.t.Context(), &tfprotov6.ListResourceRequest{TypeName: typeName, Config: block, IncludeResource: include, Limit: limit})
	if err != nil {
		p.t.Fatal(err)
	}
	var all []Listed
	for r := range stream.Results {
		one := Listed{Name: r.DisplayName, Diagnostics: r.Diagnostics}
		if r.Identity != nil {
			one.Identity = p.texts(r.Identity.IdentityData, p.identityType(typeName))
		}
		if r.Resource != nil {
			one.Resource = p.texts(r.Resource, p.schemas.ResourceSchemas[typeName].ValueType())
		}
		all = append(all, one)
	}
	return all
}

// Resource are the attributes of a resource that are strings.
func (p *Protocol) Resource(typeName string, state *tfprotov6.DynamicValue) map[string]string {
	p.t.Helper()
	return p.texts(state, p.schemas.ResourceSchemas[typeName].ValueType())
}

// texts are the attributes of an object that are known strings.
func (p *Protocol) texts(dynamic *tfprotov6.DynamicValue, typ tftypes.Type) map[string]string {
	p.t.Helper()
	texts := map[string]string{}
	for name, v := range attributesOf(p.t, dynamic, typ) {
		var text string
		if v.Type().Is(tftypes.String) && !v.IsNull() && v.IsKnown() && v.As(&text) == nil {
			texts[name] = text
		}
	}
	return texts
}

// Invoke invokes an action as this account, whose values are strings, and returns what it told on the way, on one line, and what was wrong.
func (a *Account) Invoke(t *testing.T, actionType string, config map[string]string) (told string, diagnostics Diagnostics) {
	t.Helper()
	progress, diagnostics := a.NewDriver(t, map[string]string{"request_timeout": a.RequestTimeout}).Invoke(actionType, config)
	return strings.Join(progress, " "), diagnostics
}

// Invoke validates, plans and invokes an action, and returns what it told on the way, and the diagnostics of the first of the
// three that has any.
func (p *Protocol) Invoke(actionType string, config map[string]string) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	p.t.Helper()
	server, schema := p.action(actionType)
	block := p.texted(schema, config)
	valid, err := server.ValidateActionConfig(p.t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: actionType, Config: block})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(valid.Diagnostics) > 0 {
		return nil, valid.Diagnostics
	}
	planned, err := server.PlanAction(p.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionType, Config: block})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(planned.Diagnostics) > 0 {
		return nil, planned.Diagnostics
	}
	stream, err := server.InvokeAction(p.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: block})
	if err != nil {
		p.t.Fatal(err)
	}
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diagnostics = e.Diagnostics
		}
	}
	return progress, diagnostics
}

// PlanAction plans an action, without its validation: of what is not known yet, there is none.
func (p *Protocol) PlanAction(actionType string, config map[string]tftypes.Value) []*tfprotov6.Diagnostic {
	p.t.Helper()
	server, schema := p.action(actionType)
	planned, err := server.PlanAction(p.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionType, Config: p.Block(schema, config)})
	if err != nil {
		p.t.Fatal(err)
	}
	return planned.Diagnostics
}

// action is the server of actions, and the schema of one.
func (p *Protocol) action(actionType string) (tfprotov6.ActionServer, *tfprotov6.Schema) {
	p.t.Helper()
	schema, ok := p.schemas.ActionSchemas[actionType]
	if !ok {
		p.t.Fatalf("the provider has no action %s", actionType)
	}
	server, ok := p.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		p.t.Fatal("the provider has no actions")
	}
	return server, schema.Schema
}
