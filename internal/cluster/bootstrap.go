package cluster

import (
	"context"
	"time"
)

// Bootstrap is how far a cluster has come into being, as this process knows it.
type Bootstrap struct {
	Exists        bool
	Bootstrapping bool // a creation of this process bootstraps it

	version int
}

// Bootstrap returns the present state, and makes the caller the one that bootstraps if take is true and that is free; it must then call
// Bootstrapped.
func (r *Registry) Bootstrap(key Key, take bool) (state Bootstrap, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.at(key)
	if take && !c.exists && !c.bootstrapping {
		c.bootstrapping, mine = true, true
		c.version++
		r.signal()
	}
	return Bootstrap{Exists: c.exists, Bootstrapping: c.bootstrapping, version: c.version}, mine
}

// Bootstrapped notes whether the cluster exists, when nobody bootstraps it any more.
func (r *Registry) Bootstrapped(key Key, exists bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.at(key)
	c.exists, c.bootstrapping = exists, false
	c.version++
	r.signal()
}

// Vanished notes that a cluster that was there is so no more, unless somebody has learned or begun something since seen.
func (r *Registry) Vanished(key Key, seen Bootstrap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.at(key); c.version == seen.version {
		c.exists = false
		c.version++
		r.signal()
	}
}

// WaitBootstrap waits until another state is known than the one seen, or for some time if that is above 0.
func (r *Registry) WaitBootstrap(ctx context.Context, key Key, seen Bootstrap, atMost time.Duration) error {
	deadline := r.clock().Now().Add(atMost)
	return r.wait(ctx, func() (bool, time.Duration) {
		left := deadline.Sub(r.clock().Now())
		return r.at(key).version != seen.version || atMost > 0 && left <= 0, max(left, 0)
	})
}

// Join waits until no member of the cluster is being deleted by this process, and notes that one is joining: nobody is to join through a
// member that is going. ended must be called when the creation has ended, whether the member has become ready or not.
func (r *Registry) Join(ctx context.Context, key Key) (ended func(), err error) {
	err = r.wait(ctx, func() (bool, time.Duration) {
		c := r.at(key)
		if len(c.deleting) > 0 {
			return false, 0
		}
		c.joining++
		return true, 0
	})
	if err != nil {
		return nil, err
	}
	done := false
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !done {
			done = true
			r.at(key).joining--
			r.at(key).joined = r.clock().Now()
			r.signal()
		}
	}, nil
}

// LastJoin is when the creation of a member of the cluster last ended in this process; zero if none has.
func (r *Registry) LastJoin(key Key) (last time.Time) {
	r.look(func() { last = r.at(key).joined })
	return last
}

// WaitJoins waits until no member joins the cluster any more. Those who come while a member is being deleted wait themselves.
func (r *Registry) WaitJoins(ctx context.Context, key Key) error {
	return r.wait(ctx, func() (bool, time.Duration) { return r.at(key).joining == 0, 0 })
}
