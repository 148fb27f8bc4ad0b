package provider

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
)

// blockValue is a provider block in which only these attributes are set.
func blockValue(t *testing.T, values map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	object, ok := blockSchema().Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the provider block is no object")
	}
	all := map[string]tftypes.Value{}
	for name, typ := range object.AttributeTypes {
		all[name] = tftypes.NewValue(typ, nil)
	}
	for name, value := range values {
		if _, ok := all[name]; !ok {
			t.Fatalf("there is no attribute %s", name)
		}
		all[name] = value
	}
	return tftypes.NewValue(object, all)
}

func str(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// serve is the provider over its protocol, with an environment of its own.
func serve(t *testing.T, env set) tfprotov6.ProviderServer {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(&troveProvider{version: "1.2.3", getenv: env.getenv})()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func wire(t *testing.T, values map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	value := blockValue(t, values)
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

func validate(t *testing.T, values map[string]tftypes.Value) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := serve(t, nil).ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: wire(t, values)})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

func configure(t *testing.T, env set, values map[string]tftypes.Value) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := serve(t, env).ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: wire(t, values)})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// attributes are what the diagnostics are about.
func attributes(diags []*tfprotov6.Diagnostic) []string {
	var names []string
	for _, d := range diags {
		names = append(names, d.Attribute.String())
	}
	slices.Sort(names)
	return names
}

func TestTheSchemaIsValidAndSaysEverything(t *testing.T) {
	resp, err := serve(t, nil).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatalf("%v, %v", err, resp.Diagnostics)
	}
	var secrets []string
	for _, a := range resp.Provider.Block.Attributes {
		if !a.Optional || a.Required || a.Computed {
			t.Errorf("%s is not optional", a.Name)
		}
		if len(variables[a.Name]) == 0 || !strings.Contains(a.Description, "`"+variables[a.Name][0]+"`") {
			t.Errorf("%s does not tell its variable: %s", a.Name, a.Description)
		}
		if a.Sensitive {
			secrets = append(secrets, a.Name)
		}
	}
	if diff := cmp.Diff([]string{"application_credential_secret", "key", "password", "token"}, slices.Sorted(slices.Values(secrets))); diff != "" {
		t.Errorf("unexpected secrets (-want +got):\n%s", diff)
	}
}

func TestEveryAttributeReachesItsSetting(t *testing.T) {
	values := map[string]tftypes.Value{"insecure": tftypes.NewValue(tftypes.Bool, false), "max_retries": tftypes.NewValue(tftypes.Number, 0)}
	want := map[string]string{"insecure": "false", "max_retries": "0"}
	for name := range blockSchema().Attributes {
		if want[name] == "" {
			values[name], want[name] = str("the "+name), "the "+name
		}
	}
	var m model
	config := tfsdk.Config{Schema: blockSchema(), Raw: blockValue(t, values)}
	if diags := config.Get(t.Context(), &m); diags.HasError() {
		t.Fatal(diags)
	}
	got, unknown := m.level()
	if diff := cmp.Diff(want, got.values); diff != "" || unknown != nil {
		t.Errorf("unexpected settings (-want +got):\n%s\nunknown: %v", diff, unknown)
	}

	for name, typ := range map[string]tftypes.Type{"insecure": tftypes.Bool, "max_retries": tftypes.Number} {
		values[name] = tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	for name := range values {
		if want[name] == "the "+name {
			values[name] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
		}
	}
	config.Raw = blockValue(t, values)
	if diags := config.Get(t.Context(), &m); diags.HasError() {
		t.Fatal(diags)
	}
	if _, unknown = m.level(); len(unknown) != len(want) {
		t.Errorf("only %v are seen to be unknown", unknown)
	}
}

func TestValidationFindsWhatTheBlockAloneGetsWrong(t *testing.T) {
	tests := map[string]struct {
		values map[string]tftypes.Value
		want   []string
	}{
		"nothing is fine, for it may all come from elsewhere": {},
		"a usual block": {values: map[string]tftypes.Value{
			"auth_url": str("https://cloud.example.com:5000/v3"), "username": str("u"), "password": str("p"), "project_name": str("demo"), "endpoint_type": str("internal"),
			"endpoint_override": str("https://cloud.example.com:8779/v1.0/%(project_id)s"), "request_timeout": str("2m"), "reconfig_window": str("0s"),
			"topology_api": str("auto"), "insecure": tftypes.NewValue(tftypes.Bool, true), "max_retries": tftypes.NewValue(tftypes.Number, 3),
		}},
		"values that are not known yet": {values: map[string]tftypes.Value{
			"auth_url": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "username": str("u"), "user_id": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
			"request_timeout": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "insecure": tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue),
		}},
		"contradictions": {
			values: map[string]tftypes.Value{"username": str("u"), "user_id": str("u1"), "token": str("t"), "password": str("p")},
			want:   []string{`AttributeName("password")`, `AttributeName("user_id")`},
		},
		"bad values": {
			values: map[string]tftypes.Value{
				"auth_url": str("cloud:5000"), "endpoint_type": str("private"), "endpoint_override": str("/v1.0"), "request_timeout": str("90"), "reconfig_window": str("31s"),
				"topology_api": str("sometimes"), "max_retries": tftypes.NewValue(tftypes.Number, -1),
			},
			want: []string{`AttributeName("auth_url")`, `AttributeName("endpoint_override")`, `AttributeName("endpoint_type")`, `AttributeName("max_retries")`,
				`AttributeName("reconfig_window")`, `AttributeName("request_timeout")`, `AttributeName("topology_api")`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, attributes(validate(t, test.values))); diff != "" {
				t.Errorf("unexpected attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfiguringReportsWhatIsMissingAtItsAttribute(t *testing.T) {
	want := []string{`AttributeName("auth_url")`, `AttributeName("password")`}
	if diff := cmp.Diff(want, attributes(configure(t, nil, nil))); diff != "" {
		t.Errorf("unexpected attributes (-want +got):\n%s", diff)
	}
}

// connection configures the provider and returns what its resources get.
func connection(t *testing.T, env set, values map[string]tftypes.Value) *instancebase.Connection {
	t.Helper()
	var resp provider.ConfigureResponse
	p := &troveProvider{version: "1.2.3", getenv: env.getenv}
	p.Configure(t.Context(), provider.ConfigureRequest{TerraformVersion: "1.11.4", Config: tfsdk.Config{Schema: blockSchema(), Raw: blockValue(t, values)}}, &resp)
	if len(resp.Diagnostics) > 0 {
		t.Fatal(resp.Diagnostics)
	}
	c, ok := resp.ResourceData.(*instancebase.Connection)
	if !ok || resp.DataSourceData != resp.ResourceData {
		t.Fatalf("resources get %T, data sources %T", resp.ResourceData, resp.DataSourceData)
	}
	return c
}

func TestConfiguringDoesNoNetworkAndTheFirstUseNamesTheProvider(t *testing.T) {
	var requests atomic.Int32
	var agent atomic.Value
	keystone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		agent.Store(r.UserAgent())
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(keystone.Close)
	c := connection(t, openrc.with(set{"OS_AUTH_URL": keystone.URL + "/v3"}), map[string]tftypes.Value{"region": str("here"), "reconfig_window": str("250ms")})
	if requests.Load() != 0 {
		t.Errorf("%d requests", requests.Load())
	}
	if c.Client.Window() != 250*time.Millisecond || c.Client.Region() != "here" {
		t.Errorf("got window %s and region %q", c.Client.Window(), c.Client.Region())
	}
	if _, err := c.Client.Instance(t.Context(), "7"); err == nil || !strings.Contains(err.Error(), "refused the password of user envy") {
		t.Errorf("got %v", err)
	}
	if got, _ := agent.Load().(string); !strings.HasPrefix(got, "terraform-provider-trove/1.2.3 Terraform/1.11.4 ") {
		t.Errorf("the user agent is %q", got)
	}
}

func TestABlockThatIsNotKnownYetIsSurvivedUntilItIsNeeded(t *testing.T) {
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	c := connection(t, nil, map[string]tftypes.Value{"auth_url": unknown, "password": unknown})
	_, err := c.Client.Instance(t.Context(), "7")
	if err == nil || !strings.Contains(err.Error(), "the value of auth_url and of password is only known after apply") {
		t.Errorf("got %v", err)
	}
	if c.Client.Window() != time.Second {
		t.Errorf("the window is %s", c.Client.Window())
	}
}

func TestEverythingServedHasItsSchemaAndDescriptions(t *testing.T) {
	resp, err := serve(t, nil).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range maps.Collect(both(resp)) {
		if !strings.HasPrefix(name, "trove_") || schema.Block.Description == "" {
			t.Errorf("%s has the description %q", name, schema.Block.Description)
		}
	}
}

// both yields resources and data sources; a data source's name gets its kind, since resources have the same names.
func both(resp *tfprotov6.GetProviderSchemaResponse) func(func(string, *tfprotov6.Schema) bool) {
	return func(yield func(string, *tfprotov6.Schema) bool) {
		for name, s := range resp.ResourceSchemas {
			if !yield(name, s) {
				return
			}
		}
		for name, s := range resp.DataSourceSchemas {
			if !yield(name+" (data source)", s) {
				return
			}
		}
	}
}

func TestTheVersionIsTheProviders(t *testing.T) {
	var resp provider.MetadataResponse
	New("1.2.3", "")().Metadata(t.Context(), provider.MetadataRequest{}, &resp)
	if resp.TypeName != "trove" || resp.Version != "1.2.3" {
		t.Errorf("got %+v", resp)
	}
}
