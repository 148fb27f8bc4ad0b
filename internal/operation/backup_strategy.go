package operation

import (
	"context"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// BackupStrategyOf returns the strategy of an instance, or of the project if that is "". It is nil if there is none.
func (c *Client) BackupStrategyOf(ctx context.Context, instance string) (*trove.BackupStrategy, error) {
	all, err := c.BackupStrategies(ctx)
	for i := range all {
		if all[i].InstanceID == instance {
			return &all[i], err
		}
	}
	return nil, err
}

// CreateBackupStrategy creates a strategy. It returns an *ExistsError if there is one already. save is called as soon as it may exist.
func (c *Client) CreateBackupStrategy(ctx context.Context, s trove.BackupStrategy, save func()) error {
	unlock, err := c.Registry().Lock(ctx, "backup strategy/"+c.Session()+"/"+s.InstanceID)
	if err != nil {
		return fmt.Errorf("set the backup strategy of %s: waiting for its turn: %w", s.Of(), err)
	}
	defer unlock()
	switch have, err := c.BackupStrategyOf(ctx, s.InstanceID); {
	case err != nil:
		return err
	case have != nil:
		return &ExistsError{What: "a backup strategy of " + s.Of()}
	}
	return c.SetBackupStrategy(ctx, s, save)
}

// SetBackupStrategy creates or changes a strategy. It may be repeated, so it is sent again if the answer is lost. save is called as soon
// as it may have taken effect.
func (c *Client) SetBackupStrategy(ctx context.Context, s trove.BackupStrategy, save func()) error {
	_, err := c.run(ctx, attempt{
		done: func(ctx context.Context, sent bool) (bool, error) {
			if !sent {
				return false, nil
			}
			have, err := c.BackupStrategyOf(ctx, s.InstanceID)
			return have != nil && have.Container == s.Container, err
		},
		send: func(ctx context.Context) error { return c.PostBackupStrategy(openstack.Uncanceled(ctx), s) },
		settle: func(context.Context, error) error {
			save()
			return nil
		},
	})
	return err
}

// RemoveBackupStrategy deletes the strategy of an instance, or of the project if that is ""; one that is gone already is no error.
func (c *Client) RemoveBackupStrategy(ctx context.Context, instance string) error {
	gone := func(ctx context.Context) (bool, error) {
		have, err := c.BackupStrategyOf(ctx, instance)
		return err == nil && have == nil, err
	}
	return c.deleteAndWait(ctx, deletion{
		send: func(ctx context.Context) error { return c.DeleteBackupStrategy(ctx, instance) },
		gone: gone,
		wait: func(ctx context.Context, _ error) error {
			if is, err := gone(ctx); err != nil || is {
				return err
			}
			return fmt.Errorf("the server accepted to delete the backup strategy of %s, and still lists it", trove.BackupStrategy{InstanceID: instance}.Of())
		},
	})
}
