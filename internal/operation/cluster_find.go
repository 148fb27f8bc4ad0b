package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// FindCluster returns the set or cluster of that name (topology.Topology.Cluster). It asks the project's instances of that datastore type,
// except those asked already, until one is a member; via is that one. It returns ErrNotFound if there is none.
func (c *Client) FindCluster(ctx context.Context, datastore, name string, asked ...string) (via string, view topology.View, err error) {
	return findCluster(ctx, datastore, name, c.Instances, c.Topology, asked...)
}

// findCluster is FindCluster with functions that read the list of instances and the topology of one.
func findCluster(ctx context.Context, datastore, name string, list func(context.Context) ([]trove.Instance, error),
	read func(ctx context.Context, id string) (topology.View, error), asked ...string,
) (via string, view topology.View, err error) {
	all, err := list(ctx)
	if err != nil {
		return "", view, err
	}
	// One that failed may not know the others.
	slices.SortStableFunc(all, func(a, b trove.Instance) int { return rank(a) - rank(b) })
	var unread error               // of an instance that may be in it
	elsewhere := map[string]bool{} // members of other clusters, whose topology need not be read again
	for _, i := range all {
		if i.Datastore.Type != datastore || slices.Contains(asked, i.ID) || elsewhere[i.ID] || i.Topology != nil && i.Topology.Cluster() != name {
			continue
		}
		view, err := read(ctx, i.ID)
		if errors.Is(err, openstack.ErrNotFound) {
			continue
		}
		if err != nil {
			unread = err
			continue
		}
		if m, _ := view.Find(i.ID); m.Cluster() == name {
			return i.ID, view, nil
		}
		for _, m := range view.Members {
			elsewhere[m.ID] = m.Cluster() != name
		}
	}
	if unread != nil {
		return "", view, unread
	}
	return "", view, fmt.Errorf("no instance of the project is in %s: %w", name, openstack.ErrNotFound)
}

// rank sorts ready instances first.
func rank(i trove.Instance) int {
	if i.Ready() {
		return 0
	}
	return 1
}
