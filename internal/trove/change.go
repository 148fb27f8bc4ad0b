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
	op := "resize instance " + id
	taken := func(i *Instance) bool { return i.Flavor.ID == flavor }
	i, err := c.change(ctx, id, taken, func() error {
		return fault(op, instances.Resize(ctx, c.db, id, flavor).ExtractErr())
	})
	if err == nil && !taken(i) {
		return i, notTaken(op, "flavor", i.Flavor.ID, flavor, i)
	}
	return i, err
}

// ResizeVolume grows the instance's volume to so many GB and waits for it to be ready. Where it has that size, as a replica
// on released Trove has once its source has grown, nothing is sent. There the replicas of a source grow with it: the server
// refuses while one of them is busy, and they are waited for before and after.
func (c *Client) ResizeVolume(ctx context.Context, id string, size int64) (*Instance, error) {
	op := "grow the volume of instance " + id
	taken := func(i *Instance) bool { return i.volumeSize() == size }
	if err := c.waitReplicasIdle(ctx, id); err != nil {
		return nil, err
	}
	i, err := c.change(ctx, id, taken, func() error {
		return fault(op, instances.ResizeVolume(ctx, c.db, id, int(size)).ExtractErr())
	})
	if err == nil && !taken(i) {
		return i, notTaken(op, "volume size in GB", i.volumeSize(), size, i)
	}
	if err == nil {
		err = c.waitReplicasIdle(ctx, id)
	}
	return i, err
}

// waitReplicasIdle waits until nothing happens to what replicates from the instance by replica_of.
func (c *Client) waitReplicasIdle(ctx context.Context, id string) error {
	i, err := c.Instance(ctx, id)
	if err != nil {
		return err
	}
	for _, r := range i.Replicas {
		if err := c.waitIdle(ctx, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// Upgrade moves the instance to another version of its datastore type, by the version's name or id, and waits for it.
func (c *Client) Upgrade(ctx context.Context, id, version string) (*Instance, error) {
	op := "upgrade instance " + id
	// An id is never shown, so it cannot be seen that a version given by it is there.
	taken := func(i *Instance) bool { return i.Datastore.Version == version }
	i, err := c.change(ctx, id, taken, func() error {
		return c.patch(ctx, op, id, map[string]any{"datastore_version": version})
	})
	if err == nil && !i.Datastore.fits(Datastore{Version: version}) {
		return i, notTaken(op, "datastore version", i.Datastore.Version, version, i)
	}
	return i, err
}

// SetAccess replaces the instance's access settings and waits for it to be ready.
func (c *Client) SetAccess(ctx context.Context, id string, access Access) (*Instance, error) {
	taken := func(i *Instance) bool { return i.Access != nil && i.Access.equal(access) }
	return c.change(ctx, id, taken, func() error {
		return c.put(ctx, "change the access of instance "+id, id, map[string]any{"access": access})
	})
}

// SetConfiguration makes group the instance's configuration group; "" leaves it without one. Trove attaches only where
// none is attached, so a present one is detached and waited for first. Where the settings take effect only after a restart,
// the instance that is returned waits for one. Where the detaching needs one, Trove attaches nothing before it: restart says
// whether to restart the instance then, else it is a *RestartRequiredError.
func (c *Client) SetConfiguration(ctx context.Context, id, group string, restart bool) (*Instance, error) {
	i, err := c.Instance(ctx, id)
	if err != nil {
		return nil, err
	}
	if i.group() != "" && i.group() != group {
		if i, err = c.setGroup(ctx, id, ""); err != nil {
			return i, err
		}
		if group != "" && restart {
			if i, err = c.RestartIfRequired(ctx, id); err != nil {
				return i, err
			}
		}
	}
	if i.group() == group {
		return i, nil
	}
	return c.setGroup(ctx, id, group)
}

// setGroup attaches a group to an instance that has none, or with "" detaches the one that it has.
func (c *Client) setGroup(ctx context.Context, id, group string) (*Instance, error) {
	op, value := "attach the configuration of instance "+id, any(group)
	if group == "" {
		op, value = "detach the configuration of instance "+id, nil
	}
	taken := func(i *Instance) bool { return i.group() == group }
	return c.changeTo(ctx, id, c.WaitSettled, taken, func() error {
		err := c.put(ctx, op, id, map[string]any{"configuration": value})
		if !errors.Is(err, ErrBadRequest) {
			return err
		}
		// Other changes are refused as not ready while the instance is at something, these as invalid.
		if now, readErr := c.Instance(ctx, id); readErr == nil && !now.settled() {
			return errors.Join(ErrNotReady, err)
		}
		return err
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

// change sends a change when the instance can take it, and waits for the instance to be ready again. taken says whether an
// instance shows the change: then nothing is sent, and an answer that was lost is no failure.
func (c *Client) change(ctx context.Context, id string, taken func(*Instance) bool, send func() error) (*Instance, error) {
	return c.changeTo(ctx, id, c.WaitReady, taken, send)
}

// changeTo is change with another wait at the end.
func (c *Client) changeTo(ctx context.Context, id string, done func(context.Context, string) (*Instance, error),
	taken func(*Instance) bool, send func() error,
) (*Instance, error) {
	var before *Instance
	idle := func() (err error) {
		before, err = c.WaitReady(ctx, id)
		return err
	}
	lost := c.whenIdle(ctx, idle, func() error {
		if taken(before) {
			return nil
		}
		return send()
	})
	if lost != nil && (!OutcomeUnknown(lost) || ctx.Err() != nil) {
		return nil, lost
	}
	i, err := done(ctx, id)
	if err == nil && lost != nil && !taken(i) {
		return i, lost
	}
	return i, err
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
