package watch

import (
	"sync"
	"time"
)

// The interval between polls grows with the time waited: it doubles up to a second, and is then a tenth of that time, within these bounds.
const (
	firstInterval = 25 * time.Millisecond
	slowInterval  = time.Second
	MinInterval   = 250 * time.Millisecond // a pause that does not grow
	MaxInterval   = 10 * time.Second
)

// Interval returns how long to pause before the next poll of a wait that has lasted this long.
func Interval(waited time.Duration) time.Duration {
	if waited < slowInterval {
		return max(waited, firstInterval)
	}
	return min(max(waited/10, slowInterval), MaxInterval)
}

// span is the known range of a duration: longer than low, and at most high.
type span struct{ low, high time.Duration }

// with combines the span with a new one. If they overlap, it becomes narrower, otherwise it covers both.
func (s span) with(other span) span {
	if low, high := max(s.low, other.low), min(s.high, other.high); low < high {
		return span{low, high}
	}
	return span{min(s.low, other.low), max(s.high, other.high)}
}

// schedule decides when to look at what is waited for. It learns how long each kind of work takes, such as the creation of an instance of
// one datastore and flavor, so that the first look at later ones comes when they are about done.
type schedule struct {
	mu    sync.Mutex
	slow  bool            // something took more than a second: an earlier look is wasted
	spans map[string]span // by kind
}

// next returns how long after the beginning of work of a kind to look at it again; seen is when it was last seen unfinished, 0 if never.
// Nothing is learned for kind "".
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
	// Look halfway first, which tells more about how long it takes.
	half := known.low + (known.high-known.low)/2
	precise := max(known.high/40, shortest)
	switch {
	case seen < half && known.high-known.low > precise:
		return max(half, firstInterval)
	case seen < known.high:
		return max(known.high, min(seen+shortest, known.high+shortest), firstInterval)
	}
	late := seen - known.high // the later it is, the less is known
	return seen + min(max(late/2, shortest), max(Interval(seen), shortest))
}

// learn records how long something took.
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
