package trove

import (
	"context"
	"errors"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Drain flushes a Cassandra node, stops it from accepting writes, and waits for the end. A drain may be repeated, so one whose
// answer is lost is sent once more.
func (c *Client) Drain(ctx context.Context, id string) (*Instance, error) {
	never := func(topology.Topology) bool { return false } // nothing shows that a node is drained
	return c.actThrough(ctx, id, topology.NamespaceCassandra, topology.DrainNode{ID: id}, never)
}

// Failover lets a replica of a Redis Cluster take over from its master, and waits for the end. On one that is a master it does
// nothing.
func (c *Client) Failover(ctx context.Context, id string) (*Instance, error) {
	master := func(t topology.Topology) bool { return t.RedisCluster.SlaveOf == nil }
	return c.actThrough(ctx, id, topology.NamespaceRedisCluster, topology.Failover{ID: id}, master)
}

// actThrough submits an action about a member through itself when it is ready, in its cluster's turn, and waits until it is ready again.
// done says whether the member shows that nothing is left to do; where an answer is lost and it does not, it is sent once more.
func (c *Client) actThrough(ctx context.Context, id string, ns topology.Namespace, action topology.Action, done func(topology.Topology) bool) (*Instance, error) {
	i, err := c.WaitReady(ctx, id)
	if err != nil {
		return i, err
	}
	block, err := c.Block(ctx, i)
	if err != nil {
		return i, err
	}
	if block.Namespace() != ns {
		return i, fmt.Errorf("instance %s is in no topology of namespace %s", id, ns)
	}
	unlock, err := c.turn(ctx, block.Cluster())
	if err != nil {
		return i, err
	}
	defer unlock()
	for sent, refused := 0, 0; ; {
		if i, err = c.WaitReady(ctx, id); err != nil {
			return i, err
		}
		if block, err = c.Block(ctx, i); err != nil || block.Namespace() == ns && done(block) {
			return i, err
		}
		err := c.submit(ctx, id, action)
		switch {
		case err == nil:
			return c.WaitReady(ctx, id)
		case errors.Is(err, ErrNotReady) && refused < refusedWhileReady:
			refused++
			if waitErr := c.waitChanges(ctx, id); waitErr != nil {
				return i, errors.Join(err, waitErr)
			}
		case !OutcomeUnknown(err) || sent == 1:
			return i, err
		default:
			sent++
		}
	}
}
