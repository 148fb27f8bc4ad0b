package trove

import (
	"context"
	"sync"

	"golang.org/x/sync/singleflight"
)

// cached is an answer that is asked for once. Callers that come while it is being asked for share the request, and each waits no longer
// than its own context. Only answers are kept, not failures.
type cached[T any] struct {
	flights singleflight.Group

	mu    sync.Mutex
	known bool
	value T
	asked int // how often it was asked for
}

// get returns the answer, asking for it if needed.
func (c *cached[T]) get(ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	if value, known := c.look(); known {
		return value, nil
	}
	flight := c.flights.DoChan("", func() (any, error) {
		if value, known := c.look(); known {
			return value, nil
		}
		// Others wait for it too: each attempt has its own timeout, and does not end with the first caller's context.
		value, err := ask(context.WithoutCancel(ctx))
		if err == nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.known, c.value = true, value
			c.asked++
		}
		return value, err
	})
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case result := <-flight:
		value, ok := result.Val.(T)
		if !ok {
			return none, result.Err
		}
		return value, result.Err
	}
}

// learn keeps an answer that came from another request.
func (c *cached[T]) learn(value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		c.known, c.value = true, value
		c.asked++
	}
}

func (c *cached[T]) look() (value T, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.known
}

// times returns how often the answer was asked for.
func (c *cached[T]) times() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// invalidate drops the answer, unless it has been asked for again since.
func (c *cached[T]) invalidate(asked int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked == asked {
		c.known = false
	}
}

// cachedByID is a cached answer for each id.
type cachedByID[T any] struct {
	mu   sync.Mutex
	byID map[string]*cached[T]
}

func (c *cachedByID[T]) of(id string) *cached[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil {
		c.byID = map[string]*cached[T]{}
	}
	if c.byID[id] == nil {
		c.byID[id] = new(cached[T])
	}
	return c.byID[id]
}
