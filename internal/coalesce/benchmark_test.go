package coalesce

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkSubmit has 1,000 callers at once change ten members of each of 100 keys. Fewest possible is 100 sends.
func BenchmarkSubmit(b *testing.B) {
	const callers, keys = 1000, 100
	for name, options := range map[string]Options[int, int, int, int]{
		"until all have spoken": {
			Window:   time.Hour,
			Complete: func(_ int, merged map[int]int) bool { return len(merged) == callers/keys },
		},
		"window of 5ms": {Window: 5 * time.Millisecond},
	} {
		b.Run(name, func(b *testing.B) {
			var sends atomic.Int64
			options.Send = func(_ context.Context, _ int, merged map[int]int) (int, error) {
				sends.Add(1)
				return len(merged), nil
			}
			group := New(options)
			b.ReportAllocs()
			for b.Loop() {
				var wg sync.WaitGroup
				for i := range callers {
					wg.Go(func() {
						if _, err := group.Submit(b.Context(), i%keys, map[int]int{i / keys: i}); err != nil {
							b.Error(err)
						}
					})
				}
				wg.Wait()
			}
			b.ReportMetric(float64(sends.Load())/float64(b.N), "sends/op")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/callers, "ns/change")
		})
	}
}
