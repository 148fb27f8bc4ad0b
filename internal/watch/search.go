package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// listings shares whole lists among callers that search at the same time.
type listings struct {
	mu      sync.Mutex
	present *flight[listing] // being read
	next    *flight[listing] // to be read after it, for callers that came since the present one began
	last    time.Time        // when the latest one began
}

// listing is a list, with the server's time of day.
type listing struct {
	all        []trove.Instance
	serverTime time.Time
}

// Listing lists all instances with details, with the server's time of day. It is no older than the call: callers that come while a list is
// being read share the next one.
func (w *Watcher) Listing(ctx context.Context) (all []trove.Instance, serverTime time.Time, err error) {
	if w.lister == nil {
		return nil, time.Time{}, errors.New("the client reads no lists")
	}
	s := &w.listings
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil || s.next.abandoned() {
		s.next = w.beginListing(ctx)
	}
	l, err := s.next.wait(ctx, &s.mu)
	return l.all, l.serverTime, err
}

// beginListing reads a list once the present one has ended. Two begin at least MinInterval apart. The lock must be held.
func (w *Watcher) beginListing(ctx context.Context) *flight[listing] {
	s, before := &w.listings, w.listings.present
	var f *flight[listing]
	f = fly(ctx, &s.mu, w.clock.Now(), func(ctx context.Context) (l listing, err error) {
		if before != nil {
			select {
			case <-ctx.Done():
				return l, ctx.Err()
			case <-before.done:
			}
		}
		s.mu.Lock()
		pause := MinInterval - w.clock.Now().Sub(s.last)
		if s.last.IsZero() {
			pause = 0
		}
		s.mu.Unlock()
		if pause > 0 {
			if err := Pause(ctx, w.clock, pause); err != nil {
				return l, err
			}
		}
		s.mu.Lock()
		s.present, s.last = f, w.clock.Now()
		if s.next == f {
			s.next = nil // later callers share the one after it
		}
		s.mu.Unlock()
		l.all, l.serverTime, err = w.lister.InstancesAt(ctx)
		return l, err
	}, func(f *flight[listing]) {
		if s.present == f {
			s.present = nil
		}
		if s.next == f {
			s.next = nil
		}
	})
	return f
}
