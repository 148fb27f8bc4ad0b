package trove

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/databases"
)

// Database is a database (schema) within an instance. The server never shows more of one than its name.
type Database struct {
	Name         string
	CharacterSet string // "" is the server's default
	Collate      string // "" is the character set's default
}

// Databases lists the names of the databases within an instance, over as many pages as it takes; an instance whose
// database is down is waited for. It returns ErrNotFound where there is no such instance.
func (c *Client) Databases(ctx context.Context, id string) (names []string, err error) {
	err = c.serving(ctx, id, func() error {
		names, err = c.databases(ctx, id)
		return err
	})
	return names, err
}

func (c *Client) databases(ctx context.Context, id string) ([]string, error) {
	var names []string
	for marker := ""; ; {
		query := url.Values{}
		if marker != "" {
			query.Set("marker", marker)
		}
		var page struct {
			Databases []struct {
				Name string `json:"name"`
			} `json:"databases"`
			Links []gophercloud.Link `json:"links"`
		}
		resp, err := c.db.Get(ctx, c.db.ServiceURL("instances", id, "databases")+"?"+query.Encode(), &page, nil)
		if _, _, err = gophercloud.ParseResponse(resp, err); err != nil {
			return nil, fault("list the databases of instance "+id, err)
		}
		for _, d := range page.Databases {
			names = append(names, d.Name)
		}
		next := nextMarker(page.Links)
		if next == "" || next == marker {
			return names, nil
		}
		marker = next
	}
}

// HasDatabase says whether there is a database of that name within an instance, as Databases finds it.
func (c *Client) HasDatabase(ctx context.Context, id, name string) (bool, error) {
	names, err := c.Databases(ctx, id)
	return slices.Contains(names, name), err
}

// CreateDatabase makes a database and waits until the server lists it. It returns an *ExistsError where there is one of
// that name, and a *ReplicaError where the instance is a replica. save is called as soon as the database may be there.
func (c *Client) CreateDatabase(ctx context.Context, id string, d Database, save func()) error {
	what := contents("database", d.Name, id)
	if err := c.writable(ctx, id); err != nil {
		return err
	}
	there := func(ctx context.Context) (bool, error) { return c.HasDatabase(ctx, id, d.Name) }
	if exists, err := there(ctx); err != nil {
		return err
	} else if exists {
		return &ExistsError{What: what}
	}
	err := c.bringAbout(ctx, id, what, there, func(ctx context.Context) error {
		body := databases.BatchCreateOpts{{Name: d.Name, CharSet: d.CharacterSet, Collate: d.Collate}}
		return fault("create "+what, databases.Create(ctx, c.db, id, body).ExtractErr())
	}, save)
	if errors.Is(err, ErrBadRequest) {
		if exists, lookErr := there(ctx); lookErr == nil && exists {
			return &ExistsError{What: what} // somebody else was quicker
		}
	}
	return err
}

// DeleteDatabase drops a database with all that is in it, and waits until the server does not list it any more. One that
// is gone already is no error, and neither is an instance that is. On a replica it drops the database of the source.
func (c *Client) DeleteDatabase(ctx context.Context, id, name string) error {
	id, err := c.primary(ctx, id)
	if err != nil {
		_, err = gone(err)
		return err
	}
	what := contents("database", name, id)
	away := func(ctx context.Context) (bool, error) {
		has, err := c.HasDatabase(ctx, id, name)
		if err != nil {
			return gone(err)
		}
		return !has, nil
	}
	return c.bringAbout(ctx, id, what, away, func(ctx context.Context) error {
		_, err := gone(fault("delete "+what, databases.Delete(ctx, c.db, id, url.PathEscape(name)).ExtractErr()))
		return err
	}, func() {})
}
