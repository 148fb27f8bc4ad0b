package operation

import (
	"context"
	"errors"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Drain flushes a Cassandra node, stops it from accepting writes, and waits until that is done. A drain may be repeated, so it is sent
// again if the answer is lost.
func (c *Client) Drain(ctx context.Context, id string) (*trove.Instance, error) {
	never := func(topology.Topology) bool { return false } // nothing shows that a node is drained
	return c.memberAction(ctx, id, topology.NamespaceCassandra, topology.DrainNode{ID: id}, never)
}

// Failover lets a replica of a Redis Cluster take over from its master, and waits until that is done. On a master it does nothing.
func (c *Client) Failover(ctx context.Context, id string) (*trove.Instance, error) {
	master := func(t topology.Topology) bool { return t.RedisCluster.SlaveOf == nil }
	return c.memberAction(ctx, id, topology.NamespaceRedisCluster, topology.Failover{ID: id}, master)
}

// memberAction sends an action about a member through the member itself once it is ready, in its cluster's turn, and waits until it is
// ready again. made reports whether the member shows that nothing is left to do.
func (c *Client) memberAction(ctx context.Context, id string, ns topology.Namespace, action topology.Action, made func(topology.Topology) bool) (*trove.Instance, error) {
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
	unlock, err := c.Registry().LockCluster(ctx, c.Key(block.Cluster()))
	if err != nil {
		return i, err
	}
	defer unlock()
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) (err error) {
			i, err = c.WaitReady(ctx, id)
			return err
		},
		done: func(ctx context.Context, _ bool) (bool, error) {
			block, err := c.Block(ctx, i)
			return err == nil && block.Namespace() == ns && made(block), err
		},
		send: func(ctx context.Context) error { return c.submit(ctx, id, action) },
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			if !errors.Is(refusal, openstack.ErrNotReady) {
				return usual, nil
			}
			return usual, joined(refusal, c.waitChanges(ctx, id))
		},
		settle: func(ctx context.Context, _ error) (err error) {
			i, err = c.WaitReady(ctx, id)
			return err
		},
	})
	return i, err
}

// submit is Act, but canceling ctx does not abort a request in flight.
func (c *Client) submit(ctx context.Context, via string, action topology.Action) error {
	wire, done := outlive(ctx, c.requestTimeout())
	defer done()
	return c.Act(wire, via, action)
}
