package cluster

import "time"

// changes are the changes that Terraform has under way in this process, of any resource. By default there are at most ten: the rest of an
// apply may begin only when one of them has ended.
type changes struct {
	applying bool // one has begun: a plan is being applied, which was judged before
	underWay int
	waiting  int       // how many of those wait for others to begin
	last     time.Time // when one began, ended, or changed between the two
}

// BeginChange records that Terraform creates, changes or deletes a resource; ended must be called when that has ended. A plan is being
// applied then: Terraform plans each change again, one after another, and that must not be judged as the plan of a set.
func (r *Registry) BeginChange() (ended func()) {
	r.count(&r.changes.underWay, 1)
	return func() { r.count(&r.changes.underWay, -1) }
}

// AwaitOthers records that a change waits for another one to begin, until ended is called.
func (r *Registry) AwaitOthers() (ended func()) {
	r.count(&r.changes.waiting, 1)
	return func() { r.count(&r.changes.waiting, -1) }
}

func (r *Registry) count(what *int, by int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*what += by
	r.changes.applying = true
	r.changes.last = r.clock().Now()
	r.signal()
}

// Applying reports whether a plan is being applied.
func (r *Registry) Applying() (applying bool) {
	r.look(func() { applying = r.changes.applying })
	return applying
}

// QuietFor returns for how long all changes under way have been waiting for others to begin. It is 0 while one is not waiting, since
// others may begin after it.
func (r *Registry) QuietFor() (quiet time.Duration) {
	r.look(func() {
		if r.changes.underWay <= r.changes.waiting {
			quiet = r.clock().Now().Sub(r.changes.last)
		}
	})
	return quiet
}
