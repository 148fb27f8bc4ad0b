package node

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Connection is what the provider hands to its resources and data sources.
type Connection struct {
	Client *trove.Client
	// ReconfigWindow is how long changes to members of one replica set are collected before they go out together.
	ReconfigWindow time.Duration
}

// Resource is embedded by every resource: it receives the connection and imports by id.
type Resource struct{ connection *Connection }

// Configure implements resource.ResourceWithConfigure. Terraform validates without a configured provider, so none is no
// error here.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &r.connection)...)
}

// ImportState implements resource.ResourceWithImportState.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}

// Client is the client for a region; the provider's own where it is null or not known.
func (r *Resource) Client(region types.String) (*trove.Client, diag.Diagnostics) {
	return inRegion(r.connection, region)
}

// Begin gives an operation its client and its time-out: timeout reads it from the model, fallback is its default. It
// reports what went wrong in diags; cancel is never nil.
func (r *Resource) Begin(ctx context.Context, m *Model, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics),
	fallback time.Duration, diags *diag.Diagnostics,
) (*trove.Client, context.Context, context.CancelFunc) {
	limit, d := timeout(ctx, fallback)
	diags.Append(d...)
	client, d := r.Client(m.Region)
	diags.Append(d...)
	ctx, cancel := context.WithTimeout(ctx, limit)
	return client, ctx, cancel
}

// Configured says whether there is a provider configuration: not while Terraform only validates.
func (r *Resource) Configured() bool { return r.connection != nil }

// DataSource is embedded by every data source.
type DataSource struct{ connection *Connection }

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &d.connection)...)
}

// Client is the client for a region; the provider's own where it is null or not known.
func (d *DataSource) Client(region types.String) (*trove.Client, diag.Diagnostics) {
	return inRegion(d.connection, region)
}

func connect(providerData any, into **Connection) diag.Diagnostics {
	var diags diag.Diagnostics
	if providerData == nil {
		return diags
	}
	connection, ok := providerData.(*Connection)
	if !ok {
		diags.AddError("Unable to configure the resource", fmt.Sprintf("The provider handed over a %T. This is a bug of the provider: please report it.", providerData))
		return diags
	}
	*into = connection
	return diags
}

func inRegion(c *Connection, region types.String) (*trove.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	if c == nil {
		diags.AddError("Unable to reach Trove", "The provider is not configured. This is a bug of the provider: please report it.")
		return nil, diags
	}
	client, err := c.Client.InRegion(region.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("region"), "Unable to reach Trove in region "+region.ValueString(), explain(err))
	}
	return client, diags
}
