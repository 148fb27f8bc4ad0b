package watch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// book is a Paged over so many instances, in the order of their ids, which is one of chance.
type book struct {
	pageSize int
	fails    error // of pages
	loops    bool  // its markers go round
	ids      []string
	hidden   map[string]bool // from pages
	took     time.Duration   // of a page

	mu      sync.Mutex
	gets    int
	pages   int
	ended   int // pages whose context ended
	changes int64
}

func newBook(instances int) *book {
	b := &book{pageSize: 20, hidden: map[string]bool{}, took: 100 * time.Millisecond}
	random := rand.New(rand.NewPCG(1, 2))
	for range instances {
		b.ids = append(b.ids, fmt.Sprintf("%016x", random.Uint64()))
	}
	return b
}

// mine are so many of them, by chance.
func (b *book) mine(n int) []string {
	ids := slices.Clone(b.ids)
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids[:n]
}

func (b *book) Changes() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changes
}

func (b *book) Instance(ctx context.Context, id string) (*trove.Instance, error) {
	b.mu.Lock()
	b.gets++
	defer b.mu.Unlock()
	if !slices.Contains(b.ids, id) {
		return nil, &openstack.Error{Code: 404, Fault: "itemNotFound"}
	}
	return &trove.Instance{ID: id, Name: "read"}, ctx.Err()
}

func (b *book) EachInstance(ctx context.Context, _ bool, each func(page []trove.Instance, more bool) bool) error {
	for marker := ""; ; {
		page, next, err := b.InstancePage(ctx, marker)
		if err != nil {
			return err
		}
		if !each(page, next != "") || next == "" {
			return nil
		}
		marker = next
	}
}

func (b *book) InstancePage(ctx context.Context, marker string) (page []trove.Instance, next string, err error) {
	b.mu.Lock()
	b.pages++
	b.mu.Unlock()
	select {
	case <-ctx.Done():
		b.mu.Lock()
		b.ended++
		b.mu.Unlock()
		return nil, "", ctx.Err()
	case <-time.After(b.took):
	}
	if b.fails != nil {
		return nil, "", b.fails
	}
	ids := slices.Sorted(slices.Values(b.ids))
	from, _ := slices.BinarySearch(ids, marker+"\x00")
	if marker == "" || b.loops {
		from = 0
	}
	to := min(from+b.pageSize, len(ids))
	for _, id := range ids[from:to] {
		if !b.hidden[id] {
			page = append(page, trove.Instance{ID: id, Name: "listed"})
		}
	}
	if to < len(ids) {
		next = ids[to-1]
	}
	return page, next, nil
}

// refresh reads instances as Terraform does: ten at once.
func refresh(t *testing.T, r *Refresh, ids []string) {
	t.Helper()
	work := make(chan string)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for id := range work {
				if i, err := r.Instance(t.Context(), id); err != nil || i.ID != id {
					t.Errorf("%s: %+v, %v", id, i, err)
				}
			}
		})
	}
	for _, id := range ids {
		work <- id
	}
	close(work)
	all.Wait()
}

func TestARefreshCostsAboutTheLeastNumberOfRequests(t *testing.T) {
	tests := []struct{ mine, foreign, most int }{
		{1, 0, 1}, {1, 2000, 1}, {2, 2000, 4}, {10, 2000, 21}, {50, 2000, 101},
		{50, 0, 6}, {200, 0, 20}, {1000, 0, 80}, {1000, 1000, 180}, {3000, 0, 240},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d of %d", tt.mine, tt.mine+tt.foreign), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(tt.mine + tt.foreign)
				refresh(t, NewRefresh(b, clock.System{}), b.mine(tt.mine))
				if got := b.gets + b.pages; got > tt.most {
					t.Errorf("%d GETs and %d pages, want %d at most", b.gets, b.pages, tt.most)
				}
			})
		})
	}
}

func TestWhatIsOnNoPageIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(100)
		r := NewRefresh(b, clock.System{})
		b.hidden[b.ids[7]] = true
		refresh(t, r, b.ids)
		if i, err := r.Instance(t.Context(), b.ids[7]); err != nil || i.Name != "read" {
			t.Errorf("got %+v, %v; want it read by itself", i, err)
		}
		if _, err := r.Instance(t.Context(), "none"); !errors.Is(err, openstack.ErrNotFound) {
			t.Errorf("got %v, want what a read of it says", err)
		}
	})
}

func TestPagesAreDroppedOnAChangeAndWithTime(t *testing.T) {
	for name, drop := range map[string]func(*book){
		"a change": func(b *book) { b.mu.Lock(); b.changes++; b.mu.Unlock() },
		"a minute": func(*book) { time.Sleep(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(100)
				r := NewRefresh(b, clock.System{})
				refresh(t, r, b.ids)
				before := b.gets
				if i, err := r.Instance(t.Context(), b.ids[3]); err != nil || b.gets != before || i.Name != "listed" {
					t.Fatalf("got %+v, %v, by %d reads; want it from a page", i, err, b.gets-before)
				}
				drop(b)
				if i, err := r.Instance(t.Context(), b.ids[3]); err != nil || b.gets != before+1 || i.Name != "read" {
					t.Errorf("after %s got %+v, %v; want it read", name, i, err)
				}
			})
		})
	}
}

func TestAChangeWhileAPageIsReadIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(20)
		r := NewRefresh(b, clock.System{})
		refresh(t, r, b.ids[:1])
		var all sync.WaitGroup
		for _, id := range b.ids[1:5] {
			all.Go(func() {
				if i, err := r.Instance(t.Context(), id); err != nil || i.Name != "read" {
					t.Errorf("got %+v, %v; want it read after the change", i, err)
				}
			})
		}
		synctest.Wait()
		b.mu.Lock()
		b.changes++
		b.mu.Unlock()
		all.Wait()
	})
}

func TestWhereNoPageCanBeReadInstancesAre(t *testing.T) {
	for name, spoil := range map[string]func(*book){
		"forbidden": func(b *book) { b.fails = &openstack.Error{Code: 403} },
		"endless":   func(b *book) { b.loops = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(60)
				spoil(b)
				refresh(t, NewRefresh(b, clock.System{}), b.ids)
				if b.pages > 2 || b.gets < 40 {
					t.Errorf("%d pages and %d GETs, want no further pages", b.pages, b.gets)
				}
			})
		})
	}
}

func TestAReadThatIsCanceledDisturbsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(20)
		b.took = time.Hour
		r := NewRefresh(b, clock.System{})
		refresh(t, r, b.ids[:1])
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		read := func(ctx context.Context, id string, want error) {
			if _, err := r.Instance(ctx, id); !errors.Is(err, want) {
				t.Errorf("%s ended with %v, want %v", id, err, want)
			}
		}
		all.Go(func() { read(ctx, b.ids[1], context.Canceled) })
		synctest.Wait()
		all.Go(func() { read(t.Context(), b.ids[2], nil) })
		synctest.Wait()
		cancel()
		all.Wait()
		if b.ended != 0 || b.pages != 1 {
			t.Errorf("%d of %d pages ended with the context of one reader", b.ended, b.pages)
		}
	})
}

func TestWhatAPlanAsksSeveralTimesIsReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(2)
		r := NewRefresh(b, clock.System{})
		ask := func(id string) {
			if i, err := r.Whole(t.Context(), id); err != nil || i.ID != id {
				t.Errorf("%+v, %v", i, err)
			}
		}
		var asks sync.WaitGroup
		for range 9 {
			asks.Go(func() { ask(b.ids[0]) })
		}
		asks.Wait()
		ask(b.ids[0])
		ask(b.ids[1])
		if b.gets != 2 || b.pages != 0 {
			t.Errorf("%d reads and %d pages, want one of each instance", b.gets, b.pages)
		}
		for range 2 {
			if _, err := r.Whole(t.Context(), "gone"); err == nil {
				t.Error("one that does not exist is shown")
			}
		}
		if b.gets != 4 {
			t.Errorf("%d reads: an error is kept", b.gets)
		}
		b.changes++
		ask(b.ids[0])
		time.Sleep(refreshAge)
		ask(b.ids[0])
		if b.gets != 6 {
			t.Errorf("%d reads, want another after a change and after a minute", b.gets)
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Whole(canceled, b.ids[1]); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that of the context", err)
		}
		ask(b.ids[1])
	})
}

func TestAListIsReadOnceForAllWhoListAndServesRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(50)
		r := NewRefresh(b, clock.System{})
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				listed, err := r.All(t.Context())
				if err != nil || len(listed) != 50 || !slices.IsSortedFunc(listed, func(a, b trove.Instance) int { return strings.Compare(a.ID, b.ID) }) {
					t.Errorf("%d instances are listed, %v", len(listed), err)
				}
			})
		}
		all.Wait()
		refresh(t, r, b.ids)
		if b.pages != 3 || b.gets != 0 {
			t.Errorf("%d pages and %d reads, want the 3 pages alone", b.pages, b.gets)
		}
		b.mu.Lock()
		b.changes++
		b.fails = &openstack.Error{Code: 403}
		b.mu.Unlock()
		if _, err := r.All(t.Context()); !errors.Is(err, openstack.ErrForbidden) {
			t.Errorf("where lists are forbidden: %v", err)
		}
	})
}
