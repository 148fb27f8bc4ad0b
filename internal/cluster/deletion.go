package cluster

import (
	"context"
	"slices"
	"time"
)

// deletion is what is known of a deletion under way.
type deletion struct {
	key       Key
	accepted  bool // by the server: the instance will surely be gone
	unremoved bool // it is a member that could not leave its cluster first
}

// BeginDeletion records that a deletion begins; key is the cluster of the instance, or a Key without a name. ended must be called when it
// has ended, with whether the instance is gone: otherwise it remains in its cluster.
func (r *Registry) BeginDeletion(key Key, id string) (ended func(gone bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deletions == nil {
		r.deletions = map[string]*deletion{}
	}
	if d := r.deletions[id]; d != nil {
		// The deletion of a member begins with its removal, which calls this too; the outermost call ends it.
		return func(bool) {}
	}
	r.deletions[id] = &deletion{key: key}
	if key.Named() {
		r.at(key).deleting[id] = true
	}
	r.deletedAt = r.clock().Now()
	r.signal()
	return func(gone bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.deletions, id)
		if key.Named() {
			c := r.at(key)
			delete(c.deleting, id)
			if gone {
				c.gone[id] = true
			} else {
				c.staying[id] = true
			}
		}
		r.deletedAt = r.clock().Now()
		r.signal()
	}
}

// DeletionAccepted records that the server has accepted a deletion.
func (r *Registry) DeletionAccepted(id string) { r.mark(id, func(d *deletion) { d.accepted = true }) }

// Unremoved records that a member is deleted without having left its cluster.
func (r *Registry) Unremoved(id string) { r.mark(id, func(d *deletion) { d.unremoved = true }) }

func (r *Registry) mark(id string, change func(*deletion)) {
	r.look(func() {
		if d := r.deletions[id]; d != nil {
			change(d)
		}
	})
}

// Deleting reports whether this process is deleting an instance.
func (r *Registry) Deleting(id string) (deleting bool) {
	r.look(func() { _, deleting = r.deletions[id] })
	return deleting
}

// AnyDeletionAccepted reports whether the server is working on a deletion that this process requested.
func (r *Registry) AnyDeletionAccepted() (found bool) {
	r.look(func() {
		for _, d := range r.deletions {
			found = found || d.accepted
		}
	})
	return found
}

// OtherUnremoved reports whether another member of the cluster is being deleted without having left it.
func (r *Registry) OtherUnremoved(key Key, id string) (found bool) {
	r.look(func() {
		for other, d := range r.deletions {
			found = found || d.unremoved && other != id && d.key == key
		}
	})
	return found
}

// Going reports whether a member of the cluster is being deleted or is planned to be, and its deletion has not failed. It is also true
// once the member is gone.
func (r *Registry) Going(key Key, id string) (going bool) {
	r.look(func() { going = r.at(key).goes(id) })
	return going
}

func (c *cluster) goes(id string) bool {
	if c.deleting[id] || c.gone[id] {
		return true
	}
	return !c.staying[id] && slices.Contains(c.planned, id)
}

// SinceDeletion returns how long ago a deletion last began or ended in this process.
func (r *Registry) SinceDeletion() (since time.Duration) {
	r.look(func() { since = r.clock().Now().Sub(r.deletedAt) })
	return since
}

// WaitDeletions waits until all of these members of a cluster are being deleted, until the plan has said that no others will be, or until
// no deletion has been at work for the length of window: if Terraform runs as many deletions as it may, others begin only when one has
// ended.
func (r *Registry) WaitDeletions(ctx context.Context, key Key, members []string, window time.Duration) error {
	return r.waitForDeletions(ctx, window, func() bool {
		c := r.at(key)
		return c.settled || !slices.ContainsFunc(members, func(id string) bool { return !c.goes(id) })
	})
}

// WaitQuiet waits until no deletion has been at work for the length of window, or until enough reports that there is nothing to wait for.
func (r *Registry) WaitQuiet(ctx context.Context, window time.Duration, enough func() bool) error {
	return r.waitForDeletions(ctx, window, enough)
}

func (r *Registry) waitForDeletions(ctx context.Context, window time.Duration, enough func() bool) error {
	r.look(func() {
		r.waiting++
		r.signal() // it may have been the last one at work
	})
	defer r.look(func() { r.waiting-- })
	return r.wait(ctx, func() (bool, time.Duration) {
		left := window - r.clock().Now().Sub(r.deletedAt)
		idle := len(r.deletions) <= r.waiting
		return enough() || idle && left <= 0, max(left, 0)
	})
}
