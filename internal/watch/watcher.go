package watch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Reader is what waiting for an instance needs of a client.
type Reader interface {
	Instance(ctx context.Context, id string) (*trove.Instance, error)
}

// Lister is a Reader that reads lists, as trove.Client does.
type Lister interface {
	Reader
	EachInstance(ctx context.Context, detail bool, each func(page []trove.Instance, more bool) bool) error
	InstancesAt(ctx context.Context) (all []trove.Instance, serverTime time.Time, err error)
}

// Watcher waits for the instances of one endpoint, for all callers at once: if many are due, it reads one list of all instances in place
// of each instance. Each wait ends with its own context and does not affect the others. It is safe for concurrent use.
type Watcher struct {
	reader   Reader
	lister   Lister // nil if the reader reads no lists
	clock    clock.Clock
	schedule schedule
	listings listings

	mu      sync.Mutex
	waits   []*wait
	running bool
	changed chan struct{}      // tells the loop that the waits have changed
	stop    context.CancelFunc // stops the list that is being read; nil if none is
	pages   int                // number of pages of a list, as far as known
	refused bool               // the server refuses lists
	failed  bool               // the last list failed: instances are read one by one before the next
}

// New returns a Watcher.
func New(reader Reader, c clock.Clock) *Watcher {
	w := &Watcher{reader: reader, clock: c, changed: make(chan struct{}, 1), pages: 1}
	w.lister, _ = reader.(Lister)
	return w
}

// wait is the wait for one instance.
type wait struct {
	ctx     context.Context //nolint:containedctx // for its values: what is logged
	id      string
	kind    string // of the schedule
	began   time.Time
	next    time.Time // when to look at it
	reading bool      // its own goroutine is reading it
	news    chan news
}

// news is what the loop tells a wait: what a list shows, or why there is no list; with neither, the wait reads the instance itself.
type news struct {
	shown *trove.Instance
	err   error
}

// add begins a wait, whose first look is when its schedule says.
func (w *Watcher) add(ctx context.Context, id, kind string) *wait {
	now := w.clock.Now()
	it := &wait{ctx: ctx, id: id, kind: kind, began: now, next: now.Add(w.schedule.next(kind, 0)), news: make(chan news, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits = append(w.waits, it)
	if !w.running {
		w.running = true
		go w.loop() //nolint:contextcheck // it outlives this caller
	}
	w.wake()
	return it
}

// remove ends a wait. If nobody needs the list that is being read, that ends too.
func (w *Watcher) remove(it *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits = slices.DeleteFunc(w.waits, func(other *wait) bool { return other == it })
	if len(w.waits) == 0 && w.stop != nil {
		w.stop()
	}
	w.wake()
}

// look records that a wait is reading its instance, which makes older news useless.
func (w *Watcher) look(it *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	it.reading = true
	select {
	case <-it.news:
	default:
	}
}

// looked records that a wait has read its instance, and continues.
func (w *Watcher) looked(it *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	it.reading = false
	w.postpone(it)
	w.wake()
}

// postpone sets when a wait looks next, after it has looked.
func (w *Watcher) postpone(it *wait) {
	if next := it.began.Add(w.schedule.next(it.kind, w.clock.Now().Sub(it.began))); next.After(it.next) {
		it.next = next
	}
}

func (w *Watcher) wake() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// loop looks at what is due until no wait is left.
func (w *Watcher) loop() {
	for {
		w.mu.Lock()
		if len(w.waits) == 0 {
			w.running = false
			w.mu.Unlock()
			return
		}
		now := w.clock.Now()
		var timer <-chan time.Time
		var due, soon []*wait
		first := time.Duration(-1)
		for _, it := range w.waits {
			if it.reading {
				continue
			}
			left := it.next.Sub(now)
			if left <= 0 {
				due = append(due, it)
			}
			// A list also covers the waits that are due soon.
			if left <= Interval(now.Sub(it.began))/2 {
				soon = append(soon, it)
			}
			if first < 0 || left < first {
				first = left
			}
		}
		switch {
		case len(due) == 0:
			if first >= 0 {
				timer = w.clock.After(first)
			}
			w.mu.Unlock()
			select {
			case <-w.changed:
			case <-timer:
			}
		case w.lister != nil && !w.refused && !w.failed && len(soon) > w.pages:
			w.list(soon) // it releases the lock
		default:
			w.failed = false
			for _, it := range due {
				it.tell(news{})
			}
			w.mu.Unlock()
		}
	}
}

// tell passes on news, in place of older news. A wait that is to read its instance gets none until it has.
func (it *wait) tell(n news) {
	it.reading = it.reading || n.shown == nil && n.err == nil
	select {
	case <-it.news:
	default:
	}
	it.news <- n
}

// list reads a list for the waits that are due, and tells all waits what it shows. It stops once those have been seen, or if the list
// turns out longer than reading them one by one. It is called with the lock held, and releases it.
func (w *Watcher) list(due []*wait) {
	all := slices.DeleteFunc(slices.Clone(w.waits), func(it *wait) bool { return it.reading })
	ctx, stop := context.WithCancel(context.WithoutCancel(due[0].ctx))
	w.stop = stop
	w.mu.Unlock()

	wanted, missing := map[string]bool{}, map[string]bool{}
	for _, it := range all {
		wanted[it.id] = true
	}
	for _, it := range due {
		missing[it.id] = true
	}
	shown := map[string]*trove.Instance{}
	pages, whole := 0, false
	err := w.lister.EachInstance(ctx, false, func(page []trove.Instance, more bool) bool {
		pages++
		whole = !more
		for n := range page {
			if wanted[page[n].ID] {
				delete(missing, page[n].ID)
				shown[page[n].ID] = &page[n]
			}
		}
		return len(missing) > 0 && pages < 2*len(due)
	})
	stop()

	w.mu.Lock()
	defer w.mu.Unlock()
	w.stop = nil
	w.failed = err != nil
	switch {
	case err != nil && !Temporary(err):
		// Lists may be forbidden, or the answer may not be a list. Instances are then read one by one.
		w.refused, err = true, nil
	case err == nil && (whole || len(missing) == 0):
		w.pages = pages
	case err == nil:
		w.pages = 2 * pages // at least
	}
	for _, it := range all {
		if !slices.Contains(w.waits, it) {
			continue
		}
		switch i, ok := shown[it.id]; {
		case ok:
			w.postpone(it)
			it.tell(news{shown: i})
		case !slices.Contains(due, it):
		case err != nil:
			w.postpone(it)
			it.tell(news{err: err})
		default:
			it.tell(news{}) // absence from a list does not mean that it is gone
		}
	}
}

// goal is a status to wait for, which lists show too.
type goal struct {
	id, what, kind string
	// begun says that the work has just begun, so that an immediate look is useless.
	begun bool
	// done judges the status only: it is also called for instances from a list.
	done func(i *trove.Instance, waited time.Duration) (bool, error)
}

// until waits for a goal, which counts only when the instance itself shows it.
func (w *Watcher) until(ctx context.Context, s goal) (*trove.Instance, error) {
	var it *wait
	var seen span
	began := w.clock.Now()
	i, err := Until(ctx, w.clock, Poll[*trove.Instance]{
		ID: s.id, For: s.what, Status: (*trove.Instance).Condition,
		Read: func(ctx context.Context) (*trove.Instance, error) {
			if it == nil && !s.begun {
				return w.reader.Instance(ctx, s.id)
			}
			if it == nil {
				it = w.add(ctx, s.id, s.kind)
			}
			var told news
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case told = <-it.news:
			}
			if told.err != nil {
				return nil, told.err
			}
			if told.shown != nil {
				if done, err := s.done(told.shown, w.clock.Now().Sub(began)); !done && err == nil {
					return told.shown, nil
				}
			}
			w.look(it)
			defer w.looked(it)
			return w.reader.Instance(ctx, s.id)
		},
		Done: func(i *trove.Instance, waited time.Duration) (bool, error) {
			done, err := s.done(i, waited)
			if done {
				seen.high = waited
			} else {
				seen.low = waited
			}
			return done, err
		},
		// The watcher decides when to look again.
		Pause: func(ctx context.Context, _ time.Duration) error {
			if it == nil {
				it = w.add(ctx, s.id, s.kind)
			}
			return ctx.Err()
		},
	})
	if it != nil {
		w.remove(it)
	}
	gone := s.kind == kindGone && errors.Is(err, openstack.ErrNotFound)
	if gone {
		seen.high = w.clock.Now().Sub(began)
	}
	if s.begun && (err == nil || gone) {
		w.schedule.learn(s.kind, seen)
	}
	return i, err
}
