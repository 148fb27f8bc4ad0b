package coalesce

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	schedules      = 10_000
	scheduleTick   = 100 * ms // everything happens at a multiple of it, so that much happens at once
	scheduleWindow = 5 * scheduleTick
	scheduleMax    = 12 * scheduleTick
	scheduleKeys   = 3
	scheduleAll    = 5 // members of a key
)

// wish is a change that can be told from all others: callers who want the same level agree.
type wish struct {
	level int
	by    []int
}

func unite(a, b wish) (wish, error) {
	if a.level != b.level {
		return wish{}, fmt.Errorf("%d or %d", a.level, b.level)
	}
	return wish{a.level, slices.Concat(a.by, b.by)}, nil
}

// asked is one Submit of a schedule and what came of it. Times are since the schedule began; ends is never where the
// caller does not give up.
type asked struct {
	id       int
	key      string
	changes  map[string]wish
	at, ends time.Duration
	deadline bool // it gives up by a deadline, else by canceling

	returned time.Duration
	outcome  Outcome[int]
	err      error
}

const never = time.Duration(1 << 62)

// plan is how one send of a schedule goes.
type plan struct {
	takes    time.Duration
	fails    bool
	stubborn bool // it does not heed its context
}

// call is one send as it was.
type call struct {
	key           string
	merged        map[string]wish
	limit         time.Duration // the deadline of its context
	begins, ended time.Duration
	cut           bool // its context ended before it returned
	err           error
}

// schedule is a random run: who asks for what and when, and how the sends go.
type schedule struct {
	asked    []*asked
	plans    map[string][]plan
	complete bool // rounds go early

	mu       sync.Mutex
	began    time.Time
	calls    []*call
	inFlight map[string]int
	parallel bool
}

func newSchedule(seed uint64) *schedule {
	random := rand.New(rand.NewPCG(seed, 0))
	ticks := func(n int) time.Duration { return time.Duration(random.IntN(n)) * scheduleTick }
	s := &schedule{plans: map[string][]plan{}, inFlight: map[string]int{}, complete: random.IntN(2) == 0}
	length := 1 + random.IntN(60)
	for id := range 1 + random.IntN(24) {
		a := &asked{id: id, key: fmt.Sprint("k", random.IntN(scheduleKeys)), changes: map[string]wish{}, at: ticks(length), ends: never}
		level := min(1, random.IntN(6)) // most agree
		for range 1 + random.IntN(2) {
			a.changes[fmt.Sprint("m", random.IntN(scheduleAll))] = wish{level, []int{id}}
		}
		if random.IntN(2) == 0 {
			a.ends, a.deadline = a.at+ticks(25), random.IntN(2) == 0
		}
		s.asked = append(s.asked, a)
		s.plans[a.key] = append(s.plans[a.key], plan{takes: ticks(20), fails: random.IntN(4) == 0, stubborn: random.IntN(4) == 0})
	}
	return s
}

func (s *schedule) send(ctx context.Context, key string, merged map[string]wish) (int, error) {
	s.mu.Lock()
	id := len(s.calls)
	c := &call{key: key, merged: merged, begins: time.Since(s.began), limit: never}
	if deadline, ok := ctx.Deadline(); ok {
		c.limit = deadline.Sub(s.began)
	}
	s.calls = append(s.calls, c)
	p := s.plans[key][0]
	s.plans[key] = s.plans[key][1:]
	s.inFlight[key]++
	s.parallel = s.parallel || s.inFlight[key] > 1
	s.mu.Unlock()

	gone := ctx.Done()
	if p.stubborn {
		gone = nil
	}
	var err error
	select {
	case <-gone:
		err = fmt.Errorf("call %d: %w", id, ctx.Err())
	case <-time.After(p.takes):
		if p.fails {
			err = fmt.Errorf("call %d was refused", id)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight[key]--
	c.ended, c.cut, c.err = time.Since(s.began), ctx.Err() != nil, err
	return id, err
}

// run lives through the schedule until all callers have their answer and all sends have returned.
func (s *schedule) run(t *testing.T) *Group[string, string, wish, int] {
	t.Helper()
	options := Options[string, string, wish, int]{Window: scheduleWindow, MaxWindow: scheduleMax, Merge: unite, Send: s.send}
	if s.complete {
		options.Complete = func(_ string, merged map[string]wish) bool { return len(merged) == scheduleAll }
	}
	group := New(options)
	s.began = time.Now()
	var callers sync.WaitGroup
	for _, a := range s.asked {
		callers.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			if a.ends != never {
				if a.deadline {
					ctx, cancel = context.WithDeadline(ctx, s.began.Add(a.ends))
				} else {
					time.AfterFunc(a.ends, cancel)
				}
			}
			defer cancel()
			time.Sleep(a.at)
			a.outcome, a.err = group.Submit(ctx, a.key, a.changes)
			a.returned = time.Since(s.began)
		})
	}
	callers.Wait()
	// A send that does not heed its context goes on without callers.
	time.Sleep(scheduleTick * 20)
	return group
}

// ids are the callers whose wishes are in a call, once each.
func (c *call) ids() []int {
	var ids []int
	for _, w := range c.merged {
		ids = append(ids, w.by...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// check compares what the callers were told with what was sent, and counts what they were told.
func (s *schedule) check(t *testing.T, tally map[string]int) {
	t.Helper()
	if s.parallel {
		t.Error("two sends of one key were in flight at once")
	}
	within := map[int][]int{} // caller -> the calls that it is in
	rounds := map[string]int{}
	round := make([]int, len(s.calls))
	last := map[string]*call{}
	for i, c := range s.calls {
		rounds[c.key]++
		round[i] = rounds[c.key]
		for _, id := range c.ids() {
			within[id] = append(within[id], i)
		}
		s.checkCall(t, c, last[c.key])
		last[c.key] = c
	}
	for _, a := range s.asked {
		what := fmt.Sprintf("caller %d (%s, from %v to %v) was told %+v, %v at %v and is in the calls %v",
			a.id, a.key, a.at, a.ends, a.outcome, a.err, a.returned, within[a.id])
		var (
			conflict *ConflictError
			gone     *WithdrawnError
			inFlight *InFlightError
			failed   *RoundError
		)
		switch {
		case errors.As(a.err, &conflict):
			tally["conflict"]++
			if len(within[a.id]) != 0 || a.returned != a.at {
				t.Error(what)
			}
			continue
		case errors.As(a.err, &gone):
			tally["withdrawn"]++
			if len(within[a.id]) != 0 || a.returned != max(a.ends, a.at) {
				t.Error(what)
			}
			continue
		}
		// All others are in exactly one call of their key, whole.
		if len(within[a.id]) != 1 {
			t.Error(what)
			continue
		}
		i := within[a.id][0]
		c := s.calls[i]
		for member, w := range a.changes {
			if c.key != a.key || c.merged[member].level != w.level || !slices.Contains(c.merged[member].by, a.id) {
				t.Errorf("%s, without its change of %s", what, member)
			}
		}
		if a.outcome.Round != round[i] || a.outcome.Size != len(c.ids()) || a.at > c.begins || a.ends < c.begins {
			t.Errorf("%s: %+v", what, c)
		}
		switch {
		case a.err == nil:
			tally["done"]++
			if a.outcome.Round > 1 {
				tally["later round"]++
			}
			if c.err != nil || a.outcome.Result != i || a.returned != c.ended {
				t.Errorf("%s: %+v", what, c)
			}
		case errors.As(a.err, &failed):
			tally["failed"]++
			if !errors.Is(failed, c.err) || len(failed.Members) != len(c.merged) || a.returned != c.ended {
				t.Errorf("%s: %+v", what, c)
			}
		case errors.As(a.err, &inFlight):
			tally["in flight"]++
			if a.returned != a.ends || a.ends > c.ended || len(inFlight.Members) != len(c.merged) {
				t.Errorf("%s: %+v", what, c)
			}
		default:
			t.Error(what)
		}
	}
}

// checkCall looks at when one call was sent, on what context, and who was left when that ended.
func (s *schedule) checkCall(t *testing.T, c, before *call) {
	t.Helper()
	var first, lastJoined, latest, lastGone time.Duration
	first = never
	for _, id := range c.ids() {
		a := s.asked[id]
		first, lastJoined = min(first, a.at), max(lastJoined, a.at)
		limit := never
		if a.deadline {
			limit = a.ends
		}
		latest, lastGone = max(latest, limit), max(lastGone, a.ends)
	}
	free := time.Duration(0)
	if before != nil {
		free = before.ended
	}
	if c.begins > max(free, first+scheduleMax) {
		t.Errorf("a call was late: %+v after %+v", c, before)
	}
	due := c.begins >= lastJoined+scheduleWindow || s.complete && len(c.merged) == scheduleAll
	for _, a := range s.asked { // The round may have been opened by one who has left.
		due = due || a.key == c.key && a.at+scheduleMax <= c.begins
	}
	if !due {
		t.Errorf("a call was early: %+v", c)
	}
	if c.limit != latest {
		t.Errorf("a call had the deadline %v, want %v: %+v", c.limit, latest, c)
	}
	if c.cut && c.ended < lastGone {
		t.Errorf("a call was cut short though a caller waited until %v: %+v", lastGone, c)
	}
}

func TestRandomSchedulesLoseNothingAndSendNothingTwice(t *testing.T) {
	tally := map[string]int{}
	sends := 0
	for seed := range uint64(schedules) {
		synctest.Test(t, func(t *testing.T) { // It fails where a goroutine is left.
			s := newSchedule(seed)
			group := s.run(t)
			atRest(t, group)
			s.check(t, tally)
			sends += len(s.calls)
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Log(schedules, "schedules,", sends, "sends, callers:", tally)
	for _, outcome := range []string{"done", "later round", "failed", "in flight", "withdrawn", "conflict"} {
		if tally[outcome] < schedules/10 {
			t.Errorf("only %d times %q: the schedules show too little", tally[outcome], outcome)
		}
	}
}
