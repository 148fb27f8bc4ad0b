package instancebase

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Default timeouts. Trove itself allows an hour for building a replica, since it restores a backup for it.
const (
	CreateTimeout = 90 * time.Minute
	UpdateTimeout = 60 * time.Minute
	DeleteTimeout = 60 * time.Minute
)

// ResourceModel is a resource's model: a struct that embeds Model, which is one itself.
type ResourceModel interface {
	// Shared is the part that all instances have.
	Shared() *Model
	// FromAPI fills in what the server shows, the kind's own attributes included.
	FromAPI(ctx context.Context, c *operation.Client, i *trove.Instance) diag.Diagnostics
}

// Resource is embedded by every resource: it receives the connection, identifies and imports by id, and leads an instance through its
// life. A kind says what to create, what goes before a change, and how the instance leaves.
type Resource struct{ connection *Connection }

// Configure implements resource.ResourceWithConfigure. Terraform validates without a configured provider, so none is no
// error here.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &r.connection)...)
}

// Client is the client for a region; the provider's own where it is null or not known.
func (r *Resource) Client(ctx context.Context, region types.String) (*operation.Client, diag.Diagnostics) {
	return inRegion(ctx, r.connection, region)
}

// Configured says whether there is a provider configuration: not while Terraform only validates.
func (r *Resource) Configured() bool { return r.connection != nil }

// Begin gives a creation, an update or a deletion its client and its timeout: timeout reads it from the model, fallback is its default. It
// reports what went wrong in diags; cancel is never nil, and is to be called when the change has ended.
func (r *Resource) Begin(ctx context.Context, region types.String, timeout tfkit.Timeout, fallback time.Duration, diags *diag.Diagnostics,
) (*operation.Client, context.Context, context.CancelFunc) {
	client, ctx, cancel := r.BeginRead(ctx, region, timeout, fallback, diags)
	if client == nil {
		return client, ctx, cancel
	}
	ended := client.Registry().BeginChange()
	return client, ctx, sync.OnceFunc(func() {
		ended()
		cancel()
	})
}

// BeginRead is Begin for what changes nothing.
func (r *Resource) BeginRead(ctx context.Context, region types.String, timeout tfkit.Timeout, fallback time.Duration, diags *diag.Diagnostics,
) (*operation.Client, context.Context, context.CancelFunc) {
	limit, d := timeout(ctx, fallback)
	diags.Append(d...)
	client, d := r.Client(ctx, region)
	diags.Append(d...)
	ctx, cancel := context.WithTimeout(ctx, limit)
	return client, ctx, cancel
}

// IdentitySchema implements resource.ResourceWithIdentity for what the server gives an id.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IDIdentitySchema()
}

// Import puts what an import asks for into the state, for the read that follows to complete. Where it says no region, that is
// the provider's.
func (r *Resource) Import(ctx context.Context, asked map[string]string, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	client, diags := r.Client(ctx, tfkit.StringOrNull(asked["region"]))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if asked["region"] == "" {
		asked["region"] = client.Region()
	}
	tfkit.SetImported(ctx, asked, req, resp)
}

// ImportState implements resource.ResourceWithImportState for what the server gives an id.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, "the resource", req, func(id string) (map[string]string, error) {
		return map[string]string{"id": id}, tfkit.CheckID(id)
	})
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.Import(ctx, asked, req, resp)
	}
}
