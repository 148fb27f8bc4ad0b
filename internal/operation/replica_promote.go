package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Promote makes a replica a standalone, writable instance and waits until it is: by the topology action promote of MySQL or slaveof_no_one
// of Redis, or by detaching it if it replicates as on released Trove. A replica that already stands alone is no error.
func (c *Client) Promote(ctx context.Context, id string, k *Keep) (*trove.Instance, error) {
	serves, err := c.ServesTopology(ctx)
	if err != nil {
		return nil, err
	}
	var (
		before, i *trove.Instance
		block     topology.Topology
		alone     bool
		sent      bool
	)
	look := func(ctx context.Context) (err error) {
		if i, err = c.Instance(ctx, id); err != nil {
			return err
		}
		if before == nil {
			before = i
		}
		var sources []string
		sources, block, err = c.SourcesOf(ctx, i)
		alone = err == nil && len(sources) == 0
		return err
	}
	defer c.readTargets.forget()
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) error {
			if err := look(ctx); err != nil || alone {
				return err
			}
			wait := c.WaitReady
			if sent {
				wait = c.WaitSettled // whether to restart it for its group is said below
			}
			_, err := wait(ctx, id)
			return err
		},
		done: func(ctx context.Context, _ bool) (bool, error) {
			if alone {
				return true, nil
			}
			err := look(ctx)
			return alone, err
		},
		send: func(ctx context.Context) error {
			sent = true
			switch {
			case serves && block.Redis != nil:
				return c.Act(ctx, id, topology.SlaveofNoOne{ID: id})
			case serves && block.MySQL != nil:
				return c.Act(ctx, id, topology.Promote{ID: id})
			}
			return c.Detach(ctx, id) // it replicates as on released Trove, whatever the server is
		},
		// Trove 23 begins to detach, then refuses the request because the group cannot be detached meanwhile.
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			if !errors.Is(refusal, openstack.ErrBadRequest) || before.ConfigurationID() == "" {
				return usual, nil
			}
			if now, err := c.Instance(ctx, id); err == nil && !now.Settled() {
				return retry, nil
			}
			return usual, nil
		},
		settle: func(ctx context.Context, lost error) error {
			_, err := c.WaitSettled(ctx, id)
			if err != nil || lost != nil || before.ConfigurationID() == "" {
				return err
			}
			// Trove 23 detaches the group along with the replica, and may show the instance as idle before that has ended.
			_, err = c.WaitUntil(ctx, id, "standalone", func(i *trove.Instance, waited time.Duration) (bool, error) {
				return i.ReplicaOf == nil || i.Failed() || waited >= c.requestTimeout(), nil
			})
			if err == nil {
				_, err = c.WaitSettled(ctx, id)
			}
			return err
		},
		ignored: func() error {
			return fmt.Errorf("promote instance %s: the server accepted it, but the instance still replicates", id)
		},
	})
	if err == nil && !i.Ready() && !i.Failed() {
		i, err = c.WaitSettled(ctx, id)
	}
	if err != nil {
		return i, err
	}
	return c.keepConfiguration(ctx, before, i, k)
}
