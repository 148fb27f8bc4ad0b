package operation

import (
	"context"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// ReconfigureProducts is the sending of one round of changes to the set products, which Reconfigure collects.
func (c *Client) ReconfigureProducts(ctx context.Context, wanted map[string]topology.MemberSettings) (sent bool, err error) {
	return c.reconfigure(ctx, c.Key("mongodb/products"), wanted)
}
