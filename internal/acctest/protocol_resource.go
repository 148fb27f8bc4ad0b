package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/protocol"
	"github.com/opentrove/terraform-provider-trove/internal/provider"
)

// Driver plans, applies, reads and imports resources over the provider's protocol, as Terraform does, and holds the answers
// to Terraform's own rules: what breaks one fails the test. Its methods may be called from several goroutines, as Terraform
// calls a provider.
type Driver struct {
	*Protocol
	t   *testing.T
	ctx context.Context // of the run that is driven
}

// Object is a resource as Terraform keeps it between calls. One without State does not exist.
type Object struct {
	Type string
	Managed
}

// Change is a planned change of a resource, which is applied by Driver.Apply.
type Change struct {
	Type    string
	Prior   Object
	Replace []*tftypes.AttributePath // what the provider wants to replace the resource for

	config  *tfprotov6.DynamicValue
	planned *tfprotov6.DynamicValue
	// private and identity are what the plan keeps.
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// Result is what has become of a Change.
type Result struct {
	Object
	Diagnostics
}

// Diagnostics are what the provider said.
type Diagnostics []*tfprotov6.Diagnostic

// Errors are the texts of those that are errors.
func (d Diagnostics) Errors() (texts []string) {
	for _, one := range d {
		if one.Severity == tfprotov6.DiagnosticSeverityError {
			texts = append(texts, one.Summary+": "+one.Detail)
		}
	}
	return texts
}

// Failed says whether one is an error.
func (d Diagnostics) Failed() bool { return len(d.Errors()) > 0 }

// Text is all of it, on one line each.
func (d Diagnostics) Text() string {
	var lines []string
	for _, one := range d {
		lines = append(lines, fmt.Sprintf("%s: %s: %s", one.Severity, one.Summary, one.Detail))
	}
	return strings.Join(lines, "\n")
}

// NewDriver serves the provider, configured for this account. Settings are further ones of the provider block, or other values
// of those that lead to the cloud; "" leaves one out.
func (a *Account) NewDriver(t *testing.T, settings ...map[string]string) *Driver {
	t.Helper()
	d, diagnostics := a.TryDriver(t.Context(), t, settings...)
	d.NoErrors(diagnostics)
	return d
}

// TryDriver is NewDriver where the configuration of the provider may fail.
func (a *Account) TryDriver(ctx context.Context, t *testing.T, settings ...map[string]string) (*Driver, Diagnostics) {
	t.Helper()
	server := protocol.New(provider.New("test", a.Journal)())
	d := &Driver{Protocol: &Protocol{ProviderServer: server, t: t}, t: t, ctx: ctx}
	var err error
	if d.schemas, err = server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	config := map[string]string{
		"auth_url": a.IdentityURL, "username": a.Username, "password": a.Password, "project_name": a.Project, "region": Region,
		"user_domain_name": "Default", "project_domain_name": "Default", "request_timeout": "2s", "max_retries": "2",
	}
	for _, more := range settings {
		maps.Copy(config, more)
	}
	object, ok := d.schemas.Provider.ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the provider block is no object")
	}
	values := map[string]tftypes.Value{}
	for name, text := range config {
		if text != "" {
			values[name] = scalar(t, object.AttributeTypes[name], text)
		}
	}
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.15.0", Config: d.Block(d.schemas.Provider, values),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, resp.Diagnostics
}

// scalar reads text as a value of a primitive type.
func scalar(t *testing.T, typ tftypes.Type, text string) tftypes.Value {
	t.Helper()
	switch {
	case typ.Is(tftypes.String):
		return tftypes.NewValue(typ, text)
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, text == "true")
	case typ.Is(tftypes.Number):
		number, ok := new(big.Float).SetString(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		return tftypes.NewValue(typ, number)
	}
	t.Fatalf("%q is to be a value of type %s", text, typ)
	return tftypes.Value{}
}

// Within is the driver whose calls end with ctx.
func (d *Driver) Within(ctx context.Context) *Driver {
	other := *d
	other.ctx = ctx
	return &other
}

// Stored is a resource whose state is this JSON, as from a state file, without identity and private state. What the JSON
// leaves out is null.
func (d *Driver) Stored(typeName, state string) Object {
	d.t.Helper()
	v := d.fromJSON(state, d.resourceSchema(typeName).ValueType())
	return Object{Type: typeName, Managed: Managed{State: d.dynamic(v)}}
}

// Plan validates and plans a resource whose configuration is this JSON, in which Unknown stands for a text that is not known yet; before is
// an object with a type alone for one that is to be created.
func (d *Driver) Plan(before Object, config string) (Change, Diagnostics) {
	d.t.Helper()
	configured := d.configured(before.Type, config)
	valid, err := d.ValidateResourceConfig(d.ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: before.Type, Config: d.dynamic(configured),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		d.t.Errorf("%s: validating: %v", before.Type, err)
		return Change{}, nil
	}
	change, diagnostics := d.plan(before, d.prior(before), configured, before.Private)
	return change, append(Diagnostics(valid.Diagnostics), diagnostics...)
}

// plan plans from a prior state, which is null for a creation, also for one that replaces before.
func (d *Driver) plan(before Object, prior *tfprotov6.DynamicValue, configured tftypes.Value, private []byte) (Change, Diagnostics) {
	d.t.Helper()
	schema := d.resourceSchema(before.Type)
	have, err := prior.Unmarshal(schema.ValueType())
	if err != nil {
		d.t.Fatal(err)
	}
	req := &tfprotov6.PlanResourceChangeRequest{
		TypeName: before.Type, Config: d.dynamic(configured), PriorState: prior, PriorPrivate: private,
		ProposedNewState: d.dynamic(proposedObject(d.t, schema.Block.Attributes, have, configured)),
	}
	if !have.IsNull() {
		req.PriorIdentity = before.Identity
	}
	resp, err := d.PlanResourceChange(d.ctx, req)
	if err != nil {
		d.t.Errorf("%s: planning: %v", before.Type, err)
		return Change{}, nil
	}
	change := Change{
		Type: before.Type, Prior: before, Replace: resp.RequiresReplace, config: req.Config, planned: resp.PlannedState,
		private: resp.PlannedPrivate, identity: resp.PlannedIdentity,
	}
	if !Diagnostics(resp.Diagnostics).Failed() {
		planned, err := resp.PlannedState.Unmarshal(schema.ValueType())
		if err != nil {
			d.t.Fatal(err)
		}
		change.Replace = differing(change.Replace, have, planned)
	}
	return change, resp.Diagnostics
}

// NoOp says whether a change changes nothing.
func (d *Driver) NoOp(change Change) bool {
	d.t.Helper()
	typ := d.resourceSchema(change.Type).ValueType()
	planned, errPlanned := change.planned.Unmarshal(typ)
	prior, errPrior := d.prior(change.Prior).Unmarshal(typ)
	if err := errors.Join(errPlanned, errPrior); err != nil {
		d.t.Fatal(err)
	}
	return planned.Equal(prior) && len(change.Replace) == 0
}

// PlanReplace plans the replacement of a resource, as Terraform does of one that is tainted: the destruction and the creation,
// which share what the plan keeps.
func (d *Driver) PlanReplace(before Object, config string) (destroy, create Change, diagnostics Diagnostics) {
	d.t.Helper()
	configured := d.configured(before.Type, config)
	create, diagnostics = d.plan(before, d.prior(Object{Type: before.Type}), configured, before.Private)
	create.Prior = Object{Type: before.Type}
	null := d.null(before.Type)
	return Change{Type: before.Type, Prior: before, config: null, planned: null, private: create.private, identity: before.Identity}, create, diagnostics
}

// PlanDestroy plans the destruction of a resource.
func (d *Driver) PlanDestroy(before Object) (Change, Diagnostics) {
	d.t.Helper()
	null := d.null(before.Type)
	resp, err := d.PlanResourceChange(d.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: before.Type, Config: null, ProposedNewState: null, PriorState: before.State, PriorPrivate: before.Private, PriorIdentity: before.Identity,
	})
	if err != nil {
		d.t.Errorf("%s: planning a destruction: %v", before.Type, err)
		return Change{}, nil
	}
	return Change{Type: before.Type, Prior: before, config: null, planned: null, private: resp.PlannedPrivate, identity: before.Identity}, resp.Diagnostics
}

// WithPrivate is a change with another private state than the plan's.
func (c Change) WithPrivate(private []byte) Change {
	c.private = private
	return c
}

// Apply applies a change. Whatever the provider says, no state holds unknown values; where it does not say that it failed, the
// state holds all that the plan knew.
func (d *Driver) Apply(change Change) Result {
	d.t.Helper()
	resp, err := d.ApplyResourceChange(d.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: change.Type, Config: change.config, PlannedState: change.planned, PriorState: d.prior(change.Prior),
		PlannedPrivate: change.private, PlannedIdentity: change.identity,
	})
	if err != nil {
		d.t.Errorf("%s: applying: %v", change.Type, err)
		return Result{Object: change.Prior}
	}
	result := Result{
		Object:      Object{Type: change.Type, Managed: Managed{State: resp.NewState, Identity: resp.NewIdentity, Private: resp.Private}},
		Diagnostics: resp.Diagnostics,
	}
	typ := d.resourceSchema(change.Type).ValueType()
	planned, errPlanned := change.planned.Unmarshal(typ)
	got, errGot := resp.NewState.Unmarshal(typ)
	if err := errors.Join(errPlanned, errGot); err != nil {
		d.t.Errorf("%s: %v", change.Type, err)
		return result
	}
	if !got.IsFullyKnown() {
		d.t.Errorf("%s: the state after the apply holds unknown values (%s), diagnostics:\n%s",
			change.Type, strings.Join(unknownIn(got), ", "), result.Text())
	}
	if result.Failed() {
		return result
	}
	if planned.IsNull() != got.IsNull() {
		d.t.Errorf("%s: planned to exist: %v, exists: %v, and no error", change.Type, !planned.IsNull(), !got.IsNull())
		return result
	}
	for _, difference := range inconsistencies(tftypes.NewAttributePath(), planned, got) {
		d.t.Errorf("%s: inconsistent result after apply: %s", change.Type, difference)
	}
	return result
}

// ApplyAll applies changes, so many at a time, in their order, and returns what became of each.
func (d *Driver) ApplyAll(parallelism int, changes ...Change) []Result {
	d.t.Helper()
	results := make([]Result, len(changes))
	each(parallelism, len(changes), func(n int) { results[n] = d.Apply(changes[n]) })
	return results
}

// PlanDestroyAll plans the destruction of all of these, ten at a time as Terraform does.
func (d *Driver) PlanDestroyAll(all ...Object) []Change {
	d.t.Helper()
	changes := make([]Change, len(all))
	each(10, len(all), func(n int) {
		change, diagnostics := d.PlanDestroy(all[n])
		for _, text := range diagnostics.Errors() {
			d.t.Error(text)
		}
		changes[n] = change
	})
	return changes
}

// each calls f for 0 to n-1, in this order, so many at a time.
func each(parallelism, n int, f func(int)) {
	var all sync.WaitGroup
	slots := make(chan struct{}, parallelism)
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	all.Wait()
}

// Create plans and applies a creation, which may fail.
func (d *Driver) Create(typeName, config string) Result {
	d.t.Helper()
	return d.Update(Object{Type: typeName}, config)
}

// Update plans and applies a change in place, which may fail.
func (d *Driver) Update(before Object, config string) Result {
	d.t.Helper()
	change, diagnostics := d.Plan(before, config)
	if diagnostics.Failed() {
		return Result{Object: before, Diagnostics: diagnostics}
	}
	if before.State != nil && len(change.Replace) > 0 {
		d.t.Errorf("%s is to be replaced for %v", before.Type, change.Replace)
		return Result{Object: before, Diagnostics: diagnostics}
	}
	result := d.Apply(change)
	result.Diagnostics = append(diagnostics, result.Diagnostics...)
	return result
}

// Must is the object of a result; an error fails the test.
func (d *Driver) Must(r Result) Object {
	d.t.Helper()
	d.NoErrors(r.Diagnostics)
	return r.Object
}

// Destroy plans and applies the destruction of a resource, which may fail.
func (d *Driver) Destroy(before Object) Result {
	d.t.Helper()
	change, diagnostics := d.PlanDestroy(before)
	if diagnostics.Failed() {
		return Result{Object: before, Diagnostics: diagnostics}
	}
	return d.Apply(change)
}

// Refresh reads a resource, which may fail. The state that it returns holds no unknown values.
func (d *Driver) Refresh(before Object) Result {
	d.t.Helper()
	resp, err := d.ReadResource(d.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: before.Type, CurrentState: before.State, CurrentIdentity: before.Identity, Private: before.Private,
	})
	if err != nil {
		d.t.Errorf("%s: reading: %v", before.Type, err)
		return Result{Object: before}
	}
	if resp.NewState == nil && Diagnostics(resp.Diagnostics).Failed() {
		return Result{Object: before, Diagnostics: resp.Diagnostics} // Terraform keeps what it has
	}
	result := Result{
		Object:      Object{Type: before.Type, Managed: Managed{State: resp.NewState, Identity: resp.NewIdentity, Private: resp.Private}},
		Diagnostics: resp.Diagnostics,
	}
	got, err := resp.NewState.Unmarshal(d.resourceSchema(before.Type).ValueType())
	switch {
	case err != nil:
		d.t.Errorf("%s: %v", before.Type, err)
	case !got.IsFullyKnown():
		d.t.Errorf("%s: the state after the read holds unknown values: %s", before.Type, strings.Join(unknownIn(got), ", "))
	}
	return result
}

// ImportByID imports a resource by its id and reads it, each of which may fail.
func (d *Driver) ImportByID(typeName, id string) Result {
	d.t.Helper()
	resp, err := d.ImportResourceState(d.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
	if err != nil {
		d.t.Errorf("%s: importing: %v", typeName, err)
		return Result{Object: Object{Type: typeName}}
	}
	imported := Result{Object: Object{Type: typeName}, Diagnostics: resp.Diagnostics}
	if len(resp.ImportedResources) != 1 || imported.Failed() {
		return imported
	}
	one := resp.ImportedResources[0]
	imported.Managed = Managed{State: one.State, Identity: one.Identity, Private: one.Private}
	read := d.Refresh(imported.Object)
	read.Diagnostics = append(imported.Diagnostics, read.Diagnostics...)
	return read
}

// Move moves a resource to another type, as a moved block does.
func (d *Driver) Move(before Object, typeName string) Result {
	d.t.Helper()
	v, err := before.State.Unmarshal(d.resourceSchema(before.Type).ValueType())
	if err != nil {
		d.t.Fatal(err)
	}
	state, err := json.Marshal(plain(d.t, v))
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := d.MoveResourceState(d.ctx, &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/opentrove/trove", SourceTypeName: before.Type, SourceState: &tfprotov6.RawState{JSON: state}, SourcePrivate: before.Private,
		TargetTypeName: typeName,
	})
	if err != nil {
		d.t.Errorf("%s: moving: %v", before.Type, err)
		return Result{Object: before}
	}
	return Result{
		Object:      Object{Type: typeName, Managed: Managed{State: resp.TargetState, Identity: resp.TargetIdentity, Private: resp.TargetPrivate}},
		Diagnostics: resp.Diagnostics,
	}
}

// Exists says whether the state holds the resource.
func (d *Driver) Exists(o Object) bool {
	d.t.Helper()
	if o.State == nil {
		return false
	}
	v, err := o.State.Unmarshal(d.resourceSchema(o.Type).ValueType())
	if err != nil {
		d.t.Fatal(err)
	}
	return !v.IsNull()
}

// Texts are the attributes of a resource that are known strings, none where it does not exist.
func (d *Driver) Texts(o Object) map[string]string {
	d.t.Helper()
	if o.State == nil {
		return nil
	}
	return d.Resource(o.Type, o.State)
}

// ID is the id of a resource, "" where it has none.
func (d *Driver) ID(o Object) string {
	d.t.Helper()
	return d.Texts(o)["id"]
}

// prior is the state of an object as the protocol has it.
func (d *Driver) prior(o Object) *tfprotov6.DynamicValue {
	if o.State == nil {
		return d.null(o.Type)
	}
	return o.State
}

func (d *Driver) null(typeName string) *tfprotov6.DynamicValue {
	d.t.Helper()
	return d.dynamic(tftypes.NewValue(d.resourceSchema(typeName).ValueType(), nil))
}
