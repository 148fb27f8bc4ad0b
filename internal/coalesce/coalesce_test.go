package coalesce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ms = time.Millisecond

// sent is one call as the other side saw it.
type sent struct {
	At      time.Duration // since the test began
	Key     string
	Changes map[string]int
}

// server answers every call after the same time, with the same error, and gives up when the context ends.
type server struct {
	takes time.Duration
	err   error

	mu    sync.Mutex
	began time.Time
	calls []sent
}

func (s *server) send(ctx context.Context, key string, merged map[string]int) (string, error) {
	s.mu.Lock()
	s.calls = append(s.calls, sent{At: time.Since(s.began), Key: key, Changes: maps.Clone(merged)})
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(s.takes):
		return "done " + key, s.err
	}
}

// agree merges two changes that are the same.
func agree(a, b int) (int, error) {
	if a != b {
		return 0, fmt.Errorf("%d or %d", a, b)
	}
	return a, nil
}

// told is what a caller learns, in short.
func told(outcome Outcome[string], err error) string {
	var (
		conflict *ConflictError
		gone     *WithdrawnError
		inFlight *InFlightError
		failed   *RoundError
	)
	switch {
	case err == nil:
		return fmt.Sprintf("%s: round %d of %d", outcome.Result, outcome.Round, outcome.Size)
	case errors.As(err, &conflict):
		return "conflict over " + conflict.Member
	case errors.As(err, &gone):
		return "withdrawn"
	case errors.As(err, &inFlight):
		return fmt.Sprintf("in flight in round %d", inFlight.Round)
	case errors.As(err, &failed):
		return fmt.Sprintf("failed in round %d", failed.Round)
	default:
		return err.Error()
	}
}

type changes = map[string]int

// caller submits at a time and gives up at another, or never where that is zero.
type caller struct {
	at, until time.Duration
	key       string
	changes   changes
	told      string
}

func TestRoundsAreCollectedSealedAndSent(t *testing.T) {
	three := func(_ string, merged map[string]int) bool { return len(merged) == 3 }
	broken := errors.New("broken")
	type options = Options[string, string, int, string]
	tests := map[string]struct {
		options options // Window is 1 s and MaxWindow 3 s where nothing is said
		takes   time.Duration
		err     error
		callers []caller
		sends   []sent
	}{
		"a lone change goes when its window ends": {
			callers: []caller{{key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 1"}},
			sends:   []sent{{1000 * ms, "x", changes{"a": 1}}},
		},
		"each arrival starts the window anew": {
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 3"},
				{at: 900 * ms, key: "x", changes: changes{"b": 2}, told: "done x: round 1 of 3"},
				{at: 1800 * ms, key: "x", changes: changes{"c": 3}, told: "done x: round 1 of 3"},
			},
			sends: []sent{{2800 * ms, "x", changes{"a": 1, "b": 2, "c": 3}}},
		},
		"the maximum ends a window that would not end": {
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 4"},
				{at: 900 * ms, key: "x", changes: changes{"b": 1}, told: "done x: round 1 of 4"},
				{at: 1800 * ms, key: "x", changes: changes{"c": 1}, told: "done x: round 1 of 4"},
				{at: 2700 * ms, key: "x", changes: changes{"d": 1}, told: "done x: round 1 of 4"},
				{at: 3600 * ms, key: "x", changes: changes{"e": 1}, told: "done x: round 2 of 1"},
			},
			sends: []sent{{3000 * ms, "x", changes{"a": 1, "b": 1, "c": 1, "d": 1}}, {4600 * ms, "x", changes{"e": 1}}},
		},
		"the maximum is ten windows where none is set": {
			options: options{Window: 100 * ms},
			callers: []caller{
				{at: 0 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 80 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 160 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 240 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 320 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 400 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 480 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 560 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 640 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 720 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 800 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 880 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 960 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 13"},
				{at: 1040 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 2 of 1"},
			},
			sends: []sent{{1000 * ms, "x", changes{"a": 1}}, {1140 * ms, "x", changes{"a": 1}}},
		},
		"a round goes at once when all have spoken": {
			options: options{Complete: three},
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 2"},
				{at: 200 * ms, key: "x", changes: changes{"b": 2, "c": 3}, told: "done x: round 1 of 2"},
			},
			sends: []sent{{200 * ms, "x", changes{"a": 1, "b": 2, "c": 3}}},
		},
		"one who has left has not spoken": {
			options: options{Complete: three},
			callers: []caller{
				{at: 0, until: 100 * ms, key: "x", changes: changes{"a": 1}, told: "withdrawn"},
				{at: 200 * ms, key: "x", changes: changes{"b": 2, "c": 3}, told: "done x: round 1 of 1"},
			},
			sends: []sent{{1200 * ms, "x", changes{"b": 2, "c": 3}}},
		},
		"a round that was complete waits for its window when one leaves": {
			options: options{Complete: three},
			takes:   2000 * ms,
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1, "b": 1, "c": 1}, told: "done x: round 1 of 1"},
				{at: 1700 * ms, until: 1900 * ms, key: "x", changes: changes{"a": 2}, told: "withdrawn"},
				{at: 1800 * ms, key: "x", changes: changes{"b": 2, "c": 2}, told: "done x: round 2 of 1"},
			},
			sends: []sent{{0, "x", changes{"a": 1, "b": 1, "c": 1}}, {2800 * ms, "x", changes{"b": 2, "c": 2}}},
		},
		"without a window only what comes during a send is merged": {
			options: options{Window: -1}, // stands for zero here
			takes:   1000 * ms,
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 1"},
				{at: 300 * ms, key: "x", changes: changes{"b": 2}, told: "done x: round 2 of 2"},
				{at: 600 * ms, key: "x", changes: changes{"c": 3}, told: "done x: round 2 of 2"},
			},
			sends: []sent{{0, "x", changes{"a": 1}}, {1000 * ms, "x", changes{"b": 2, "c": 3}}},
		},
		"what comes after the seal opens the next round, which goes when the send returns": {
			takes: 5000 * ms,
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 1"},
				{at: 2000 * ms, key: "x", changes: changes{"a": 2}, told: "done x: round 2 of 2"},
				{at: 5900 * ms, key: "x", changes: changes{"b": 2}, told: "done x: round 2 of 2"},
			},
			sends: []sent{{1000 * ms, "x", changes{"a": 1}}, {6000 * ms, "x", changes{"a": 2, "b": 2}}},
		},
		"a round that is not due yet goes on collecting when the send returns": {
			takes: 5000 * ms,
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 1"},
				{at: 4000 * ms, key: "x", changes: changes{"b": 2}, told: "done x: round 2 of 3"},
				{at: 5500 * ms, key: "x", changes: changes{"c": 3}, told: "done x: round 2 of 3"},
				{at: 6400 * ms, key: "x", changes: changes{"d": 4}, told: "done x: round 2 of 3"},
			},
			sends: []sent{{1000 * ms, "x", changes{"a": 1}}, {7000 * ms, "x", changes{"b": 2, "c": 3, "d": 4}}},
		},
		"keys are independent": {
			takes: 5000 * ms,
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 1"},
				{at: 100 * ms, key: "y", changes: changes{"a": 2}, told: "done y: round 1 of 1"},
			},
			sends: []sent{{1000 * ms, "x", changes{"a": 1}}, {1100 * ms, "y", changes{"a": 2}}},
		},
		"one who gives up while the round collects is not sent": {
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 1"},
				{at: 500 * ms, until: 700 * ms, key: "x", changes: changes{"b": 2}, told: "withdrawn"},
			},
			sends: []sent{{1500 * ms, "x", changes{"a": 1}}},
		},
		"what two asked for stays when one of them gives up": {
			callers: []caller{
				{at: 0, until: 700 * ms, key: "x", changes: changes{"a": 1, "b": 2}, told: "withdrawn"},
				{at: 500 * ms, key: "x", changes: changes{"b": 2}, told: "done x: round 1 of 1"},
			},
			sends: []sent{{1500 * ms, "x", changes{"b": 2}}},
		},
		"nothing is sent when all have given up": {
			callers: []caller{
				{at: 0, until: 700 * ms, key: "x", changes: changes{"a": 1}, told: "withdrawn"},
				{at: 500 * ms, until: 800 * ms, key: "x", changes: changes{"b": 2}, told: "withdrawn"},
			},
		},
		"a round that was dropped does not count, nor does its window": {
			callers: []caller{
				{at: 0, until: 900 * ms, key: "x", changes: changes{"a": 1}, told: "withdrawn"},
				{at: 950 * ms, key: "x", changes: changes{"b": 2}, told: "done x: round 1 of 1"},
			},
			sends: []sent{{1950 * ms, "x", changes{"b": 2}}},
		},
		"one who gives up while the next round waits is not sent": {
			takes: 5000 * ms,
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 1"},
				{at: 2000 * ms, until: 5000 * ms, key: "x", changes: changes{"b": 2}, told: "withdrawn"},
			},
			sends: []sent{{1000 * ms, "x", changes{"a": 1}}},
		},
		"one who gives up during the send learns that it may have landed, the others its result": {
			takes: 5000 * ms,
			callers: []caller{
				{at: 0, until: 2000 * ms, key: "x", changes: changes{"a": 1}, told: "in flight in round 1"},
				{at: 0, key: "x", changes: changes{"b": 2}, told: "done x: round 1 of 2"},
			},
			sends: []sent{{1000 * ms, "x", changes{"a": 1, "b": 2}}},
		},
		"when all give up during the send it ends and lets the next round go": {
			takes: 5000 * ms,
			callers: []caller{
				{at: 0, until: 2000 * ms, key: "x", changes: changes{"a": 1}, told: "in flight in round 1"},
				{at: 0, until: 3500 * ms, key: "x", changes: changes{"b": 2}, told: "in flight in round 1"},
				{at: 1500 * ms, key: "x", changes: changes{"c": 3}, told: "done x: round 2 of 1"},
			},
			sends: []sent{{1000 * ms, "x", changes{"a": 1, "b": 2}}, {3500 * ms, "x", changes{"c": 3}}},
		},
		"who contradicts does not join, in no part, and delays nobody": {
			callers: []caller{
				{at: 0, key: "x", changes: changes{"b": 1}, told: "done x: round 1 of 1"},
				{at: 500 * ms, key: "x", changes: changes{"a": 7, "b": 2, "c": 7}, told: "conflict over b"},
			},
			sends: []sent{{1000 * ms, "x", changes{"b": 1}}},
		},
		"the same change twice is one": {
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 2"},
				{at: 500 * ms, key: "x", changes: changes{"a": 1}, told: "done x: round 1 of 2"},
			},
			sends: []sent{{1500 * ms, "x", changes{"a": 1}}},
		},
		"a change that was withdrawn contradicts nobody": {
			callers: []caller{
				{at: 0, until: 500 * ms, key: "x", changes: changes{"a": 1}, told: "withdrawn"},
				{at: 0, key: "x", changes: changes{"b": 1}, told: "done x: round 1 of 2"},
				{at: 600 * ms, key: "x", changes: changes{"a": 2}, told: "done x: round 1 of 2"},
			},
			sends: []sent{{1600 * ms, "x", changes{"a": 2, "b": 1}}},
		},
		"all of a round share its failure, and nothing is sent again": {
			err: broken,
			callers: []caller{
				{at: 0, key: "x", changes: changes{"a": 1}, told: "failed in round 1"},
				{at: 0, key: "x", changes: changes{"b": 2}, told: "failed in round 1"},
				{at: 4000 * ms, key: "x", changes: changes{"b": 2}, told: "failed in round 2"},
			},
			sends: []sent{{1000 * ms, "x", changes{"a": 1, "b": 2}}, {5000 * ms, "x", changes{"b": 2}}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				other := &server{takes: test.takes, err: test.err, began: time.Now()}
				options := test.options
				options.Merge, options.Send = agree, other.send
				switch options.Window {
				case -1:
					options.Window = 0
				case 0:
					options.Window, options.MaxWindow = 1000*ms, 3000*ms
				}
				group := New(options)
				got, want := make([]string, len(test.callers)), make([]string, len(test.callers))
				var callers sync.WaitGroup
				for i, c := range test.callers {
					want[i] = c.told
					callers.Go(func() {
						time.Sleep(c.at)
						ctx, cancel := context.WithCancel(t.Context())
						defer cancel()
						if c.until > 0 {
							time.AfterFunc(c.until-c.at, cancel)
						}
						got[i] = told(group.Submit(ctx, c.key, c.changes))
					})
				}
				callers.Wait()
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("what the callers were told (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.sends, other.calls); diff != "" {
					t.Errorf("what was sent (-want +got):\n%s", diff)
				}
				atRest(t, group)
			})
		})
	}
}

// atRest fails the test if anything is pending. (A goroutine that is left makes synctest.Test fail.)
func atRest[V, R any](t *testing.T, group *Group[string, string, V, R]) {
	t.Helper()
	synctest.Wait()
	group.mu.Lock()
	defer group.mu.Unlock()
	for key, l := range group.lanes {
		if l.collecting != nil || l.sending != nil {
			t.Errorf("key %s is not at rest: collecting %v, sending %v", key, l.collecting != nil, l.sending != nil)
		}
	}
}
