package protocol

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// slow is a provider with a data source whose reading goes on until its context ends.
type slow struct{ reading chan struct{} }

func (s *slow) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "slow"
}
func (s *slow) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (s *slow) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (s *slow) Resources(context.Context) []func() resource.Resource                              { return nil }
func (s *slow) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return &slowData{s.reading} }}
}

type slowData struct{ reading chan struct{} }

func (d *slowData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "slow_data"
}
func (d *slowData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{}
}
func (d *slowData) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	close(d.reading)
	<-ctx.Done()
	resp.Diagnostics.AddError("ended", ctx.Err().Error())
}

func emptyConfig(t *testing.T) *tfprotov6.DynamicValue {
	t.Helper()
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, map[string]tftypes.Value{}))
	if err != nil {
		t.Fatal(err)
	}
	return &config
}

type key struct{}

func TestACallsContextIsLetGoWhenTheCallIsOver(t *testing.T) {
	s := New(&slow{})
	lists, _ := s.(tfprotov6.ListResourceServer)
	actions, _ := s.(tfprotov6.ActionServer)
	calls := map[string]func(context.Context) error{
		"ValidateResourceConfig": func(ctx context.Context) error {
			_, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: "none"})
			return err
		},
		"ReadResource": func(ctx context.Context) error {
			_, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: "none"})
			return err
		},
		"PlanResourceChange": func(ctx context.Context) error {
			_, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: "none"})
			return err
		},
		"ApplyResourceChange": func(ctx context.Context) error {
			_, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: "none"})
			return err
		},
		"ListResource": func(ctx context.Context) error {
			stream, err := lists.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: "none"})
			if err == nil {
				for range stream.Results {
				}
			}
			return err
		},
		"InvokeAction": func(ctx context.Context) error {
			stream, err := actions.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: "none"})
			if err == nil {
				for range stream.Events {
				}
			}
			return err
		},
	}
	for name, made := range calls {
		t.Run(name, func(t *testing.T) {
			held := weakly(t, made)
			runtime.GC()
			if held.Value() != nil {
				t.Error("what the context of the call held is still in memory")
			}
		})
	}
	runtime.KeepAlive(s)
}

// weakly makes a call whose context holds a value that nothing else does.
//
//go:noinline
func weakly(t *testing.T, made func(context.Context) error) weak.Pointer[[1 << 16]byte] {
	t.Helper()
	value := new([1 << 16]byte)
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, value))
	defer cancel()
	if err := made(ctx); err != nil {
		t.Fatal(err)
	}
	return weak.Make(value)
}

func TestACallEndsWithItsContextAndWithTheProvider(t *testing.T) {
	ends := map[string]func(t *testing.T, s tfprotov6.ProviderServer, cancel func()){
		"its context": func(_ *testing.T, _ tfprotov6.ProviderServer, cancel func()) { cancel() },
		"the provider": func(t *testing.T, s tfprotov6.ProviderServer, _ func()) {
			t.Helper()
			if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Error(err)
			}
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			reading := make(chan struct{})
			s := New(&slow{reading})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-reading
				end(t, s, cancel)
			}()
			resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: "slow_data", Config: emptyConfig(t)})
			if err != nil {
				t.Fatal(err)
			}
			if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Detail != context.Canceled.Error() {
				t.Errorf("reading ended with %+v, want the one error of a canceled context", resp.Diagnostics)
			}
		})
	}
}

func TestWhatOutlivesACallSeesACanceledContext(t *testing.T) {
	within, end := newScope(context.WithValue(t.Context(), key{}, "value"))
	child, cancel := context.WithCancel(within)
	defer cancel()
	if within.Value(key{}) != "value" || within.Err() != nil || child.Err() != nil {
		t.Fatal("a scope must be as its context while the call goes on")
	}
	end()
	if within.Value(key{}) != nil || !errors.Is(within.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) {
		t.Error("a scope must be canceled and empty when the call is over")
	}
	<-within.Done()
}

func TestTheLogIsOffOnlyWhereNoneIsAskedFor(t *testing.T) {
	tests := map[string]struct {
		environ []string
		want    string
	}{
		"nothing set":               {environ: []string{"PATH=/bin"}, want: "TF_LOG_SDK=off TF_LOG_PROVIDER_TROVE=off"},
		"set to nothing":            {environ: []string{"TF_LOG="}, want: "TF_LOG_SDK=off TF_LOG_PROVIDER_TROVE=off"},
		"a log of Terraform":        {environ: []string{"TF_LOG=trace"}},
		"a log of the provider":     {environ: []string{"TF_LOG_PROVIDER=debug"}},
		"a log of the protocol":     {environ: []string{"TF_LOG_SDK=info"}},
		"another variable's prefix": {environ: []string{"TF_LOGIN=1"}, want: "TF_LOG_SDK=off TF_LOG_PROVIDER_TROVE=off"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := quiet(tt.environ, func(k, v string) error { got = strings.TrimSpace(got + " " + k + "=" + v); return nil }); err != nil || got != tt.want {
				t.Errorf("sets %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
