package trove

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// BucketExistsError says that a bucket cannot be created since its cluster has one of that name.
type BucketExistsError struct {
	Bucket, Cluster string
	Cause           error // the server's refusal; nil where the server lists the bucket
}

func (e *BucketExistsError) Error() string {
	text := fmt.Sprintf("cluster %s has a bucket %s already", e.Cluster, e.Bucket)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *BucketExistsError) Unwrap() error { return e.Cause }

// ErrBucketKept says that a bucket stays since the server seems not to offer its deletion, which the proposal does not have
// (topology API, section 5).
var ErrBucketKept = errors.New("the server seems not to offer delete_bucket")

// Buckets is a Couchbase cluster as one of its nodes shows it.
type Buckets struct {
	// Node is the node that answered, Cluster the cluster's name.
	Node, Cluster string

	view topology.View
}

// Listed says whether the server lists buckets at all: the proposal does not (topology API, section 5).
func (b Buckets) Listed() bool { return b.view.Buckets != nil }

// Find returns the bucket of that name, and whether it is listed.
func (b Buckets) Find(name string) (topology.Bucket, bool) {
	i := slices.IndexFunc(b.view.Buckets, func(b topology.Bucket) bool { return b.Name == name })
	if i < 0 {
		return topology.Bucket{}, false
	}
	return b.view.Buckets[i], true
}

// Buckets shows the Couchbase cluster of that name, asked through node, or, where that is "", is gone or has left the cluster,
// through any instance of the project that is in it. Where cluster is "" it is the one that node is in. It returns ErrNotFound
// where there is no such cluster.
func (c *Client) Buckets(ctx context.Context, node, cluster string) (Buckets, error) {
	if node != "" {
		b, err := c.bucketsOf(ctx, node)
		if cluster == "" || err != nil && !errors.Is(err, ErrNotFound) || err == nil && b.Cluster == cluster {
			return b, err
		}
	}
	via, view, err := c.Cluster(ctx, "couchbase", couchbaseCluster(cluster), node)
	if err != nil {
		return Buckets{}, err
	}
	return Buckets{Node: via, Cluster: cluster, view: view}, nil
}

// Changing says that a node of the cluster is at something: a bucket that is not listed may be about to come, and one that is,
// to go. Nodes that are being built bring none.
func (c *Client) Changing(ctx context.Context, b Buckets) (bool, error) {
	for _, m := range b.view.Members {
		i, err := c.Instance(ctx, m.ID)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return false, err
		case !i.settled() && i.Status != StatusBuild && i.Status != statusShutdown:
			return true, nil
		}
	}
	return false, nil
}

// bucketsOf is Buckets of the cluster that the node is in.
func (c *Client) bucketsOf(ctx context.Context, node string) (Buckets, error) {
	view, err := c.Topology(ctx, node)
	if err != nil {
		return Buckets{}, err
	}
	m, ok := view.Find(node)
	if !ok || m.Couchbase == nil {
		return Buckets{}, fmt.Errorf("instance %s is in no Couchbase cluster: %w", node, ErrNotFound)
	}
	return Buckets{Node: node, Cluster: m.Couchbase.ClusterName, view: view}, nil
}

// speaker finds a node to send an action through: the one that answered where it is ready, else another that is.
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
		case err != nil && !errors.Is(err, ErrNotFound):
			return "", err
		}
	}
	_, err := c.WaitReady(ctx, b.Node)
	return b.Node, err
}

// bucketTurn waits until no other change of the cluster goes on in this process.
func (c *Client) bucketTurn(ctx context.Context, cluster string) (done func(), err error) {
	return c.turn(ctx, couchbaseCluster(cluster))
}

// couchbaseCluster is what topologies call the Couchbase cluster of that name.
func couchbaseCluster(name string) string {
	return topology.Topology{Couchbase: &topology.Couchbase{ClusterName: name}}.Cluster()
}

// CreateBucket makes a bucket in the cluster that node is in, and waits for it. accepted is called as soon as the bucket is
// there, or will be, and before any waiting: it must note that. It returns the bucket as the server lists it, nil where it does
// not list buckets.
//
// It is sent once. Where the answer is lost, the cluster's buckets tell what became of it; a server that does not list them is
// not asked again, which is a *LostError. A bucket that was there before is a *BucketExistsError. It takes turns with other
// changes of the cluster.
func (c *Client) CreateBucket(ctx context.Context, node string, bucket topology.Bucket, accepted func(Buckets)) (*topology.Bucket, error) {
	b, err := c.bucketsOf(ctx, node)
	if err != nil {
		return nil, err
	}
	done, err := c.bucketTurn(ctx, b.Cluster)
	if err != nil {
		return nil, err
	}
	defer done()
	var lost error
	for refused := 0; ; {
		fail := func(err error) (*topology.Bucket, error) {
			if lost == nil {
				return nil, err
			}
			return nil, &LostError{What: "bucket", Name: bucket.Name, Cause: errors.Join(lost, err)}
		}
		if b, err = c.Buckets(ctx, node, b.Cluster); err != nil {
			return fail(err)
		}
		have, there := b.Find(bucket.Name)
		switch {
		case there && lost != nil && have.Fits(bucket):
			accepted(b)
			return &have, c.waitIdle(ctx, b.Node)
		case there:
			return nil, &BucketExistsError{Bucket: bucket.Name, Cluster: b.Cluster}
		case lost != nil && !b.Listed():
			return fail(fmt.Errorf("this server does not list the buckets of cluster %s", b.Cluster))
		}
		via, err := c.speaker(ctx, b)
		if err != nil {
			return fail(err)
		}
		err = c.Act(unbroken(ctx), via, topology.CreateBucket{Bucket: bucket})
		again := refused < refusedWhileReady
		switch {
		case err == nil:
			accepted(b)
			return c.waitBucket(ctx, via, bucket.Name)
		case OutcomeUnknown(err) && lost == nil:
			lost = err
		case errors.Is(err, ErrConflict) && lost == nil:
			return nil, &BucketExistsError{Bucket: bucket.Name, Cluster: b.Cluster, Cause: err}
		case again && (errors.Is(err, ErrNotReady) || errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound)):
			// The cluster is being changed, or the lost request has made the bucket since, or the node has gone.
			refused++
		default:
			return fail(err)
		}
		if waitErr := c.waitNodes(ctx, via); waitErr != nil {
			return fail(errors.Join(err, waitErr))
		}
	}
}

// waitBucket waits for a bucket that the server has accepted.
func (c *Client) waitBucket(ctx context.Context, via, name string) (*topology.Bucket, error) {
	var found *topology.Bucket
	listed := true
	err := c.waitView(ctx, via, via, "done with bucket "+name, false, func(view topology.View) bool {
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

// DeleteBucket deletes a bucket with all it holds and waits until it is gone. A bucket that is gone already, or with its cluster,
// is no error. Where the server does not offer it, it returns ErrBucketKept. It takes turns with other changes of the cluster.
func (c *Client) DeleteBucket(ctx context.Context, node, cluster, name string) error {
	done, err := c.bucketTurn(ctx, cluster)
	if err != nil {
		return err
	}
	defer done()
	var lost, unoffered error
	for refused, sent := 0, 0; ; {
		b, err := c.Buckets(ctx, node, cluster)
		if errors.Is(err, ErrNotFound) {
			return nil // it has gone with its cluster
		}
		if err != nil {
			return errors.Join(lost, err)
		}
		_, there := b.Find(name)
		switch {
		case b.Listed() && !there:
			changing, err := c.Changing(ctx, b)
			if err != nil || !changing {
				return err
			}
			// It may be about to come, as when its creation was interrupted.
			if err := c.waitChanges(ctx, b.Node); err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			continue
		case unoffered != nil:
			return fmt.Errorf("%w: %w", unoffered, ErrBucketKept)
		case sent == 2:
			return errors.Join(lost, fmt.Errorf("the server accepted the deletion of bucket %s, but the cluster still has it", name))
		}
		via, err := c.speaker(ctx, b)
		if errors.Is(err, ErrNotFound) {
			continue // the nodes are being deleted as well
		}
		if err != nil {
			return err
		}
		err = c.Act(ctx, via, topology.DeleteBucket{Bucket: name})
		again := refused < refusedWhileReady
		switch {
		case again && (errors.Is(err, ErrNotReady) || errors.Is(err, ErrNotFound) && c.gone(ctx, via)):
			refused++
			if waitErr := c.waitNodes(ctx, via); waitErr != nil && !errors.Is(waitErr, ErrNotFound) {
				return errors.Join(err, waitErr)
			}
			continue
		case errors.Is(err, ErrNotFound) && lost != nil && !b.Listed():
			return nil // the request whose answer was lost has done it
		case errors.Is(err, ErrBadRequest), errors.Is(err, ErrNotFound):
			unoffered = err // unless the next look shows that it has gone meanwhile
			continue
		case err != nil && !OutcomeUnknown(err):
			return err
		}
		lost, sent = err, sent+1
		err = c.waitNoBucket(ctx, via, name, lost != nil)
		for errors.Is(err, ErrNotFound) { // its nodes are being deleted as well: another one tells
			if b, err = c.Buckets(ctx, node, cluster); err == nil {
				err = errors.Join(c.waitFor(ctx, nil, minPoll), c.waitNoBucket(ctx, b.Node, name, lost != nil))
			} else if errors.Is(err, ErrNotFound) {
				return nil
			}
		}
		if err != nil || lost == nil && !b.Listed() {
			return err
		}
	}
}

// gone says that there surely is no such instance.
func (c *Client) gone(ctx context.Context, id string) bool {
	_, err := c.Instance(ctx, id)
	return errors.Is(err, ErrNotFound)
}

// waitNoBucket waits until a bucket is gone, or until the work on it has ended.
func (c *Client) waitNoBucket(ctx context.Context, via, name string, lost bool) error {
	listed := true
	err := c.waitView(ctx, via, via, "done with bucket "+name, lost, func(view topology.View) bool {
		_, there := Buckets{view: view}.Find(name)
		listed = view.Buckets != nil
		return !there
	})
	if err == nil && !listed {
		_, err = c.WaitReady(ctx, via)
	}
	return err
}

// waitNodes waits, after a refusal or a lost answer, until nothing happens to any node of via's cluster: new ones, as they join,
// change where the buckets are.
func (c *Client) waitNodes(ctx context.Context, via string) error {
	view, err := c.Topology(ctx, via)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	for _, m := range view.Members {
		if err := c.waitIdle(ctx, m.ID); err != nil {
			return err
		}
	}
	return c.waitFor(ctx, nil, minPoll)
}
