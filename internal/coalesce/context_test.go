package coalesce

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

type submitted struct {
	outcome Outcome[string]
	err     error
}

// submit submits in the background.
func submit(ctx context.Context, group *Group[string, string, int, string], key string, c changes) <-chan submitted {
	answer := make(chan submitted, 1)
	go func() {
		outcome, err := group.Submit(ctx, key, c)
		answer <- submitted{outcome, err}
	}()
	return answer
}

func TestASendLivesUntilTheLatestDeadlineOfItsCallers(t *testing.T) {
	const never = -1
	for _, test := range []struct {
		name   string
		limits []time.Duration
		want   time.Duration
	}{
		{"one caller", []time.Duration{time.Minute}, time.Minute},
		{"the first is the latest", []time.Duration{time.Hour, time.Minute}, time.Hour},
		{"the second is the latest", []time.Duration{time.Minute, time.Hour}, time.Hour},
		{"one has none", []time.Duration{time.Minute, never, time.Hour}, never},
		{"one has gone by when it is sealed", []time.Duration{time.Minute, 500 * ms}, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				got := time.Duration(0)
				group := New(Options[string, string, int, string]{
					Window: time.Second,
					Send: func(ctx context.Context, _ string, _ map[string]int) (string, error) {
						got = never
						if deadline, ok := ctx.Deadline(); ok {
							got = deadline.Sub(began)
						}
						return "", nil
					},
				})
				for i, limit := range test.limits {
					ctx := t.Context()
					if limit != never {
						limited, cancel := context.WithTimeout(ctx, limit)
						defer cancel()
						ctx = limited
					}
					submit(ctx, group, "x", changes{fmt.Sprint(i): i})
					synctest.Wait()
				}
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if got != test.want {
					t.Errorf("the send's deadline is %v, want %v", got, test.want)
				}
			})
		})
	}
}

func TestASendOutlivesEachCallerButNotAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type value struct{}
		var sending context.Context
		group := New(Options[string, string, int, string]{
			Window: time.Second,
			Send: func(ctx context.Context, _ string, _ map[string]int) (string, error) {
				sending = ctx
				<-ctx.Done()
				return "", ctx.Err()
			},
		})
		first, cancelFirst := context.WithCancel(context.WithValue(t.Context(), value{}, "first"))
		second, cancelSecond := context.WithCancel(context.WithValue(t.Context(), value{}, "second"))
		defer cancelSecond()
		a := submit(first, group, "x", changes{"a": 1})
		synctest.Wait()
		b := submit(second, group, "x", changes{"b": 2})
		time.Sleep(time.Second)
		synctest.Wait()
		if got := sending.Value(value{}); got != "first" {
			t.Errorf("the send sees the value %v, want that of its first caller", got)
		}
		cancelFirst()
		synctest.Wait()
		if err := sending.Err(); err != nil {
			t.Errorf("one caller has left and the send ended with it: %v", err)
		}
		cancelSecond()
		synctest.Wait()
		if err := sending.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("all callers have left and the send goes on: %v", err)
		}
		for _, answer := range []<-chan submitted{a, b} {
			got := <-answer
			want := &InFlightError{Key: "x", Round: 1, Members: []string{"a", "b"}, Err: context.Canceled}
			var inFlight *InFlightError
			if !errors.As(got.err, &inFlight) || inFlight.Error() != want.Error() || !errors.Is(got.err, context.Canceled) {
				t.Errorf("a caller was told %v, want %v", got.err, want)
			}
			if diff := cmp.Diff(Outcome[string]{Round: 1, Size: 2}, got.outcome); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		}
		atRest(t, group)
	})
}

func TestADeadlineDuringASendSaysThatTheChangeMayHaveLanded(t *testing.T) {
	// The callers' deadline is the round's: whichever side notices first, the callers are told the same.
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			group := New(Options[string, string, int, string]{
				Window: time.Second,
				Send: func(ctx context.Context, _ string, _ map[string]int) (string, error) {
					<-ctx.Done()
					return "", fmt.Errorf("post: %w", ctx.Err())
				},
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			a, b := submit(ctx, group, "x", changes{"a": 1}), submit(ctx, group, "x", changes{"b": 2})
			for _, answer := range []<-chan submitted{a, b} {
				got := <-answer
				var inFlight *InFlightError
				if !errors.As(got.err, &inFlight) || !errors.Is(got.err, context.DeadlineExceeded) {
					t.Errorf("a caller was told %v, want an InFlightError", got.err)
				}
			}
			atRest(t, group)
		})
	}
}

func TestARefusalAtTheDeadlineIsARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("400: no majority")
		group := New(Options[string, string, int, string]{
			Send: func(ctx context.Context, _ string, _ map[string]int) (string, error) {
				<-ctx.Done()
				return "", refused
			},
		})
		// A round's answer is looked at before a caller's context: finish runs while the caller has not left yet.
		s := &submission[string, int, string]{changes: changes{"a": 1}, reply: make(chan reply[string], 1)}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.ctx = ctx
		l, r, err := group.join("x", s)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		outcome, err := group.leave(l, r, s)
		var failed *RoundError
		if !errors.As(err, &failed) || !errors.Is(err, refused) || outcome.Round != 1 {
			t.Errorf("the caller was told %+v, %v; want the refusal", outcome, err)
		}
		atRest(t, group)
	})
}

func TestATimerAndACancellationAtTheSameInstantAgree(t *testing.T) {
	tally := map[string]int{}
	for range 1000 {
		synctest.Test(t, func(t *testing.T) {
			other := &server{began: time.Now()}
			group := New(Options[string, string, int, string]{Window: time.Second, Send: other.send})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(time.Second, cancel)
			got := told(group.Submit(ctx, "x", changes{"a": 1}))
			synctest.Wait()
			if sent := len(other.calls) == 1; sent == (got == "withdrawn") {
				t.Errorf("the caller was told %q and the sends are %v", got, other.calls)
			}
			tally[got]++
			atRest(t, group)
		})
	}
	t.Log(tally)
}

func TestACallerWhoHasGoneIsNotSentBeforeItSaysSo(t *testing.T) {
	// The callers' goroutines may be late: what counts is the context.
	synctest.Test(t, func(t *testing.T) {
		other := &server{began: time.Now()}
		group := New(Options[string, string, int, string]{Window: time.Second, Merge: agree, Send: other.send})
		join := func(c changes) (context.CancelFunc, func() string) {
			ctx, cancel := context.WithCancel(t.Context())
			s := &submission[string, int, string]{ctx: ctx, changes: c, reply: make(chan reply[string], 1)}
			l, r, err := group.join("x", s)
			if err != nil {
				t.Fatal(err)
			}
			return cancel, func() string { return told(group.leave(l, r, s)) }
		}
		goAway, leave := join(changes{"a": 1})
		goAway()
		_, stay := join(changes{"a": 2})
		goAwayToo, leaveToo := join(changes{"b": 3})
		time.Sleep(999 * ms)
		goAwayToo()
		time.Sleep(1 * ms)
		synctest.Wait()
		if diff := cmp.Diff([]sent{{time.Second, "x", changes{"a": 2}}}, other.calls); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		want := []string{"withdrawn", "done x: round 1 of 1", "withdrawn"}
		if diff := cmp.Diff(want, []string{leave(), stay(), leaveToo()}); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		atRest(t, group)
	})
}

func TestATimerThatWasTooLateToStopSealsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := &server{began: time.Now()}
		group := New(Options[string, string, int, string]{Window: time.Second, Send: other.send})
		a := submit(t.Context(), group, "x", changes{"a": 1})
		synctest.Wait()
		group.lapse(group.lanes["x"])
		<-a
		group.lapse(group.lanes["x"])
		if diff := cmp.Diff([]sent{{time.Second, "x", changes{"a": 1}}}, other.calls); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		atRest(t, group)
	})
}

func TestNoTimerIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := &server{takes: time.Second, began: time.Now()}
		group := New(Options[string, string, int, string]{
			Window: time.Hour, Send: other.send,
			Complete: func(_ string, merged map[string]int) bool { return len(merged) == 2 },
		})
		collecting := func(key string) *round[string, int, string] {
			synctest.Wait()
			return group.lanes[key].collecting
		}
		ctx, cancel := context.WithCancel(t.Context())
		dropped := submit(ctx, group, "dropped", changes{"a": 1})
		r := collecting("dropped")
		cancel()
		<-dropped
		if r.timer.Stop() {
			t.Error("the timer of a round that was dropped is left")
		}
		first := submit(t.Context(), group, "early", changes{"a": 1})
		r = collecting("early")
		second := submit(t.Context(), group, "early", changes{"b": 2})
		<-first
		<-second
		if r.timer.Stop() {
			t.Error("the timer of a round that went early is left")
		}
		atRest(t, group)
	})
}

func TestWhoHasGivenUpBeforeSubmittingOpensNoRound(t *testing.T) {
	group := New(Options[string, string, int, string]{Send: (&server{}).send})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	outcome, err := group.Submit(ctx, "x", changes{"b": 1, "a": 1})
	var gone *WithdrawnError
	if !errors.As(err, &gone) || !errors.Is(err, context.Canceled) || outcome != (Outcome[string]{}) {
		t.Errorf("got %v, %v; want a WithdrawnError", outcome, err)
	}
	if len(group.lanes) != 0 {
		t.Error("a round was opened")
	}
	const want = "x: the change of a, b was withdrawn before it was sent: context canceled"
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestASubmissionWithoutAChangeIsRefused(t *testing.T) {
	group := New(Options[string, string, int, string]{Send: (&server{}).send})
	if _, err := group.Submit(t.Context(), "x", nil); err == nil || !strings.Contains(err.Error(), "no change") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsNameTheMembersAndWrapTheirCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("400: no majority")
		group := New(Options[string, string, int, string]{
			Window: time.Second, Merge: agree,
			Send: func(context.Context, string, map[string]int) (string, error) { return "ignored", refused },
		})
		a := submit(t.Context(), group, "rs0", changes{"m-2": 1, "m-3": 1})
		synctest.Wait()
		b := submit(t.Context(), group, "rs0", changes{"m-1": 1})
		synctest.Wait()
		_, err := group.Submit(t.Context(), "rs0", changes{"m-3": 2})
		const conflict = "rs0: the change of m-3 contradicts one that is waiting to be sent: 1 or 2"
		if err == nil || err.Error() != conflict {
			t.Errorf("got %v, want %s", err, conflict)
		}
		one, two := <-a, <-b
		if !errors.Is(one.err, two.err) {
			t.Errorf("two callers of a round were told different errors: %v; %v", one.err, two.err)
		}
		const failed = "rs0: the change of m-1, m-2, m-3, sent as one, failed: 400: no majority"
		if !errors.Is(one.err, refused) || one.err.Error() != failed {
			t.Errorf("got %v, want %s", one.err, failed)
		}
		if diff := cmp.Diff(Outcome[string]{Round: 1, Size: 2}, one.outcome); diff != "" {
			t.Errorf("outcome of a round that failed (-want +got):\n%s", diff)
		}
	})
}

func TestTheContextOfASendEndsWithIt(t *testing.T) {
	var sending context.Context
	group := New(Options[string, string, int, string]{
		Send: func(ctx context.Context, _ string, _ map[string]int) (string, error) {
			sending = ctx
			return "", ctx.Err()
		},
	})
	if _, err := group.Submit(t.Context(), "x", changes{"a": 1}); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(sending.Err(), context.Canceled) {
		t.Errorf("the send has returned and its context is %v", sending.Err())
	}
}

func TestWithoutMergeAMemberHasOneChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := &server{began: time.Now()}
		group := New(Options[string, string, int, string]{Window: time.Second, Send: other.send})
		a := submit(t.Context(), group, "x", changes{"a": 1})
		synctest.Wait()
		if got := told(group.Submit(t.Context(), "x", changes{"a": 1})); got != "conflict over a" {
			t.Errorf("the second was told %q", got)
		}
		if got := <-a; got.err != nil {
			t.Errorf("the first was told %v", got.err)
		}
	})
}

func TestACallerMayReuseItsMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := &server{began: time.Now()}
		group := New(Options[string, string, int, string]{Window: time.Second, Send: other.send})
		c := changes{"a": 1}
		a := submit(t.Context(), group, "x", c)
		synctest.Wait()
		c["a"], c["b"] = 2, 2
		ctx, cancel := context.WithCancel(t.Context())
		gone := submit(ctx, group, "x", changes{"c": 3})
		synctest.Wait()
		cancel() // What is left is merged again.
		<-gone
		<-a
		if diff := cmp.Diff([]sent{{time.Second, "x", changes{"a": 1}}}, other.calls); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	})
}

func TestASendThatEndsItsGoroutineLeavesNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := New(Options[string, string, int, string]{
			Window: time.Second,
			Send: func(context.Context, string, map[string]int) (string, error) {
				runtime.Goexit()
				return "", nil
			},
		})
		_, err := group.Submit(t.Context(), "x", changes{"a": 1})
		if !errors.Is(err, errNoAnswer) {
			t.Errorf("got %v", err)
		}
		atRest(t, group)
	})
}

func TestAMergeThatGoesByOrderLeavesNobodyWaiting(t *testing.T) {
	// What is merged falls apart when its first caller leaves: 1+2 and then 3 are fine, 2 and then 3 are not.
	synctest.Test(t, func(t *testing.T) {
		other := &server{began: time.Now()}
		group := New(Options[string, string, int, string]{
			Window: time.Second, Send: other.send,
			Merge: func(a, b int) (int, error) {
				if a == 2 {
					return 0, errors.New("not after 2")
				}
				return a + b, nil
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		var answers []<-chan submitted
		for i, c := range []context.Context{ctx, t.Context(), t.Context()} {
			answers = append(answers, submit(c, group, "x", changes{"a": i + 1}))
			synctest.Wait()
		}
		cancel()
		var got []string
		for _, answer := range answers {
			a := <-answer
			got = append(got, told(a.outcome, a.err))
		}
		if diff := cmp.Diff([]string{"withdrawn", "done x: round 1 of 1", "conflict over a"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		atRest(t, group)
	})
}

func TestAThousandChangesOfAHundredKeysAreAHundredSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := &server{takes: time.Second, began: time.Now()}
		group := New(Options[string, string, int, string]{Window: time.Second, Send: other.send})
		var callers sync.WaitGroup
		for i := range 1000 {
			callers.Go(func() {
				outcome, err := group.Submit(t.Context(), fmt.Sprint("k", i%100), changes{fmt.Sprint("m", i/100): i})
				if err != nil || outcome.Round != 1 || outcome.Size != 10 {
					t.Errorf("caller %d was told %+v, %v", i, outcome, err)
				}
			})
		}
		callers.Wait()
		if len(other.calls) != 100 {
			t.Errorf("%d sends, want 100", len(other.calls))
		}
		atRest(t, group)
	})
}
