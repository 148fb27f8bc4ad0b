// Package coalesce merges changes that are submitted under one key at about the same time into one call.
//
// Changes are collected in rounds. A round is collecting until it is sealed, at the instant its send begins, and done when
// the send returns; a change that comes after the seal opens the next round. A round fails or succeeds whole.
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

// Options say how a Group collects, merges and sends.
type Options[K comparable, M cmp.Ordered, V, R any] struct {
	// Window is how long a round waits for another change after each that joins it. Zero waits for none: then only
	// those are merged that come while an earlier round of their key is being sent.
	Window time.Duration
	// MaxWindow is how long a round collects at most, from its first change on, whatever Window is. Zero means ten
	// times Window.
	MaxWindow time.Duration
	// Merge makes one of two changes of the same member, or returns an error that says how they contradict each
	// other. Their order must make no difference, and neither may be modified. If Merge is nil, two changes of a
	// member always contradict. It is called with the group locked: it must not block or call the group.
	Merge func(a, b V) (V, error)
	// Complete reports whether nobody is left to wait for, so that the round can go before its window ends. It is
	// called as Merge is, and must not modify the map. Nil waits for the window.
	Complete func(key K, merged map[M]V) bool
	// Send makes the one call for a round; the map is its own. There is one at a time for a key. The context has the
	// values of a caller's but lives on its own: until the latest deadline of the callers, or until none is left.
	// While Send does not return, the next round of its key waits.
	Send func(ctx context.Context, key K, merged map[M]V) (R, error)
}

// Group merges the changes V of members M that are submitted under one key K into one call that returns R. Keys are
// independent of each other. It is made by New, is safe for concurrent use, and holds no goroutine when nothing is pending.
type Group[K comparable, M cmp.Ordered, V, R any] struct {
	options Options[K, M, V, R]

	mu    sync.Mutex
	lanes map[K]*lane[K, M, V, R]
}

// lane is the state of one key. It stays, because it counts.
type lane[K comparable, M cmp.Ordered, V, R any] struct {
	key        K
	sends      int
	collecting *round[M, V, R] // nil: nothing is waiting
	sending    *round[M, V, R] // nil: nothing is in flight
}

type round[M cmp.Ordered, V, R any] struct {
	opened, due time.Time
	timer       *time.Timer
	submissions []*submission[M, V, R] // of the callers who are still there
	merged      map[M]V
	complete    bool

	// Set when it is sealed.
	sealed  bool
	outcome Outcome[R]
	members []string
	cancel  context.CancelFunc
}

// submission is what one caller asks for. Its reply is buffered and written at most once, by whoever takes the submission
// out of its round; nothing is written if the caller takes it out itself.
type submission[M cmp.Ordered, V, R any] struct {
	ctx     context.Context
	changes map[M]V
	reply   chan reply[R]
}

type reply[R any] struct {
	outcome Outcome[R]
	err     error
}

// Outcome is what a send came to.
type Outcome[R any] struct {
	// Result is what Options.Send returned, the same for all callers of the round; zero if it failed.
	Result R
	// Round counts the sends for the key since the group was made, from 1: above 1, changes that might have gone
	// together did not. Zero if nothing was sent.
	Round int
	// Size is how many submissions were in the round when it was sealed.
	Size int
}

// New makes a group. Options.Send is required.
func New[K comparable, M cmp.Ordered, V, R any](options Options[K, M, V, R]) *Group[K, M, V, R] {
	if options.MaxWindow == 0 {
		options.MaxWindow = 10 * options.Window
	}
	return &Group[K, M, V, R]{options: options, lanes: map[K]*lane[K, M, V, R]{}}
}

// Submit asks for the changes to be sent under the key together with those of others, and waits for the send. All changes
// of one submission go into one round or into none. It returns *ConflictError and *WithdrawnError if nothing was sent
// for this caller, *RoundError if the send failed, and *InFlightError if the change may have landed.
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

// join puts a submission into the round of its key that is collecting.
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
	// What a caller wanted who has given up contradicts nobody.
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

// Reconsider asks Options.Complete again whether the round of a key that is collecting has to wait for anybody, as when more is known than
// at its last change.
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

// leave takes a submission out whose context has ended.
func (g *Group[K, M, V, R]) leave(l *lane[K, M, V, R], r *round[M, V, R], s *submission[M, V, R]) (Outcome[R], error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case answer := <-s.reply: // To know is better than to have given up.
		return answer.outcome, answer.err
	default:
	}
	at := slices.Index(r.submissions, s)
	if at < 0 { // prune was quicker
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

// lapse is what a round's timer calls. One that was reset or stopped too late finds nothing due.
func (g *Group[K, M, V, R]) lapse(l *lane[K, M, V, R]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.advance(l)
}

// advance seals the round that is collecting and sends it, if it is time and nothing is in flight.
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

// context is what a round is sent on: as long as any of its callers would wait, and no caller's own.
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
	// Deferred: a Send that ends its goroutine must not leave its callers and the key waiting.
	defer func() { g.finish(ctx, l, r, result, err) }()
	result, err = g.options.Send(ctx, l.key, r.merged)
}

// finish answers the callers of a round and lets the next one go.
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

// prune takes those out of the round that is collecting whose context has ended, though they have not yet said so.
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

// remerge puts the round that is collecting together again after somebody has left; it drops one that is empty.
func (g *Group[K, M, V, R]) remerge(l *lane[K, M, V, R]) {
	r := l.collecting
	r.merged = map[M]V{}
	r.submissions = slices.DeleteFunc(r.submissions, func(s *submission[M, V, R]) bool {
		err := g.merge(l.key, r.merged, s.changes)
		if err != nil { // Only if Merge goes by order; still nobody waits in vain.
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

// merge adds all changes to those that are there, or none.
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

// names are the members of a map in order, as errors show them.
func names[M cmp.Ordered, V any](changes map[M]V) []string {
	var list []string
	for _, member := range slices.Sorted(maps.Keys(changes)) {
		list = append(list, fmt.Sprint(member))
	}
	return list
}
