package cluster

import "time"

// changes are those that Terraform has under way in this process, of any resource. It has ten under way at most by default: what an apply is
// still to begin may begin only when one of them has ended.
type changes struct {
	applying bool // one has begun: a plan is being applied, which was judged before
	underWay int
	waiting  int       // of those, that wait for others to begin
	last     time.Time // when one began, ended, or changed between the two
}

// BeginChange notes that Terraform has a resource created, changed or deleted; ended must be called when that has ended. A plan is being
// applied then: Terraform plans each change once more, one after the other, and that is not to be judged as the plan of a set.
func (r *Registry) BeginChange() (ended func()) {
	r.count(&r.changes.underWay, 1)
	return func() { r.count(&r.changes.underWay, -1) }
}

// AwaitOthers notes that a change waits for another one to begin, until ended is called.
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

// Applying says whether a plan is being applied.
func (r *Registry) Applying() (applying bool) {
	r.look(func() { applying = r.changes.applying })
	return applying
}

// QuietFor is how long no change has been under way but those that wait for others to begin: as long as one is, others may be about to
// begin. It is 0 while one is.
func (r *Registry) QuietFor() (quiet time.Duration) {
	r.look(func() {
		if r.changes.underWay <= r.changes.waiting {
			quiet = r.clock().Now().Sub(r.changes.last)
		}
	})
	return quiet
}
