package watch

import (
	"context"
	"sync"
	"time"
)

// flight is one read, shared by all who wait for it. It has a context of its own, which ends when the last of them leaves.
type flight[T any] struct {
	began   time.Time
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}

	value T
	err   error
}

// fly begins a read. ended is called with the lock held, before the waiters are told.
func fly[T any](ctx context.Context, lock *sync.Mutex, began time.Time, read func(context.Context) (T, error), ended func(f *flight[T])) *flight[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // the last of those who wait calls it
	f := &flight[T]{began: began, cancel: cancel, done: make(chan struct{})}
	go func() {
		value, err := read(ctx)
		lock.Lock()
		defer lock.Unlock()
		f.value, f.err = value, err
		ended(f)
		close(f.done)
	}()
	return f
}

// wait returns what was read, or the context's error if that ends first. It is called with the lock held, and releases it while waiting.
func (f *flight[T]) wait(ctx context.Context, lock *sync.Mutex) (value T, err error) {
	f.waiting++
	lock.Unlock()
	select {
	case <-ctx.Done():
	case <-f.done:
	}
	lock.Lock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
	}
	if ctx.Err() != nil {
		return value, ctx.Err()
	}
	return f.value, f.err
}

// abandoned reports whether all waiters left before the read ended: new callers cannot use it. The lock must be held.
func (f *flight[T]) abandoned() bool {
	select {
	case <-f.done:
		return false
	default:
		return f.waiting == 0
	}
}
