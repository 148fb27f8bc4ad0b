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

// Bounds of the rates that a pacer goes by, in requests a second.
const (
	slowest      = 1.0 / 10 // however often it is refused
	startingRate = 2.0      // after a refusal that names no rate
)

// headroom is the part of the server's rate that is used: both clocks count, and requests do not arrive evenly.
const headroom = 0.95

// pacer holds back requests to one endpoint once the server has refused one for their rate. The server counts by project and method, so
// a refusal concerns all requests of that method. Until the first refusal nothing is held back.
type pacer struct {
	mu    sync.Mutex
	lanes map[string]*lane // by method
}

// lane returns what holds back the requests of a method.
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

// lane lets the requests of one method pass: all of them until one is refused, then in the order in which they came, at the server's rate.
// Other processes use the same rate: if requests are refused all the same, it goes slower, and then faster again bit by bit.
type lane struct {
	mu      sync.Mutex
	limiter *rate.Limiter // nil until a request is refused
	full    float64       // the server's rate, in requests a second; 0 while it is not known
	asked   bool          // the server has been asked for it
	burst   int           // how many requests the server takes at once after a pause
	held    time.Time     // nothing is sent before
	refused time.Time     // when the last refusal came that slowed it down
	last    string        // that refusal, for messages
	queue   []*waiter     // those that wait for their turn
}

// waiter is one request that waits. news wakes it: it is the first now, or the time has changed.
type waiter struct{ news chan struct{} }

// enter waits until a request may be sent. It returns a *pacedError if the context ends before. told hears of a wait as it begins: how long it
// is to take, as far as can be seen, and how many requests come before.
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
		var timer <-chan time.Time // nobody but the first in the queue goes by the clock
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

// wait is how long the first in the queue still has to wait. 0 takes its turn.
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

// wake tells the first in the queue to look again.
func (l *lane) wake() {
	if len(l.queue) == 0 {
		return
	}
	select {
	case l.queue[0].news <- struct{}{}:
	default: // it is told already
	}
}

// refuse notes that a request which was sent at some time has been refused: nothing is sent before wait is over. limit is the server's rate
// as far as it is known, and last the refusal.
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
	case sent.After(l.refused): // else it was sent before anybody knew
		l.limiter.SetLimitAt(now, max(l.limiter.Limit()/2, slowest))
	}
	l.refused, l.last = now, last
	// The server takes nothing more: what has been saved up here is worth nothing.
	if saved := int(l.limiter.TokensAt(now)); saved > 0 {
		l.limiter.AllowN(now, saved)
	}
	held := now.Add(wait + rand.N(min(wait/2, time.Second)+1))
	if held.After(l.held) {
		l.held = held
	}
	l.wake()
}

// accept notes that a request has been accepted: after refusals it goes a little faster again.
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

// mayAsk says whether the server is to be asked for its rate: once, if no refusal has told.
func (l *lane) mayAsk() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full > 0 || l.asked {
		return false
	}
	l.asked = true
	return true
}

// pacedError says that a request waited for the rate limit when its context ended.
type pacedError struct {
	refusal string // the last one of its method
	err     error
}

func (e *pacedError) Error() string {
	return fmt.Sprintf("%v while waiting for the server's rate limit (%s)", e.err, e.refusal)
}

func (e *pacedError) Unwrap() error { return e.err }
