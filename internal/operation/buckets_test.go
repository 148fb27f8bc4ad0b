package operation_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

const (
	bucketCreations = "POST /instances/{id}/topology/action couchbase.create_bucket"
	bucketDeletions = "POST /instances/{id}/topology/action couchbase.delete_bucket"
)

func withoutListing(o *sandbox.Options) { o.Bare = true }

// couchbaseNode asks for a node of the cluster products.
func couchbaseNode(name string) trove.CreateRequest {
	return trove.CreateRequest{
		Name: name, FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "couchbase", Version: "couchbase-7.2"},
		Topology: &topology.Topology{Couchbase: &topology.Couchbase{ClusterName: "products"}},
	}
}

// couchbaseCluster builds a cluster of so many nodes and returns their ids, the first member's first.
func (c *cloud) couchbaseCluster(client *operation.Client, nodes int) []string {
	c.t.Helper()
	var ids []string
	for i := range nodes {
		id, err := build(c.t.Context(), client, couchbaseNode(fmt.Sprintf("products-%d", i)))
		if err != nil {
			c.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// expectBuckets checks the buckets that a node's cluster has.
func (c *cloud) expectBuckets(node string, want ...string) {
	c.t.Helper()
	view, err := c.client().Topology(c.t.Context(), node)
	if err != nil {
		c.t.Fatal(err)
	}
	var got []string
	for _, b := range view.Buckets {
		got = append(got, b.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("the buckets (-want +got):\n%s", diff)
	}
}

func ordersBucket() topology.Bucket {
	return topology.Bucket{Name: "orders", Type: "couchbase", RAMSize: 200}
}

// makeBucket creates the bucket orders, and returns how often it was noted before the end.
func makeBucket(c *cloud, client *operation.Client, node string) (made *topology.Bucket, noted int, err error) {
	made, err = client.CreateBucket(c.t.Context(), node, ordersBucket(), func(b operation.Buckets) {
		noted++
		if b.Cluster != "products" {
			c.t.Errorf("the cluster is %q", b.Cluster)
		}
	})
	return made, noted, err
}

func TestBucketIsMadeOnceWhateverBecomesOfTheAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rules []faults.Rule
		sent  int
	}{
		"it comes":                       {nil, 1},
		"it is lost after the work":      {[]faults.Rule{{Do: faults.LoseAnswer}}, 1},
		"it is an error after the work":  {[]faults.Rule{{Do: faults.Status, Status: 500, AfterWork: true}}, 1},
		"it is lost before the work":     {[]faults.Rule{{Do: faults.Drop}}, 2},
		"both are lost after the work":   {[]faults.Rule{{Do: faults.Drop}, {Do: faults.LoseAnswer, After: 1}}, 2},
		"it is refused for a while":      {[]faults.Rule{{Do: faults.Status, Status: 422, Times: 3}}, 4},
		"the node goes while it is sent": {[]faults.Rule{{Do: faults.Status, Status: 404}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			client := c.client()
			node := c.couchbaseCluster(client, 1)[0]
			for _, rule := range tt.rules {
				rule.Kind = bucketCreations
				c.inject(rule)
			}
			made, noted, err := makeBucket(c, client, node)
			if err != nil || noted != 1 || made == nil || !made.Fits(ordersBucket()) {
				t.Errorf("%+v, noted %d times, %v", made, noted, err)
			}
			c.expectCount(bucketCreations, tt.sent)
			c.expectBuckets(node, "orders")
		})
	}
}

func TestBucketWhoseAnswersStayLostIsReported(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	node := c.couchbaseCluster(client, 1)[0]
	c.inject(faults.Rule{Do: faults.Drop, Kind: bucketCreations, Times: faults.Always})
	_, noted, err := makeBucket(c, client, node)
	var lost *operation.UnknownOutcomeError
	if !errors.As(err, &lost) || noted != 0 {
		t.Errorf("noted %d times, %v", noted, err)
	}
	c.expectCount(bucketCreations, 2)
}

func TestBucketIsNotSentAgainWhereItCannotBeSeen(t *testing.T) {
	c := newCloud(t, withoutListing)
	client := c.client()
	node := c.couchbaseCluster(client, 1)[0]
	c.inject(faults.Rule{Do: faults.LoseAnswer, Kind: bucketCreations})
	_, noted, err := makeBucket(c, client, node)
	var lost *operation.UnknownOutcomeError
	if !errors.As(err, &lost) || noted != 0 {
		t.Errorf("noted %d times, %v", noted, err)
	}
	c.expectCount(bucketCreations, 1)
	var exists *operation.BucketExistsError
	if _, _, err := makeBucket(c, client, node); !errors.As(err, &exists) {
		t.Errorf("the server has it by now: %v", err)
	}
}

func TestBucketOfSomebodyElseIsNotAdopted(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	node := c.couchbaseCluster(client, 1)[0]
	if _, _, err := makeBucket(c, client, node); err != nil {
		t.Fatal(err)
	}
	_, noted, err := makeBucket(c, c.client(), node)
	var exists *operation.BucketExistsError
	if !errors.As(err, &exists) || noted != 0 {
		t.Errorf("noted %d times, %v", noted, err)
	}
	c.expectCount(bucketCreations, 1)
}

func TestBucketWaitsForNodesThatJoin(t *testing.T) {
	const build = 20 * time.Second
	c := newCloud(t, func(o *sandbox.Options) { o.BuildTime = build })
	client := c.client()
	node := c.couchbaseCluster(client, 1)[0]
	joining := couchbaseNode("products-1")
	joining.Topology.Couchbase.Join = new(true)
	if _, err := client.Create(t.Context(), joining); err != nil {
		t.Fatal(err)
	}
	c.inject(faults.Rule{Do: faults.Status, Status: 422, Message: "A node joins.", Kind: bucketCreations})
	if _, _, err := makeBucket(c, client, node); err != nil {
		t.Fatal(err)
	}
	sent := c.requests(bucketCreations)
	if len(sent) != 2 {
		t.Fatalf("%d requests, want 2", len(sent))
	}
	if apart := sent[1].Received.Sub(sent[0].Received); apart < build*3/4 {
		t.Errorf("it was sent again after %s, before the node was built", apart)
	}
}

func TestBucketIsFoundThroughAnotherNode(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	nodes := c.couchbaseCluster(client, 2)
	if _, _, err := makeBucket(c, client, nodes[0]); err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), nodes[0]); err != nil {
		t.Fatal(err)
	}
	b, err := client.Buckets(t.Context(), nodes[0], "products")
	if _, there := b.Find("orders"); err != nil || !there || b.Node != nodes[1] {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := client.Buckets(t.Context(), nodes[0], "others"); !errors.Is(err, openstack.ErrNotFound) {
		t.Errorf("of another cluster: %v", err)
	}
	if err := client.DeleteBucket(t.Context(), nodes[0], "products", "orders"); err != nil {
		t.Error(err)
	}
	c.expectBuckets(nodes[1])
	if err := client.Delete(t.Context(), nodes[1]); err != nil {
		t.Fatal(err)
	}
	if err := client.DeleteBucket(t.Context(), nodes[0], "products", "orders"); err != nil {
		t.Errorf("it has gone with its cluster: %v", err)
	}
	c.expectCount(bucketDeletions, 1)
}

func TestBucketIsGoneWhateverBecomesOfTheAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rules []faults.Rule
		sent  int
	}{
		"it comes":                   {nil, 1},
		"it is lost after the work":  {[]faults.Rule{{Do: faults.LoseAnswer}}, 1},
		"it is lost before the work": {[]faults.Rule{{Do: faults.Drop}}, 2},
		"it is refused for a while":  {[]faults.Rule{{Do: faults.Status, Status: 422, Times: 3}}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			client := c.client()
			node := c.couchbaseCluster(client, 1)[0]
			if _, _, err := makeBucket(c, client, node); err != nil {
				t.Fatal(err)
			}
			for _, rule := range tt.rules {
				rule.Kind = bucketDeletions
				c.inject(rule)
			}
			if err := client.DeleteBucket(t.Context(), node, "products", "orders"); err != nil {
				t.Error(err)
			}
			c.expectCount(bucketDeletions, tt.sent)
			c.expectBuckets(node)
		})
	}
}

// A whole cluster is destroyed in whatever order Terraform comes to it.
func TestBucketGoesWhileItsNodesDo(t *testing.T) {
	t.Parallel()
	for name, times := range map[string]int{"the node that was asked has gone": 1, "the cluster has gone": faults.Always} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			client := c.client()
			node := c.couchbaseCluster(client, 2)[0]
			if _, _, err := makeBucket(c, client, node); err != nil {
				t.Fatal(err)
			}
			c.inject(faults.Rule{Do: faults.Status, Status: 404, Kind: "GET /instances/{id}/topology", After: 1, Times: times})
			if err := client.DeleteBucket(t.Context(), node, "products", "orders"); err != nil {
				t.Error(err)
			}
			c.expectCount(bucketDeletions, 1)
		})
	}
}

// The failure of the action is the outcome: nothing is waited for any longer.
func TestBucketWhoseDeletionFailsIsNotWaitedFor(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	node := c.couchbaseCluster(client, 1)[0]
	if _, _, err := makeBucket(c, client, node); err != nil {
		t.Fatal(err)
	}
	c.inject(faults.Rule{Do: faults.ActionError, Action: "couchbase.delete_bucket", Message: "the disk is gone"})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var failed *watch.FailedError
	if err := client.DeleteBucket(ctx, node, "products", "orders"); !errors.As(err, &failed) || ctx.Err() != nil {
		t.Errorf("got %v, want the failure of the instance at once", err)
	}
}

func TestBucketThatIsStillBeingMadeIsDeleted(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	node := c.couchbaseCluster(client, 1)[0]
	if err := client.Act(t.Context(), node, topology.CreateBucket{Bucket: ordersBucket()}); err != nil {
		t.Fatal(err)
	}
	b, err := client.Buckets(t.Context(), node, "products")
	if _, there := b.Find("orders"); err != nil || there {
		t.Fatalf("it is listed already, %v", err)
	}
	if changing, err := client.Changing(t.Context(), b); err != nil || !changing {
		t.Errorf("nothing seems to go on, %v", err)
	}
	if err := client.DeleteBucket(t.Context(), node, "products", "orders"); err != nil {
		t.Error(err)
	}
	c.expectBuckets(node)
	c.expectCount(bucketDeletions, 1)
}

// everyAction is each topology action, one that does not exist included.
const everyAction = "POST /instances/{id}/topology/action*"

func TestBucketStaysWhereItsDeletionIsNotOffered(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*sandbox.Options)
		rule   *faults.Rule
		want   error
	}{
		"refused as invalid":            {withoutListing, nil, operation.ErrBucketKept},
		"refused as unknown":            {withoutListing, &faults.Rule{Do: faults.Status, Status: 404, Kind: everyAction, Times: 2}, operation.ErrBucketKept},
		"refused where it is listed":    {func(*sandbox.Options) {}, &faults.Rule{Do: faults.Status, Status: 404, Kind: everyAction, Times: 2}, operation.ErrBucketKept},
		"refused for a reason":          {func(*sandbox.Options) {}, &faults.Rule{Do: faults.Status, Status: 400, Message: "it is in use"}, openstack.ErrBadRequest},
		"forbidden is no missing offer": {func(*sandbox.Options) {}, &faults.Rule{Do: faults.Status, Status: 403}, openstack.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, tt.change)
			client := c.client()
			node := c.couchbaseCluster(client, 1)[0]
			if _, _, err := makeBucket(c, client, node); err != nil {
				t.Fatal(err)
			}
			if tt.rule != nil {
				if tt.rule.Kind == "" {
					tt.rule.Kind = bucketDeletions
				}
				c.inject(*tt.rule)
			}
			err := client.DeleteBucket(t.Context(), node, "products", "orders")
			if !errors.Is(err, tt.want) || errors.Is(err, operation.ErrBucketKept) != errors.Is(tt.want, operation.ErrBucketKept) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			c.expectCount(bucketDeletions, 1)
		})
	}
}
