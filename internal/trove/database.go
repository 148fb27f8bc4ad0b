package trove

import (
	"context"
	"net/http"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// Database is a database (schema) of an instance. The server shows only its name.
type Database struct {
	Name         string `json:"name"`
	CharacterSet string `json:"character_set,omitempty"` // "" is the server's default
	Collate      string `json:"collate,omitempty"`       // "" is the character set's default
}

// Databases lists the names of the databases of an instance. It returns ErrNotFound if there is no such instance, and ErrNotReady while
// its database is down.
func (c *Client) Databases(ctx context.Context, id string) ([]string, error) {
	byName := func(d Reference) string { return d.Name }
	all, _, err := openstack.ListBy(ctx, c.endpoint, "list the databases of instance "+id, "databases", nil, byName, "instances", id, "databases")
	if err != nil {
		return nil, err
	}
	return namesOf(all), nil
}

// namesOf returns names in the server's order.
func namesOf(all []Reference) []string {
	names := make([]string, len(all))
	for n := range all {
		names[n] = all[n].Name
	}
	return names
}

// PostDatabase requests a database. The server refuses a name that exists.
func (c *Client) PostDatabase(ctx context.Context, id string, d Database) error {
	return c.send(ctx, "create "+GuestObject("database", d.Name, id), http.MethodPost, map[string]any{"databases": []Database{d}}, "instances", id, "databases")
}

// DeleteDatabase requests that a database be dropped.
func (c *Client) DeleteDatabase(ctx context.Context, id, name string) error {
	return c.send(ctx, "delete "+GuestObject("database", name, id), http.MethodDelete, nil, "instances", id, "databases", name)
}

// GuestObject returns the name of a database or user of an instance for messages.
func GuestObject(kind, name, id string) string { return kind + " " + name + " on instance " + id }
