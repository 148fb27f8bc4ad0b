package cluster

import (
	"context"
	"slices"
	"sync"
)

// keyLock is a set of mutexes by name. Waiting for one ends with a context.
type keyLock struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed when the holder unlocks
}

// lock locks all keys, in one fixed order so that two callers never wait for each other, and returns the function that unlocks them. If
// the context ends first, it returns the context's error and locks nothing.
func (l *keyLock) lock(ctx context.Context, keys ...string) (unlock func(), err error) {
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	var taken []string
	unlock = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, k := range taken {
			close(l.held[k])
			delete(l.held, k)
		}
		taken = nil
	}
	for _, k := range keys {
		if err := l.take(ctx, k); err != nil {
			unlock()
			return nil, err
		}
		taken = append(taken, k)
	}
	return unlock, nil
}

func (l *keyLock) take(ctx context.Context, key string) error {
	for {
		l.mu.Lock()
		busy, taken := l.held[key]
		if !taken {
			if l.held == nil {
				l.held = map[string]chan struct{}{}
			}
			l.held[key] = make(chan struct{})
			l.mu.Unlock()
			return nil
		}
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-busy:
		}
	}
}
