package operation_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func TestCreateAdoptsTheInstanceWhoseAnswerIsLost(t *testing.T) {
	tests := map[string]faults.Rule{
		"a connection that breaks":   {Do: faults.LoseAnswer, Kind: creation},
		"a 500 after the work":       {Do: faults.Status, Status: http.StatusInternalServerError, AfterWork: true, Kind: creation},
		"an answer that is too late": {Do: faults.Delay, Delay: faults.Duration(2 * time.Second), AfterWork: true, Kind: creation},
	}
	for name, rule := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sandbox.Options{BuildTime: time.Hour})
			w.inject(t, rule)
			i, err := w.Create(t.Context(), server("orders"))
			if err != nil {
				t.Fatal(err)
			}
			w.expect(t, 1, i.ID)
		})
	}
}

func TestCreateSendsALostRequestOnceMore(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	w.inject(t, faults.Rule{Do: faults.Drop, Kind: creation})
	i, err := w.Create(t.Context(), server("orders"))
	if err != nil {
		t.Fatal(err)
	}
	w.expect(t, 2, i.ID)
}

func TestCreateGivesUpAfterTwoLostRequests(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	w.inject(t, faults.Rule{Do: faults.Drop, Kind: creation, Times: faults.Always})
	_, err := w.Create(t.Context(), server("orders"))
	if !openstack.OutcomeUnknown(err) {
		t.Errorf("got %v, want an error that says that the outcome is unknown", err)
	}
	w.expect(t, 2)
}

func TestCreateAdoptsNoneOfSeveral(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	stranger := newStranger(t, w)
	w.inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: creation}, faults.Rule{Do: faults.Delay, Delay: faults.Duration(200 * time.Millisecond), Kind: listing})
	result := make(chan error)
	go func() {
		_, err := w.Create(t.Context(), server("orders"))
		result <- err
	}()
	w.await(t, listing, 1) // the answer is lost and the search begins
	other, err := stranger.Create(t.Context(), server("orders"))
	if err != nil {
		t.Fatal(err)
	}
	var ambiguous *operation.AmbiguousCreateError
	if err := <-result; !errors.As(err, &ambiguous) {
		t.Fatalf("got %v, want an *AmbiguousError", err)
	}
	if len(ambiguous.IDs) != 2 || !slices.Contains(ambiguous.IDs, other.ID) {
		t.Errorf("the error names %v, want both", ambiguous.IDs)
	}
	w.expect(t, 2, slices.Clone(ambiguous.IDs)...)
}

func TestCreateDoesNotAdoptWhatDoesNotFit(t *testing.T) {
	other := server("orders")
	other.FlavorRef = "2"
	version := server("orders")
	version.Datastore = &trove.Datastore{Type: "mysql", Version: "mysql-8.0"}
	for name, theirs := range map[string]trove.CreateRequest{"flavor": other, "version": version, "name": server("accounts")} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sandbox.Options{})
			theirs, err := newStranger(t, w).Create(t.Context(), theirs)
			if err != nil {
				t.Fatal(err)
			}
			w.inject(t, faults.Rule{Do: faults.Drop, Kind: creation})
			i, err := w.Create(t.Context(), server("orders"))
			if err != nil {
				t.Fatal(err)
			}
			if i.ID == theirs.ID {
				t.Error("somebody else's instance was adopted")
			}
			w.expect(t, 3, i.ID, theirs.ID)
		})
	}
}

func TestCreateSaysThatTheSearchWasCutShort(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	w.inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: creation},
		faults.Rule{Do: faults.Status, Status: http.StatusForbidden, Kind: listing, Times: faults.Always})
	_, err := w.Create(t.Context(), server("orders"))
	var lost *operation.UnknownOutcomeError
	if !errors.As(err, &lost) || lost.Name != "orders" {
		t.Fatalf("got %v, want a *LostError", err)
	}
	if n := w.Ledger().Count(creation); n != 1 {
		t.Errorf("%d creations were sent although nobody knows what became of the first", n)
	}
}

func TestCreateSearchesThroughAnUnwellServer(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	w.inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: creation},
		faults.Rule{Do: faults.Status, Status: http.StatusServiceUnavailable, Kind: listing, Times: 2})
	i, err := w.Create(t.Context(), server("orders"))
	if err != nil {
		t.Fatal(err)
	}
	w.expect(t, 1, i.ID)
}

func TestCreateCanceledBeforehandSendsNothing(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Create(ctx, server("orders")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	w.expect(t, 0)
}

func TestCreateCanceledInFlightReturnsTheID(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, func(o *operation.Options) { o.RequestTimeout = 5 * time.Second })
	w.inject(t, faults.Rule{Do: faults.Delay, Delay: faults.Duration(300 * time.Millisecond), AfterWork: true, Kind: creation})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		w.await(t, creation, 1)
		cancel()
	}()
	i, err := w.Create(ctx, server("orders"))
	if err != nil {
		t.Fatal(err)
	}
	w.expect(t, 1, i.ID)
}

func TestCreateCanceledInFlightIsAdoptedWhereItsAnswerIsLost(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, func(o *operation.Options) { o.RequestTimeout = 5 * time.Second })
	w.inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: creation}, faults.Rule{Do: faults.Delay, Delay: faults.Duration(200 * time.Millisecond), Kind: creation})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		w.await(t, creation, 1)
		cancel()
	}()
	i, err := w.Create(ctx, server("orders"))
	if err != nil {
		t.Fatal(err)
	}
	w.expect(t, 1, i.ID)
}

func TestCreateCanceledWhileItWaitsToBeSentAgainSendsNothing(t *testing.T) {
	second := 1
	refused := make(chan struct{})
	seen := sync.OnceFunc(func() { close(refused) })
	w := newWorld(t, sandbox.Options{}, func(o *operation.Options) {
		o.RequestTimeout, o.MaxRetries = 5*time.Second, 4
		o.Log = func(_ context.Context, _ string, fields map[string]any) {
			if fields["status"] == http.StatusTooManyRequests {
				seen()
			}
		}
	})
	w.inject(t, faults.Rule{Do: faults.Status, Status: http.StatusTooManyRequests, RetryAfter: &second, Kind: creation})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-refused // the client has the refusal, and waits as it is told
		cancel()
	}()
	_, err := w.Create(ctx, server("orders"))
	if err == nil || openstack.OutcomeUnknown(err) {
		t.Errorf("got %v, want an error that leaves no doubt", err)
	}
	w.expect(t, 1)
}

func TestCreateCanceledWhileItAuthenticatesSendsNothing(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, func(o *operation.Options) { o.RequestTimeout = 5 * time.Second })
	w.inject(t, faults.Rule{Do: faults.Delay, Delay: faults.Duration(300 * time.Millisecond), Kind: "POST /v3/auth/tokens"})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := w.Create(ctx, server("orders")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
	w.expect(t, 0)
}

func TestCreationsOfOneNameAreNotTakenForEachOther(t *testing.T) {
	w := newWorld(t, sandbox.Options{BuildTime: time.Hour})
	w.inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: creation, Times: 2})
	ids := make([]string, 4)
	var wg sync.WaitGroup
	for n := range ids {
		wg.Go(func() {
			i, err := w.Create(t.Context(), server("orders"))
			if err != nil {
				t.Error(err)
				return
			}
			ids[n] = i.ID
		})
	}
	wg.Wait()
	w.expect(t, 4, ids...)
}

func TestReplicasOfOneSourceAreEachMadeOnce(t *testing.T) {
	for name, upstream := range map[string]bool{"topology API": false, "released Trove": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sandbox.Options{BuildTime: 100 * time.Millisecond, ActionTime: 20 * time.Millisecond, Upstream: upstream})
			source := w.make(t, server("source"))
			w.inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: creation})
			ids := []string{source.ID, "", "", ""}
			var wg sync.WaitGroup
			for n := range 3 {
				r := replica("replica-"+string(rune('a'+n)), source)
				if upstream {
					r = trove.CreateRequest{Name: r.Name, ReplicaOf: source.ID}
				}
				wg.Go(func() {
					i, err := w.Create(t.Context(), r)
					if err != nil {
						t.Error(err)
						return
					}
					ids[n+1] = i.ID
					if _, err := w.WaitReady(t.Context(), i.ID); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			w.expect(t, 4, ids...)
		})
	}
}

func TestCreateNamesTheSourceThatIsMissing(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	_, err := w.Create(t.Context(), replica("replica", &trove.Instance{ID: "5a1f2b7c-0000-4000-8000-000000000000"}))
	var source *operation.SourceError
	if !errors.As(err, &source) || !errors.Is(err, openstack.ErrNotFound) {
		t.Fatalf("got %v, want a *SourceError that is ErrNotFound", err)
	}
	w.expect(t, 0)
}

// The first creations of a project, all at once, race for the rows that count its quota: those that lose are answered with 500.
func TestCreationsThatAreLostTogetherAreSearchedForTogether(t *testing.T) {
	lists := map[int]int{}
	for _, creations := range []int{1, 10} {
		w := newWorld(t, sandbox.Options{Upstream: true})
		w.inject(t, faults.Rule{Do: faults.Status, Status: 500, Kind: creation, Times: creations})
		errs := make([]error, creations)
		atOnce(creations, func(n int) {
			request := server("orders")
			request.Name = fmt.Sprintf("orders-%d", n)
			_, errs[n] = w.Create(t.Context(), request)
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		all, err := w.Instances(t.Context())
		if err != nil || len(all) != creations {
			t.Errorf("there are %d instances, %v: want %d", len(all), err, creations)
		}
		if n := w.Ledger().Count(creation); n != 2*creations {
			t.Errorf("%d creations were sent, want each twice: %d", n, 2*creations)
		}
		lists[creations] = w.Ledger().Count(listing) - 1
	}
	if lists[10] > 2*lists[1]+1 {
		t.Errorf("the search for ten took %d lists, that for one %d", lists[10], lists[1])
	}
}
