// Package ratelimit limits how many requests a project may send in a minute, as Trove does (trove/common/limits.py): a leaky bucket for
// each project and method, in memory. An empty bucket takes as many requests at once as the rate allows in a minute; a full one empties
// within a minute. PATCH is not limited.
package ratelimit

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// unit is the unit of rates.
const unit = time.Minute

// Methods are the methods that are limited, in Trove's order.
var Methods = []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodGet}

// Unlimited is the rate that is shown if there is no limit.
const Unlimited = 100_000

// Limiter limits requests. It is safe for concurrent use.
type Limiter struct {
	clock func() time.Time

	mu       sync.Mutex
	rate     int
	projects map[string]map[string]*bucket // by method
}

type bucket struct {
	level time.Duration // the level; a request adds unit/Rate, and each second subtracts one second
	last  time.Time     // when a request came
	next  time.Time     // when the next one is accepted
}

// Limit is what GET /limits shows for one method.
type Limit struct {
	Method    string
	Value     int // requests in a minute
	Remaining int // requests that were accepted at once after the last accepted one
	Next      time.Time
}

// New makes a Limiter with this many requests of each method per minute; 0 means no limit.
func New(rate int, clock func() time.Time) *Limiter { return &Limiter{rate: rate, clock: clock} }

// SetRate changes the rate, and empties all buckets.
func (l *Limiter) SetRate(rate int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate, l.projects = rate, nil
}

// bucket returns the bucket of a project and method.
func (l *Limiter) bucket(project, method string) *bucket {
	if l.projects == nil {
		l.projects = map[string]map[string]*bucket{}
	}
	if l.projects[project] == nil {
		l.projects[project] = map[string]*bucket{}
	}
	b := l.projects[project][method]
	if b == nil {
		b = &bucket{}
		l.projects[project][method] = b
	}
	return b
}

// Take counts a request. wait is how long the project has to wait before one is accepted; 0 if this one is.
func (l *Limiter) Take(project, method string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate <= 0 || method == http.MethodPatch || method == http.MethodHead {
		return 0
	}
	b, now := l.bucket(project, method), l.clock()
	if !b.last.IsZero() {
		b.level = max(b.level-now.Sub(b.last), 0)
	}
	b.last, b.next = now, now
	each := unit / time.Duration(l.rate)
	if over := b.level + each - unit; over > 0 {
		b.next = now.Add(over)
		return over
	}
	b.level += each
	return 0
}

// Limits returns the limits of a project.
func (l *Limiter) Limits(project string) []Limit {
	l.mu.Lock()
	defer l.mu.Unlock()
	limits := make([]Limit, len(Methods))
	for n, method := range Methods {
		limits[n] = Limit{Method: method, Value: Unlimited, Remaining: Unlimited, Next: l.clock()}
		if l.rate > 0 {
			b := l.bucket(project, method)
			limits[n].Value, limits[n].Remaining = l.rate, int(float64(l.rate)*float64(unit-b.level)/float64(unit))
			if !b.next.IsZero() {
				limits[n].Next = b.next
			}
		}
	}
	return limits
}

// Refuse answers a request that has to wait, as Trove does.
func (l *Limiter) Refuse(w http.ResponseWriter, method string, wait time.Duration) {
	l.mu.Lock()
	rate := l.rate
	l.mu.Unlock()
	seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
	body, err := json.Marshal(map[string]any{"overLimit": map[string]any{
		"code": http.StatusRequestEntityTooLarge, "message": "This request was rate-limited.",
		"details": fmt.Sprintf("Only %d %s request(s) can be made to * every minute.", rate, method), "retryAfter": seconds,
	}})
	if err != nil {
		panic(err) // a bug: it consists of plain values
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After", seconds)
	w.WriteHeader(http.StatusRequestEntityTooLarge)
	w.Write(body)
}
