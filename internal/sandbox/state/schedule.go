package state

import (
	"slices"
	"time"
)

// step is work that takes effect at a time.
type step struct {
	due time.Time
	run func()
}

// after schedules work; work that is due at the same time runs in the order of scheduling.
func (s *State) after(d time.Duration, run func()) {
	due := s.clock.Add(d)
	at, _ := slices.BinarySearchFunc(s.queue, due, func(q step, t time.Time) int {
		if q.due.After(t) {
			return 1
		}
		return -1
	})
	s.queue = slices.Insert(s.queue, at, step{due, run})
}

// enter locks the state and applies what is due. It returns the function that unlocks it: defer s.enter()().
func (s *State) enter() (leave func()) {
	s.mu.Lock()
	now := s.opts.Now()
	for len(s.queue) > 0 && !s.queue[0].due.After(now) {
		next := s.queue[0]
		s.queue = slices.Delete(s.queue, 0, 1)
		s.clock = next.due
		next.run()
	}
	if now.After(s.clock) {
		s.clock = now
	}
	s.awaken()
	return s.mu.Unlock
}

// NextDue returns when the next step takes effect, which is now if the engine is working; false if no work is in progress.
func (s *State) NextDue() (time.Time, bool) {
	defer s.enter()()
	if len(s.awaited) > 0 {
		return s.clock, true
	}
	if len(s.queue) == 0 {
		return time.Time{}, false
	}
	return s.queue[0].due, true
}

// task is what an instance is busy with.
type task struct {
	name      string // Trove's name for it when it refuses another
	status    string // the instance's status during the task
	operating string // its operating_status during the task
	down      string // the database's state as the guest reports it during the task; "" if the database serves
	// survives says that a failure leaves a healthy instance with a fault, and not one in ERROR.
	survives bool
	starts   bool     // the task starts the database
	cluster  *cluster // the cluster that it changes, which takes no other change; nil if there is none
	fate     error
}

// Tasks with Trove's names and statuses.
func restarting() *task {
	return &task{name: "REBOOTING", status: "REBOOT", down: "restarting", starts: true}
}
func resizing() *task {
	return &task{name: "RESIZING", status: "RESIZE", down: "shutdown", survives: true, starts: true}
}
func upgrading() *task {
	return &task{name: "UPGRADING", status: "UPGRADE", down: "paused", starts: true}
}
func promoting() *task { return &task{name: "PROMOTING", status: "PROMOTE"} }
func ejecting() *task  { return &task{name: "EJECTING", status: "EJECT"} }
func detaching() *task { return &task{name: "DETACHING", status: "DETACH"} }
func backingUp() *task {
	return &task{name: "BACKUP", status: StatusBackup, operating: OperatingHealthy}
}
func updating() *task      { return &task{name: "UPDATING", status: StatusActive} } // shows only in operating_status
func reconfiguring() *task { return &task{name: "UPDATING", status: "UPDATING"} }

// begin makes the members busy with a task of that kind and schedules its end. done gets the members that are still busy with it and makes
// the change; if it or the task's fate is an error, those members end in ERROR.
func (s *State) begin(kind string, t *task, members []*instance, done func(left []*instance) error) {
	for _, m := range members {
		if t.fate == nil {
			t.fate = s.opts.ActionFate(kind, m.project.id, m.id, m.name)
		}
		m.task, m.updated = t, s.clock
	}
	if t.cluster != nil {
		t.cluster.change = kind
	}
	s.after(s.opts.ActionTime, func() { s.end(t, members, done) })
}

// end makes the change, and ends the task when the engine has made it as well.
func (s *State) end(t *task, members []*instance, done func(left []*instance) error) {
	left := t.left(members)
	if len(left) == 0 || t.fate != nil {
		s.settleTask(t, members, t.fate)
		return
	}
	var before []*instance
	for _, m := range left {
		before = append(before, m.members()...)
	}
	if err := done(left); err != nil {
		s.settleTask(t, members, err)
		return
	}
	if t.starts {
		for _, m := range left {
			s.configure(m, true)
		}
	}
	alive := left
	if !t.starts { // an instance whose server has ended stays so, and does not hinder the others
		alive = slices.DeleteFunc(slices.Clone(left), (*instance).dead)
	}
	s.await(s.realize(alive, before...), func(err error) { s.settleTask(t, members, err) })
}

// left returns the members that are still busy with the task, without those deleted meanwhile.
func (t *task) left(members []*instance) (left []*instance) {
	for _, m := range members {
		if m.task == t {
			left = append(left, m)
		}
	}
	return left
}

// settleTask ends a task, well or with an error.
func (s *State) settleTask(t *task, members []*instance, err error) {
	if t.cluster != nil {
		t.cluster.change = ""
	}
	left := t.left(members)
	for _, m := range left {
		m.task, m.next, m.updated = nil, nil, s.clock
		if err == nil {
			continue
		}
		m.setFault(err.Error(), s.clock)
		if !t.survives {
			m.phase = failed
		}
	}
	if err != nil {
		for _, m := range left {
			s.elect(m.cluster)
		}
	}
}
