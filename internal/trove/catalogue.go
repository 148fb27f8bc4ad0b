package trove

import (
	"context"
	"slices"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/configurations"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/datastores"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/flavors"
)

// catalogue remembers what the server offers. Only answers are remembered, never failures.
type catalogue struct {
	flavors    remembered[[]flavors.Flavor]
	datastores remembered[[]datastores.Datastore]
}

// remembered is an answer that is asked for once. Those who come while it is being asked for wait for it.
type remembered[T any] struct {
	mu    sync.Mutex
	known bool
	value T
}

func (r *remembered[T]) get(ask func() (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known {
		return r.value, nil
	}
	value, err := ask()
	if err == nil {
		r.known, r.value = true, value
	}
	return value, err
}

// Flavors lists the flavors that the server offers; it asks once. A flavor's id is its StrID.
func (c *Client) Flavors(ctx context.Context) ([]flavors.Flavor, error) {
	return c.offers.flavors.get(func() ([]flavors.Flavor, error) {
		pages, err := flavors.List(c.db).AllPages(ctx)
		if err != nil {
			return nil, fault("list flavors", err)
		}
		return flavors.ExtractFlavors(pages)
	})
}

// Datastores lists the datastores that the server offers, with their versions; it asks once.
func (c *Client) Datastores(ctx context.Context) ([]datastores.Datastore, error) {
	return c.offers.datastores.get(func() ([]datastores.Datastore, error) {
		pages, err := datastores.List(c.db).AllPages(ctx)
		if err != nil {
			return nil, fault("list datastores", err)
		}
		return datastores.ExtractDatastores(pages)
	})
}

// HasVersion says whether a datastore has a version of that name or id.
func HasVersion(d datastores.Datastore, nameOrID string) bool {
	return slices.ContainsFunc(d.Versions, func(v datastores.Version) bool { return v.Name == nameOrID || v.ID == nameOrID })
}

// Configuration shows a configuration group. It returns ErrNotFound where there is none.
func (c *Client) Configuration(ctx context.Context, id string) (*configurations.Config, error) {
	group, err := configurations.Get(ctx, c.db, id).Extract()
	return group, fault("read configuration group "+id, err)
}

// get reads one JSON document below the endpoint.
func (c *Client) get(ctx context.Context, op string, into any, parts ...string) error {
	resp, err := c.db.Get(ctx, c.db.ServiceURL(parts...), into, nil)
	_, _, err = gophercloud.ParseResponse(resp, err)
	return fault(op, err)
}
