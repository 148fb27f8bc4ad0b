package operation

import (
	"context"
	"errors"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Keep says how an instance keeps its configuration group over a change of something else. Trove 19.0.1, 21.1 to 23.0 and 24.0 take the group
// off whenever a name, access settings, a replica's source or a version change. What an instance shows after the change tells, and not the
// release: where the group is gone, it is attached again. A nil *Keep leaves the instance as the server does.
type Keep struct {
	// Restart says whether to restart the instance where the group can be attached, or take effect, only then.
	Restart bool
	// Again is told which group was attached again; it may be nil.
	Again func(group string)
}

// LostConfigurationError says that the server took a configuration group off an instance over a change of something else, and that it could not be
// attached again. It unwraps to the cause.
type LostConfigurationError struct {
	ID, Group string
	Cause     error
}

func (e *LostConfigurationError) Error() string {
	return fmt.Sprintf("the change was made, but over it the server took configuration group %s off instance %s, as some releases of Trove do, and it could "+
		"not be attached again: %v", e.Group, e.ID, e.Cause)
}

func (e *LostConfigurationError) Unwrap() error { return e.Cause }

// keepConfiguration attaches the group that an instance had before a change where it has none now, and waits for that. It returns the
// instance as it is then.
func (c *Client) keepConfiguration(ctx context.Context, before, now *trove.Instance, k *Keep) (*trove.Instance, error) {
	if k == nil || before == nil || before.ConfigurationID() == "" || now.ConfigurationID() != "" {
		return now, nil
	}
	group := before.ConfigurationID()
	attach := func() error {
		if k.Restart { // some settings are taken off only by a restart, and before that nothing is attached
			if _, err := c.RestartIfRequired(ctx, now.ID); err != nil {
				return err
			}
		}
		i, err := c.setConfiguration(ctx, now.ID, group)
		if i != nil {
			now = i
		}
		return err
	}
	if err := attach(); err != nil {
		return now, &LostConfigurationError{ID: now.ID, Group: group, Cause: c.blameConfiguration(ctx, group, &now.Datastore, err)}
	}
	if k.Again != nil {
		k.Again(group)
	}
	if !k.Restart {
		return now, nil
	}
	return c.RestartIfRequired(ctx, now.ID)
}

// Rename gives the instance another name. It takes effect at once.
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
		// A release that also takes off the group gives the name first, and then refuses the rest while the instance is busy.
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
