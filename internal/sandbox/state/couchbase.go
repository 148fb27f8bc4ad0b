package state

import (
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

func (p *project) locateCouchbase(n topology.Couchbase) (at place, err error) {
	at.founds = clusterKey{topology.NamespaceCouchbase, n.ClusterName}
	at.cluster, err = p.join(at.founds, n.Joins())
	at.block = &topology.Topology{Couchbase: &topology.Couchbase{ClusterName: n.ClusterName}}
	return at, err
}

func (c *cluster) bucket(name string) int {
	return slices.IndexFunc(c.buckets, func(b topology.Bucket) bool { return b.Name == name })
}

// createBucket makes a bucket in the cluster, through the node that was asked (topology API, section 5).
func (s *State) createBucket(via *instance, a topology.CreateBucket) error {
	c := via.cluster
	if c.bucket(a.Name) >= 0 {
		return conflict("Bucket %s exists already in %s.", a.Name, c)
	}
	return s.changeBuckets(via, a, append(slices.Clone(c.buckets), a.Bucket))
}

// deleteBucket deletes a bucket with all it holds.
func (s *State) deleteBucket(via *instance, a topology.DeleteBucket) error {
	c := via.cluster
	n := c.bucket(a.Bucket)
	if n < 0 {
		return notFound("Bucket %s cannot be found in %s.", a.Bucket, c)
	}
	return s.changeBuckets(via, a, slices.Delete(slices.Clone(c.buckets), n, n+1))
}

// changeBuckets is safe to prepare the outcome: a cluster takes one change at a time.
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
