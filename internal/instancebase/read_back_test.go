package instancebase

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// unreadable is a kind of instance that cannot be read back.
type unreadable struct{ Model }

func (m *unreadable) FromAPI(ctx context.Context, c *operation.Client, i *trove.Instance) diag.Diagnostics {
	diags := m.Model.FromAPI(ctx, c, i)
	diags.AddWarning("A warning", "It is shown all the same.")
	diags.AddAttributeError(path.Root("name"), "Unable to read the cluster", "The answer was cut.")
	return diags
}

// planned is a plan in which these attributes are known, and all that is computed is not.
func planned(t *testing.T, known map[string]tftypes.Value) tfsdk.Plan {
	t.Helper()
	s := schema.Schema{Attributes: Attributes(t.Context(), SchemaOptions{}, nil)}
	typ, ok := s.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	values := map[string]tftypes.Value{}
	for name, a := range s.Attributes {
		values[name] = tftypes.NewValue(typ.AttributeTypes[name], nil)
		if a.IsComputed() {
			values[name] = tftypes.NewValue(typ.AttributeTypes[name], tftypes.UnknownValue)
		}
		if v, ok := known[name]; ok {
			values[name] = v
		}
	}
	return tfsdk.Plan{Schema: s, Raw: tftypes.NewValue(typ, values)}
}

func texts(of map[string]string) tftypes.Value {
	attributes, types := map[string]tftypes.Value{}, map[string]tftypes.Type{}
	for name, text := range of {
		attributes[name], types[name] = tftypes.NewValue(tftypes.String, text), tftypes.String
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, attributes)
}

func nullIdentity(t *testing.T) *tfsdk.ResourceIdentity {
	t.Helper()
	s := tfkit.IDIdentitySchema()
	return &tfsdk.ResourceIdentity{Schema: s, Raw: tftypes.NewValue(s.Type().TerraformType(t.Context()), nil)}
}

func expectReadBackError(t *testing.T, diags diag.Diagnostics, summary, consequence string) {
	t.Helper()
	if len(diags.Errors()) != 1 || len(diags.Warnings()) != 1 {
		t.Fatalf("want an error and a warning, got %v", diags)
	}
	e := diags.Errors()[0]
	if at, ok := e.(diag.DiagnosticWithPath); !ok || !at.Path().Equal(path.Root("name")) {
		t.Errorf("%v is not at its attribute", e)
	}
	if e.Summary() != summary || !strings.HasPrefix(e.Detail(), "Unable to read the cluster. The answer was cut.\n\n") || !strings.Contains(e.Detail(), consequence) {
		t.Errorf("got %s: %s", e.Summary(), e.Detail())
	}
}

func TestNothingMoreIsSavedWhereWhatWasMadeCannotBeRead(t *testing.T) {
	s, client := newCloud(t)
	r := &Resource{connection: &Connection{Client: client}}
	plan := planned(t, map[string]tftypes.Value{
		"name": tftypes.NewValue(tftypes.String, "orders"), "flavor_id": tftypes.NewValue(tftypes.String, "1"),
		"datastore":           texts(map[string]string{"type": "mysql", "version": "mysql-5.7"}),
		"volume":              tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"size": tftypes.Number, "type": tftypes.String}}, map[string]tftypes.Value{"size": tftypes.NewValue(tftypes.Number, 2), "type": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}),
		"deletion_protection": tftypes.NewValue(tftypes.Bool, true), "restart_policy": tftypes.NewValue(tftypes.String, restartNever),
	})
	created := &resource.CreateResponse{State: tfsdk.State{Schema: plan.Schema, Raw: tftypes.NewValue(plan.Raw.Type(), nil)}, Identity: nullIdentity(t)}
	var model unreadable
	r.CreateInstance(t.Context(), "database instance", resource.CreateRequest{Plan: plan}, created, &model,
		func(ctx context.Context, c *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
			return model.ToCreateRequest(ctx, c)
		})
	expectReadBackError(t, created.Diagnostics, "Unable to read database instance after creation", "marked as tainted")
	if !created.State.Raw.IsFullyKnown() {
		t.Errorf("the state is %s", created.State.Raw)
	}
	var id, hostname types.String
	var protected types.Bool
	for attribute, into := range map[string]any{"id": &id, "hostname": &hostname, "deletion_protection": &protected} {
		if diags := created.State.GetAttribute(t.Context(), path.Root(attribute), into); diags.HasError() {
			t.Fatal(diags)
		}
	}
	if id.ValueString() == "" || !hostname.IsNull() || protected.ValueBool() {
		t.Errorf("the state has id %s, hostname %s, deletion_protection %s", id, hostname, protected)
	}

	// A change that cannot be read back leaves the state as it was; the refresh shows what has changed.
	before := created.State.Raw
	var attributes map[string]tftypes.Value
	if err := before.As(&attributes); err != nil {
		t.Fatal(err)
	}
	attributes["name"] = tftypes.NewValue(tftypes.String, "accounts")
	changed := &resource.UpdateResponse{State: tfsdk.State{Schema: plan.Schema, Raw: before.Copy()}, Identity: created.Identity}
	r.UpdateInstance(t.Context(), "database instance", resource.UpdateRequest{
		State: tfsdk.State{Schema: plan.Schema, Raw: before}, Plan: tfsdk.Plan{Schema: plan.Schema, Raw: tftypes.NewValue(before.Type(), attributes)},
	}, changed, &unreadable{}, &unreadable{}, nil)
	expectReadBackError(t, changed.Diagnostics, "Unable to read database instance after the change", "The change was made")
	if !changed.State.Raw.Equal(before) {
		t.Errorf("the state was changed: %s", changed.State.Raw)
	}
	if n := s.Ledger().Count("POST /instances"); n != 1 {
		t.Errorf("%d instances were made", n)
	}
}
