package operation

import (
	"context"
	"errors"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ReplicationView returns the topology that the instance belongs to, whichever member it is. If the server has no topology calls, or knows
// the instance's replication only by its own calls, the same view is built from what the instances show: a source and its replicas, each
// replica with a mysql block, whatever its datastore. A standalone instance is one member without a block. It returns
// openstack.ErrNotFound if there is no such instance, and a *SourceError if its source cannot be read.
func (c *Client) ReplicationView(ctx context.Context, id string) (topology.View, error) {
	view, err := c.servedReplication(ctx, id)
	if err != nil || slices.ContainsFunc(view.Members, func(m topology.Member) bool { return m.Namespace() != "" }) {
		return view, err
	}
	return c.replicationSet(ctx, id)
}

// Replication returns the instances that this one replicates from and those that replicate from it, in whichever way the server shows
// replication. Both are sorted ids, empty and not nil if there are none.
func (c *Client) Replication(ctx context.Context, i *trove.Instance) (sources, replicas []string, err error) {
	view, err := c.servedReplication(ctx, i.ID)
	if err != nil {
		return nil, nil, err
	}
	sources, replicas = replicationOf(i, view)
	return sources, replicas, nil
}

// replicationOf is Replication from what the instance and its topology show.
func replicationOf(i *trove.Instance, view topology.View) (sources, replicas []string) {
	sources, replicas = []string{}, []string{}
	if i.ReplicaOf != nil {
		sources = append(sources, i.ReplicaOf.ID)
	}
	for _, r := range i.Replicas {
		replicas = append(replicas, r.ID)
	}
	for _, m := range view.Members {
		from := m.ReplicatesFrom()
		if m.ID == i.ID {
			sources = append(sources, from...)
		}
		if slices.Contains(from, i.ID) {
			replicas = append(replicas, m.ID)
		}
	}
	return trove.Distinct(sources), trove.Distinct(replicas)
}

// served returns the server's own view, empty if it has no topology of this instance; whether the instance exists must be read from the
// instance itself.
func (c *Client) served(ctx context.Context, id string) (topology.View, error) {
	serves, err := c.ServesTopology(ctx)
	if err != nil || !serves {
		return topology.View{}, err
	}
	view, err := c.Topology(ctx, id)
	return view, ignoreGone(err)
}

// servedReplication is served for instances that replicate by replica_of: a server may show no topology for these, not even one of the
// instance alone.
func (c *Client) servedReplication(ctx context.Context, id string) (topology.View, error) {
	view, err := c.served(ctx, id)
	if errors.Is(err, trove.ErrNoMembers) {
		return topology.View{}, nil
	}
	return view, err
}

// replicationSet builds the view from replica_of and replicas, as released Trove shows them. These references hold no names, so each
// member is read.
func (c *Client) replicationSet(ctx context.Context, id string) (topology.View, error) {
	asked, err := c.Instance(ctx, id)
	if err != nil {
		return topology.View{}, err
	}
	source, replicas := asked, []string{}
	if asked.ReplicaOf != nil {
		if source, err = c.Instance(ctx, asked.ReplicaOf.ID); err != nil {
			return topology.View{}, &SourceError{ID: asked.ReplicaOf.ID, Cause: err}
		}
		replicas = append(replicas, id) // the source may not list it yet
	}
	for _, r := range source.Replicas {
		replicas = append(replicas, r.ID)
	}
	view := topology.View{Members: []topology.Member{{ID: source.ID, Name: source.Name}}}
	for _, replica := range trove.Distinct(replicas) {
		i := asked
		if replica != id {
			i, err = c.Instance(ctx, replica)
		}
		switch {
		case errors.Is(err, openstack.ErrNotFound): // deleted since the source was read
			continue
		case err != nil:
			return topology.View{}, err
		case i.ReplicaOf == nil || i.ReplicaOf.ID != source.ID: // detached since then
			continue
		}
		readOnly := true // as released Trove makes every replica
		view.Members = append(view.Members, topology.Member{ID: i.ID, Name: i.Name, Topology: topology.Topology{
			MySQL: &topology.MySQL{SlaveOf: []topology.Ref{{ID: source.ID}}, ReadOnly: &readOnly},
		}})
	}
	return view, nil
}

// SourcesOf returns the instances that this one replicates from now, in whichever way the server shows replication. None means that it
// stands alone or is a source. It sends a further request only if the server has the topology calls and the instance itself does not show
// its topology.
func (c *Client) SourcesOf(ctx context.Context, i *trove.Instance) ([]string, topology.Topology, error) {
	if i.ReplicaOf != nil {
		return Sources(i, topology.Topology{}), topology.Topology{}, nil
	}
	block, err := c.Block(ctx, i)
	return Sources(i, block), block, err
}

// Sources returns the ids of the instances it replicates from, from what the instance or its block of a topology shows.
func Sources(i *trove.Instance, block topology.Topology) []string {
	if i.ReplicaOf != nil {
		return []string{i.ReplicaOf.ID}
	}
	return block.ReplicatesFrom()
}

// Replicas lists the instances that replicate from this one.
func (c *Client) Replicas(ctx context.Context, id string) ([]trove.Reference, error) {
	view, err := c.ReplicationView(ctx, id)
	if err != nil {
		return nil, err
	}
	return replicasIn(view, id), nil
}

// replicasIn lists the members that replicate from one.
func replicasIn(view topology.View, id string) []trove.Reference {
	var replicas []trove.Reference
	for _, m := range view.Members {
		if slices.Contains(m.ReplicatesFrom(), id) {
			replicas = append(replicas, trove.Reference{ID: m.ID, Name: m.Name})
		}
	}
	return replicas
}

// SameReplicationSet reports whether two instances belong to one replication set, whichever is its source. A replica of several sources is
// in a set of its own. It returns openstack.ErrNotFound if instance one does not exist.
func (c *Client) SameReplicationSet(ctx context.Context, one, other string) (bool, error) {
	view, err := c.ReplicationView(ctx, one)
	if err != nil {
		return false, err
	}
	return one == other || sourceIn(view, one) == sourceIn(view, other), nil
}

// sourceIn returns the member that another one replicates from in the end; itself if it replicates from none or several.
func sourceIn(view topology.View, id string) string {
	for range view.Members {
		m, _ := view.Find(id)
		from := m.ReplicatesFrom()
		if len(from) != 1 {
			break
		}
		id = from[0]
	}
	return id
}

// Block returns the instance's block of its topology, empty if it is in none. It sends a further request only if the instance itself does
// not show its topology.
func (c *Client) Block(ctx context.Context, i *trove.Instance) (topology.Topology, error) {
	if i.Topology != nil {
		return *i.Topology, nil
	}
	view, err := c.served(ctx, i.ID)
	if err != nil {
		return topology.Topology{}, err
	}
	m, _ := view.Find(i.ID)
	return m.Topology, nil
}
