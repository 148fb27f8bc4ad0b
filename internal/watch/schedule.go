package watch

import (
	"sync"
	"time"
)

// The interval between polls grows with the time waited: it doubles up to a second, and is a tenth of the time from there on, within these
// bounds.
const (
	firstInterval = 25 * time.Millisecond
	slowInterval  = time.Second
	MinInterval   = 250 * time.Millisecond // a pause that does not grow
	MaxInterval   = 10 * time.Second
)

// Interval is how long to pause before the next poll of a wait that has lasted this long.
func Interval(waited time.Duration) time.Duration {
	if waited < slowInterval {
		return max(waited, firstInterval)
	}
	return min(max(waited/10, slowInterval), MaxInterval)
}

// span is what is known of how long something takes: longer than low, and not longer than high.
type span struct{ low, high time.Duration }

// with is the span with another one seen. If they agree it becomes narrower, else it holds both.
func (s span) with(other span) span {
	if low, high := max(s.low, other.low), min(s.high, other.high); low < high {
		return span{low, high}
	}
	return span{min(s.low, other.low), max(s.high, other.high)}
}

// schedule says when to look at what is waited for. It learns how long each kind of it takes, such as the creation of an instance of one
// datastore and flavor, so that later ones are first looked at when they are about done.
type schedule struct {
	mu    sync.Mutex
	slow  bool            // something took more than a second: a look before that is wasted
	spans map[string]span // by kind
}

// next is how long after its beginning something of a kind is to be looked at again; seen is when it was last seen not to be done, 0
// if it has not been looked at. kind "" is not learned.
func (s *schedule) next(kind string, seen time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seen >= slowInterval {
		s.slow = true
	}
	shortest := firstInterval
	if s.slow {
		shortest = slowInterval
	}
	known, ok := s.spans[kind]
	if !ok {
		return seen + max(Interval(seen), shortest)
	}
	// Halfway first, which tells more of how long it takes.
	half := known.low + (known.high-known.low)/2
	precise := max(known.high/40, shortest)
	switch {
	case seen < half && known.high-known.low > precise:
		return max(half, firstInterval)
	case seen < known.high:
		return max(known.high, min(seen+shortest, known.high+shortest), firstInterval)
	}
	late := seen - known.high // the longer it is late, the less is known
	return seen + min(max(late/2, shortest), max(Interval(seen), shortest))
}

// learn notes how long something took.
func (s *schedule) learn(kind string, seen span) {
	if kind == "" || seen.high <= seen.low {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spans == nil {
		s.spans = map[string]span{}
	}
	if known, ok := s.spans[kind]; ok {
		seen = known.with(seen)
	}
	s.spans[kind] = seen
}
