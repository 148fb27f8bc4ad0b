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

// after schedules work; what is due at the same time runs in the order of scheduling.
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

// enter locks the world and applies what is due. It returns what leaves again: defer s.enter()().
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
	return s.mu.Unlock
}

// NextDue tells when the next step takes effect; false where no work is going on.
func (s *State) NextDue() (time.Time, bool) {
	defer s.enter()()
	if len(s.queue) == 0 {
		return time.Time{}, false
	}
	return s.queue[0].due, true
}

// task is what an instance is busy with.
type task struct {
	name      string // as Trove calls it when it refuses another
	status    string // the instance's status meanwhile
	operating string // its operating_status meanwhile
	down      string // how the guest calls the state of the database meanwhile; "" where that serves
	// survives says that failing leaves a healthy instance with a fault, and not one in ERROR.
	survives bool
	cluster  *cluster // whose only change this is; nil where it is none
	fate     error
}

// Tasks, as Trove names and shows them.
func restarting() *task { return &task{name: "REBOOTING", status: "REBOOT", down: "restarting"} }
func resizing() *task {
	return &task{name: "RESIZING", status: "RESIZE", down: "shutdown", survives: true}
}
func upgrading() *task { return &task{name: "UPGRADING", status: "UPGRADE", down: "paused"} }
func promoting() *task { return &task{name: "PROMOTING", status: "PROMOTE"} }
func ejecting() *task  { return &task{name: "EJECTING", status: "EJECT"} }
func detaching() *task { return &task{name: "DETACHING", status: "DETACH"} }
func backingUp() *task {
	return &task{name: "BACKUP", status: StatusBackup, operating: OperatingHealthy}
}
func updating() *task      { return &task{name: "UPDATING", status: StatusActive} } // shows in operating_status alone
func reconfiguring() *task { return &task{name: "UPDATING", status: "UPDATING"} }

// begin makes the members busy with a task of that kind and schedules its end. done gets the members that are still at
// it and makes the change; where it or the task's fate is an error, those members end in ERROR.
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

func (s *State) end(t *task, members []*instance, done func(left []*instance) error) {
	if t.cluster != nil {
		t.cluster.change = ""
	}
	var left []*instance // without those deleted meanwhile
	for _, m := range members {
		if m.task == t {
			left = append(left, m)
		}
	}
	if len(left) == 0 {
		return
	}
	err := t.fate
	if err == nil {
		err = done(left)
	}
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
