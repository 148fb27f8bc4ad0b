package cluster

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
)

func TestKeyLockLetsOneInAtATime(t *testing.T) {
	var (
		l      keyLock
		inside [3]int
		wg     sync.WaitGroup
	)
	keys := []string{"a", "b", "c"}
	for range 50 {
		wg.Go(func() {
			x, y := rand.IntN(3), rand.IntN(3)
			unlock, err := l.lock(t.Context(), keys[x], keys[y])
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			inside[x]++ // the race detector and the sum below tell two holders
			if y != x {
				inside[y]++
			}
		})
	}
	wg.Wait()
	if len(l.held) != 0 {
		t.Errorf("still held: %v", l.held)
	}
}

func TestKeyLockWaitingEndsWithItsContextAndHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l keyLock
		unlock, err := l.lock(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() {
			_, err := l.lock(ctx, "a", "b")
			result <- err
		}()
		synctest.Wait() // it holds a and waits for b
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want context.Canceled", err)
		}
		if _, held := l.held["a"]; held {
			t.Error("a is still held by a caller that gave up")
		}
		unlock()
		if again, err := l.lock(t.Context(), "a", "b"); err != nil {
			t.Error(err)
		} else {
			again()
		}
	})
}
