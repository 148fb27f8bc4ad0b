package operation_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func TestRemoveWaitsForReplicasOnTheirWayOut(t *testing.T) {
	w := newWorld(t, sandbox.Options{ActionTime: 300 * time.Millisecond})
	source := w.make(t, server("source"))
	replicas := []*trove.Instance{w.make(t, replica("one", source)), w.make(t, replica("two", source))}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := w.Delete(t.Context(), source.ID); err != nil {
			t.Error(err)
		}
	})
	w.await(t, "DELETE /instances/{id}", 1) // the source is reached first, and refused
	for _, r := range replicas {
		wg.Go(func() {
			if err := w.Delete(t.Context(), r.ID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, r := range w.State().History() {
		if r.Deleted.IsZero() {
			t.Errorf("%s is still there", r.Name)
		}
	}
}

func TestRemoveDoesNotHammerAServerThatIsNeverReady(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	i := w.make(t, server("orders"))
	w.inject(t, faults.Rule{Do: faults.Status, Status: http.StatusUnprocessableEntity, Message: "Not now.", Kind: "DELETE /instances/{id}", Times: faults.Always})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err := w.Delete(ctx, i.ID)
	var answer *openstack.Error
	if !errors.As(err, &answer) || answer.Message != "Not now." {
		t.Errorf("got %v, want the server's refusal", err)
	}
	if n := w.Ledger().Count("DELETE /instances/{id}"); n > 20 {
		t.Errorf("%d deletions were sent", n)
	}
}
