package watch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// refreshAge is how long a page may be used.
const refreshAge = time.Minute

// Paged is what a refresh needs of a client.
type Paged interface {
	Reader
	InstancePage(ctx context.Context, marker string) (page []trove.Instance, next string, err error)
	EachInstance(ctx context.Context, detail bool, each func(page []trove.Instance, more bool) bool) error
	Changes() int64
}

// Refresh answers the reads of a refresh from pages of the list of all instances, as long as this process changes nothing. A page costs as
// much as a read and answers many reads, but few in a project where most instances are not asked for. So there are never more pages than
// there have been reads: at worst about twice the least number of requests, and one request for one read. It is for refreshes alone: waits
// and changes must read the present state. It is safe for concurrent use.
type Refresh struct {
	client Paged
	clock  clock.Clock

	mu    sync.Mutex
	pages *pages
}

// NewRefresh returns a new Refresh.
func NewRefresh(client Paged, c clock.Clock) *Refresh { return &Refresh{client: client, clock: c} }

// pages are the pages read so far, from the first one on.
type pages struct {
	changes int64     // value of the client's Changes when the first was read
	began   time.Time // when the first was about to be read
	reads   int       // number of reads asked for
	read    int       // number of pages read
	marker  string    // of the next page
	markers map[string]bool
	over    bool // there are no further pages, or none that can be read
	shown   map[string]trove.Instance
	reading *flight[page]                       // the next page while it is read, otherwise nil
	all     *flight[[]trove.Instance]           // the whole list, nil if not asked for
	whole   map[string]*flight[*trove.Instance] // instances that are being or were read by themselves
}

// page is a page of the list, with the marker of the next page.
type page struct {
	instances []trove.Instance
	next      string
}

// Instance returns an instance as it was less than a minute ago, without what lists do not show: topology, locality, and the used part of
// the volume. One that is on no page is read by itself, since absence proves nothing.
func (r *Refresh) Instance(ctx context.Context, id string) (*trove.Instance, error) {
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
		p.reading.wait(ctx, &r.mu) //nolint:errcheck // whatever is amiss with a page, instances can be read one by one
		if err := ctx.Err(); err != nil {
			r.mu.Unlock()
			return nil, err
		}
	}
}

// current returns the pages if they are still valid, otherwise new ones. The lock must be held.
func (r *Refresh) current() *pages {
	if p := r.pages; p == nil || p.changes != r.client.Changes() || r.clock.Now().Sub(p.began) >= refreshAge {
		r.pages = &pages{
			changes: r.client.Changes(), began: r.clock.Now(), markers: map[string]bool{"": true},
			shown: map[string]trove.Instance{}, whole: map[string]*flight[*trove.Instance]{},
		}
	}
	return r.pages
}

// Whole returns all of an instance, as it was less than a minute ago: an instance that several resources need in one plan, such as the
// source of many replicas, is read once. An error is not kept.
func (r *Refresh) Whole(ctx context.Context, id string) (*trove.Instance, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.current()
	f := p.whole[id]
	if f == nil || f.abandoned() {
		f = fly(ctx, &r.mu, r.clock.Now(), func(ctx context.Context) (*trove.Instance, error) { return r.client.Instance(ctx, id) },
			func(f *flight[*trove.Instance]) {
				if f.err != nil && p.whole[id] == f {
					delete(p.whole, id)
				}
			})
		p.whole[id] = f
	}
	shown, err := f.wait(ctx, &r.mu)
	if err != nil {
		return nil, err
	}
	i := *shown
	return &i, nil
}

// All returns all instances as Instance does, sorted by id, except members of released Trove's clusters. All callers share one list.
// Unlike with pages for refreshes, a list that cannot be read to its end is an error.
func (r *Refresh) All(ctx context.Context) ([]trove.Instance, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.current()
	if p.all == nil || p.all.abandoned() {
		p.all = fly(ctx, &r.mu, r.clock.Now(), r.list, func(f *flight[[]trove.Instance]) {
			switch {
			case f.err == nil:
				for _, i := range f.value {
					p.shown[i.ID] = i
				}
				p.over = true
			case p.all == f:
				p.all = nil // an error is not kept
			}
		})
	}
	all, err := p.all.wait(ctx, &r.mu)
	return slices.DeleteFunc(slices.Clone(all), func(i trove.Instance) bool { return i.ClusterID != "" }), err
}

// list reads the whole list.
func (r *Refresh) list(ctx context.Context) (all []trove.Instance, err error) {
	err = r.client.EachInstance(ctx, true, func(page []trove.Instance, _ bool) bool {
		all = append(all, page...)
		return true
	})
	slices.SortFunc(all, func(a, b trove.Instance) int { return strings.Compare(a.ID, b.ID) })
	return all, err
}

// Since returns the time after which what has been read is still valid for a refresh: this process has changed nothing since.
func (r *Refresh) Since() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current().began
}

// begin reads the next page. The lock must be held.
func (r *Refresh) begin(ctx context.Context, p *pages) {
	p.read++
	marker := p.marker
	p.reading = fly(ctx, &r.mu, r.clock.Now(), func(ctx context.Context) (page, error) {
		instances, next, err := r.client.InstancePage(ctx, marker)
		return page{instances, next}, err
	}, func(f *flight[page]) {
		p.reading = nil
		next := f.value.next
		switch {
		case errors.Is(f.err, context.Canceled): // no caller was waiting any more
		case f.err != nil:
			p.over = true // whatever is wrong with the list, instances can be read one by one
		default:
			for _, i := range f.value.instances {
				p.shown[i.ID] = i
			}
			p.over = next == "" || p.markers[next]
			p.marker, p.markers[next] = next, true
		}
	})
}
