package trove

import (
	"context"
	"slices"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
)

// Flavor is a size that instances come in.
type Flavor struct {
	ID   string `json:"str_id"`
	Name string `json:"name"`
	RAM  int64  `json:"ram"` // MB
}

// DatastoreType is a kind of database that the server offers, with its versions.
type DatastoreType struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Versions []Reference `json:"versions"`
}

// catalogue remembers what the server offers. Only answers are remembered, never failures.
type catalogue struct {
	mu         sync.Mutex
	flavors    []Flavor
	datastores []DatastoreType
}

// Flavors lists the flavors that the server offers; it asks once.
func (c *Client) Flavors(ctx context.Context) ([]Flavor, error) {
	c.offers.mu.Lock()
	defer c.offers.mu.Unlock()
	if c.offers.flavors != nil {
		return c.offers.flavors, nil
	}
	var body struct {
		Flavors []Flavor `json:"flavors"`
	}
	if err := c.get(ctx, "list flavors", &body, "flavors"); err != nil {
		return nil, err
	}
	c.offers.flavors = body.Flavors
	return body.Flavors, nil
}

// Datastores lists the datastores that the server offers, with their versions; it asks once.
func (c *Client) Datastores(ctx context.Context) ([]DatastoreType, error) {
	c.offers.mu.Lock()
	defer c.offers.mu.Unlock()
	if c.offers.datastores != nil {
		return c.offers.datastores, nil
	}
	var body struct {
		Datastores []DatastoreType `json:"datastores"`
	}
	if err := c.get(ctx, "list datastores", &body, "datastores"); err != nil {
		return nil, err
	}
	c.offers.datastores = body.Datastores
	return body.Datastores, nil
}

// Configuration is a configuration group with its values.
type Configuration struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	DatastoreName string         `json:"datastore_name"`
	VersionName   string         `json:"datastore_version_name"`
	Values        map[string]any `json:"values"`
}

// Configuration shows a configuration group. It returns ErrNotFound where there is none.
func (c *Client) Configuration(ctx context.Context, id string) (*Configuration, error) {
	var body struct {
		Configuration Configuration `json:"configuration"`
	}
	if err := c.get(ctx, "read configuration group "+id, &body, "configurations", id); err != nil {
		return nil, err
	}
	return &body.Configuration, nil
}

// get reads one JSON document below the endpoint.
func (c *Client) get(ctx context.Context, op string, into any, parts ...string) error {
	resp, err := c.db.Get(ctx, c.db.ServiceURL(parts...), into, nil) //nolint:bodyclose // gophercloud closes it after decoding
	_, _, err = gophercloud.ParseResponse(resp, err)
	return fault(op, err)
}

// Version returns the version by its name or id, and whether the datastore has it.
func (d DatastoreType) Version(nameOrID string) (Reference, bool) {
	i := slices.IndexFunc(d.Versions, func(v Reference) bool { return v.Name == nameOrID || v.ID == nameOrID })
	if i < 0 {
		return Reference{}, false
	}
	return d.Versions[i], true
}
