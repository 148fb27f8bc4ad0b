package trove

import (
	"context"
	"errors"
	"fmt"

	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"
)

// refusedWhileReady is how often a change may be refused with "not ready" although the instance shows ready: another
// task may have begun in between, but not for ever.
const refusedWhileReady = 5

// ResizeFlavor moves the instance to another flavor and waits for it to be ready. A resize that fails beneath leaves a
// healthy instance with the old flavor, which is an error here.
func (c *Client) ResizeFlavor(ctx context.Context, id, flavor string) (*Instance, error) {
	i, err := c.change(ctx, id, func() error {
		return fault("resize instance "+id, instances.Resize(ctx, c.db, id, flavor).ExtractErr())
	})
	if err == nil && i.Flavor.ID != flavor {
		return i, notTaken("resize instance "+id, "flavor", i.Flavor.ID, flavor, i)
	}
	return i, err
}

// ResizeVolume grows the instance's volume to so many GB and waits for it to be ready.
func (c *Client) ResizeVolume(ctx context.Context, id string, size int64) (*Instance, error) {
	i, err := c.change(ctx, id, func() error {
		return fault("grow the volume of instance "+id, instances.ResizeVolume(ctx, c.db, id, int(size)).ExtractErr())
	})
	if err == nil && (i.Volume == nil || i.Volume.Size != size) {
		return i, notTaken("grow the volume of instance "+id, "volume size", i.Volume, size, i)
	}
	return i, err
}

// Upgrade moves the instance to another version of its datastore type, by the version's name, and waits for it.
func (c *Client) Upgrade(ctx context.Context, id, version string) (*Instance, error) {
	op := "upgrade instance " + id
	i, err := c.change(ctx, id, func() error {
		return c.patch(ctx, op, id, map[string]any{"datastore_version": version})
	})
	if err == nil && !i.Datastore.fits(Datastore{Version: version}) {
		return i, notTaken(op, "datastore version", i.Datastore.Version, version, i)
	}
	return i, err
}

// SetAccess replaces the instance's access settings and waits for it to be ready.
func (c *Client) SetAccess(ctx context.Context, id string, access Access) (*Instance, error) {
	return c.change(ctx, id, func() error {
		return c.put(ctx, "change the access of instance "+id, id, map[string]any{"access": access})
	})
}

// SetConfiguration makes group the instance's configuration group; "" leaves it without one. Trove attaches only where
// none is attached, so a present one is detached and waited for first. Where the settings take effect only after a restart,
// the instance that is returned waits for one; where the detaching needs one, it returns a *RestartRequiredError.
func (c *Client) SetConfiguration(ctx context.Context, id, group string) (*Instance, error) {
	i, err := c.Instance(ctx, id)
	if err != nil {
		return nil, err
	}
	if i.Configuration != nil && i.Configuration.ID != "" && i.Configuration.ID != group {
		wait := c.WaitReady
		if group == "" {
			wait = c.WaitSettled
		}
		i, err = c.changeTo(ctx, id, wait, func() error {
			return c.put(ctx, "detach the configuration of instance "+id, id, map[string]any{"configuration": nil})
		})
		if err != nil {
			return i, err
		}
	}
	if group == "" || i.Configuration != nil && i.Configuration.ID == group {
		return i, nil
	}
	return c.changeTo(ctx, id, c.WaitSettled, func() error {
		return c.put(ctx, "attach the configuration of instance "+id, id, map[string]any{"configuration": group})
	})
}

// WaitReady waits until the instance is ready, as the function of that name does.
func (c *Client) WaitReady(ctx context.Context, id string) (*Instance, error) {
	return WaitReady(ctx, c.clock, c, id)
}

// WaitSettled waits until nothing more happens to the instance by itself, as the function of that name does.
func (c *Client) WaitSettled(ctx context.Context, id string) (*Instance, error) {
	return WaitSettled(ctx, c.clock, c, id)
}

// change sends a change when the instance can take it, and waits for the instance to be ready again.
func (c *Client) change(ctx context.Context, id string, send func() error) (*Instance, error) {
	return c.changeTo(ctx, id, c.WaitReady, send)
}

// changeTo is change with another wait at the end.
func (c *Client) changeTo(ctx context.Context, id string, done func(context.Context, string) (*Instance, error), send func() error) (*Instance, error) {
	idle := func() error {
		_, err := c.WaitReady(ctx, id)
		return err
	}
	err := c.whenIdle(ctx, idle, send)
	// An answer that was lost is no failure by itself: the caller compares what it wanted with what has become.
	if err != nil && (!OutcomeUnknown(err) || ctx.Err() != nil) {
		return nil, err
	}
	return done(ctx, id)
}

// whenIdle waits for idleness, then sends; where the server says that something was not ready after all, it does both
// again.
func (c *Client) whenIdle(ctx context.Context, wait, send func() error) error {
	for refused := 0; ; {
		if err := wait(); err != nil {
			return err
		}
		err := send()
		if !errors.Is(err, ErrNotReady) {
			return err
		}
		if refused++; refused > refusedWhileReady {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-c.clock.After(minPoll):
		}
	}
}

// notTaken is the error for a change that the server accepted and then did not make.
func notTaken(op, what string, have, want any, i *Instance) error {
	text := i.FaultText()
	if text == "" {
		text = "it gave no reason"
	}
	return fmt.Errorf("%s: the server accepted the change, but the %s is %v and not %v: %s", op, what, have, want, text)
}
