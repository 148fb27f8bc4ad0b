package trove

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/datastores"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/flavors"
)

// catalogue remembers what the server offers. Only answers are remembered, never failures.
type catalogue struct {
	flavors    remembered[[]flavors.Flavor]
	datastores remembered[[]datastores.Datastore]
	parameters sync.Map // of *remembered[[]Parameter] by the version's id
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

// UnknownError says that the server does not offer something of that name or id.
type UnknownError struct {
	What    string   // what was asked for, such as "datastore", or "version of mysql"
	Name    string   // as it was asked for
	Offered []string // the names that there are
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("the server has no %s %q; it has %s", e.What, e.Name, strings.Join(e.Offered, ", "))
}

// DatastoreVersion finds a version by the datastore's name or id and the version's, "" being the datastore's default. It
// returns an *UnknownError where the server has no such datastore or version; Default says whether it is the default.
func (c *Client) DatastoreVersion(ctx context.Context, datastore, version string) (*DatastoreVersion, error) {
	all, err := c.Datastores(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(d datastores.Datastore) bool { return d.Name == datastore || d.ID == datastore })
	if i < 0 {
		e := &UnknownError{What: "datastore", Name: datastore}
		for _, d := range all {
			e.Offered = append(e.Offered, d.Name)
		}
		return nil, e
	}
	d := all[i]
	if version == "" {
		version = d.DefaultVersion
	}
	v := slices.IndexFunc(d.Versions, func(v datastores.Version) bool { return v.Name == version || v.ID == version })
	if v < 0 {
		e := &UnknownError{What: "version of " + d.Name, Name: version}
		for _, v := range d.Versions {
			e.Offered = append(e.Offered, v.Name)
		}
		return nil, e
	}
	found := d.Versions[v]
	return &DatastoreVersion{
		ID: found.ID, Name: found.Name, DatastoreID: d.ID, DatastoreName: d.Name,
		Default: found.ID == d.DefaultVersion || found.Name == d.DefaultVersion,
	}, nil
}

// DatastoreVersion is one version of a datastore.
type DatastoreVersion struct {
	ID, Name                   string
	DatastoreID, DatastoreName string
	Default                    bool // an instance gets it where none is asked for
}

// get reads one JSON document below the endpoint.
func (c *Client) get(ctx context.Context, op string, into any, parts ...string) error {
	resp, err := c.db.Get(ctx, c.db.ServiceURL(parts...), into, nil)
	_, _, err = gophercloud.ParseResponse(resp, err)
	return fault(op, err)
}
