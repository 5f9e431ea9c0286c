// Package parallel spreads independent work over the processors.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls f with each number below n, on as many goroutines as can run, and returns when they are done. A call may
// wait for those with lower numbers. Once ctx is cancelled, Each starts no further call and returns why.
func Each(ctx context.Context, n int, f func(i int)) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
