package operation_test

import (
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// A replica whose creation is under way is none of those that Trove changes the SSL of, and it may have read its source's before: on a real
// Trove 26 it was left without.
func TestSSLAndTheCreationOfReplicasTakeTurns(t *testing.T) {
	const change = "POST /instances/{id}/ssl"
	w := newWorld(t, sandbox.Options{Upstream: true, Release: 26}, func(o *operation.Options) { o.RequestTimeout = 10 * time.Second })
	source := w.make(t, server("orders"))
	w.inject(t, faults.Rule{Do: faults.Delay, Delay: faults.Duration(400 * time.Millisecond), Kind: creation})
	created := make(chan *trove.Instance, 1)
	go func() {
		i, err := w.Create(t.Context(), trove.CreateRequest{Name: "orders-1", ReplicaOf: source.ID})
		if err != nil {
			t.Error(err)
		}
		created <- i
	}()
	w.await(t, creation, 2)
	asked := trove.SSLChange{Mode: trove.SSLBasic, Container: "https://keys/orders.p12"}
	if _, err := w.EnableSSL(t.Context(), source.ID, asked, false, false, func() {}); err != nil {
		t.Fatal(err)
	}
	replica := <-created
	if replica == nil {
		t.FailNow()
	}
	var answered, changed time.Time
	for _, r := range w.Ledger().Requests() {
		switch r.Kind {
		case creation:
			answered = r.Received.Add(r.Took)
		case change:
			changed = r.Received
		}
	}
	if changed.Before(answered) {
		t.Errorf("SSL was changed %s before the creation was answered", answered.Sub(changed))
	}
	if ssl, _, err := w.State().SSL(identity.DemoProjectID, replica.ID); err != nil || ssl.Mode != trove.SSLBasic {
		t.Errorf("the replica has %+v, %v", ssl, err)
	}
}
