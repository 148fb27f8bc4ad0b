package provider_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	trove "github.com/opentrove/terraform-provider-trove/internal/provider"
)

// asksNothing are the deletions that only forget: the members keep their roles and settings.
var asksNothing = map[string]string{"trove_replication_source": "deletion", "trove_mongodb_replica_set": "deletion"}

// A refresh that began as a change would have the plan taken for an apply, and its sets not judged; a change that began as a refresh would not
// be waited for by what waits for others, and an apply of it alone would be judged as a plan.
func TestRefreshBeginsAsRefreshAndChangeAsChange(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	for _, make := range trove.New("test", "")().Resources(t.Context()) {
		typeName := typeNameOf(t, make())
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			// Nothing of the state exists at the server. What begins a change does so before any request, of which none is made.
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			for name, begin := range map[string]func(b *begun){
				"refresh": func(b *begun) {
					resp := resource.ReadResponse{State: b.state(), Identity: b.identity()}
					b.Read(t.Context(), resource.ReadRequest{State: b.state(), Identity: b.identity()}, &resp)
				},
				"creation": func(b *begun) {
					resp := resource.CreateResponse{State: b.nothing(), Identity: b.identity()}
					b.Create(ended, resource.CreateRequest{Config: tfsdk.Config(b.state()), Plan: tfsdk.Plan(b.state())}, &resp)
				},
				"update": func(b *begun) {
					resp := resource.UpdateResponse{State: b.state(), Identity: b.identity()}
					b.Update(ended, resource.UpdateRequest{Config: tfsdk.Config(b.state()), Plan: tfsdk.Plan(b.state()), State: b.state()}, &resp)
				},
				"deletion": func(b *begun) {
					resp := resource.DeleteResponse{State: b.state()}
					b.Delete(ended, resource.DeleteRequest{State: b.state()}, &resp)
				},
			} {
				b := newBegun(t, cloud, make())
				begin(b)
				if is, want := b.client.Registry().Applying(), name != "refresh" && asksNothing[typeName] != name; is != want {
					t.Errorf("after the %s, a plan is being applied: %t, want %t", name, is, want)
				}
			}
		})
	}
}

// begun is a resource of a process of its own.
type begun struct {
	resource.Resource
	t      *testing.T
	client *operation.Client
}

func newBegun(t *testing.T, cloud *acctest.Cloud, r resource.Resource) *begun {
	t.Helper()
	p := trove.New("test", "")()
	var block provider.SchemaResponse
	p.Schema(t.Context(), provider.SchemaRequest{}, &block)
	values := map[string]tftypes.Value{}
	settings := map[string]string{
		"auth_url": cloud.IdentityURL, "username": cloud.Username, "password": cloud.Password, "project_name": cloud.Project, "region": acctest.Region,
		"user_domain_name": "Default", "project_domain_name": "Default",
	}
	object, ok := block.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the provider block is no object")
	}
	for name, typ := range object.AttributeTypes {
		values[name] = tftypes.NewValue(typ, nil)
		if text, set := settings[name]; set {
			values[name] = tftypes.NewValue(typ, text)
		}
	}
	var configured provider.ConfigureResponse
	p.Configure(t.Context(), provider.ConfigureRequest{Config: tfsdk.Config{Schema: block.Schema, Raw: tftypes.NewValue(object, values)}}, &configured)
	connection, ok := configured.ResourceData.(*instancebase.Connection)
	if !ok || configured.Diagnostics.HasError() {
		t.Fatal(configured.Diagnostics)
	}
	configurable, ok := r.(resource.ResourceWithConfigure)
	if !ok {
		t.Fatal("it is not configured")
	}
	configurable.Configure(t.Context(), resource.ConfigureRequest{ProviderData: connection}, &resource.ConfigureResponse{})
	client, err := connection.Client.InRegion(t.Context(), "") // signs in
	if err != nil {
		t.Fatal(err)
	}
	return &begun{Resource: r, t: t, client: client}
}

func typeNameOf(t *testing.T, r resource.Resource) string {
	t.Helper()
	var named resource.MetadataResponse
	r.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "trove"}, &named)
	return named.TypeName
}

func (b *begun) nothing() tfsdk.State {
	var s resource.SchemaResponse
	b.Schema(b.t.Context(), resource.SchemaRequest{}, &s)
	return tfsdk.State{Schema: s.Schema, Raw: tftypes.NewValue(s.Schema.Type().TerraformType(b.t.Context()), nil)}
}

// state identifies what does not exist: each text of it is an id, and all else is null.
func (b *begun) state() tfsdk.State {
	state := b.nothing()
	object, ok := state.Raw.Type().(tftypes.Object)
	if !ok {
		b.t.Fatal("the state is no object")
	}
	values := map[string]tftypes.Value{}
	for name, typ := range object.AttributeTypes {
		values[name] = tftypes.NewValue(typ, nil)
		if typ.Is(tftypes.String) && name != "region" {
			values[name] = tftypes.NewValue(typ, "11111111-1111-4111-8111-111111111111")
		}
	}
	state.Raw = tftypes.NewValue(object, values)
	return state
}

func (b *begun) identity() *tfsdk.ResourceIdentity {
	var s resource.IdentitySchemaResponse
	identified, ok := b.Resource.(resource.ResourceWithIdentity)
	if !ok {
		b.t.Fatal("it has no identity")
	}
	identified.IdentitySchema(b.t.Context(), resource.IdentitySchemaRequest{}, &s)
	return &tfsdk.ResourceIdentity{Schema: s.IdentitySchema, Raw: tftypes.NewValue(s.IdentitySchema.Type().TerraformType(b.t.Context()), nil)}
}
