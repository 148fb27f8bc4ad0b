package operation_test

import (
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func TestPromoteWhoseAnswerIsLostIsSentOnce(t *testing.T) {
	w := newWorld(t, sandbox.Options{ActionTime: 50 * time.Millisecond})
	r := w.make(t, replica("replica", w.make(t, server("source"))))
	w.inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: promotion})
	i, err := w.Promote(t.Context(), r.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !i.Ready() {
		t.Errorf("the promoted instance is %s", i.Status)
	}
	if n := w.Ledger().Count(promotion); n != 1 {
		t.Errorf("%d promotions were sent, want 1", n)
	}
}

func TestPromoteWhoseRequestIsLostIsSentOnceMore(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	r := w.make(t, replica("replica", w.make(t, server("source"))))
	w.inject(t, faults.Rule{Do: faults.Drop, Kind: promotion})
	if _, err := w.Promote(t.Context(), r.ID, nil); err != nil {
		t.Fatal(err)
	}
	if n := w.Ledger().Count(promotion); n != 2 {
		t.Errorf("%d promotions were sent, want 2", n)
	}
}

func TestPromoteThatIsLostTwiceSaysSo(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	r := w.make(t, replica("replica", w.make(t, server("source"))))
	w.inject(t, faults.Rule{Do: faults.Drop, Kind: promotion, Times: faults.Always})
	if _, err := w.Promote(t.Context(), r.ID, nil); !openstack.OutcomeUnknown(err) {
		t.Errorf("got %v, want what happened to the request", err)
	}
	if n := w.Ledger().Count(promotion); n != 2 {
		t.Errorf("%d promotions were sent, want 2", n)
	}
}

func TestPromoteWaitsForAPromotionThatSomebodyElseBegan(t *testing.T) {
	for name, upstream := range map[string]bool{"topology API": false, "released Trove": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sandbox.Options{ActionTime: 300 * time.Millisecond, Upstream: upstream})
			source := w.make(t, server("source"))
			request := replica("replica", source)
			if upstream {
				request = trove.CreateRequest{Name: "replica", ReplicaOf: source.ID}
			}
			r := w.make(t, request)
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					i, err := w.Promote(t.Context(), r.ID, nil)
					if err != nil {
						t.Error(err)
					} else if !i.Ready() {
						t.Errorf("the promoted instance is %s", i.Status)
					}
				})
			}
			wg.Wait()
		})
	}
}
