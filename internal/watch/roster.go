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
	reading *reading // the next one, while it is read; nil where it is not
}

// reading is one page that is being read, for all who wait for it. Its context is its own, and ends with the last of them.
type reading struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
}

// Instance shows an instance as it was less than a minute ago, without what lists do not show: topology, locality, and how much of the volume is used. One
// that is on no page is read by itself, since absence proves nothing.
func (r *Roster) Instance(ctx context.Context, id string) (*trove.Instance, error) {
	r.mu.Lock()
	if p := r.pages; p == nil || p.changes != r.client.Changes() || r.clock.Now().Sub(p.began) >= rosterAge {
		r.pages = &pages{changes: r.client.Changes(), began: r.clock.Now(), markers: map[string]bool{"": true}, shown: map[string]trove.Instance{}}
	}
	p := r.pages
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
		next := p.reading
		next.waiting++
		r.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-next.done:
		}
		r.mu.Lock()
		if next.waiting--; next.waiting == 0 {
			next.cancel()
		}
		if err := ctx.Err(); err != nil {
			r.mu.Unlock()
			return nil, err
		}
	}
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
