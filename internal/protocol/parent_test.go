package protocol

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheProviderSeesThatItsParentHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var parent atomic.Int64
		parent.Store(4711)
		gone := make(chan struct{})
		go func() {
			awaitParentGone(func() int { return int(parent.Load()) })
			close(gone)
		}()
		time.Sleep(time.Hour)
		select {
		case <-gone:
			t.Fatal("it gives its parent up, which still runs")
		default:
		}
		parent.Store(1)
		time.Sleep(parentCheck)
		synctest.Wait()
		select {
		case <-gone:
		default:
			t.Error("it does not see that its parent has gone")
		}
	})
}
