package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Keep says how an instance keeps its configuration group over another change. Trove 19.0.1, 21.1 to 23.0 and 24.0 detach the group
// whenever a name, access settings, a replica's source or a version changes. What counts is not the release but what the instance shows
// after the change: if the group is gone, it is attached again. A nil *Keep attaches nothing.
type Keep struct {
	// Restart says whether to restart the instance if the group can be attached, or takes effect, only then.
	Restart bool
	// Instead is the group that is attached in place of the one before, "" for none; nil for the one before. A change of the group that
	// is still to come would find an instance that must be restarted first.
	Instead *string
	// Again is called with the group that was attached again; it may be nil.
	Again func(group string)
}

// LostConfigurationError says that the server detached the configuration group of an instance during another change, and that this group
// could not be attached then. It unwraps to the cause.
type LostConfigurationError struct {
	ID, Group string
	Cause     error
}

func (e *LostConfigurationError) Error() string {
	return fmt.Sprintf("the change was made, but during it the server detached the configuration group of instance %s, as some releases of Trove do, and group %s "+
		"could not be attached again: %v", e.ID, e.Group, e.Cause)
}

func (e *LostConfigurationError) Unwrap() error { return e.Cause }

// keepConfiguration attaches the group that an instance had before a change if it has none now, and waits for that. It returns the
// instance as it is then.
func (c *Client) keepConfiguration(ctx context.Context, before, now *trove.Instance, k *Keep) (*trove.Instance, error) {
	if k == nil || before == nil || before.ConfigurationID() == "" || now.ConfigurationID() != "" {
		return now, nil
	}
	group := before.ConfigurationID()
	if k.Instead != nil {
		group = *k.Instead
	}
	attach := func() error {
		settled, err := now, error(nil)
		if k.Restart { // only then does it show whether it must be restarted first
			settled, err = c.WaitSettled(ctx, now.ID)
		}
		if err == nil {
			settled, err = c.changeConfiguration(ctx, settled, group, k.Restart)
		}
		if settled != nil {
			now = settled
		}
		return err
	}
	if err := attach(); err != nil {
		return now, &LostConfigurationError{ID: now.ID, Group: group, Cause: err}
	}
	if k.Again != nil && group != "" {
		k.Again(group)
	}
	if !k.Restart {
		return now, nil
	}
	return c.RestartIfRequired(ctx, now.ID)
}

// Rename changes the name of the instance. It takes effect at once.
func (c *Client) Rename(ctx context.Context, id, name string, k *Keep) error {
	var before *trove.Instance
	if k != nil {
		var err error
		if before, err = c.Instance(ctx, id); err != nil {
			return err
		}
	}
	var now *trove.Instance
	look := func(ctx context.Context) (named bool, err error) {
		now, err = c.Instance(ctx, id)
		return err == nil && now.Name == name, err
	}
	_, err := c.run(ctx, attempt{
		// A second request changes nothing.
		done: func(context.Context, bool) (bool, error) { return false, nil },
		send: func(ctx context.Context) error { return c.PatchName(ctx, id, name) },
		// A release that also detaches the group changes the name first, and then refuses the rest while the instance is busy.
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			if !errors.Is(refusal, openstack.ErrNotReady) && !errors.Is(refusal, openstack.ErrBadRequest) {
				return usual, nil
			}
			if named, err := look(ctx); err == nil && named {
				return happened, nil
			}
			return usual, nil
		},
	})
	if err != nil || before == nil || before.ConfigurationID() == "" {
		return err
	}
	if _, err := look(ctx); err != nil {
		return err
	}
	_, err = c.keepConfiguration(ctx, before, now, k)
	return err
}

// idleReplicas waits until the replicas of an instance by replica_of are idle, and returns it. Trove 26 changes the group of a source only
// then.
func (c *Client) idleReplicas(ctx context.Context, source *trove.Instance) (replicas []*trove.Instance, err error) {
	for _, ref := range source.Replicas {
		r, err := c.WaitUntil(ctx, ref.ID, "done with what it is at", func(i *trove.Instance, _ time.Duration) (bool, error) { return i.Settled(), nil })
		switch {
		case errors.Is(err, openstack.ErrNotFound): // it was deleted in the meantime
		case err != nil:
			return nil, err
		default:
			replicas = append(replicas, r)
		}
	}
	return replicas, nil
}

// keepReplicasConfigurations restores the groups that replicas had before their source's group changed: Trove 26 attaches the source's
// group to replicas without one, and detaches it from those that have the same. A replica that waits for a restart that is not to be made
// stays as it is, and the next plan shows it.
func (c *Client) keepReplicasConfigurations(ctx context.Context, before []*trove.Instance, restart bool) error {
	for _, r := range before {
		now, err := c.WaitSettled(ctx, r.ID)
		if errors.Is(err, openstack.ErrNotFound) || r.Failed() {
			continue
		}
		if err == nil && now.ConfigurationID() != r.ConfigurationID() {
			if restart {
				now, err = c.RestartIfRequired(ctx, r.ID)
			}
			if err == nil && !now.RestartRequired() {
				_, err = c.changeConfiguration(ctx, now, r.ConfigurationID(), restart)
			}
			if err == nil && restart {
				_, err = c.RestartIfRequired(ctx, r.ID)
			}
		}
		if err != nil {
			return fmt.Errorf("the change was made, but during it the server also changed the configuration group of the replica %s (%s), and it could not be "+
				"restored: %w", r.Name, r.ID, err)
		}
	}
	return nil
}
