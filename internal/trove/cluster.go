package trove

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Cluster shows the set or cluster of that name (topology.Topology.Cluster), asked through any of the project's instances of
// that type of datastore that is in it, but for those that were asked already; via is that one. It returns ErrNotFound where
// there is none.
func (c *Client) Cluster(ctx context.Context, datastore, cluster string, asked ...string) (via string, view topology.View, err error) {
	all, err := c.Instances(ctx)
	if err != nil {
		return "", view, err
	}
	// One that failed may know nothing of the others.
	slices.SortStableFunc(all, func(a, b Instance) int { return rank(a) - rank(b) })
	for _, i := range all {
		if i.Datastore.Type != datastore || slices.Contains(asked, i.ID) {
			continue
		}
		view, err := c.Topology(ctx, i.ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if m, _ := view.Find(i.ID); err != nil || m.Cluster() == cluster {
			return i.ID, view, err
		}
	}
	return "", view, fmt.Errorf("no instance of the project is in %s: %w", cluster, ErrNotFound)
}

// rank puts those that are ready first.
func rank(i Instance) int {
	if i.Ready() {
		return 0
	}
	return 1
}
