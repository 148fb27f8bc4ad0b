// Package ledger records the requests to the sandbox, so that a test can tell how many an apply needs.
//
// A request is counted when it is received, before anything is done for it: one that is refused, hangs, or whose answer is lost counts like
// any other. It is counted by its kind, which is its method and route without the project, and for an action also the name of the action:
//
//	POST /instances
//	GET /instances/{id}
//	POST /instances/{id}/topology/action mongodb.update_members
//	POST /v3/auth/tokens
//	GET /no/such/thing (unknown route)
//
// Tokens and passwords are not kept.
package ledger

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"
)

// maxRequests is how many requests are kept; all are counted.
const maxRequests = 10_000

// maxKinds limits the number of kinds, since callers can invent unknown routes.
const maxKinds = 2_000

// otherKinds is the kind of all requests after maxKinds kinds.
const otherKinds = "(other unknown routes)"

// UnknownRoute follows method and path in the kind of a request that no route serves.
const UnknownRoute = " (unknown route)"

// Request is one request as it was received and answered.
type Request struct {
	ID       string // as in the answer's X-Openstack-Request-Id
	Received time.Time
	Method   string
	Kind     string
	Path     string
	Body     json.RawMessage // without secrets; nil if there was none, it was not JSON, or it was very large
	Project  string          // name of the token's project, "" without a valid token
	User     string          // name of the token's user, "" without a valid token
	Status   int             // status of the answer that the sandbox made; 0 while there is none
	Lost     bool            // the connection was dropped instead of an answer
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

// Last returns the last n requests, the newest first.
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

// enter counts and records a request.
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

// change changes a request, which others may read at the same time, and returns a copy of it.
func (l *Ledger) change(r *Request, f func(*Request)) Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(r)
	return *r
}
