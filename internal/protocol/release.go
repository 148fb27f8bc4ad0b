package protocol

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// releasing releases what a call's context holds when the call has ended.
//
// The framework's server keeps a child of the context of every call, to cancel it in StopProvider, and drops none before the process ends
// (internal/proto6server/serve.go, version 1.19). A context holds the loggers of its call, about 30 kB: 400 MB for 3,000 resources. With
// this type about 200 bytes of a call remain. Calls that Terraform makes once per process, such as ConfigureProvider, are left as they
// are.
type releasing struct{ server }

var _ server = (*releasing)(nil)

// scope is the context of one call. After the call it is a canceled context without values.
type scope struct {
	during atomic.Pointer[context.Context]
}

// newScope returns a scope within ctx, and the function that ends it.
func newScope(ctx context.Context) (*scope, func()) {
	ctx, cancel := context.WithCancel(ctx)
	s := &scope{}
	s.during.Store(&ctx)
	return s, func() { //nolint:contextcheck // it ends ctx
		cancel()
		s.during.Store(nil)
	}
}

// over is a closed channel.
var over = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Deadline implements context.Context.
func (s *scope) Deadline() (time.Time, bool) {
	if ctx := s.during.Load(); ctx != nil {
		return (*ctx).Deadline()
	}
	return time.Time{}, false
}

// Done implements context.Context.
func (s *scope) Done() <-chan struct{} {
	if ctx := s.during.Load(); ctx != nil {
		return (*ctx).Done()
	}
	return over
}

// Err implements context.Context.
func (s *scope) Err() error {
	if ctx := s.during.Load(); ctx != nil {
		return (*ctx).Err()
	}
	return context.Canceled
}

// Value implements context.Context.
func (s *scope) Value(key any) any {
	if ctx := s.during.Load(); ctx != nil {
		return (*ctx).Value(key)
	}
	return nil
}

// call makes one call in its own scope.
func call[Request, Response any](ctx context.Context, of func(context.Context, Request) (Response, error), req Request) (Response, error) {
	within, end := newScope(ctx)
	defer end()
	return of(within, req) //nolint:contextcheck // it is within ctx
}

// until returns a sequence that calls end when it has ended.
func until[Item any](items iter.Seq[Item], end func()) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		defer end()
		items(yield)
	}
}

// ListResource implements tfprotov6.ListResourceServer. The call ends when its results do.
func (r *releasing) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	within, end := newScope(ctx)
	resp, err := r.server.ListResource(within, req) //nolint:contextcheck // it is within ctx
	if err != nil {
		end()
		return nil, err
	}
	resp.Results = until(resp.Results, end)
	return resp, nil
}

// InvokeAction implements tfprotov6.ActionServer. The call ends when its events do.
func (r *releasing) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	within, end := newScope(ctx)
	resp, err := r.server.InvokeAction(within, req) //nolint:contextcheck // it is within ctx
	if err != nil {
		end()
		return nil, err
	}
	resp.Events = until(resp.Events, end)
	return resp, nil
}

// ValidateResourceConfig implements tfprotov6.ResourceServer.
func (r *releasing) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return call(ctx, r.server.ValidateResourceConfig, req)
}

// UpgradeResourceState implements tfprotov6.ResourceServer.
func (r *releasing) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return call(ctx, r.server.UpgradeResourceState, req)
}

// UpgradeResourceIdentity implements tfprotov6.ResourceServer.
func (r *releasing) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return call(ctx, r.server.UpgradeResourceIdentity, req)
}

// ReadResource implements tfprotov6.ResourceServer.
func (r *releasing) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return call(ctx, r.server.ReadResource, req)
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (r *releasing) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return call(ctx, r.server.PlanResourceChange, req)
}

// ApplyResourceChange implements tfprotov6.ResourceServer. If the framework cannot read a request, for instance because its private state
// is damaged, it answers without a state, which Terraform takes as a deleted resource: such an answer gets the prior state.
func (r *releasing) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := call(ctx, r.server.ApplyResourceChange, req)
	if err == nil && resp != nil && resp.NewState == nil {
		resp.NewState, resp.NewIdentity, resp.Private = req.PriorState, req.PlannedIdentity, req.PlannedPrivate
	}
	return resp, err
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (r *releasing) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return call(ctx, r.server.ImportResourceState, req)
}

// MoveResourceState implements tfprotov6.ResourceServer.
func (r *releasing) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return call(ctx, r.server.MoveResourceState, req)
}

// GenerateResourceConfig implements tfprotov6.ResourceServer.
func (r *releasing) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return call(ctx, r.server.GenerateResourceConfig, req)
}

// ValidateDataResourceConfig implements tfprotov6.DataSourceServer.
func (r *releasing) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return call(ctx, r.server.ValidateDataResourceConfig, req)
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (r *releasing) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return call(ctx, r.server.ReadDataSource, req)
}

// ValidateListResourceConfig implements tfprotov6.ListResourceServer.
func (r *releasing) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return call(ctx, r.server.ValidateListResourceConfig, req)
}

// ValidateActionConfig implements tfprotov6.ActionServer.
func (r *releasing) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return call(ctx, r.server.ValidateActionConfig, req)
}

// PlanAction implements tfprotov6.ActionServer.
func (r *releasing) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return call(ctx, r.server.PlanAction, req)
}
