package operation

import (
	"context"
	"errors"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// UserGrants lists the databases that a user may use, sorted by name; for a replica, those on its source. If the database is down, it
// waits. It returns ErrNotFound if there is no such user or instance.
func (c *Client) UserGrants(ctx context.Context, id string, a trove.Account) ([]string, error) {
	return readOfSet(ctx, c, id, func(ctx context.Context, id string) ([]string, error) { return c.userGrants(ctx, id, a) })
}

// userGrants is UserGrants for the given instance itself.
func (c *Client) userGrants(ctx context.Context, id string, a trove.Account) ([]string, error) {
	return readGuest(ctx, c, id, func(ctx context.Context) ([]string, error) { return c.Grants(ctx, id, a) })
}

// hasUser reports whether the given instance itself has a user. An instance that is gone has none.
func (c *Client) hasUser(ctx context.Context, id string, a trove.Account) (bool, error) {
	gone, err := isGone(second(c.userGrants(ctx, id, a)))
	return !gone && err == nil, err
}

// UsersOf lists the users of an instance, or of its source if it is a replica. If the database is down, it waits. It returns ErrNotFound
// if there is no such instance.
func (c *Client) UsersOf(ctx context.Context, id string) ([]trove.User, error) {
	return readOfSet(ctx, c, id, func(ctx context.Context, id string) ([]trove.User, error) {
		return readGuest(ctx, c, id, func(ctx context.Context) ([]trove.User, error) { return c.Users(ctx, id) })
	})
}

// CreateUser creates a user that may use these databases, and waits until the server shows it. If the instance has lost the source role to
// another, the user is created there. It returns an *ExistsError if a user of that name and host exists, and a *ReplicaError if the
// instance was made as a replica. save is called as soon as the user may exist.
func (c *Client) CreateUser(ctx context.Context, id string, a trove.Account, password string, grants []string, save func()) error {
	id, err := c.creationTarget(ctx, id)
	if err != nil {
		return err
	}
	what := trove.GuestObject("user", a.String(), id)
	there := func(ctx context.Context) (bool, error) { return c.hasUser(ctx, id, a) }
	if exists, err := there(ctx); err != nil {
		return err
	} else if exists {
		return &ExistsError{What: what}
	}
	lost := false
	err = c.ensure(ctx, id, what, there, func(ctx context.Context) error {
		err := c.PostUser(ctx, id, a, password, grants)
		lost = lost || openstack.OutcomeUnknown(err)
		return err
	}, save)
	switch {
	case err == nil && lost:
		// Whoever created it, from now on it has this password and these rights.
		if err := c.SetPassword(ctx, id, a, password); err != nil {
			return err
		}
		return c.SetGrants(ctx, id, a, grants)
	case errors.Is(err, openstack.ErrBadRequest):
		if exists, lookErr := there(ctx); lookErr == nil && exists {
			return &ExistsError{What: what} // another process created it first
		}
	}
	return err
}

// SetPassword changes the password of a user, on the source if the instance is a replica. Nothing shows whether the server applied it, but
// it may be repeated, so it is sent again if the answer is lost.
func (c *Client) SetPassword(ctx context.Context, id string, a trove.Account, password string) error {
	id, err := c.writeTarget(ctx, id)
	if err != nil {
		return err
	}
	_, err = c.run(ctx, attempt{
		done:    func(context.Context, bool) (bool, error) { return false, nil },
		send:    func(ctx context.Context) error { return c.PutPassword(ctx, id, a, password) },
		refused: c.whileDown(id),
	})
	return err
}

// RenameUser changes the name or host of a user, and its password unless that is "", and waits until the server shows only the new name.
// The user keeps its rights. For a replica, this is done on the source. It returns an *ExistsError if a user of that name and host exists.
// save is called as soon as the user may be renamed.
func (c *Client) RenameUser(ctx context.Context, id string, a, to trove.Account, password string, save func()) error {
	id, err := c.writeTarget(ctx, id)
	if err != nil {
		return err
	}
	renamed := func(ctx context.Context) (bool, error) {
		old, err := c.hasUser(ctx, id, a)
		if err != nil {
			return false, err
		}
		if !old {
			_, err = c.userGrants(ctx, id, to) // it has one name or the other
			return err == nil, err
		}
		// Since Trove 23 only the guest agent refuses a name in use, and that is not reported.
		if taken, err := c.hasUser(ctx, id, to); err == nil && taken {
			return false, &ExistsError{What: trove.GuestObject("user", to.String(), id)}
		}
		return false, nil
	}
	err = c.ensure(ctx, id, trove.GuestObject("user", a.String(), id), renamed, func(ctx context.Context) error {
		err := c.PutUser(ctx, id, a, to, password)
		if errors.Is(err, openstack.ErrNotFound) {
			if is, lookErr := renamed(ctx); is && lookErr == nil {
				return nil // by a repeated or an earlier request
			}
		}
		return err
	}, save)
	if errors.Is(err, openstack.ErrBadRequest) {
		if exists, lookErr := c.hasUser(ctx, id, to); lookErr == nil && exists {
			return &ExistsError{What: trove.GuestObject("user", to.String(), id)}
		}
	}
	return err
}

// SetGrants sets a user's databases: it revokes and grants what differs, and waits until the server shows it. For a replica, this is done
// on the source.
func (c *Client) SetGrants(ctx context.Context, id string, a trove.Account, want []string) error {
	id, err := c.writeTarget(ctx, id)
	if err != nil {
		return err
	}
	have, err := c.userGrants(ctx, id, a)
	if err != nil {
		return err
	}
	what := trove.GuestObject("user", a.String(), id)
	for _, name := range have {
		if slices.Contains(want, name) {
			continue
		}
		revoked := func(ctx context.Context) (bool, error) {
			now, err := c.userGrants(ctx, id, a)
			return !slices.Contains(now, name), err
		}
		err := c.ensure(ctx, id, what, revoked, func(ctx context.Context) error {
			return ignoreGone(c.Revoke(ctx, id, a, name)) // if the user is gone, the next look tells
		}, func() {})
		if err != nil {
			return err
		}
	}
	var missing []string
	for _, name := range trove.Distinct(slices.Clone(want)) {
		if !slices.Contains(have, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	granted := func(ctx context.Context) (bool, error) {
		now, err := c.userGrants(ctx, id, a)
		return !slices.ContainsFunc(want, func(name string) bool { return !slices.Contains(now, name) }), err
	}
	return c.ensure(ctx, id, what, granted, func(ctx context.Context) error { return c.Grant(ctx, id, a, missing) }, func() {})
}

// RemoveUser drops a user and waits until the server no longer shows it. A user or an instance that is gone already is no error. For a
// replica, the user is dropped on the source.
func (c *Client) RemoveUser(ctx context.Context, id string, a trove.Account) error {
	id, err := c.writeTarget(ctx, id)
	if err != nil {
		return ignoreGone(err)
	}
	gone := func(ctx context.Context) (bool, error) { return isGone(second(c.userGrants(ctx, id, a))) }
	return c.deleteAndWait(ctx, c.guestDeletion(id, trove.GuestObject("user", a.String(), id), gone,
		func(ctx context.Context) error { return c.DeleteUser(ctx, id, a) }))
}
