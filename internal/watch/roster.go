package watch

import (
	"context"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// rosterAge is how long what a page shows may be used.
const rosterAge = time.Minute

// Paged is all that a roster requires of a client.
type Paged interface {
	Reader
	InstancePage(ctx context.Context, marker string) (page []trove.Instance, next string, err error)
	Changes() int64
}

// Roster answers the reads of a refresh from pages of the list of all instances, as long as this process changes nothing. A page costs as
// much as a read, and answers many of them; in a project where most instances are not asked for it answers few. So there are never more
// pages than there have been reads before: that is about twice the least number of requests at worst, and one request for one read. It is
// for refreshes alone: what waits or changes must see what is so now. It is safe for concurrent use.
type Roster struct {
	client Paged
	clock  clock.Clock

	mu    sync.Mutex
	pages *pages
}

// NewRoster makes a Roster.
func NewRoster(client Paged, c clock.Clock) *Roster { return &Roster{client: client, clock: c} }

// pages are those that have been read so far, from the first one on.
type pages struct {
	changes int64     // of the client, when the first was read
	began   time.Time // before the first was read
	reads   int       // that were asked for
	read    int       // pages
	marker  string    // of the next one
	markers map[string]bool
	over    bool // there is no further one, or none that can be read
	shown   map[string]trove.Instance
	reading *reading          // the next one, while it is read; nil where it is not
	whole   map[string]*whole // instances that were read by themselves to be asked for again
}

// whole is an instance that is or was read by itself.
type whole struct {
	reading
	i   *trove.Instance
	err error
}

// reading is what is being read, such as a page, for all who wait for it. Its context is its own, and ends with the last of them.
type reading struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
}

// Instance shows an instance as it was less than a minute ago, without what lists do not show: topology, locality, and how much of the volume is used. One
// that is on no page is read by itself, since absence proves nothing.
func (r *Roster) Instance(ctx context.Context, id string) (*trove.Instance, error) {
	r.mu.Lock()
	p := r.current()
	p.reads++
	for {
		if i, ok := p.shown[id]; ok && p.changes == r.client.Changes() && i.Status != trove.StatusDeleted {
			r.mu.Unlock()
			return &i, nil
		}
		if p.over || p.reading == nil && p.read >= p.reads-1 || p.changes != r.client.Changes() {
			r.mu.Unlock()
			return r.client.Instance(ctx, id)
		}
		if p.reading == nil {
			r.begin(ctx, p)
		}
		if err := r.wait(ctx, p.reading); err != nil {
			r.mu.Unlock()
			return nil, err
		}
	}
}

// current is what is known as long as it holds. It is called locked.
func (r *Roster) current() *pages {
	if p := r.pages; p == nil || p.changes != r.client.Changes() || r.clock.Now().Sub(p.began) >= rosterAge {
		r.pages = &pages{
			changes: r.client.Changes(), began: r.clock.Now(), markers: map[string]bool{"": true},
			shown: map[string]trove.Instance{}, whole: map[string]*whole{},
		}
	}
	return r.pages
}

// wait waits until something has been read, or the context ends, whose error it returns. It is called locked, and unlocks meanwhile.
func (r *Roster) wait(ctx context.Context, reading *reading) error {
	reading.waiting++
	r.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-reading.done:
	}
	r.mu.Lock()
	if reading.waiting--; reading.waiting == 0 {
		reading.cancel()
	}
	return ctx.Err()
}

// Whole shows all of an instance, as it was less than a minute ago: what several resources ask for in one plan, such as the source of many
// replicas, is read once. An error is not kept.
func (r *Roster) Whole(ctx context.Context, id string) (*trove.Instance, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.current()
	w := p.whole[id]
	if w == nil || w.waiting == 0 && w.i == nil {
		reads, cancel := context.WithCancel(context.WithoutCancel(ctx))
		w = &whole{reading: reading{cancel: cancel, done: make(chan struct{})}}
		p.whole[id] = w
		go func() {
			i, err := r.client.Instance(reads, id)
			r.mu.Lock()
			defer r.mu.Unlock()
			w.i, w.err = i, err
			close(w.done)
		}()
	}
	if err := r.wait(ctx, &w.reading); err != nil {
		return nil, err
	}
	if w.err != nil {
		if p.whole[id] == w {
			delete(p.whole, id)
		}
		return nil, w.err
	}
	i := *w.i
	return &i, nil
}

// begin reads the next page. It is called locked.
func (r *Roster) begin(ctx context.Context, p *pages) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	this := &reading{cancel: cancel, done: make(chan struct{})}
	p.reading = this
	p.read++
	go func(marker string) {
		page, next, err := r.client.InstancePage(ctx, marker)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, i := range page {
			if err == nil {
				p.shown[i.ID] = i
			}
		}
		// Whatever is amiss with the list, instances can be read one by one.
		p.over = p.over || err != nil && ctx.Err() == nil || err == nil && (next == "" || p.markers[next])
		if err == nil {
			p.marker, p.markers[next] = next, true
		}
		p.reading = nil
		close(this.done)
	}(p.marker)
}
