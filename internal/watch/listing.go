package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// listings are whole lists that several share who search at the same time.
type listings struct {
	watcher *Watcher

	mu      sync.Mutex
	present *listing  // that is being read
	next    *listing  // that is read then, for who came since the present one began
	last    time.Time // when the present or last one began
}

// listing is one list that is read. It ends with the last of those who wait for it.
type listing struct {
	waiting int
	ctx     context.Context //nolint:containedctx // its own: it is no caller's
	cancel  context.CancelFunc
	done    chan struct{}

	all        []trove.Instance
	serverTime time.Time
	err        error
}

// Listing lists all instances with details, and the server's time of day. It is no older than the call: those who call while a list is
// being read share the next one.
func (w *Watcher) Listing(ctx context.Context) (all []trove.Instance, serverTime time.Time, err error) {
	if w.lister == nil {
		return nil, time.Time{}, errors.New("the client reads no lists")
	}
	l := w.listings.join(ctx)
	defer w.listings.leave(l)
	select {
	case <-ctx.Done():
		return nil, time.Time{}, ctx.Err()
	case <-l.done:
		return l.all, l.serverTime, l.err
	}
}

func (s *listings) join(ctx context.Context) *listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = &listing{done: make(chan struct{})}
		s.next.ctx, s.next.cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	l := s.next
	l.waiting++
	if s.present == nil {
		s.begin()
	}
	return l
}

func (s *listings) leave(l *listing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.waiting--; l.waiting == 0 {
		l.cancel()
		if s.next == l {
			s.next = nil // nobody shall join it
		}
	}
}

// begin reads the next list. Two begin at least MinInterval apart.
func (s *listings) begin() {
	l := s.next
	s.present, s.next = l, nil
	pause := MinInterval - s.watcher.clock.Now().Sub(s.last)
	if s.last.IsZero() {
		pause = 0
	}
	go func() {
		if pause > 0 {
			l.err = Pause(l.ctx, s.watcher.clock, pause)
		}
		s.mu.Lock()
		s.last = s.watcher.clock.Now()
		s.mu.Unlock()
		if l.err == nil {
			l.all, l.serverTime, l.err = s.watcher.lister.InstancesAt(l.ctx)
		}
		close(l.done)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.present = nil
		if s.next != nil {
			s.begin()
		}
	}()
}
