package acctest

import (
	"context"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
)

// FakeTrove is a cloud that shows these documents, by their path below the project, and refuses with these codes.
type FakeTrove struct {
	ServesTopology bool
	Documents      map[string]string
	Codes          map[string]int
}

func (f FakeTrove) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/v3/") {
		w.Header().Set("X-Subject-Token", "token")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"token": {"project": {"id": "p1"}, "catalog": [{"type": "database", "name": "trove", "endpoints": [
			{"interface": "public", "region": "one", "region_id": "one", "url": "http://%[1]s/v1.0/p1"},
			{"interface": "public", "region": "two", "region_id": "two", "url": "http://%[1]s/v1.0/p1"}]}]}}`, r.Host)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1.0/p1/")
	parts := strings.Split(path, "/")
	code, message := f.Codes[path], "told to"
	if code == 0 {
		if document, found := f.Documents[path]; found {
			fmt.Fprint(w, document)
			return
		}
		code, message = http.StatusNotFound, "The resource could not be found."
		if known := len(parts) == 2 || len(parts) == 3 && parts[2] == "topology" && f.ServesTopology; known {
			message = fmt.Sprintf("Resource %s cannot be found.", parts[1])
		}
	}
	w.WriteHeader(code)
	fault := "fault"
	if code == http.StatusNotFound {
		fault = "itemNotFound"
	}
	fmt.Fprintf(w, `{%q: {"code": %d, "message": %q}}`, fault, code, message)
}

// stub is a provider that serves the data sources with a connection made by the test.
type stub struct {
	provider.Provider
	sources    []func() datasource.DataSource
	connection *instancebase.Connection
}

func (stub) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "trove"
}

func (stub) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (s stub) Configure(_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	resp.DataSourceData = s.connection
}

func (stub) Resources(context.Context) []func() resource.Resource { return nil }

func (s stub) DataSources(context.Context) []func() datasource.DataSource { return s.sources }

// DataSourceServer speaks the plugin protocol to data sources.
type DataSourceServer struct {
	tfprotov6.ProviderServer
	types map[string]tftypes.Type
}

// NewDataSourceServer serves data sources for a cloud; the provider's region is one.
func NewDataSourceServer(t *testing.T, cloud FakeTrove, sources ...func() datasource.DataSource) *DataSourceServer {
	t.Helper()
	web := httptest.NewServer(cloud)
	t.Cleanup(web.Close)
	client, err := operation.Connect(operation.Options{Options: openstack.Options{
		Region: "one",
		Auth: gophercloud.AuthOptions{
			IdentityEndpoint: web.URL + "/v3", Username: "demo", Password: "demo", DomainName: "Default", Scope: &gophercloud.AuthScope{ProjectID: "p1"},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := &DataSourceServer{ProviderServer: providerserver.NewProtocol6(stub{sources: sources, connection: &instancebase.Connection{Client: client}})(), types: map[string]tftypes.Type{}}
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		t.Fatal(err, schemas)
	}
	for name, schema := range schemas.DataSourceSchemas {
		s.types[name] = schema.ValueType()
	}
	none, err := tfprotov6.NewDynamicValue(tftypes.Object{}, tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{}))
	if err != nil {
		t.Fatal(err)
	}
	configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &none})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	return s
}

// config is a configuration of strings; all other attributes are null.
func (s *DataSourceServer) config(t *testing.T, name string, set map[string]string) *tfprotov6.DynamicValue {
	t.Helper()
	object, ok := s.types[name].(tftypes.Object)
	if !ok {
		t.Fatalf("there is no data source %s", name)
	}
	values := map[string]tftypes.Value{}
	for attribute, typ := range object.AttributeTypes {
		values[attribute] = tftypes.NewValue(typ, nil)
		if v, given := set[attribute]; given {
			values[attribute] = tftypes.NewValue(typ, v)
		}
	}
	config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	return &config
}

// Validate validates a data source in which only these attributes are set.
func (s *DataSourceServer) Validate(t *testing.T, name string, set map[string]string) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := s.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: s.config(t, name, set)})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// Read returns the state in plain Go values; where there are errors it is only the configuration.
func (s *DataSourceServer) Read(t *testing.T, name string, set map[string]string) (map[string]any, []*tfprotov6.Diagnostic) {
	t.Helper()
	resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: s.config(t, name, set)})
	if err != nil {
		t.Fatal(err)
	}
	state, err := resp.State.Unmarshal(s.types[name])
	if err != nil {
		t.Fatal(err)
	}
	out, _ := plain(t, state).(map[string]any)
	return out, resp.Diagnostics
}

// plain is a value as encoding/json would read it.
func plain(t *testing.T, v tftypes.Value) any {
	t.Helper()
	if !v.IsKnown() {
		t.Fatalf("%s is unknown in a state", v)
	}
	if v.IsNull() {
		return nil
	}
	var (
		text    string
		truth   bool
		number  big.Float
		list    []tftypes.Value
		members map[string]tftypes.Value
	)
	switch {
	case v.As(&text) == nil:
		return text
	case v.As(&truth) == nil:
		return truth
	case v.As(&number) == nil:
		f, _ := number.Float64()
		return f
	case v.As(&list) == nil:
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = plain(t, e)
		}
		return out
	case v.As(&members) == nil:
		out := map[string]any{}
		for name, e := range members {
			out[name] = plain(t, e)
		}
		return out
	}
	t.Fatalf("%s is of a type that no schema here has", v)
	return nil
}

// ExpectError wants one error at an attribute, with this summary and these texts in its detail.
func ExpectError(t *testing.T, diags []*tfprotov6.Diagnostic, summary, attribute string, details ...string) {
	t.Helper()
	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Fatalf("got %v, want one error", diags)
	}
	d := diags[0]
	if !strings.HasPrefix(d.Summary, summary) {
		t.Errorf("the summary is %q, want %q", d.Summary, summary)
	}
	if at := tftypes.NewAttributePath().WithAttributeName(attribute); !d.Attribute.Equal(at) {
		t.Errorf("the error is at %s, want %s", d.Attribute, at)
	}
	for _, text := range details {
		if !strings.Contains(d.Detail, text) {
			t.Errorf("the detail lacks %q:\n%s", text, d.Detail)
		}
	}
}
