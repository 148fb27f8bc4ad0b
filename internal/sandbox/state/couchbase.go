package state

import (
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

func (p *project) locateCouchbase(n topology.Couchbase) (at place, err error) {
	at.creates = clusterKey{topology.NamespaceCouchbase, n.ClusterName}
	at.cluster, err = p.join(at.creates, n.Joins())
	at.block = &topology.Topology{Couchbase: &topology.Couchbase{ClusterName: n.ClusterName}}
	return at, err
}

func (c *cluster) bucket(name string) int {
	return slices.IndexFunc(c.buckets, func(b topology.Bucket) bool { return b.Name == name })
}

// createBucket makes a bucket in the cluster of the node that received the request (topology API, section 5).
func (s *State) createBucket(via *instance, a topology.CreateBucket) error {
	c := via.cluster
	if c.bucket(a.Name) >= 0 {
		return conflict("Bucket %s exists already in %s.", a.Name, c)
	}
	if err := via.project.fits(c, a.Bucket); err != nil {
		return err
	}
	return s.changeBuckets(via, a, append(slices.Clone(c.buckets), a.Bucket))
}

// fits refuses a bucket on a port in use, with a larger quota than its nodes have left, or with more replicas than there are nodes for them
// (topology API, section 5). Buckets share the memory of the nodes.
func (p *project) fits(c *cluster, b topology.Bucket) error {
	nodes, quotas := p.members(c), b.RAMSize
	for _, other := range c.buckets {
		if b.Port != nil && other.Port != nil && *b.Port == *other.Port {
			return conflict("Port %d is in use by bucket %s of %s.", *b.Port, other.Name, c)
		}
		quotas += other.RAMSize
	}
	for _, node := range nodes {
		if quotas > int64(node.flavor.RAM) {
			return badRequest("The buckets of %s would have a quota of %d MB on each node, and node %s has %d MB.", c, quotas, node.id, node.flavor.RAM)
		}
	}
	if b.Replica != nil && *b.Replica > int64(len(nodes)-1) {
		return badRequest("bucket_replica is %d, and %s has %d nodes: each replica needs a node of its own beside the first.", *b.Replica, c, len(nodes))
	}
	return nil
}

// deleteBucket deletes a bucket with all its contents.
func (s *State) deleteBucket(via *instance, a topology.DeleteBucket) error {
	c := via.cluster
	n := c.bucket(a.Bucket)
	if n < 0 {
		return notFound("Bucket %s cannot be found in %s.", a.Bucket, c)
	}
	return s.changeBuckets(via, a, slices.Delete(slices.Clone(c.buckets), n, n+1))
}

// changeBuckets applies an outcome that was computed in advance, which is safe since a cluster takes one change at a time.
func (s *State) changeBuckets(via *instance, a topology.Action, outcome []topology.Bucket) error {
	t := reconfiguring()
	t.cluster = via.cluster
	s.begin(topology.OperationName(a), t, []*instance{via}, func([]*instance) error {
		t.cluster.buckets = outcome
		return nil
	})
	return nil
}

// rebalance moves a node's data to the others and takes the node out of the cluster.
func (s *State) rebalance(via *instance, a topology.Rebalance) error {
	i, err := via.subject(a.ServerRemove)
	if err != nil {
		return err
	}
	return s.remove(topology.OperationName(a), i, i.last)
}
