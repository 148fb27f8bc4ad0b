package openstack

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits of the rates that a pacer uses, in requests per second.
const (
	slowest      = 1.0 / 10 // however many requests are refused
	startingRate = 2.0      // after a refusal that states no rate
)

// headroom is the share of the server's rate that is used: the clocks differ, and requests do not arrive evenly.
const headroom = 0.95

// pacer delays requests to one endpoint once the server has refused one because of its rate. The server counts by project and method, so a
// refusal affects all requests with that method. Until the first refusal nothing is delayed.
type pacer struct {
	mu    sync.Mutex
	lanes map[string]*lane // by method
}

// lane returns the lane for the requests with a method.
func (p *pacer) lane(method string) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lanes == nil {
		p.lanes = map[string]*lane{}
	}
	if p.lanes[method] == nil {
		p.lanes[method] = &lane{}
	}
	return p.lanes[method]
}

// lane lets the requests with one method pass: all of them until one is refused, then in order of arrival, at the server's rate. Other
// processes use the same rate: if requests are still refused, it slows down, and then gradually speeds up again.
type lane struct {
	mu      sync.Mutex
	limiter *rate.Limiter // nil until a request is refused
	full    float64       // the server's rate, in requests per second; 0 while unknown
	asked   bool          // the server has been asked for it
	burst   int           // how many requests the server accepts at once after a pause
	held    time.Time     // nothing is sent before this time
	refused time.Time     // time of the last refusal that slowed it down
	last    string        // that refusal, for messages
	queue   []*waiter     // requests that wait for their turn
}

// waiter is one request that waits. news wakes it when it becomes the first, or when the time has changed.
type waiter struct{ news chan struct{} }

// enter waits until a request may be sent. It returns a *pacedError if the context ends first. told is called when a wait begins, with its
// expected duration and the number of requests ahead.
func (l *lane) enter(ctx context.Context, told func(wait time.Duration, before int)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limiter == nil {
		return nil
	}
	w := &waiter{news: make(chan struct{}, 1)}
	before := len(l.queue)
	l.queue = append(l.queue, w)
	defer func() {
		l.queue = slices.DeleteFunc(l.queue, func(other *waiter) bool { return other == w })
		l.wake()
	}()
	for first := true; ; first = false {
		var timer <-chan time.Time // only the first in the queue uses the clock
		if l.queue[0] == w {
			wait := l.wait(time.Now())
			if wait <= 0 {
				return nil
			}
			timer = time.After(wait)
		}
		estimate := max(time.Until(l.held), 0) + time.Duration(float64(before)/float64(l.limiter.Limit())*float64(time.Second))
		l.mu.Unlock()
		if first {
			told(estimate, before)
		}
		select {
		case <-ctx.Done():
		case <-w.news:
		case <-timer:
		}
		l.mu.Lock()
		if err := ctx.Err(); err != nil {
			return &pacedError{refusal: l.last, err: err}
		}
	}
}

// wait returns how long the first in the queue still has to wait. At 0 it takes its turn.
func (l *lane) wait(now time.Time) time.Duration {
	if wait := l.held.Sub(now); wait > 0 {
		return wait
	}
	turn := l.limiter.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait > 0 {
		turn.CancelAt(now)
	}
	return wait
}

// wake tells the first in the queue to check again.
func (l *lane) wake() {
	if len(l.queue) == 0 {
		return
	}
	select {
	case l.queue[0].news <- struct{}{}:
	default: // it has been told already
	}
}

// refuse records that a request sent at some time was refused: nothing is sent until wait is over. limit is the server's rate as far as
// known, and last the refusal.
func (l *lane) refuse(sent time.Time, wait time.Duration, limit quota, last string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	switch {
	case limit.known() && l.full == 0:
		l.full, l.burst = limit.perSecond(), limit.requests
		l.limiter = rate.NewLimiter(rate.Limit(l.full*headroom), l.burst)
	case l.limiter == nil:
		l.limiter = rate.NewLimiter(rate.Limit(startingRate), 1)
	case sent.After(l.refused): // otherwise it was sent before the rate was known
		l.limiter.SetLimitAt(now, max(l.limiter.Limit()/2, slowest))
	}
	l.refused, l.last = now, last
	// The server accepts nothing now, so the saved-up tokens are dropped.
	if saved := int(l.limiter.TokensAt(now)); saved > 0 {
		l.limiter.AllowN(now, saved)
	}
	held := now.Add(wait + rand.N(min(wait/2, time.Second)+1))
	if held.After(l.held) {
		l.held = held
	}
	l.wake()
}

// accept records that a request was accepted: after refusals the rate increases a little.
func (l *lane) accept() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limiter == nil {
		return
	}
	switch limit, most := l.limiter.Limit(), rate.Limit(l.full*headroom); {
	case l.full == 0:
		l.limiter.SetLimit(limit * 1.05)
	case limit < most:
		l.limiter.SetLimit(min(limit+most/64, most))
	}
}

// mayAsk reports whether to ask the server for its rate: once, if no refusal has stated it.
func (l *lane) mayAsk() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full > 0 || l.asked {
		return false
	}
	l.asked = true
	return true
}

// pacedError says that a request was waiting because of the rate limit when its context ended.
type pacedError struct {
	refusal string // the last one of its method
	err     error
}

func (e *pacedError) Error() string {
	return fmt.Sprintf("%v while waiting for the server's rate limit (%s)", e.err, e.refusal)
}

func (e *pacedError) Unwrap() error { return e.err }
