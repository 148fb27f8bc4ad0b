// Package ledger remembers what the sandbox was asked, so that a test can tell what an apply cost.
//
// A request is counted when it is received, before anything is done for it: one that is refused, hangs, or whose answer
// is lost counts like any other. It is counted by its kind, which is its method and route without the project, and for
// an action the name of it:
//
//	POST /instances
//	GET /instances/{id}
//	POST /instances/{id}/topology/action mongodb.update_members
//	POST /v3/auth/tokens
//	GET /no/such/thing (unknown route)
//
// Neither tokens nor passwords are kept.
package ledger

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

// maxRequests is how many requests are kept one by one; the counts go on beyond it.
const maxRequests = 10_000

// maxKinds bounds the kinds that are told apart, since those of unknown routes are for callers to invent.
const maxKinds = 2_000

// otherKinds counts what comes after maxKinds.
const otherKinds = "(other unknown routes)"

// UnknownRoute stands behind method and path in the kind of a request that no route serves.
const UnknownRoute = " (unknown route)"

// Request is one request as it was received and answered.
type Request struct {
	ID       string // as in the answer's X-Openstack-Request-Id
	Received time.Time
	Method   string
	Kind     string
	Path     string
	Body     json.RawMessage // without what is secret; nil where there was none, it was no JSON, or it was very large
	Project  string          // name of the token's project, "" without a good token
	User     string          // name of the token's user, "" without a good token
	Status   int             // of the answer as the sandbox made it; 0 while there is none
	Lost     bool            // the connection was dropped in place of the answer
	Took     time.Duration   // until the answer was complete; 0 before
}

// Ledger counts and keeps requests. It is safe for concurrent use.
type Ledger struct {
	mu       sync.Mutex
	counts   map[string]int
	requests []*Request // in the order of their arrival, the last maxRequests
}

// New makes an empty ledger.
func New() *Ledger { return &Ledger{counts: map[string]int{}} }

// Count returns how many requests of a kind have been received.
func (l *Ledger) Count(kind string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[kind]
}

// Counts returns how many requests of each kind have been received.
func (l *Ledger) Counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.counts)
}

// Requests returns the last 10,000 requests in the order of their arrival.
func (l *Ledger) Requests() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	requests := make([]Request, len(l.requests))
	for i, r := range l.requests {
		requests[i] = *r
		requests[i].Body = slices.Clone(r.Body)
	}
	return requests
}

// Last returns so many of the last requests, the newest first.
func (l *Ledger) Last(n int) []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	var last []Request
	for _, r := range slices.Backward(l.requests) {
		if len(last) == n {
			break
		}
		last = append(last, *r)
	}
	return last
}

// Reset forgets everything. Requests that are being served are not counted again.
func (l *Ledger) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.counts)
	l.requests = nil
}

// enter counts and keeps a request.
func (l *Ledger) enter(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kind := r.Kind
	if _, known := l.counts[kind]; !known && len(l.counts) >= maxKinds {
		kind = otherKinds
	}
	l.counts[kind]++
	if len(l.requests) == maxRequests {
		l.requests = l.requests[1:]
	}
	l.requests = append(l.requests, r)
}

// change changes a request that may be looked at meanwhile, and returns it as it is then.
func (l *Ledger) change(r *Request, f func(*Request)) Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(r)
	return *r
}
