// Package coalesce merges changes that are submitted under one key at about the same time into one call.
//
// Changes are collected in rounds. A round collects until it is sealed, when its send begins, and is done when the send returns; a later
// change opens the next round. A round succeeds or fails as a whole.
package coalesce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Options configure how a Group collects, merges and sends.
type Options[K comparable, M cmp.Ordered, V, R any] struct {
	// Window is how long a round waits for another change after each one that joins it. With zero it does not wait: then only changes that
	// arrive while an earlier round of their key is being sent are merged.
	Window time.Duration
	// MaxWindow is how long a round collects at most, counted from its first change, whatever Window is. Zero means ten times Window.
	MaxWindow time.Duration
	// Merge merges two changes of the same member, or returns an error that says how they contradict each other. Their order must make no
	// difference, and neither may be modified. If Merge is nil, two changes of a member always contradict each other. It is called with
	// the group locked: it must not block or call the group.
	Merge func(a, b V) (V, error)
	// Complete reports whether there is nothing left to wait for, so that the round can be sent before its window ends. Like Merge, it is
	// called with the group locked; it must not modify the map. If nil, rounds wait for the window.
	Complete func(key K, merged map[M]V) bool
	// Send makes the one call for a round, and may modify the map. There is one call at a time for each key. The context has the values of
	// a caller's context but not its end: it lasts until the latest deadline of the callers, or until none is left. The next round of the
	// key waits until Send returns.
	Send func(ctx context.Context, key K, merged map[M]V) (R, error)
}

// Group merges the changes V of members M that are submitted under one key K into one call that returns R. Keys are independent of each
// other. Create it with New. It is safe for concurrent use, and runs no goroutine when nothing is pending.
type Group[K comparable, M cmp.Ordered, V, R any] struct {
	options Options[K, M, V, R]

	mu    sync.Mutex
	lanes map[K]*lane[K, M, V, R]
}

// lane is the state of one key. It is never removed, because it counts the sends.
type lane[K comparable, M cmp.Ordered, V, R any] struct {
	key        K
	sends      int
	collecting *round[M, V, R] // nil: nothing is waiting
	sending    *round[M, V, R] // nil: nothing is in flight
}

type round[M cmp.Ordered, V, R any] struct {
	opened, due time.Time
	timer       *time.Timer
	submissions []*submission[M, V, R] // of the callers that have not left
	merged      map[M]V
	complete    bool

	// Set when the round is sealed.
	sealed  bool
	outcome Outcome[R]
	members []string
	cancel  context.CancelFunc
}

// submission is what one caller submits. Its reply is buffered and written at most once, by whatever removes the submission from its
// round; nothing is written if the caller itself removes it.
type submission[M cmp.Ordered, V, R any] struct {
	ctx     context.Context
	changes map[M]V
	reply   chan reply[R]
}

type reply[R any] struct {
	outcome Outcome[R]
	err     error
}

// Outcome is the result of a send.
type Outcome[R any] struct {
	// Result is what Options.Send returned, the same for all callers of the round; zero if it failed.
	Result R
	// Round counts the sends for the key since the group was created, from 1: above 1, changes that might have been sent together were
	// not. Zero if nothing was sent.
	Round int
	// Size is how many submissions were in the round when it was sealed.
	Size int
}

// New returns a new Group. Options.Send is required.
func New[K comparable, M cmp.Ordered, V, R any](options Options[K, M, V, R]) *Group[K, M, V, R] {
	if options.MaxWindow == 0 {
		options.MaxWindow = 10 * options.Window
	}
	return &Group[K, M, V, R]{options: options, lanes: map[K]*lane[K, M, V, R]{}}
}

// Submit asks for the changes to be sent under the key together with those of other callers, and waits for the send. All changes of one
// submission are sent in one round or not at all. It returns a *ConflictError or *WithdrawnError if nothing was sent for this caller, a
// *RoundError if the send failed, and an *InFlightError if the change may have been made.
func (g *Group[K, M, V, R]) Submit(ctx context.Context, key K, changes map[M]V) (Outcome[R], error) {
	if len(changes) == 0 {
		return Outcome[R]{}, fmt.Errorf("%v: no change was submitted", key)
	}
	s := &submission[M, V, R]{ctx: ctx, changes: maps.Clone(changes), reply: make(chan reply[R], 1)}
	l, r, err := g.join(key, s)
	if err != nil {
		return Outcome[R]{}, err
	}
	select {
	case answer := <-s.reply:
		return answer.outcome, answer.err
	case <-ctx.Done():
		return g.leave(l, r, s)
	}
}

// join adds a submission to the collecting round of its key.
func (g *Group[K, M, V, R]) join(key K, s *submission[M, V, R]) (*lane[K, M, V, R], *round[M, V, R], error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, nil, withdrawn(key, s)
	}
	l, ok := g.lanes[key]
	if !ok {
		l = &lane[K, M, V, R]{key: key}
		g.lanes[key] = l
	}
	// Changes of callers that have left contradict nobody.
	g.prune(l)
	now := time.Now()
	r := l.collecting
	if r == nil {
		r = &round[M, V, R]{opened: now, merged: map[M]V{}}
	}
	if err := g.merge(key, r.merged, s.changes); err != nil {
		return nil, nil, err
	}
	r.submissions = append(r.submissions, s)
	r.complete = g.isComplete(l, r)
	r.due = now.Add(g.options.Window)
	if limit := r.opened.Add(g.options.MaxWindow); limit.Before(r.due) {
		r.due = limit
	}
	if r.timer == nil {
		r.timer = time.AfterFunc(r.due.Sub(now), func() { g.lapse(l) })
	} else {
		r.timer.Reset(r.due.Sub(now))
	}
	l.collecting = r
	g.advance(l)
	return l, r, nil
}

// Reconsider calls Options.Complete again for the collecting round of a key, for instance when more is known than at its last change.
func (g *Group[K, M, V, R]) Reconsider(key K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l, ok := g.lanes[key]
	if !ok || l.collecting == nil {
		return
	}
	l.collecting.complete = g.isComplete(l, l.collecting)
	g.advance(l)
}

// leave removes a submission whose context has ended.
func (g *Group[K, M, V, R]) leave(l *lane[K, M, V, R], r *round[M, V, R], s *submission[M, V, R]) (Outcome[R], error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case answer := <-s.reply: // A known outcome is better than having left.
		return answer.outcome, answer.err
	default:
	}
	at := slices.Index(r.submissions, s)
	if at < 0 { // prune was first
		return Outcome[R]{}, withdrawn(l.key, s)
	}
	r.submissions = slices.Delete(r.submissions, at, at+1)
	if !r.sealed {
		g.remerge(l)
		return Outcome[R]{}, withdrawn(l.key, s)
	}
	if len(r.submissions) == 0 {
		r.cancel()
	}
	return r.outcome, &InFlightError{Key: fmt.Sprint(l.key), Round: r.outcome.Round, Members: r.members, Err: s.ctx.Err()}
}

// lapse is called by a round's timer. A timer that was reset or stopped too late finds nothing due.
func (g *Group[K, M, V, R]) lapse(l *lane[K, M, V, R]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.advance(l)
}

// advance seals the collecting round and sends it, if it is due and nothing is in flight.
func (g *Group[K, M, V, R]) advance(l *lane[K, M, V, R]) {
	if l.sending != nil {
		return
	}
	g.prune(l)
	r := l.collecting
	if r == nil || !r.complete && time.Now().Before(r.due) {
		return
	}
	r.timer.Stop()
	l.sends++
	r.sealed = true
	r.outcome = Outcome[R]{Round: l.sends, Size: len(r.submissions)}
	r.members = names(r.merged)
	l.collecting, l.sending = nil, r
	ctx, cancel := r.context()
	r.cancel = cancel
	go g.send(ctx, l, r)
}

// context returns the context to send a round with: it lasts as long as any of its callers would wait, and is no caller's own.
func (r *round[M, V, R]) context() (context.Context, context.CancelFunc) {
	values := context.WithoutCancel(r.submissions[0].ctx)
	var latest time.Time
	for _, s := range r.submissions {
		deadline, ok := s.ctx.Deadline()
		if !ok {
			return context.WithCancel(values)
		}
		if deadline.After(latest) {
			latest = deadline
		}
	}
	return context.WithDeadline(values, latest)
}

var errNoAnswer = errors.New("the send ended without an answer")

func (g *Group[K, M, V, R]) send(ctx context.Context, l *lane[K, M, V, R], r *round[M, V, R]) {
	var result R
	err := errNoAnswer
	// Deferred, since a Send that ends its goroutine must not leave its callers and the key waiting.
	defer func() { g.finish(ctx, l, r, result, err) }()
	result, err = g.options.Send(ctx, l.key, r.merged)
}

// finish answers the callers of a round and starts the next one.
func (g *Group[K, M, V, R]) finish(ctx context.Context, l *lane[K, M, V, R], r *round[M, V, R], result R, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	answer := reply[R]{outcome: r.outcome}
	switch ended := ctx.Err(); {
	case err == nil:
		answer.outcome.Result = result
	case ended != nil && errors.Is(err, ended):
		answer.err = &InFlightError{Key: fmt.Sprint(l.key), Round: r.outcome.Round, Members: r.members, Err: err}
	default:
		answer.err = &RoundError{Key: fmt.Sprint(l.key), Round: r.outcome.Round, Members: r.members, Err: err}
	}
	r.cancel()
	for _, s := range r.submissions {
		s.reply <- answer
	}
	r.submissions = nil
	l.sending = nil
	g.advance(l)
}

// prune removes submissions from the collecting round whose context has ended but that have not left yet.
func (g *Group[K, M, V, R]) prune(l *lane[K, M, V, R]) {
	r := l.collecting
	if r == nil {
		return
	}
	before := len(r.submissions)
	r.submissions = slices.DeleteFunc(r.submissions, func(s *submission[M, V, R]) bool { return s.ctx.Err() != nil })
	if len(r.submissions) < before {
		g.remerge(l)
	}
}

// remerge merges the collecting round again after a caller has left; it drops an empty round.
func (g *Group[K, M, V, R]) remerge(l *lane[K, M, V, R]) {
	r := l.collecting
	r.merged = map[M]V{}
	r.submissions = slices.DeleteFunc(r.submissions, func(s *submission[M, V, R]) bool {
		err := g.merge(l.key, r.merged, s.changes)
		if err != nil { // Only if Merge depends on the order; even then no caller must wait forever.
			s.reply <- reply[R]{err: err}
		}
		return err != nil
	})
	if len(r.submissions) == 0 {
		r.timer.Stop()
		l.collecting = nil
		return
	}
	r.complete = g.isComplete(l, r)
}

// merge adds all changes to the present ones, or none.
func (g *Group[K, M, V, R]) merge(key K, into, changes map[M]V) error {
	added := make(map[M]V, len(changes))
	for _, member := range slices.Sorted(maps.Keys(changes)) {
		change := changes[member]
		if there, ok := into[member]; ok {
			err := errors.New("only one change of each may be waiting")
			if g.options.Merge != nil {
				change, err = g.options.Merge(there, change)
			}
			if err != nil {
				return &ConflictError{Key: fmt.Sprint(key), Member: fmt.Sprint(member), Err: err}
			}
		}
		added[member] = change
	}
	maps.Copy(into, added)
	return nil
}

func (g *Group[K, M, V, R]) isComplete(l *lane[K, M, V, R], r *round[M, V, R]) bool {
	return g.options.Complete != nil && g.options.Complete(l.key, r.merged)
}

func withdrawn[K comparable, M cmp.Ordered, V, R any](key K, s *submission[M, V, R]) error {
	return &WithdrawnError{Key: fmt.Sprint(key), Members: names(s.changes), Err: s.ctx.Err()}
}

// names returns the members of a map, sorted, as errors show them.
func names[M cmp.Ordered, V any](changes map[M]V) []string {
	var list []string
	for _, member := range slices.Sorted(maps.Keys(changes)) {
		list = append(list, fmt.Sprint(member))
	}
	return list
}
