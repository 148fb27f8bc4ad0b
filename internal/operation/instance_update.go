package operation

import (
	"context"
	"errors"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ResizeFlavor moves the instance to another flavor and waits for it to be ready. A resize that fails on the server leaves a healthy
// instance with the old flavor, which is an error here.
func (c *Client) ResizeFlavor(ctx context.Context, id, flavor string) (*trove.Instance, error) {
	return c.update(ctx, id, change{
		made: func(i *trove.Instance) bool { return i.Flavor.ID == flavor },
		send: func(ctx context.Context) error { return c.RequestFlavor(ctx, id, flavor) },
		ignored: func(i *trove.Instance) error {
			return notMade("resize instance "+id, "flavor", i.Flavor.ID, flavor, i)
		},
	})
}

// ResizeVolume grows the instance's volume to the given size in GB and waits for it to be ready. If it has that size, nothing is sent. On
// released Trove the replicas of a source grow with it: the server refuses while one of them is busy, so they are waited for before and
// after.
func (c *Client) ResizeVolume(ctx context.Context, id string, size int64) (*trove.Instance, error) {
	if err := c.waitReplicasIdle(ctx, id); err != nil {
		return nil, err
	}
	i, err := c.update(ctx, id, change{
		made: func(i *trove.Instance) bool { return i.VolumeSize() == size },
		send: func(ctx context.Context) error { return c.RequestVolume(ctx, id, size) },
		ignored: func(i *trove.Instance) error {
			return notMade("grow the volume of instance "+id, "volume size in GB", i.VolumeSize(), size, i)
		},
	})
	if err == nil {
		err = c.waitReplicasIdle(ctx, id)
	}
	return i, err
}

// waitReplicasIdle waits until nothing happens to the instances that replicate from this one by replica_of.
func (c *Client) waitReplicasIdle(ctx context.Context, id string) error {
	i, err := c.Instance(ctx, id)
	if err != nil {
		return err
	}
	for _, r := range i.Replicas {
		if err := c.WaitIdle(ctx, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// Upgrade moves the instance to another version of its datastore type, by the version's name or id, and waits for it.
func (c *Client) Upgrade(ctx context.Context, id, version string, k *Keep) (*trove.Instance, error) {
	return c.update(ctx, id, change{
		keep: k,
		// An id is never shown, so there is no way to see that a version given by id is in use.
		made: func(i *trove.Instance) bool { return i.Datastore.Version == version },
		send: func(ctx context.Context) error { return c.RequestUpgrade(ctx, id, version) },
		ignored: func(i *trove.Instance) error {
			if i.Datastore.Fits(trove.Datastore{Version: version}) {
				return nil
			}
			return notMade("upgrade instance "+id, "datastore version", i.Datastore.Version, version, i)
		},
	})
}

// SetAccess replaces the instance's access settings and waits for it to be ready.
func (c *Client) SetAccess(ctx context.Context, id string, access trove.Access, k *Keep) (*trove.Instance, error) {
	return c.update(ctx, id, change{
		keep: k,
		made: func(i *trove.Instance) bool { return i.Access != nil && i.Access.Equal(access) },
		send: func(ctx context.Context) error { return c.PutAccess(ctx, id, access) },
	})
}

// SetConfiguration attaches group to the instance; "" leaves it without a configuration group. Trove attaches a group only if none is
// attached, so a present one is detached first. If the settings take effect only after a restart, the returned instance waits for one. If
// the detaching needs a restart, Trove attaches nothing before it: restart says whether to restart the instance then; otherwise it returns
// a *watch.RestartRequiredError. It returns a *ConfigurationError if the instance cannot have the group. The replicas keep their groups.
func (c *Client) SetConfiguration(ctx context.Context, id, group string, restart bool) (*trove.Instance, error) {
	i, err := c.Instance(ctx, id)
	if err != nil {
		return nil, err
	}
	replicas, err := c.idleReplicas(ctx, i)
	if err != nil {
		return i, err
	}
	i, err = c.changeConfiguration(ctx, i, group, restart)
	if err != nil {
		return i, err
	}
	return i, c.keepReplicasConfigurations(ctx, replicas, restart)
}

// changeConfiguration is SetConfiguration for the instance alone.
func (c *Client) changeConfiguration(ctx context.Context, i *trove.Instance, group string, restart bool) (_ *trove.Instance, err error) {
	id := i.ID
	if i.ConfigurationID() != "" && i.ConfigurationID() != group {
		if err := c.blameConfiguration(ctx, group, &i.Datastore, nil); err != nil {
			return i, err // it would be left without one
		}
		if i, err = c.setConfiguration(ctx, id, ""); err != nil {
			return i, err
		}
	}
	if i.ConfigurationID() == group {
		return i, nil
	}
	if restart && i.RestartRequired() { // some settings are removed only by a restart, and nothing is attached before it
		if i, err = c.RestartIfRequired(ctx, id); err != nil {
			return i, err
		}
	}
	i, err = c.setConfiguration(ctx, id, group)
	if i != nil && err != nil {
		err = c.blameConfiguration(ctx, group, &i.Datastore, err)
	}
	return i, err
}

// setConfiguration attaches a group to an instance that has none, or with "" detaches the present one.
func (c *Client) setConfiguration(ctx context.Context, id, group string) (*trove.Instance, error) {
	return c.update(ctx, id, change{
		made: func(i *trove.Instance) bool { return i.ConfigurationID() == group },
		send: func(ctx context.Context) error {
			err := c.PutConfiguration(ctx, id, group)
			if !errors.Is(err, openstack.ErrBadRequest) {
				return err
			}
			// While the instance is busy, other changes are refused as not ready, these as invalid.
			if now, readErr := c.Instance(ctx, id); readErr == nil && !now.Settled() {
				return errors.Join(openstack.ErrNotReady, err)
			}
			return err
		},
		wait: c.WaitSettled,
	})
}

// change is one change of an instance.
type change struct {
	// made reports whether an instance shows the change: then nothing is sent, and a lost answer is not a failure.
	made func(*trove.Instance) bool
	send func(context.Context) error
	// ignored is the error if a change was accepted but is not shown; nil if the server need not show it.
	ignored func(*trove.Instance) error
	// wait runs at the end; nil waits until the instance is ready.
	wait func(context.Context, string) (*trove.Instance, error)
	// keep says how to keep the configuration group; nil is for changes over which no server detaches it.
	keep *Keep
}

// update sends a change when the instance can take it, and waits for the instance to be ready again.
func (c *Client) update(ctx context.Context, id string, ch change) (*trove.Instance, error) {
	if ch.wait == nil {
		ch.wait = c.WaitReady
	}
	var before, now *trove.Instance
	fresh := false // read since the last wait
	a := attempt{
		ready: func(ctx context.Context) (err error) {
			if !fresh {
				now, err = c.WaitReady(ctx, id)
			}
			if before == nil {
				before = now
			}
			fresh = false
			return err
		},
		done: func(context.Context, bool) (bool, error) { return ch.made(now), nil },
		send: ch.send,
		settle: func(ctx context.Context, _ error) (err error) {
			now, err = ch.wait(ctx, id)
			fresh = err == nil
			return err
		},
		once: true,
	}
	if ch.ignored != nil {
		a.ignored = func() error { return ch.ignored(now) }
	}
	if _, err := c.run(ctx, a); err != nil {
		return now, c.withQuota(ctx, err)
	}
	return c.keepConfiguration(ctx, before, now, ch.keep)
}

// notMade is the error for a change that the server accepted but did not make.
func notMade(op, what string, have, want any, i *trove.Instance) error {
	text := i.FaultText()
	if text == "" {
		text = "it gave no reason"
	}
	return fmt.Errorf("%s: the server accepted the change, but the %s is %v and not %v: %s", op, what, have, want, text)
}
