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

// Default timeouts. Trove itself allows an hour for building a replica, since it restores a backup.
const (
	CreateTimeout = 90 * time.Minute
	UpdateTimeout = 60 * time.Minute
	DeleteTimeout = 60 * time.Minute
)

// ResourceModel is a resource's model: a struct that embeds Model. Model itself is one too.
type ResourceModel interface {
	// Shared returns the part that all instances have.
	Shared() *Model
	// FromAPI fills in what the server returns, including the kind's own attributes.
	FromAPI(ctx context.Context, c *operation.Client, i *trove.Instance) diag.Diagnostics
}

// Resource is embedded by every resource: it receives the connection, identifies and imports by id, and creates, reads, changes and deletes
// instances. A kind defines what to create, what to do before a change, and how the instance leaves its topology.
type Resource struct{ connection *Connection }

// Configure implements resource.ResourceWithConfigure. Terraform validates without a configured provider, so a missing one is not an error
// here.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &r.connection)...)
}

// Client returns the client for a region, or for the provider's own if it is null or not known.
func (r *Resource) Client(ctx context.Context, region types.String) (*operation.Client, diag.Diagnostics) {
	return inRegion(ctx, r.connection, region)
}

// Configured reports whether the provider is configured: it is not while Terraform only validates.
func (r *Resource) Configured() bool { return r.connection != nil }

// Begin gives a creation, an update or a deletion its client and its timeout: timeout reads it from the model, fallback is its default. It
// reports errors in diags; cancel is never nil, and must be called when the change has ended.
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

// BeginRead is Begin for operations that change nothing.
func (r *Resource) BeginRead(ctx context.Context, region types.String, timeout tfkit.Timeout, fallback time.Duration, diags *diag.Diagnostics,
) (*operation.Client, context.Context, context.CancelFunc) {
	limit, d := timeout(ctx, fallback)
	diags.Append(d...)
	client, d := r.Client(ctx, region)
	diags.Append(d...)
	ctx, cancel := context.WithTimeout(ctx, limit)
	return client, ctx, cancel
}

// IdentitySchema implements resource.ResourceWithIdentity for objects that get an id from the server.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IDIdentitySchema()
}

// Import puts what an import asks for into the state, for the read that follows to complete. Without a region it is the provider's.
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

// ImportState implements resource.ResourceWithImportState for objects that get an id from the server.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importAs(ctx, "id", req, resp)
}

// importAs imports what one attribute identifies, which is an id that the server has given.
func (r *Resource) importAs(ctx context.Context, attribute string, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, "the resource", req, func(id string) (map[string]string, error) {
		return map[string]string{attribute: id}, tfkit.CheckID(id)
	})
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		r.Import(ctx, asked, req, resp)
	}
}
