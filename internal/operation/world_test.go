package operation_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const (
	creation  = "POST /instances"
	listing   = "GET /instances/detail"
	promotion = "POST /instances/{id}/topology/action mysql.promote"
)

// world is a sandbox and a client of it.
type world struct {
	*sandbox.Sandbox
	*operation.Client
}

// newWorld starts a sandbox. Its client does not retry, and gives a request half a second.
func newWorld(t *testing.T, options sandbox.Options, change ...func(*operation.Options)) world {
	t.Helper()
	s, err := sandbox.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	opts := operation.Options{Options: openstack.Options{
		Auth:           gophercloud.AuthOptions{IdentityEndpoint: s.AuthURL(), Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo"},
		RequestTimeout: 500 * time.Millisecond,
	}}
	for _, c := range change {
		c(&opts)
	}
	client, err := operation.Connect(opts)
	if err != nil {
		t.Fatal(err)
	}
	return world{s, client}
}

func (w world) inject(t *testing.T, rules ...faults.Rule) {
	t.Helper()
	for _, r := range rules {
		if _, err := w.Faults().Add(r); err != nil {
			t.Fatal(err)
		}
	}
}

// expect compares the ledger with how many creations were sent and which instances were ever made.
func (w world) expect(t *testing.T, creations int, ids ...string) {
	t.Helper()
	if n := w.Ledger().Count(creation); n != creations {
		t.Errorf("%d creations were sent, want %d", n, creations)
	}
	var made []string
	for _, r := range w.State().History() {
		made = append(made, r.ID)
	}
	slices.Sort(made)
	slices.Sort(ids)
	if diff := cmp.Diff(ids, made); diff != "" {
		t.Errorf("the instances ever made (-want +got):\n%s", diff)
	}
}

// await waits until the server has seen so many requests of a kind.
func (w world) await(t *testing.T, kind string, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); w.Ledger().Count(kind) < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %d of %s", n, kind)
		}
	}
}

func server(name string) trove.CreateRequest {
	return trove.CreateRequest{
		Name: name, FlavorRef: "1", Volume: &trove.Volume{Size: 1},
		Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-5.7"},
	}
}

// make creates an instance and waits for it.
func (w world) make(t *testing.T, r trove.CreateRequest) *trove.Instance {
	t.Helper()
	i, err := w.Create(t.Context(), r)
	if err == nil {
		i, err = w.WaitReady(t.Context(), i.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// replica is a replica of the source by the topology API.
func replica(name string, source *trove.Instance) trove.CreateRequest {
	r := server(name)
	r.Topology = &topology.Topology{MySQL: &topology.MySQL{SlaveOf: []topology.Ref{{ID: source.ID}}}}
	return r
}

// newStranger is a client of the same project that knows nothing of the other's creations.
func newStranger(t *testing.T, w world) *operation.Client {
	t.Helper()
	client, err := operation.Connect(operation.Options{Options: openstack.Options{
		Auth: gophercloud.AuthOptions{IdentityEndpoint: w.AuthURL(), Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return client
}
