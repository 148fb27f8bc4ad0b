package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// BucketExistsError says that a bucket cannot be created because its cluster has one of that name.
type BucketExistsError struct {
	Bucket, Cluster string
	Cause           error // the server's refusal; nil if the server lists the bucket
}

func (e *BucketExistsError) Error() string {
	text := fmt.Sprintf("cluster %s has a bucket %s already", e.Cluster, e.Bucket)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *BucketExistsError) Unwrap() error { return e.Cause }

// ErrBucketKept says that a bucket stays because the server offers no deletion of buckets; the proposal has none (topology API, section
// 5).
var ErrBucketKept = errors.New("the server does not offer delete_bucket")

// Buckets is a Couchbase cluster as one of its nodes shows it.
type Buckets struct {
	// Node is the node that answered, Cluster the cluster's name.
	Node, Cluster string

	view topology.View
}

// Listed says whether the server lists buckets at all: in the proposal it does not (topology API, section 5).
func (b Buckets) Listed() bool { return b.view.Buckets != nil }

// Find returns the bucket of that name, and whether it is listed.
func (b Buckets) Find(name string) (topology.Bucket, bool) {
	i := slices.IndexFunc(b.view.Buckets, func(b topology.Bucket) bool { return b.Name == name })
	if i < 0 {
		return topology.Bucket{}, false
	}
	return b.view.Buckets[i], true
}

// Buckets returns the Couchbase cluster of that name, read through node or, if node is "", is gone or has left the cluster, through any
// instance of the project that is in it. If cluster is "", it is the one that node is in. It returns openstack.ErrNotFound if there is no
// such cluster.
func (c *Client) Buckets(ctx context.Context, node, cluster string) (Buckets, error) {
	if node != "" {
		b, err := c.bucketsOf(ctx, node)
		if cluster == "" || err != nil && !errors.Is(err, openstack.ErrNotFound) || err == nil && b.Cluster == cluster {
			return b, err
		}
	}
	via, view, err := c.FindCluster(ctx, "couchbase", couchbaseCluster(cluster), node)
	if err != nil {
		return Buckets{}, err
	}
	return Buckets{Node: via, Cluster: cluster, view: view}, nil
}

// Changing reports whether a node of the cluster is busy: then a bucket that is not listed may be about to appear, and a listed one to
// disappear. Nodes that are being built do not count.
func (c *Client) Changing(ctx context.Context, b Buckets) (bool, error) {
	for _, m := range b.view.Members {
		i, err := c.Instance(ctx, m.ID)
		switch {
		case errors.Is(err, openstack.ErrNotFound):
		case err != nil:
			return false, err
		case !i.Settled() && i.Status != trove.StatusBuild && i.Status != trove.StatusShutdown:
			return true, nil
		}
	}
	return false, nil
}

// bucketsOf is Buckets for the cluster that the node is in.
func (c *Client) bucketsOf(ctx context.Context, node string) (Buckets, error) {
	view, err := c.Topology(ctx, node)
	if err != nil {
		return Buckets{}, err
	}
	m, ok := view.Find(node)
	if !ok || m.Couchbase == nil {
		return Buckets{}, fmt.Errorf("instance %s is in no Couchbase cluster: %w", node, openstack.ErrNotFound)
	}
	return Buckets{Node: node, Cluster: m.Couchbase.ClusterName, view: view}, nil
}

// speaker returns a node to send an action through: the one that answered if it is ready, otherwise another ready one.
func (c *Client) speaker(ctx context.Context, b Buckets) (string, error) {
	ids := []string{b.Node}
	for _, m := range b.view.Members {
		if m.ID != b.Node {
			ids = append(ids, m.ID)
		}
	}
	for _, id := range ids {
		i, err := c.Instance(ctx, id)
		switch {
		case err == nil && i.Ready():
			return id, nil
		case err != nil && !errors.Is(err, openstack.ErrNotFound):
			return "", err
		}
	}
	_, err := c.WaitReady(ctx, b.Node)
	return b.Node, err
}

// couchbaseCluster is the name of the Couchbase cluster in topologies.
func couchbaseCluster(name string) string {
	return topology.Topology{Couchbase: &topology.Couchbase{ClusterName: name}}.Cluster()
}

// CreateBucket creates a bucket in the cluster that node is in, and waits for it. accepted is called before any waiting, as soon as the
// bucket exists or will exist, and must record that. It returns the bucket as the server lists it, nil if the server does not list
// buckets.
//
// The request is sent once. If the answer is lost, the cluster's buckets tell the outcome; a server that does not list them is not asked
// again, and an *UnknownOutcomeError is returned. If the bucket existed before, it returns a *BucketExistsError. It takes turns with other
// changes of the cluster.
func (c *Client) CreateBucket(ctx context.Context, node string, bucket topology.Bucket, accepted func(Buckets)) (*topology.Bucket, error) {
	b, err := c.bucketsOf(ctx, node)
	if err != nil {
		return nil, err
	}
	name := b.Cluster
	unlock, err := c.Registry().LockCluster(ctx, c.Key(couchbaseCluster(name)))
	if err != nil {
		return nil, err
	}
	defer unlock()
	var (
		lost  error // why the outcome of the request is unknown
		via   string
		found *topology.Bucket
	)
	_, err = c.run(ctx, attempt{
		done: func(ctx context.Context, _ bool) (bool, error) {
			if found != nil {
				return true, nil
			}
			if b, err = c.Buckets(ctx, node, name); err != nil {
				return false, err
			}
			have, there := b.Find(bucket.Name)
			switch {
			case there && lost != nil && have.Fits(bucket):
				accepted(b)
				found = &have
				return true, c.WaitIdle(ctx, b.Node)
			case there:
				return false, &BucketExistsError{Bucket: bucket.Name, Cluster: name}
			case lost != nil && !b.Listed():
				return false, fmt.Errorf("this server does not list the buckets of cluster %s", name)
			}
			via, err = c.speaker(ctx, b)
			return false, err
		},
		send: func(ctx context.Context) error {
			return c.Act(openstack.Uncanceled(ctx), via, topology.CreateBucket{Bucket: bucket})
		},
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			conflict := errors.Is(refusal, openstack.ErrConflict)
			switch {
			case conflict && lost == nil:
				return usual, &BucketExistsError{Bucket: bucket.Name, Cluster: name, Cause: refusal}
			case conflict, errors.Is(refusal, openstack.ErrNotReady), errors.Is(refusal, openstack.ErrNotFound):
				// The cluster is being changed, or the lost request has created the bucket since, or the node is gone.
				if err := joined(refusal, c.waitNodes(ctx, via)); err != nil {
					return usual, err
				}
				return retry, nil
			}
			return usual, refusal
		},
		settle: func(ctx context.Context, unknown error) error {
			if lost = unknown; lost != nil {
				return c.waitNodes(ctx, via)
			}
			accepted(b)
			found, err = c.waitBucket(ctx, via, bucket.Name)
			return err
		},
	})
	var exists *BucketExistsError
	if err != nil && lost != nil && !errors.As(err, &exists) {
		return nil, &UnknownOutcomeError{Kind: "bucket", Name: bucket.Name, Cause: errors.Join(lost, err)}
	}
	return found, err
}

// waitBucket waits for a bucket that the server has accepted.
func (c *Client) waitBucket(ctx context.Context, via, name string) (*topology.Bucket, error) {
	var found *topology.Bucket
	listed := true
	err := c.waitTopology(ctx, via, via, "done with bucket "+name, false, func(view topology.View) bool {
		if have, there := (Buckets{view: view}).Find(name); there {
			found = &have
		}
		listed = view.Buckets != nil
		return found != nil || !listed
	})
	if err != nil {
		return nil, err
	}
	if listed && found == nil {
		return nil, fmt.Errorf("the server accepted bucket %s, but the cluster does not have it", name)
	}
	_, err = c.WaitReady(ctx, via)
	return found, err
}

// DeleteBucket deletes a bucket with its contents and waits until it is gone. A bucket that is gone already, also with its cluster, is no
// error. If the server does not offer deletion, it returns ErrBucketKept. It takes turns with other changes of the cluster.
func (c *Client) DeleteBucket(ctx context.Context, node, cluster, name string) error {
	unlock, err := c.Registry().LockCluster(ctx, c.Key(couchbaseCluster(cluster)))
	if err != nil {
		return err
	}
	defer unlock()
	d := bucketDeletion{Client: c, node: node, cluster: cluster, name: name}
	action := topology.DeleteBucket{Bucket: name}
	_, err = c.run(ctx, attempt{
		ready: d.look,
		done:  func(context.Context, bool) (bool, error) { return d.over, nil },
		send:  func(ctx context.Context) error { return c.Act(ctx, d.via, action) },
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			gone := errors.Is(refusal, openstack.ErrNotFound)
			switch {
			case errors.Is(refusal, openstack.ErrNotReady), gone && c.isGone(ctx, d.via):
				if err := c.waitNodes(ctx, d.via); err != nil && !errors.Is(err, openstack.ErrNotFound) {
					return usual, errors.Join(refusal, err)
				}
				return retry, nil
			case gone && d.lost != nil && !d.buckets.Listed():
				d.over = true // the request whose answer was lost has deleted it
				return usual, nil
			}
			// Unless the next look shows that it is gone by now.
			unsupported := c.Unsupported(ctx, d.via, action, refusal)
			if err := d.look(ctx); err != nil || d.over {
				return usual, err
			}
			if unsupported {
				return usual, fmt.Errorf("%w: %w", refusal, ErrBucketKept)
			}
			return usual, nil
		},
		settle: d.wait,
		ignored: func() error {
			return fmt.Errorf("the server accepted the deletion of bucket %s, but the cluster still has it", name)
		},
	})
	return err
}

// bucketDeletion is the state of the deletion of one bucket.
type bucketDeletion struct {
	*Client
	node, cluster, name string

	buckets Buckets // as last seen
	via     string  // the node that requests go through
	lost    error   // why the outcome of the last request is unknown
	over    bool    // the bucket is gone
}

// look reads the cluster's buckets once it is known whether the bucket exists, and finds a node to send requests through. A bucket that is
// not listed while a node is busy may be about to appear, for instance if its creation was interrupted.
func (d *bucketDeletion) look(ctx context.Context) error {
	if d.over {
		return nil
	}
	_, err := watch.Until(ctx, d.clock, watch.Poll[bool]{
		Object: "bucket " + d.name, For: "known to be there or not",
		Read: func(ctx context.Context) (known bool, err error) {
			if d.buckets, err = d.Buckets(ctx, d.node, d.cluster); err != nil {
				d.over = errors.Is(err, openstack.ErrNotFound) // it is gone with its cluster
				return d.over, ignoreGone(err)
			}
			if _, there := d.buckets.Find(d.name); d.buckets.Listed() && !there {
				changing, err := d.Changing(ctx, d.buckets)
				if err != nil || changing {
					return false, err
				}
				// The work may have ended between the two looks, and the bucket have appeared.
				if d.buckets, err = d.Buckets(ctx, d.node, d.cluster); err != nil {
					d.over = errors.Is(err, openstack.ErrNotFound)
					return d.over, ignoreGone(err)
				}
				if _, there := d.buckets.Find(d.name); !there {
					d.over = true
					return true, nil
				}
			}
			d.via, err = d.speaker(ctx, d.buckets)
			return err == nil, ignoreGone(err) // the nodes are being deleted as well
		},
		Done: func(known bool, _ time.Duration) (bool, error) { return known, nil },
	})
	return err
}

// wait waits until the bucket is gone, or until the work on it has ended.
func (d *bucketDeletion) wait(ctx context.Context, lost error) error {
	d.lost = lost
	_, err := watch.Until(ctx, d.clock, watch.Poll[bool]{
		Object: "bucket " + d.name, For: "gone",
		Read: func(ctx context.Context) (ended bool, err error) {
			listed := true
			err = d.waitTopology(ctx, d.via, d.via, "done with bucket "+d.name, lost != nil, func(view topology.View) bool {
				_, there := Buckets{view: view}.Find(d.name)
				listed = view.Buckets != nil
				return !there
			})
			if err == nil && !listed {
				_, err = d.WaitReady(ctx, d.via)
				d.over = err == nil && lost == nil
			}
			if !errors.Is(err, openstack.ErrNotFound) {
				return true, err
			}
			// Its node is being deleted as well: ask another one.
			if err := d.look(ctx); err != nil || d.over {
				return true, err
			}
			return false, nil
		},
		Done: func(ended bool, _ time.Duration) (bool, error) { return ended, nil },
	})
	return err
}

// ignoreGone returns err, or nil if it says that something does not exist.
func ignoreGone(err error) error {
	_, err = isGone(err)
	return err
}

// isGone reports whether the instance surely does not exist.
func (c *Client) isGone(ctx context.Context, id string) bool {
	gone, err := isGone(second(c.Instance(ctx, id)))
	return gone && err == nil
}

// waitNodes waits, after a refusal or a lost answer, until every node of via's cluster is idle, new ones included: as they join, the
// buckets move.
func (c *Client) waitNodes(ctx context.Context, via string) error {
	view, err := c.Topology(ctx, via)
	if err != nil && !errors.Is(err, openstack.ErrNotFound) {
		return err
	}
	for _, m := range view.Members {
		if err := c.WaitIdle(ctx, m.ID); err != nil {
			return err
		}
	}
	return c.pause(ctx, watch.MinInterval)
}
