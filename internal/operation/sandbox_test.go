package operation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/ledger"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Kinds of requests in the ledger.
const (
	creations = "POST /instances"
	deletions = "DELETE /instances/{id}"
	views     = "GET /instances/{id}/topology"
	updates   = "POST /instances/{id}/topology/action mongodb.update_members"
	removals  = "POST /instances/{id}/topology/action mongodb.remove_member"
)

// speed is how much faster than the machine's the clock of client and server goes here.
const speed = 20

// leaveWindow is how long a member that is to leave waits for others.
const leaveWindow = 10 * time.Second

type fastClock struct{ start time.Time }

func (c fastClock) Now() time.Time { return c.start.Add(speed * time.Since(c.start)) }

func (fastClock) After(d time.Duration) <-chan time.Time { return time.After(d / speed) }

// cloud is a sandbox whose work takes a second by its own clock. Its tests run beside each other.
type cloud struct {
	*sandbox.Sandbox
	t     *testing.T
	clock fastClock
}

func newCloud(t *testing.T, change ...func(*sandbox.Options)) *cloud {
	t.Helper()
	t.Parallel()
	c := &cloud{t: t, clock: fastClock{time.Now()}}
	options := sandbox.Options{BuildTime: time.Second, ActionTime: time.Second, Now: c.clock.Now}
	for _, f := range change {
		f(&options)
	}
	var err error
	if c.Sandbox, err = sandbox.New(options); err != nil {
		t.Fatal(err)
	}
	if err := c.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return c
}

// client is a new process's client, without retries beneath.
func (c *cloud) client(change ...func(*operation.Options)) *operation.Client {
	c.t.Helper()
	options := operation.Options{
		Options: openstack.Options{
			Auth:   gophercloud.AuthOptions{IdentityEndpoint: c.AuthURL(), Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo"},
			Region: "RegionOne", RequestTimeout: 2 * time.Second,
		},
		Clock: c.clock, TopologyAPI: trove.TopologyAlways, ReconfigWindow: leaveWindow,
	}
	for _, f := range change {
		f(&options)
	}
	client, err := operation.Connect(options)
	if err != nil {
		c.t.Fatal(err)
	}
	return client
}

func (c *cloud) inject(rule faults.Rule) {
	c.t.Helper()
	if _, err := c.Faults().Add(rule); err != nil {
		c.t.Fatal(err)
	}
}

// requests are those of a kind, in the order of their arrival.
func (c *cloud) requests(kind string) []ledger.Request {
	return slices.DeleteFunc(c.Ledger().Requests(), func(r ledger.Request) bool { return r.Kind != kind })
}

func (c *cloud) expectCount(kind string, want int) {
	c.t.Helper()
	if got := c.Ledger().Count(kind); got != want {
		c.t.Errorf("%s was sent %d times, want %d", kind, got, want)
	}
}

// submitted are the bootstraps and the joiners that the server was asked for with this answer.
func (c *cloud) submitted(status int) (bootstraps, joiners int) {
	c.t.Helper()
	for _, r := range c.requests(creations) {
		var body struct {
			Instance struct {
				Topology topology.Topology `json:"topology"`
			} `json:"instance"`
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			c.t.Fatal(err)
		}
		switch {
		case r.Status != status:
		case joins(body.Instance.Topology):
			joiners++
		default:
			bootstraps++
		}
	}
	return bootstraps, joiners
}

func joins(t topology.Topology) bool {
	return t.MongoDB != nil && t.MongoDB.Joins() || t.Cassandra != nil && t.Cassandra.Joins()
}

func (c *cloud) expectSubmitted(status, bootstraps, joiners int) {
	c.t.Helper()
	if f, j := c.submitted(status); f != bootstraps || j != joiners {
		c.t.Errorf("%d bootstraps and %d joiners were answered with %d, want %d and %d", f, j, status, bootstraps, joiners)
	}
}

// member asks for a member of the set products, without saying whether it joins.
func member(name string, change ...func(*topology.MongoDB)) trove.CreateRequest {
	block := &topology.MongoDB{Type: topology.TypeMember, ReplSet: "products"}
	for _, f := range change {
		f(block)
	}
	return trove.CreateRequest{
		Name: name, FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Topology: &topology.Topology{MongoDB: block},
		Datastore: &trove.Datastore{Type: "mongodb", Version: "mongodb-7.0"},
	}
}

func arbiter(m *topology.MongoDB) { m.Type = topology.TypeArbiter }

func unelectable(m *topology.MongoDB) { m.Priority, m.Votes = new(0.0), new(int64(0)) }

// cassandraNode asks for a node of the cluster products, without saying whether it joins.
func cassandraNode(name string, seed bool) trove.CreateRequest {
	return trove.CreateRequest{
		Name: name, FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "cassandra", Version: "cassandra-4.1"},
		Topology: &topology.Topology{Cassandra: &topology.Cassandra{
			ClusterName: "products", NumTokens: new(int64(16)), IsSeed: &seed, EndpointSnitch: new("SimpleSnitch"), AutoBootstrap: new(!seed),
		}},
	}
}

// build creates a member as resources do, and returns its id when it is ready.
func build(ctx context.Context, client *operation.Client, request trove.CreateRequest) (id string, err error) {
	created, ended, err := client.CreateOrJoin(ctx, request)
	if err != nil {
		return "", err
	}
	_, err = client.WaitReady(ctx, created.ID)
	if ended != nil {
		ended(err == nil)
	}
	return created.ID, err
}

// buildAll builds members at the same time, and returns their ids and errors by place.
func buildAll(ctx context.Context, client *operation.Client, requests ...trove.CreateRequest) (ids []string, errs []error) {
	ids, errs = make([]string, len(requests)), make([]error, len(requests))
	atOnce(len(requests), func(i int) { ids[i], errs[i] = build(ctx, client, requests[i]) })
	return ids, errs
}

// atOnce calls f at the same time with 0 to n-1, and returns when all have returned.
func atOnce(n int, f func(i int)) {
	done := make(chan struct{})
	for i := range n {
		go func() {
			defer func() { done <- struct{}{} }()
			f(i)
		}()
	}
	for range n {
		<-done
	}
}

// replicaSet builds a set of so many members and returns their ids, the first member's first.
func (c *cloud) replicaSet(client *operation.Client, members int) []string {
	c.t.Helper()
	var ids []string
	for i := range members {
		id, err := build(c.t.Context(), client, member(fmt.Sprintf("products-%d", i)))
		if err != nil {
			c.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// expectMembers checks who is in the topology that an instance belongs to.
func (c *cloud) expectMembers(via string, want ...string) {
	c.t.Helper()
	view, err := c.client().Topology(c.t.Context(), via)
	if err != nil {
		c.t.Fatal(err)
	}
	var got []string
	for _, m := range view.Members {
		got = append(got, m.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		c.t.Errorf("the members are %v, want %v", got, want)
	}
}

// expectNoneRefused checks that no request of a kind was refused: each came when the set could take it.
func (c *cloud) expectNoneRefused(kind string) {
	c.t.Helper()
	for _, r := range c.requests(kind) {
		if r.Status >= 400 {
			c.t.Errorf("%s was answered with %d", kind, r.Status)
		}
	}
}
