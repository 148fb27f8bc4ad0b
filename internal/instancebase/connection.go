package instancebase

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
)

// Connection is what the provider passes to its resources and data sources.
type Connection struct {
	// Client is the client of the provider's own region; the clients of other regions are made from it.
	Client *operation.Client

	plan planFile
	gone sync.Map // goneKey to Former: what a refresh in this process has found gone
}

// DataSource is embedded by every data source.
type DataSource struct{ connection *Connection }

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &d.connection)...)
}

// Client returns the client for a region, or for the provider's own if it is null or not known.
func (d *DataSource) Client(ctx context.Context, region types.String) (*operation.Client, diag.Diagnostics) {
	return inRegion(ctx, d.connection, region)
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

func inRegion(ctx context.Context, c *Connection, region types.String) (*operation.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	if c == nil {
		diags.AddError("Unable to reach Trove", "The provider is not configured. This is a bug of the provider: please report it.")
		return nil, diags
	}
	client, err := c.Client.InRegion(ctx, region.ValueString())
	var unreached *openstack.ConnectError
	switch {
	case err == nil:
		return client, diags
	case errors.As(err, &unreached) && unreached.Stage == openstack.StageConfiguration && region.ValueString() != "":
		diags.AddAttributeError(path.Root("region"), "Unable to reach Trove in region "+region.ValueString(), explain(err))
	default:
		diags.Append(APIError("connect to", "Trove", err, ""))
	}
	return nil, diags
}
