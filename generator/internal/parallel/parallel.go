// Package parallel spreads independent work over the processors.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// others is how many other programs run for this one.
var others atomic.Int32

// Beside leaves half of the processors to another program that is running for this one, until end is called.
func Beside() (end func()) {
	others.Add(1)
	return func() { others.Add(-1) }
}

// workers returns how many goroutines work is spread over.
func workers() int {
	processors := runtime.GOMAXPROCS(0)
	if others.Load() > 0 {
		return max(processors/2, 1)
	}
	return processors
}

// Each calls f with each number below n, on as many goroutines as can run, and returns when they are done. A call may
// wait for those with lower numbers. Once ctx is cancelled, Each starts no further call and returns why.
func Each(ctx context.Context, n int, f func(i int)) error {
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(n, workers()) {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}
