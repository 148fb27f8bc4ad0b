package operation

import (
	"context"
	"errors"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Reads for refreshes, plans and lists share answers that are less than a minute old and from before any change by this process. While a
// plan is applied, each read is sent separately, since work that the server is still doing does not count as a change of this process.

// Refreshed is Instance for refreshes, without what lists do not show.
func (c *Client) Refreshed(ctx context.Context, id string) (*trove.Instance, error) {
	return c.refresh.Instance(ctx, id)
}

// RefreshedMember is Refreshed with the instance's block of its topology, if that can be read; cluster is the one it is known to be in, ""
// for none.
func (c *Client) RefreshedMember(ctx context.Context, cluster, id string) (*trove.Instance, error) {
	i, err := c.refresh.Instance(ctx, id)
	if err != nil || i.Topology != nil {
		return i, err
	}
	if cluster == "" { // only the topology API has clusters
		if serves, err := c.ServesTopology(ctx); err != nil || !serves {
			return i, nil //nolint:nilerr // callers that need the topology read it themselves, and report the error
		}
	}
	view, err := c.topologies.Of(ctx, cluster, id, c.refresh.Since())
	if m, listed := view.Find(id); err == nil && listed {
		i.Topology = &m.Topology
	}
	return i, nil
}

// Planned is Instance for a plan, which may ask several times.
func (c *Client) Planned(ctx context.Context, id string) (*trove.Instance, error) {
	if c.Registry().Applying() {
		return c.Instance(ctx, id)
	}
	return c.refresh.Whole(ctx, id)
}

// PlannedTopology is Topology for a plan that asks for each member of a cluster.
func (c *Client) PlannedTopology(ctx context.Context, cluster, id string) (topology.View, error) {
	if c.Registry().Applying() {
		return c.Topology(ctx, id)
	}
	return c.topologies.Of(ctx, cluster, id, c.refresh.Since())
}

// PlannedCluster is FindCluster for a plan.
func (c *Client) PlannedCluster(ctx context.Context, datastore, cluster string) (topology.View, error) {
	if c.Registry().Applying() {
		_, view, err := c.FindCluster(ctx, datastore, cluster)
		return view, err
	}
	if view, known := c.topologies.Cluster(cluster, c.refresh.Since()); known {
		return view, nil
	}
	_, view, err := findCluster(ctx, datastore, cluster, c.refresh.All, func(ctx context.Context, id string) (topology.View, error) {
		return c.PlannedTopology(ctx, cluster, id)
	})
	return view, err
}

// ListedBlock is Block for an instance from a list, which shows no topologies.
func (c *Client) ListedBlock(ctx context.Context, i *trove.Instance) (topology.Topology, error) {
	if i.Topology != nil {
		return *i.Topology, nil
	}
	if serves, err := c.ServesTopology(ctx); err != nil || !serves {
		return topology.Topology{}, err
	}
	view, err := c.topologies.Of(ctx, "", i.ID, c.refresh.Since())
	m, _ := view.Find(i.ID)
	return m.Topology, ignoreGone(err)
}

// PlannedReplication is Replication for a plan that asks for many instances.
func (c *Client) PlannedReplication(ctx context.Context, id string) (sources, replicas []string, err error) {
	if c.Registry().Applying() {
		i, err := c.Instance(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		return c.Replication(ctx, i)
	}
	i, err := c.refresh.Instance(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	var view topology.View
	serves, err := c.ServesTopology(ctx)
	if err == nil && serves {
		view, err = c.topologies.Of(ctx, "", id, c.refresh.Since())
	}
	if err = ignoreGone(err); err != nil && !errors.Is(err, trove.ErrNoMembers) {
		return nil, nil, err
	}
	sources, replicas = replicationOf(i, view)
	return sources, replicas, nil
}

// Listed is Instances for callers that list at about the same time.
func (c *Client) Listed(ctx context.Context) ([]trove.Instance, error) {
	if c.Registry().Applying() {
		return c.Instances(ctx)
	}
	return c.refresh.All(ctx)
}
