package operation

import (
	"context"
	"errors"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ErrTopologyIgnored says that a server accepted a creation with a topology but created a standalone server, as released Trove does with
// unknown keys.
var ErrTopologyIgnored = errors.New("the server ignored the topology and created a standalone instance")

// CheckTopology returns ErrTopologyIgnored if the server ignored the topology that an instance was created with.
func (c *Client) CheckTopology(ctx context.Context, created *trove.Instance, want topology.Topology) error {
	have := created.Topology
	if have == nil {
		i, err := c.Instance(ctx, created.ID)
		if err != nil {
			return err
		}
		have = i.Topology
	}
	if have == nil {
		view, err := c.Topology(ctx, created.ID)
		if err != nil && !errors.Is(err, openstack.ErrNotFound) {
			return err
		}
		if m, ok := view.Find(created.ID); ok {
			have = &m.Topology
		}
	}
	if have == nil || have.Namespace() != want.Namespace() {
		return ErrTopologyIgnored
	}
	return nil
}
