package operation

import (
	"context"
	"errors"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// RootOn reports whether root was enabled on an instance, or on the source of its set: the user is replicated, but the server records for
// each instance only what was requested there. If the database is down, it waits. It returns ErrNotFound if there is no such instance, and
// a *trove.NotOfferedError if the server has no such call.
func (c *Client) RootOn(ctx context.Context, id string) (bool, error) {
	enabled, err := c.rootOn(ctx, id)
	if enabled || err != nil {
		return enabled, err
	}
	source, err := c.readTarget(ctx, id)
	if err != nil || source == id {
		return false, err
	}
	enabled, err = c.rootOn(ctx, source)
	return enabled, ignoreGone(err)
}

// rootOn is RootOn for the given instance itself.
func (c *Client) rootOn(ctx context.Context, id string) (bool, error) {
	enabled, err := readGuest(ctx, c, id, func(ctx context.Context) (bool, error) { return c.RootEnabled(ctx, id) })
	if errors.Is(err, openstack.ErrNotFound) {
		err = c.instancePathUnknown(ctx, id, "root access", err)
	}
	return enabled, err
}

// instancePathUnknown turns a 404 for something below an instance into a *trove.NotOfferedError if the instance exists; what names it.
func (c *Client) instancePathUnknown(ctx context.Context, id, what string, notFound error) error {
	if _, err := c.Instance(ctx, id); err != nil {
		return err // the instance is gone, or cannot be read
	}
	return &trove.NotOfferedError{What: what, Cause: notFound}
}

// EnableRoot enables root on an instance and sets its password. If the instance has lost the source role to another, this is done there.
// It returns a *ReplicaError if the instance was made as a replica. save is called as soon as root may be enabled. Nothing shows whether
// the server applied the password, but the request may be repeated, so it is sent again if the answer is lost.
func (c *Client) EnableRoot(ctx context.Context, id, password string, save func()) error {
	target, err := c.creationTarget(ctx, id)
	if err != nil {
		return err
	}
	return c.enableRoot(ctx, target, password, save)
}

// SetRootPassword changes root's password on an instance, or on its source if it is a replica.
func (c *Client) SetRootPassword(ctx context.Context, id, password string) error {
	target, err := c.writeTarget(ctx, id)
	if err != nil {
		return err
	}
	return c.enableRoot(ctx, target, password, func() {})
}

// enableRoot is EnableRoot for the given instance itself.
func (c *Client) enableRoot(ctx context.Context, id, password string, save func()) error {
	err := c.postRoot(ctx, id, password, save)
	if errors.Is(err, openstack.ErrNotFound) {
		return c.instancePathUnknown(ctx, id, "root access", err)
	}
	return err
}

func (c *Client) postRoot(ctx context.Context, id, password string, save func()) error {
	_, err := c.run(ctx, attempt{
		done:    func(context.Context, bool) (bool, error) { return false, nil },
		send:    func(ctx context.Context) error { return c.PostRoot(openstack.Uncanceled(ctx), id, password) },
		refused: c.whileDown(id),
		settle: func(context.Context, error) error {
			save()
			return nil
		},
	})
	return err
}

// DisableRoot disables root on an instance, or on its source if it is a replica: its password becomes one that nobody knows. An instance
// that is gone, or root that was never enabled, is no error. A new source has no record of root, which was replicated to it: there root is
// enabled first, with a password that the server chooses.
func (c *Client) DisableRoot(ctx context.Context, id string) error {
	target, err := c.writeTarget(ctx, id)
	if err != nil {
		return ignoreGone(err)
	}
	err = c.deleteRoot(ctx, target)
	if !errors.Is(err, openstack.ErrNotFound) || target == id {
		return ignoreGone(err)
	}
	if err := c.postRoot(ctx, target, "", func() {}); err != nil {
		return ignoreGone(err)
	}
	return ignoreGone(c.deleteRoot(ctx, target))
}

func (c *Client) deleteRoot(ctx context.Context, id string) error {
	_, err := c.run(ctx, attempt{
		done:    func(context.Context, bool) (bool, error) { return false, nil },
		send:    func(ctx context.Context) error { return c.DeleteRoot(ctx, id) },
		refused: c.whileDown(id),
	})
	return err
}
