package trove

import (
	"context"
	"errors"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// View shows the topology that the instance belongs to, whichever member it is. Where the server has no topology calls,
// or knows the instance's replication by its own verbs alone, the same view is made of what the instances show: a source
// and its replicas, each replica with a mysql block, whatever its datastore. An instance that stands alone is one member
// without a block. It returns ErrNotFound where there is no such instance, and a *SourceError where its source cannot be
// read.
func (c *Client) View(ctx context.Context, id string) (topology.View, error) {
	view, err := c.served(ctx, id)
	if err != nil || slices.ContainsFunc(view.Members, func(m topology.Member) bool { return m.Namespace() != "" }) {
		return view, err
	}
	return c.replicationSet(ctx, id)
}

// Replication tells which instances this one replicates from and which replicate from it, by whichever way the server
// shows replication. Both are sorted ids, empty and not nil where there are none.
func (c *Client) Replication(ctx context.Context, i *Instance) (sources, replicas []string, err error) {
	view, err := c.served(ctx, i.ID)
	if err != nil {
		return nil, nil, err
	}
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
	return distinct(sources), distinct(replicas), nil
}

// served is the server's own view, empty where it has none of this instance; whether the instance exists at all is then
// for the instance itself to tell.
func (c *Client) served(ctx context.Context, id string) (topology.View, error) {
	serves, err := c.ServesTopology(ctx)
	if err != nil || !serves {
		return topology.View{}, err
	}
	view, err := c.Topology(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return topology.View{}, nil
	}
	return view, err
}

// replicationSet is the view made of replica_of and replicas, which released Trove shows. References hold no names there,
// so each member is read.
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
	for _, replica := range distinct(replicas) {
		i := asked
		if replica != id {
			i, err = c.Instance(ctx, replica)
		}
		switch {
		case errors.Is(err, ErrNotFound): // deleted since the source was read
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

// distinct sorts ids and drops repetitions.
func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
