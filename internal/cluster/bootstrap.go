package cluster

import (
	"context"
	"time"
)

// Bootstrap is the state of a cluster's creation, as this process knows it.
type Bootstrap struct {
	Exists        bool
	Bootstrapping bool // a creation of this process bootstraps it

	version int
}

// Bootstrap returns the present state. If take is true and nobody bootstraps the cluster, the caller becomes the one that does, and must
// then call Bootstrapped.
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

// Bootstrapped records that the caller no longer bootstraps the cluster, and whether the cluster exists.
func (r *Registry) Bootstrapped(key Key, exists bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.at(key)
	c.exists, c.bootstrapping = exists, false
	c.version++
	r.signal()
}

// Vanished records that a cluster no longer exists, unless another caller has changed the state since seen.
func (r *Registry) Vanished(key Key, seen Bootstrap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.at(key); c.version == seen.version {
		c.exists = false
		c.version++
		r.signal()
	}
}

// WaitBootstrap waits until the state differs from the one seen, or for at most some time if that is above 0.
func (r *Registry) WaitBootstrap(ctx context.Context, key Key, seen Bootstrap, atMost time.Duration) error {
	deadline := r.clock().Now().Add(atMost)
	return r.wait(ctx, func() (bool, time.Duration) {
		left := deadline.Sub(r.clock().Now())
		return r.at(key).version != seen.version || atMost > 0 && left <= 0, max(left, 0)
	})
}

// Join waits until no member of the cluster is being deleted by this process, and records that one is joining: none may join through a
// member that is being deleted. ended must be called when the creation has ended, whether or not the member has become ready.
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

// LastJoin returns when the creation of a member of the cluster last ended in this process; zero if none has.
func (r *Registry) LastJoin(key Key) (last time.Time) {
	r.look(func() { last = r.at(key).joined })
	return last
}

// WaitJoins waits until no member is joining the cluster. Members that come while one is being deleted wait in Join.
func (r *Registry) WaitJoins(ctx context.Context, key Key) error {
	return r.wait(ctx, func() (bool, time.Duration) { return r.at(key).joining == 0, 0 })
}
