package operation

import (
	"context"
	"errors"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// HasDatabase reports whether an instance, or its source if it is a replica, has a database of that name. If the instance's database is
// down, it waits. It returns ErrNotFound if there is no such instance.
func (c *Client) HasDatabase(ctx context.Context, id, name string) (bool, error) {
	return readOfSet(ctx, c, id, func(ctx context.Context, id string) (bool, error) { return c.hasDatabase(ctx, id, name) })
}

// DatabasesOf lists the names of the databases of an instance, or of its source if it is a replica. If the instance's database is down, it
// waits. It returns ErrNotFound if there is no such instance.
func (c *Client) DatabasesOf(ctx context.Context, id string) ([]string, error) {
	return readOfSet(ctx, c, id, c.databasesOf)
}

// databasesOf is DatabasesOf for the given instance itself.
func (c *Client) databasesOf(ctx context.Context, id string) ([]string, error) {
	return readGuest(ctx, c, id, func(ctx context.Context) ([]string, error) { return c.Databases(ctx, id) })
}

// hasDatabase is HasDatabase for the given instance itself.
func (c *Client) hasDatabase(ctx context.Context, id, name string) (bool, error) {
	names, err := c.databasesOf(ctx, id)
	return slices.Contains(names, name), err
}

// CreateDatabase creates a database and waits until the server lists it. If the instance has lost the source role to another, the database
// is created there. It returns an *ExistsError if one of that name exists, and a *ReplicaError if the instance was made as a replica. save
// is called as soon as the database may exist.
func (c *Client) CreateDatabase(ctx context.Context, id string, d trove.Database, save func()) error {
	id, err := c.creationTarget(ctx, id)
	if err != nil {
		return err
	}
	what := trove.GuestObject("database", d.Name, id)
	there := func(ctx context.Context) (bool, error) { return c.hasDatabase(ctx, id, d.Name) }
	if exists, err := there(ctx); err != nil {
		return err
	} else if exists {
		return &ExistsError{What: what}
	}
	err = c.ensure(ctx, id, what, there, func(ctx context.Context) error { return c.PostDatabase(ctx, id, d) }, save)
	if errors.Is(err, openstack.ErrBadRequest) {
		if exists, lookErr := there(ctx); lookErr == nil && exists {
			return &ExistsError{What: what} // another process created it first
		}
	}
	return err
}

// RemoveDatabase drops a database with its contents, and waits until the server no longer lists it. A database or an instance that is gone
// already is no error. For a replica, the database is dropped on the source.
func (c *Client) RemoveDatabase(ctx context.Context, id, name string) error {
	id, err := c.writeTarget(ctx, id)
	if err != nil {
		return ignoreGone(err)
	}
	gone := func(ctx context.Context) (bool, error) {
		has, err := c.hasDatabase(ctx, id, name)
		if err != nil {
			return isGone(err)
		}
		return !has, nil
	}
	return c.deleteAndWait(ctx, c.guestDeletion(id, trove.GuestObject("database", name, id), gone,
		func(ctx context.Context) error { return c.DeleteDatabase(ctx, id, name) }))
}

// guestDeletion is the deletion of something inside an instance.
func (c *Client) guestDeletion(id, what string, gone func(context.Context) (bool, error), send func(context.Context) error) deletion {
	return deletion{
		send: send, gone: gone, refused: c.whileDown(id),
		wait: func(ctx context.Context, _ error) error { return c.waitGuest(ctx, id, what, gone) },
	}
}
