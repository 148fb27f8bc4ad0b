package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// SourceError says that an instance cannot be replicated from: it does not exist, has failed, or did not become ready
// in time. It unwraps to the cause.
type SourceError struct {
	ID    string
	Cause error
}

func (e *SourceError) Error() string { return fmt.Sprintf("source %s: %v", e.ID, e.Cause) }

func (e *SourceError) Unwrap() error { return e.Cause }

// Create sends a creation exactly once as far as can be told, and returns the instance as soon as the server has accepted it; it is not
// ready then.
//
// Creations from one source take turns, since the server backs up the source for each, and a busy source is waited for. Canceling ctx does
// not abort a request in flight: its answer holds the id, which must not be lost. If the answer is lost anyway, the instance is looked for
// by name, time and all requested attributes that the server shows: if one is found, it is adopted; if none, the request is sent once
// more; if several, it returns an *AmbiguousCreateError. An *UnknownOutcomeError says that the search was cut short, a *SourceError that
// the source cannot be replicated from, and a *ConfigurationError that the instance cannot have the configuration group.
func (c *Client) Create(ctx context.Context, r trove.CreateRequest) (created *trove.Instance, err error) {
	// Creations of one name take turns too: the search for a lost instance could otherwise find the other's.
	keys := []string{"name/" + r.Name}
	for _, id := range r.Sources() {
		keys = append(keys, "source/"+id)
	}
	unlock, err := c.Registry().Lock(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("create instance %s: waiting for its turn: %w", r.Name, err)
	}
	defer unlock()
	if len(r.Sources()) == 0 {
		return c.createInstance(ctx, r)
	}
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) error {
			for _, id := range r.Sources() {
				source, err := c.WaitReady(ctx, id)
				if err == nil && r.ReplicaOf != "" {
					err = c.waitSnapshots(ctx, source)
				}
				if err != nil {
					return &SourceError{ID: id, Cause: err}
				}
			}
			return nil
		},
		send: func(ctx context.Context) error {
			created, err = c.createInstance(ctx, r)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return created, nil
}

// createInstance posts the creation, and finds out its outcome if the answer is lost.
func (c *Client) createInstance(ctx context.Context, r trove.CreateRequest) (*trove.Instance, error) {
	return createOnce(ctx, c, c.creation(r))
}

// creation returns what is to be created once.
func (c *Client) creation(r trove.CreateRequest) createSpec[trove.Instance] {
	return createSpec[trove.Instance]{
		kind: "instance", name: r.Name,
		id: func(i *trove.Instance) string { return i.ID },
		post: func(ctx context.Context) (*trove.Instance, error) {
			created, err := c.PostInstance(ctx, r)
			if err != nil {
				err = c.blameConfiguration(ctx, r.Configuration, r.Datastore, err)
			}
			return created, err
		},
		find: func(ctx context.Context, asked time.Time) ([]trove.Instance, error) {
			return c.findCreated(ctx, r, asked)
		},
	}
}

// findCreated lists the unclaimed instances created since then that match the request.
func (c *Client) findCreated(ctx context.Context, r trove.CreateRequest, asked time.Time) ([]trove.Instance, error) {
	all, serverTime, err := c.Listing(ctx)
	if err != nil {
		return nil, err
	}
	since := c.onServer(asked, serverTime)
	var fit []trove.Instance
	for i := range all {
		if all[i].Name != r.Name || !createdSince(all[i].Created, since) || c.Registry().Claimed(all[i].ID) {
			continue
		}
		// The list does not show everything: only the instance itself shows its topology.
		whole, err := c.Instance(ctx, all[i].ID)
		if errors.Is(err, openstack.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if matches(whole, r) {
			fit = append(fit, *whole)
		}
	}
	return fit, nil
}

// matches compares the request with what the server shows; what it does not show is taken to match.
func matches(i *trove.Instance, r trove.CreateRequest) bool {
	switch {
	case r.FlavorRef != "" && i.Flavor.ID != "" && i.Flavor.ID != r.FlavorRef,
		r.Datastore != nil && i.Datastore.Type != "" && !i.Datastore.Fits(*r.Datastore),
		// A volume is attached while the instance is built, and may not be shown until then.
		r.Volume != nil && i.VolumeSize() != 0 && i.VolumeSize() != r.Volume.Size,
		// An attached group is always shown; a replica may have its source's.
		i.ConfigurationID() != r.Configuration && (r.Configuration != "" || len(r.Sources()) == 0),
		r.Access != nil && i.Access != nil && !i.Access.Equal(*r.Access),
		r.Access == nil && i.Access != nil && i.Access.IsPublic,
		len(r.Sources()) == 0 && i.Locality != r.Locality,
		!onNetwork(i, r.Networks):
		return false
	case r.ReplicaOf != "":
		return i.ReplicaOf != nil && i.ReplicaOf.ID == r.ReplicaOf
	case r.Topology == nil:
		return i.Topology == nil && i.ReplicaOf == nil
	default:
		// If the server ignored the topology, this is still the instance; CheckTopology reports it.
		return i.Topology == nil || i.Topology.Place() == r.Topology.Place()
	}
}

// onNetwork reports whether the addresses of an instance can be of the requested networks.
func onNetwork(i *trove.Instance, asked []trove.Network) bool {
	for _, n := range asked {
		var private []trove.Address
		for _, a := range i.Addresses {
			if a.Network != "" {
				private = append(private, a)
			}
		}
		fits := func(a trove.Address) bool {
			return (n.ID == "" || a.Network == n.ID) && (n.IPAddress == "" || a.Address == n.IPAddress)
		}
		if len(private) > 0 && !slices.ContainsFunc(private, fits) {
			return false
		}
	}
	return true
}
