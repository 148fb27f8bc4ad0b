package operation

import (
	"context"
	"errors"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// RootOn says whether root was enabled within an instance, or within the source of its set: the user replicates, and the server notes of each
// instance only what was asked of it. An instance whose database is down is waited for. It returns ErrNotFound if there is no such
// instance, and a *trove.NotOfferedError if the server has no such call.
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

// rootOn is RootOn for this very instance.
func (c *Client) rootOn(ctx context.Context, id string) (bool, error) {
	enabled, err := readGuest(ctx, c, id, func(ctx context.Context) (bool, error) { return c.RootEnabled(ctx, id) })
	if errors.Is(err, openstack.ErrNotFound) {
		err = c.instancePathUnknown(ctx, id, "root access", err)
	}
	return enabled, err
}

// instancePathUnknown makes of a 404 for something of an instance a *trove.NotOfferedError if the instance is there; what names it.
func (c *Client) instancePathUnknown(ctx context.Context, id, what string, notFound error) error {
	if _, err := c.Instance(ctx, id); err != nil {
		return err // it has gone, or nobody knows
	}
	return &trove.NotOfferedError{What: what, Cause: notFound}
}

// EnableRoot enables root within an instance and gives it this password. If the instance
// has lost the role of the source to another, it does so there. It returns a *ReplicaError if the instance was made as a replica. save is
// called as soon as root may be enabled. Nothing shows whether the password was taken, but it may be asked for again: so it is, if the
// answer is lost.
func (c *Client) EnableRoot(ctx context.Context, id, password string, save func()) error {
	target, err := c.creationTarget(ctx, id)
	if err != nil {
		return err
	}
	return c.enableRoot(ctx, target, password, save)
}

// SetRootPassword gives root of an instance another password, on a replica within its source.
func (c *Client) SetRootPassword(ctx context.Context, id, password string) error {
	target, err := c.writeTarget(ctx, id)
	if err != nil {
		return err
	}
	return c.enableRoot(ctx, target, password, func() {})
}

// enableRoot is EnableRoot within this very instance.
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

// DisableRoot disables root within an instance, on a replica within its source: its password becomes one that nobody knows. An instance that
// has gone is no error, and neither is root that was never enabled. A source that has taken the role over knows nothing of root, which came
// with the replication: there it is enabled first, with a password of the server's choice.
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
